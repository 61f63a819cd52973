"""cli_tools/views.py and render.py: what a person reads, with and without colours, wide and narrow."""

from __future__ import annotations

import io

import pytest
from rich.console import Console, RenderableType

from app.schemas.story import Copy, Critique
from app.schemas.unified_pipeline import ReferenceImage, ReferenceImageAnalysis, Scene
from cli_tools.board import Board, Clip
from cli_tools.render import Screen
from cli_tools.views import Views


def screen(*, terminal: bool = True, width: int = 80, colours: bool = True) -> Screen:
    made = Screen()
    made.ui = Console(
        file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8"),
        force_terminal=terminal,
        width=width,
        color_system="truecolor" if colours and terminal else None,
        no_color=not colours,
    )
    return made


def shown(on: Screen, *parts: RenderableType) -> str:
    with on.ui.capture() as capture:
        on.say(*parts)
    return capture.get()


def scene(number: int, own: str, **more: object) -> Scene:
    description = f"Slow push-in. {own} Warm light in all of them."
    copy = Copy(headline=f"Line {number}")
    return Scene.model_validate(
        {"id": number, "description": description, "duration": 3, "beat": "attention", "copy_text": copy, **more}
    )


def test_what_all_scenes_share_is_said_once() -> None:
    on = screen(terminal=False)
    text = shown(on, Views(on).scenes([scene(1, "A cup."), scene(2, "A bag.")], Critique(score=9)))
    assert text.count("Warm light in all of them.") == 1
    assert text.count("A cup.") == text.count("A bag.") == 1
    assert "In every scene: Slow push-in. Warm light in all of them." in text


def test_the_changed_scene_is_marked() -> None:
    on = screen(terminal=False)
    text = shown(on, Views(on).scenes([scene(1, "A cup."), scene(2, "A bag.")], None, changed=2))
    assert next(line for line in text.splitlines() if "changed" in line).startswith("2  attention")


@pytest.mark.parametrize("width", [60, 80, 120])
def test_panels_keep_within_the_terminal(width: int) -> None:
    on = screen(width=width, colours=False)
    views = Views(on)
    rows = [("Film", "output/" + "long-name-" * 12 + "/final.mp4"), ("Next", "Watch it.")]
    text = shown(
        on, views.closing(rows, ["Scene 1 is dark."], "Your ad is ready"), views.scenes([scene(1, "A.")], None)
    )
    assert max(len(line) for line in text.splitlines()) <= width
    assert "Worth a look" in text


def test_a_file_gets_plain_lines_without_control_codes() -> None:
    on = screen(terminal=False)
    text = shown(on, Views(on).closing([("Film", "x" * 200), ("Next", "Watch it.")], [], "Your ad is ready"))
    assert text.splitlines() == ["Your ad is ready", f"Film{' ' * 10}{'x' * 200}", f"Next{' ' * 10}Watch it."]


def test_colours_are_blocks_where_seen_and_codes_where_not() -> None:
    board = Board(prompt="Tea")
    analysis = ReferenceImageAnalysis(colors=["#112233", "#445566"])
    board.references = [ReferenceImage(url="k", type="product", source="uploaded", analysis=analysis)]
    seen, unseen = screen(), screen(colours=False)
    assert "██" in shown(seen, Views(seen).references_line(board))
    assert "#112233 #445566" in shown(unseen, Views(unseen).references_line(board))


def test_all_clip_bars_are_visible_at_once() -> None:
    board = Board(prompt="Tea", status="videos", stage="videos", scenes=[scene(n, "A.") for n in (1, 2, 3)])
    board.clips = {1: Clip(1, "complete", 100), 2: Clip(2, "rendering", 40), 3: Clip(3)}
    on = screen(colours=False)
    lines = shown(on, Views(on).live([("", board)])).splitlines()
    assert "Filming 3 clips: 1 done" in lines[0]
    assert [line.split()[-1] for line in lines[1:]] == ["complete", "filming", "queued"]
    assert [" 40 %" in line for line in lines[1:]] == [False, True, False]


def test_how_a_clip_differs_from_what_was_asked_is_told_with_the_clips() -> None:
    on = screen(terminal=False, width=120)
    notes = ["it was filmed in plainer words", "cut to 3 s"]
    clips = {1: Clip(1, "complete", notes=notes), 2: Clip(2, "complete"), 3: Clip(3, "failed", message="No luck.")}
    text = shown(on, Views(on).clips_line(Board(prompt="Tea", clips=clips)))
    assert "2 of 3 filmed" in text
    assert "Clip 1: it was filmed in plainer words; cut to 3 s" in text
    assert "Clip 2" not in text


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    on = Screen()
    on.ui = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"), force_terminal=True, width=80)
    line = Views(on).story_line(Board(prompt="Tea"))
    assert line.plain.startswith("+ Story")


def test_quiet_gives_the_result_alone(capsys: pytest.CaptureFixture[str]) -> None:
    on = Screen(quiet=True)
    on.say("progress")
    on.result("ad/final.mp4", "a panel")
    assert capsys.readouterr().out == "ad/final.mp4\n"


def test_a_problem_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    on = Screen()
    on.stopped("Stopped.", "Go on.")
    on.problem("Late trouble.")
    assert capsys.readouterr().err == "\nStopped.\nGo on.\n"
