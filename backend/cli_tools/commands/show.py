"""`admint show`. Tests: tests/test_cli/test_small_verbs.py"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.core.errors import InvalidInput
from cli_tools.border import guarded
from cli_tools.render import Format, Screen

if TYPE_CHECKING:
    from app.db.models import Generation


def run(
    generation: str | None, output: Path | None, style: Format, server: str | None = None, token: str | None = None
) -> int:
    """Show one ad. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _show(screen, generation, output, (server, token)))


def _show(screen: Screen, generation: str | None, output: Path | None, named: tuple[str | None, str | None]) -> int:
    from cli_tools import library, money_library, remote_library

    if (generation is None) == (output is None):
        raise InvalidInput("Which ad? Name its id or its folder.", hint="admint show ID, or admint show --output DIR.")
    wanted = generation or library.id_in_folder(output or Path())
    door = remote_library.door_of(*named)
    if door is None:
        row = library.read(lambda session: library.find(session, wanted))
        costs = money_library.costs_here(row.id)
    else:
        row = remote_library.at_server(door, lambda api: remote_library.find(api, wanted))
        costs = remote_library.at_server(door, lambda api: api.get(f"/api/generations/{row.id}/costs"))
    screen.document({**_facts(row), "costs": costs})
    if screen.style == "text":
        _tell(screen, row, costs)
    return 0


def _tell(screen: Screen, row: Generation, costs: dict[str, Any]) -> None:
    from app.db.repositories.documents import rounds_of, scenes_of, story_of, video_clips_of
    from cli_tools.views import Views

    views, story, scenes = Views(screen), story_of(row), scenes_of(row)
    screen.say(views.facts(_rows(row, costs)))
    rounds = rounds_of(row)
    if story is not None:
        best = next((each.critique for each in rounds if each.story == story), None)
        screen.say(views.story(story, best, full=True))
    if scenes:
        screen.say(views.scenes(scenes, None))
    clips = [
        (str(clip.scene_id), clip.status, f"{clip.duration:g} s" if clip.duration else "", clip.error_message or "")
        for clip in video_clips_of(row)
    ]
    if clips:
        screen.say(views.listing(("Clip", "State", "Length", ""), clips))


def _rows(row: Generation, costs: dict[str, Any]) -> list[tuple[str, str]]:
    rows = [
        ("Ad", row.title or "(no title yet)"),
        ("Id", row.id),
        ("Prompt", row.prompt),
        ("State", row.status + (f", {row.substage.replace('_', ' ')}" if row.substage else "")),
        ("Made", f"{row.created_at:%Y-%m-%d %H:%M} UTC"),
    ]
    if costs["calls"]:
        spent, cap = (f"${float(costs[name]):.2f}" for name in ("spent_usd", "cap_usd"))
        rows.append(("Cost", f"{spent} of {cap}; call by call: admint costs {row.id}"))
    if row.error_message:
        rows.append(("Went wrong", row.error_message))
    if row.status != "completed":
        rows.append(("Next", f"admint resume {row.id}"))
    return rows


def _facts(row: Generation) -> dict[str, Any]:
    return {
        "id": row.id,
        "session_id": row.session_id,
        "status": row.status,
        "substage": row.substage,
        "current_stage": row.current_stage,
        "title": row.title,
        "prompt": row.prompt,
        "created_at": row.created_at.isoformat(),
        "completed_at": row.completed_at.isoformat() if row.completed_at else None,
        "error": {"code": row.error_code, "message": row.error_message} if row.error_code else None,
        "story_score": row.story_quality_score,
        "story": row.story,
        "references": row.reference_images or [],
        "consistency_context": row.consistency_context,
        "scenes": row.scenes or [],
        "clips": row.video_clips or [],
        "plan": row.plan,
        "request": row.request,
        "config": row.config,
        "overall_quality_score": row.overall_quality_score,
    }
