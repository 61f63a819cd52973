"""`admint doctor`: is this machine ready, and if not, how to mend it. Tests: tests/test_cli/test_doctor.py"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from cli_tools.finding import Finding


def run(style: Format, *, live: bool = False) -> int:
    """Check everything; `live` also asks paid providers what has changed. Exit code 1: something must be mended."""
    screen = Screen(style)
    return guarded(screen, lambda: _doctor(screen, live=live))


def _doctor(screen: Screen, *, live: bool) -> int:
    from app.core.settings import load_settings
    from cli_tools.checkup import CHECKS
    from cli_tools.vendor_checks import LIVE
    from cli_tools.views import Views

    settings, views = load_settings(), Views(screen)
    found: list[Finding] = []
    for check in CHECKS:
        found.append(check(settings))
        screen.say_in_text(views.finding(found[-1]))
    for look in LIVE if live else ():
        for finding in look(settings):
            found.append(finding)
            screen.say_in_text(views.finding(finding))
    failed = [finding for finding in found if finding.state == "fail"]
    screen.document({"ready": not failed, "home": str(settings.home_path), "checks": [asdict(each) for each in found]})
    warned = sum(finding.state == "warn" for finding in found)
    screen.say_in_text(views.verdict(len(failed), warned))
    return 1 if failed else 0
