"""cli_tools/board.py: events folded into what is shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from app.schemas.events import SERVER_EVENT
from cli_tools.board import Board

SCENES = [
    {"id": 1, "description": "A cup.", "duration": 4, "beat": "attention"},
    {"id": 2, "description": "A bag.", "duration": 2, "beat": "action"},
]


def board_after(*events: tuple[str, dict[str, Any]]) -> Board:
    board = Board(prompt="Tea")
    for kind, payload in events:
        board.apply(SERVER_EVENT.validate_python({"type": kind, "payload": payload, "timestamp": datetime.now(UTC)}))
    return board


def test_all_clips_are_there_at_once_and_weighted_by_length() -> None:
    board = board_after(
        ("scenes_generated", {"scenes": SCENES}),
        ("storyboard_ready", {"stills": {1: "a", 2: "b"}}),
        ("video_progress", {"clip_id": 1, "progress": 50, "status": "rendering"}),
    )
    assert [(clip.scene_id, clip.status) for clip in board.clips.values()] == [(1, "rendering"), (2, "queued")]
    assert abs(board.fraction - 4 * 0.5 / 6) < 1e-9


def test_clip_is_complete_only_when_it_is_stored() -> None:
    done = {"clip_id": 1, "progress": 100, "status": "complete"}
    board = board_after(("scenes_generated", {"scenes": SCENES}), ("video_progress", done))
    assert board.clips[1].status == "rendering"
    board = board_after(("video_progress", done), ("video_complete", {"clip_id": 1, "url": "k", "duration": 4}))
    assert board.clips[1].status == "complete"


def test_late_progress_does_not_undo_a_finished_clip() -> None:
    board = board_after(
        ("video_complete", {"clip_id": 1, "url": "k", "duration": 4}),
        ("video_progress", {"clip_id": 1, "progress": 40, "status": "rendering"}),
    )
    assert (board.clips[1].status, board.clips[1].progress) == ("complete", 100)


def test_time_left_counts_only_what_this_run_made() -> None:
    board = board_after(
        ("scenes_generated", {"scenes": SCENES}),
        ("video_complete", {"clip_id": 1, "url": "k", "duration": 4}),
        ("video_progress", {"clip_id": 2, "progress": 0, "status": "rendering"}),
    )
    began = board.clips_began
    assert began is not None
    assert board.seconds_left(began + 1) is None, "nothing made yet: no guess"
    board.clips[2].progress = 50
    left = board.seconds_left(began + 10)
    assert left is not None
    assert abs(left - 10) < 1e-6


def test_gate_is_open_until_the_next_status() -> None:
    waits = ("status_changed", {"status": "story", "substage": "awaiting_approval", "current_stage": "story"})
    assert board_after(waits).at_gate == "story"
    assert board_after(waits, ("status_changed", {"status": "story", "current_stage": "story"})).at_gate is None


def test_stale_answer_opens_the_gate_again() -> None:
    board = board_after(
        ("status_changed", {"status": "scenes", "substage": "awaiting_approval", "current_stage": "scenes"})
    )
    board.substage = None
    board.apply(
        SERVER_EVENT.validate_python(
            {
                "type": "feedback_acknowledged",
                "payload": {"message_id": "m", "action": "stale"},
                "timestamp": datetime.now(UTC),
            }
        )
    )
    assert board.at_gate == "scenes"


def test_one_scene_changes_and_its_neighbour_does_not() -> None:
    board = board_after(
        ("scenes_generated", {"scenes": SCENES, "draft_digest": "old"}),
        ("scene_updated", {"scene": SCENES[1] | {"description": "A bigger bag."}, "draft_digest": "new"}),
    )
    assert [scene.description for scene in board.scenes] == ["A cup.", "A bigger bag."]
    assert (board.drafts["scenes"], board.changed_scene) == ("new", 2)
