"""`admint doctor`: is this machine ready, and if not, how to mend it. Tests: tests/test_cli/test_doctor.py"""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.settings import Settings
    from cli_tools.finding import Finding


def run(style: Format, *, live: bool = False) -> int:
    """Check everything. Returns the exit code: 1 when something must be mended.

    Args:
        style: Text or JSON.
        live: Also ask a language model one question, for a fraction of a cent, and say what it cost; and compare
            the paid image and video models with what their vendors say today, for nothing.
    """
    screen = Screen(style)
    return guarded(screen, lambda: _doctor(screen, live))


def _doctor(screen: Screen, live: bool) -> int:
    from app.core.settings import load_settings
    from cli_tools.checkup import CHECKS
    from cli_tools.checkup_models import language_model
    from cli_tools.checkup_replicate import replicate_models
    from cli_tools.views import Views

    settings, views = load_settings(), Views(screen)
    found: list[Finding] = []
    checks: list[Callable[[Settings], Finding]] = [*CHECKS, partial(language_model, live=live)]
    for check in checks:
        found.append(check(settings))
        screen.say_in_text(views.finding(found[-1]))
    for finding in replicate_models(settings) if live else []:
        found.append(finding)
        screen.say_in_text(views.finding(finding))
    failed = [finding for finding in found if finding.state == "fail"]
    screen.document({"ready": not failed, "home": str(settings.home_path), "checks": [asdict(each) for each in found]})
    warned = sum(finding.state == "warn" for finding in found)
    screen.say_in_text(views.verdict(len(failed), warned))
    return 1 if failed else 0
