"""`admint list`. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from app.db.models import Generation


def run(limit: int, style: Format, server: str | None = None, token: str | None = None) -> int:
    """List the newest ads. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _list(screen, limit, server, token))


def _list(screen: Screen, limit: int, server: str | None, token: str | None) -> int:
    from cli_tools import library, remote_library

    async def work(session: Any) -> tuple[list[Generation], dict[str, str]]:
        return await library.newest(session, limit), await library.short_ids(session)

    door = remote_library.door_of(server, token)
    if door is None:
        rows, short = library.read(work)
    else:
        rows, short = remote_library.at_server(door, lambda api: remote_library.newest(api, limit))
    screen.document([_facts(row, short[row.id]) for row in rows])
    if screen.style == "text":
        _show(screen, rows, short, elsewhere=door is not None)
    return 0


def _show(screen: Screen, rows: list[Generation], short: dict[str, str], *, elsewhere: bool) -> None:
    from app.core.settings import load_settings
    from cli_tools.lock_holder import holder
    from cli_tools.views import Views

    if not rows:
        screen.say('No ads yet. Make one: admint generate --prompt "What you sell, in a sentence."')
        return
    busy = elsewhere or holder(load_settings()) is not None
    lines = [(short[row.id], _state(row, busy=busy), _when(row.created_at), row.title or row.prompt) for row in rows]
    screen.say(Views(screen).listing(("Id", "State", "Made", "Title"), lines))
    if len(short) > len(rows):
        screen.say(f"{len(short) - len(rows)} older: admint list --limit {min(500, len(short))}")


def _state(row: Generation, *, busy: bool) -> str:
    """A state in plain words; work nobody does at the moment is stopped, whatever its row last said."""
    if row.status == "completed":
        return "finished"
    if row.status == "failed":
        return "failed"
    if row.substage == "awaiting_approval":
        return "waits for you"
    if row.substage in {"paused", "cancelled", "expired"}:
        return row.substage
    return f"at {row.status}" if busy else "stopped"


def _when(moment: datetime) -> str:
    passed = (datetime.now(UTC) - moment).total_seconds()
    for unit, seconds in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if passed >= seconds:
            number = int(passed // seconds)
            return f"{number} {unit}{'' if number == 1 else 's'} ago"
    return "just now"


def _facts(row: Generation, short: str) -> dict[str, Any]:
    return {
        "id": row.id,
        "short_id": short,
        "status": row.status,
        "substage": row.substage,
        "title": row.title,
        "prompt": row.prompt,
        "created_at": row.created_at.isoformat(),
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
        "story_score": row.story_quality_score,
        "overall_quality_score": row.overall_quality_score,
        "error_code": row.error_code,
    }
