"""How a run ended: the closing panel, the errors, or the one JSON document. Returns the exit code.

Called by cli_tools/making.py. Tests: tests/test_cli/test_generate.py
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from app.core.errors import AdMintError, Interrupted, Rejected, SafetyRefused, UserError
from app.core.settings import load_settings
from app.db.repositories.documents import plan_of, scenes_of, story_of, video_clips_of
from app.schemas.events import ErrorRaised
from cli_tools.backend import Ad
from cli_tools.delivery import Delivered, cost
from cli_tools.process import log_file
from cli_tools.render import Screen
from cli_tools.run_folder import quoted, shown_path
from cli_tools.stop import resume_command
from cli_tools.views import Views


def tell(screen: Screen, ads: Sequence[Ad]) -> int:
    """Tell the user how every ad ended."""
    for ad in ads:
        if ad.delivered is not None:
            _tell_done(screen, ad, ad.delivered)
    failed = [(ad, ad.error) for ad in ads if ad.error is not None]
    if screen.style == "json" and not failed:
        screen.document(_data(ads))
    if not failed:
        return 0
    ad, error = failed[0]
    again = f"Go on with: {resume_command([each.folder for each, _ in failed])}"
    if isinstance(error, Interrupted):
        screen.stopped(error.message, again)
    else:
        whose = f"Ad {ad.name}: " if ad.name else ""
        screen.problem(
            f"{whose}{error.message}", _hint(error, again, log_file(load_settings())), code=error.code, data=_data(ads)
        )
    return error.exit_code


def _hint(error: AdMintError, again: str, log: Path) -> str:
    """How to go on. What only another request can mend is not worth resuming; a riddle is told in the log."""
    if isinstance(error, (UserError, Rejected, SafetyRefused)):
        return error.hint
    told = f"Details are in {log}." if error.code == AdMintError.code else ""
    hint = "" if "resume" in error.hint else error.hint
    return "\n".join(filter(None, (hint, told, again)))


def _tell_done(screen: Screen, ad: Ad, delivered: Delivered) -> None:
    views = Views(screen)
    title = f"Ad {ad.name} is ready" if ad.name else "Your ad is ready"
    findings = delivered.complete.checks if delivered.complete else []
    where = shown_path(delivered.final or delivered.folder)
    screen.result(where, views.closing(_rows(delivered), findings, title))


def _rows(delivered: Delivered) -> list[tuple[str, str]]:
    metadata, plan = delivered.metadata, plan_of(delivered.row)
    rows = []
    if delivered.final is not None:
        rows.append(("Film", shown_path(delivered.final)))
        shape = f", {plan.width} × {plan.height}, {plan.fps} frames a second" if plan else ""
        rows.append(("Length", f"{metadata['duration_s']:g} s{shape}"))
        rows.append(("Size", _size(delivered.final.stat().st_size)))
    else:
        rows.append(("Storyboard", f"{shown_path(delivered.folder)}/storyboard (this pipeline makes no film)"))
    rows.append(("Took", _duration(metadata["took_s"])))
    rows.append(("Cost", _cost(metadata["cost"])))
    rows.append(("Also there", "clips, references, captions, story and scenes as text, a contact sheet"))
    rows.append(("Next", _next(delivered)))
    return rows


def _next(delivered: Delivered) -> str:
    plan = plan_of(delivered.row)
    if delivered.final is None or plan is None:
        return f"admint show --output {quoted(delivered.folder)}"
    return f"Watch it. Another take: the same command with --seed {(plan.seed + 1) % 1000}"


def _cost(facts: dict[str, Any]) -> str:
    unclear = f", and up to ${facts['unknown']} nobody knows" if facts["unknown"] != "0.00" else ""
    return f"${facts['amount']} ({facts['basis']}){unclear}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"


def _data(ads: Sequence[Ad]) -> dict[str, Any]:
    """One ad is the data itself; several are a list of the same."""
    facts = [_facts(ad) for ad in ads]
    return facts[0] if len(facts) == 1 else {"ads": facts}


def _facts(ad: Ad) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "generation_id": ad.folder.generation_id,
        "session_id": ad.session_id,
        "prompt": ad.folder.request["prompt"],
        "output": str(ad.folder.path),
    }
    if ad.delivered is None:
        return facts | {"status": "failed" if ad.error else "pending", "error": _error_facts(ad.error)}
    return facts | _delivered_facts(ad.delivered)


def _error_facts(error: AdMintError | ErrorRaised | None) -> dict[str, str] | None:
    return None if error is None else {"code": error.code, "message": error.message, "hint": error.hint}


def _delivered_facts(delivered: Delivered) -> dict[str, Any]:
    row, story, plan = delivered.row, story_of(delivered.row), plan_of(delivered.row)
    return {
        "status": row.status,
        "title": row.title,
        "final_video": str(delivered.final) if delivered.final else None,
        "duration_s": delivered.metadata["duration_s"],
        "took_s": delivered.metadata["took_s"],
        "story": {"score": row.story_quality_score, "document": story.model_dump(mode="json") if story else None},
        "scenes": [scene.model_dump(mode="json") for scene in scenes_of(row)],
        "clips": [clip.model_dump(mode="json") for clip in video_clips_of(row)],
        "quality": {"overall": row.overall_quality_score},
        "checks": delivered.metadata["checks"],
        "plan": plan.model_dump(mode="json") if plan else None,
        "cost": cost(delivered.costs),
        "files": delivered.metadata["files"],
    }
