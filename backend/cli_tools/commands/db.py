"""`admint db upgrade`. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations

from cli_tools.border import guarded
from cli_tools.render import Format, Screen


def run(style: Format) -> int:
    """Bring the schema up to date. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _upgrade(screen))


def _upgrade(screen: Screen) -> int:
    from app.core.settings import load_settings
    from app.db.session import HEAD, current_revision, upgrade_database

    settings = load_settings()
    settings.home_path.mkdir(parents=True, exist_ok=True)
    before = current_revision(settings.database_url)
    upgrade_database(settings.database_url)
    screen.document({"before": before, "now": HEAD})
    text = (
        f"The database is up to date (schema {HEAD})." if before == HEAD else f"The database is now at schema {HEAD}."
    )
    screen.result(HEAD, text)
    return 0
