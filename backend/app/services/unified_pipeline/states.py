"""What may be done with a generation in each of its states: the one table all doors ask.

Pure. Called by commands.py and snapshots.py. Tests: tests/test_services/test_states.py
"""

from __future__ import annotations

from typing import Literal, cast

from app.schemas.unified_pipeline import Status, Substage

Phase = Literal["queued", "working", "waiting", "stopped", "failed", "completed"]
Action = Literal[
    "approve",
    "refine",
    "regenerate",
    "edit_scene",
    "regenerate_scene",
    "reorder_scenes",
    "pause",
    "resume",
    "cancel",
    "retry_clip",
    "upgrade",
    "raise_cap",
]

STATUS_OF: dict[str, Status] = {
    "story": "story",
    "reference_images": "references",
    "scenes": "scenes",
    "videos": "videos",
}
"""The spec's status while a stage works."""
STOPPED = frozenset({"paused", "interrupted", "cancelled", "expired", "over_cap"})
_AT_A_GATE: dict[str, tuple[Action, ...]] = {
    "story": ("approve", "refine", "regenerate", "cancel"),
    "scenes": ("approve", "refine", "regenerate", "edit_scene", "regenerate_scene", "reorder_scenes", "cancel"),
}
_FILMED: tuple[Action, ...] = ("edit_scene", "reorder_scenes", "retry_clip", "upgrade")


def phase_of(status: str, substage: str | None) -> Phase:
    """Return the phase a generation's status and substage amount to."""
    if status == "completed":
        return "completed"
    if substage in STOPPED:
        return "stopped"
    if status == "failed":
        return "failed"
    if substage == "awaiting_approval":
        return "waiting"
    return "queued" if status == "pending" else "working"


def stopped_as(substage: str | None) -> Substage:
    """Return how a run that has ended early leaves its generation: stopped as it is, else interrupted."""
    return cast("Substage", substage) if substage in STOPPED else "interrupted"


def allowed(status: str, substage: str | None, stage: str | None, control: str | None = None) -> tuple[Action, ...]:
    """Return what may be done now.

    Args:
        status: The spec's status.
        substage: Ours beside it.
        stage: The stage it is at, null before the first and after the last.
        control: What the user already asked of a running one: pause, cancel or null.
    """
    phase = phase_of(status, substage)
    if phase == "waiting":
        return _AT_A_GATE.get(stage or "", ("approve", "refine", "regenerate", "cancel"))
    if phase in {"queued", "working"}:
        running: dict[str | None, tuple[Action, ...]] = {"pause": ("resume", "cancel"), "cancel": ()}
        return running.get(control, ("pause", "cancel"))
    if phase == "completed":
        return _FILMED
    filmed = _FILMED if stage == "videos" else ()
    ending: tuple[Action, ...] = () if substage == "cancelled" or phase == "failed" else ("cancel",)
    raising: tuple[Action, ...] = ("raise_cap",) if substage == "over_cap" else ()
    return (*raising, "resume", *ending, *filmed)
