"""How an ad looks in a terminal: stage lines, clip bars, drafts at the gates, the closing panel. Returns, never prints.

Called by studio.py, gates.py and commands/show.py. Tests: tests/test_cli/test_views.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from app.schemas.story import Copy, Critique, Story
from app.schemas.unified_pipeline import ReferenceImage, Scene
from cli_tools.board import Board, Clip
from cli_tools.render import Screen

if TYPE_CHECKING:
    from cli_tools.finding import Finding

_LABEL_WIDTH = 12
_WIDTH = 78
_SWATCHES = 4
_ENOUGH_TO_SHARE = 2
_WORKING = {
    None: "Reading your brief",
    "story": "Writing the story",
    "reference_images": "Choosing the look",
    "scenes": "Writing the scenes",
    "videos": "Filming",
}
_CLIP_STYLE = {"complete": "green", "failed": "red", "queued": "dim", "processing": "cyan", "rendering": "cyan"}


@dataclass(frozen=True)
class Glyphs:
    """The few signs used; plain ones where the terminal knows only ASCII."""

    done: str = "✓"
    failed: str = "✗"
    note: str = "•"
    swatch: str = "██"
    dash: str = "·"
    prompt: str = "›"

    @classmethod
    def of(cls, screen: Screen) -> Glyphs:
        """Return the signs this screen can show."""
        return cls() if screen.unicode else cls("+", "x", "-", "##", "-", ">")


class Views:
    """Draws for one screen."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self.glyphs = Glyphs.of(screen)

    # -- lines that stay ----------------------------------------------------------------------------------------------

    def heading(self, prompt: str, name: str) -> RenderableType:
        """The first line of a run: whose ad it is."""
        title = Text.assemble((name or "AdMint", "bold"), "  ", " ".join(prompt.split()))
        title.truncate(min(self._screen.ui.width, _WIDTH), overflow="ellipsis")
        return title

    def clips_so_far(self, board: Board, name: str = "") -> Text:
        """One line for clips an earlier run finished."""
        done = sum(clip.status == "complete" for clip in board.clips.values())
        return self.stage("Clips", name=name).append(f"{done} of {len(board.scenes)} filmed so far")

    def stage(self, label: str, *, name: str = "", ok: bool = True) -> Text:
        """The start of a stage's line: a tick, the stage's name, whose ad when there are several."""
        sign = (f"{self.glyphs.done} ", "green") if ok else (f"{self.glyphs.failed} ", "red")
        return Text.assemble(sign, (f"{name}  " if name else ""), (label.ljust(_LABEL_WIDTH), "bold"))

    def story_line(self, board: Board, name: str = "") -> Text:
        """One line: title, score, rounds."""
        line = self.stage("Story", name=name)
        if board.story is not None:
            line.append(f"“{board.story.title}”" if self._screen.unicode else f'"{board.story.title}"')
        if board.critique is not None:
            line.append_text(self._score(board.critique))
        if board.rounds > 1:
            line.append(f"  round {board.rounds}", "dim")
        return line

    def references_line(self, board: Board, name: str = "") -> Text:
        """One line: each reference's type with its colours."""
        line = self.stage("References", name=name)
        if not board.references:
            return line.append("none", "dim")
        for place, reference in enumerate(board.references):
            line.append("   " if place else "")
            line.append("your " if reference.source == "uploaded" else "", "dim")
            line.append(f"{reference.type} ")
            line.append_text(self.swatches(reference, 3))
        return line

    def swatches(self, reference: ReferenceImage, limit: int = _SWATCHES) -> Text:
        """The reference's colours as blocks, or as hex codes where colours aren't seen."""
        colours = reference.analysis.colors[:limit]
        if not self._screen.coloured:
            return Text(" ".join(colours))
        return Text("").join(Text(self.glyphs.swatch, colour) for colour in colours)

    def scenes_line(self, board: Board, name: str = "") -> Text:
        """One line: how many scenes, how long, which beats."""
        line = self.stage("Scenes", name=name)
        length = sum(scene.duration for scene in board.scenes)
        line.append(f"{count(len(board.scenes), 'scene')}, {length:g} s")
        beats = list(dict.fromkeys(plain_beat(scene.beat) for scene in board.scenes if scene.beat))
        line.append(f"  {', '.join(beats)}" if beats else "", "dim")
        return line

    def clip_line(self, board: Board, clip: Clip, name: str = "") -> Text:
        """One line for a clip that is done or failed; for screens that don't redraw."""
        if clip.status == "failed":
            return self.stage(f"Clip {clip.scene_id}", name=name, ok=False).append(f"failed: {clip.message}")
        done = sum(each.status == "complete" for each in board.clips.values())
        return self.stage(f"Clip {clip.scene_id}", name=name).append(f"{done} of {len(board.clips)} done", "dim")

    def clips_line(self, board: Board, name: str = "") -> Text:
        """One line when all clips are in."""
        failed = [clip for clip in board.clips.values() if clip.status == "failed"]
        done = sum(clip.status == "complete" for clip in board.clips.values())
        line = self.stage("Clips", name=name, ok=not failed).append(f"{done} of {len(board.clips)} filmed")
        for clip in failed:
            line.append(f"\n    Clip {clip.scene_id}: {clip.message}", "red")
        for clip in board.clips.values():
            if clip.status == "complete" and clip.notes:
                line.append(f"\n    Clip {clip.scene_id}: {'; '.join(clip.notes)}", "dim")
        return line

    def film_line(self, board: Board, name: str = "") -> Text:
        """One line when the film is joined and checked."""
        line = self.stage("Film", name=name)
        if board.final is not None:
            line.append(f"{board.final.duration:g} s, joined and checked")
        return line

    def note(self, words: str) -> Text:
        """One line beside the run's own."""
        return Text(f"{self.glyphs.note} {words}", "yellow")

    def _score(self, critique: Critique) -> Text:
        style = "green" if critique.approved else "yellow"
        return Text.assemble("  ", (critique.verdict, style))

    # -- the area that redraws ----------------------------------------------------------------------------------------

    def live(self, boards: Sequence[tuple[str, Board]]) -> RenderableType:
        """What is going on right now: all clip bars of one ad, or one line an ad."""
        if len(boards) == 1:
            return self._one(boards[0][1])
        table = _grid(3)
        for name, board in boards:
            table.add_row(name, _bar(board.fraction, board.status == "failed"), Text(self._now(board), "dim"))
        return table

    def _one(self, board: Board) -> RenderableType:
        if board.status != "videos" or not board.clips or board.substage == "stitching":
            spinner = Spinner("dots" if self._screen.unicode else "line", Text(self._now(board)))
            words = Text(f"    {board.writing}", "dim", no_wrap=True, overflow="ellipsis")
            return Group(spinner, words) if board.writing else spinner
        return Group(Text(self._now(board)), *self._clip_rows(board))

    def _now(self, board: Board) -> str:
        if board.status == "completed" and board.is_scoring:
            return f"The film is ready. Scoring it: {len(board.scores)} of {len(board.clips)} clips"
        if board.status in {"completed", "failed"}:
            return "done" if board.status == "completed" else "failed"
        if board.substage == "stitching":
            return "Joining the clips, adding music"
        words = _WORKING[board.stage]
        if board.stage == "videos" and board.clips:
            done = sum(clip.status == "complete" for clip in board.clips.values())
            words += f" {count(len(board.clips), 'clip')}: {done} done"
            left = board.seconds_left()
            words += f", about {max(1, round(left))} s left" if left is not None else ""
        return words

    def _clip_rows(self, board: Board) -> list[RenderableType]:
        table = _grid(4)
        for scene in board.scenes:
            clip = board.clips.get(scene.id, Clip(scene.id))
            label = f"  {scene.id}  {plain_beat(scene.beat)}"
            about = "~" if clip.estimated else ""
            percent = f"{about}{clip.progress:3d} %"
            state = Text(_clip_word(clip), _CLIP_STYLE[clip.status])
            table.add_row(label, _bar(clip.progress / 100, clip.status == "failed"), percent, state)
        return [table]

    # -- drafts -------------------------------------------------------------------------------------------------------

    def story(self, story: Story, critique: Critique | None, *, full: bool = False) -> RenderableType:
        """A story to be judged: arc, what is read in each scene, call to action, what was left out."""
        head = Text(story.title, "bold")
        if critique is not None:
            head.append_text(self._score(critique))
        head.append(f"   {story.framework}, {story.tone}, by the {story.writer}", "dim")
        parts: list[RenderableType] = [head, Text(""), Text(story.narrative), Text("")]
        for scene in story.scenes:
            parts.append(_scene_head(scene.id, scene.beat, scene.duration))
            parts.append(Padding(_copy(scene.copy_text), (0, 0, 0, 4)))
            if full:
                parts.append(Padding(Text(scene.visual, "dim"), (0, 0, 0, 4)))
        parts += [Padding(Text(f"{self.glyphs.note} {note}", "yellow"), (1, 0, 0, 0)) for note in story.notes[:3]]
        if story.question:
            parts += [Text(""), Text(story.question, "bold yellow")]
        return self.boxed("Story", parts)

    def scenes(self, scenes: Sequence[Scene], cohesion: Critique | None, changed: int | None = None) -> RenderableType:
        """The scenes to be judged: words on screen, what is seen, which references appear.

        What is said of every scene alike is shown once, below.
        """
        parts: list[RenderableType] = []
        shared = _shared_sentences(scenes)
        for scene in scenes:
            head = _scene_head(scene.id, scene.beat, scene.duration)
            if scene.verdict:
                head.append(f"  {scene.verdict}", "dim")
            if scene.id == changed:
                head.append("  changed", "bold yellow")
            head.append(f"  with the {' and the '.join(scene.references)}" if scene.references else "", "dim")
            own = " ".join(part for part in _sentences(scene.description) if part not in shared)
            parts += [head, Padding(Group(_copy(scene.copy_text), Text(own, "dim")), (0, 0, 1, 4))]
        if shared:
            parts += [Text.assemble(("In every scene: ", "bold"), (" ".join(shared), "dim")), Text("")]
        if cohesion is not None:
            parts.append(Text(f"They fit together: {cohesion.verdict}", "dim"))
        return self.boxed(count(len(scenes), "scene"), parts)

    # -- the end ------------------------------------------------------------------------------------------------------

    def closing(self, rows: Sequence[tuple[str, str]], findings: Sequence[str], title: str) -> RenderableType:
        """The closing panel: where the film is, what it is, what to do next."""
        worth = [("Worth a look" if place == 0 else "", finding) for place, finding in enumerate(findings)]
        *facts, last = rows
        return self.boxed(title, [self.facts([*facts, *worth, last])], style="green")

    def listing(self, heads: Sequence[str], rows: Iterable[Sequence[str]]) -> RenderableType:
        """A table without lines; the last column takes the room that is left."""
        table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
        for place, head in enumerate(heads):
            last = place == len(heads) - 1
            table.add_column(head, no_wrap=not last, overflow="fold" if last else "ellipsis")
        for row in rows:
            table.add_row(*(Text(cell) for cell in row))
        return table

    def facts(self, rows: Sequence[tuple[str, str]]) -> RenderableType:
        """Labels and values, one a line."""
        if not self._screen.ui.is_terminal:
            return Group(*(Text(f"{label.ljust(_LABEL_WIDTH)}  {value}") for label, value in rows))
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column(overflow="fold")
        for label, value in rows:
            table.add_row(label, Text(value))
        return table

    def finding(self, finding: Finding) -> RenderableType:
        """One line of the doctor's report, with how to mend it."""
        word, style = {"ok": ("ok", "green"), "warn": ("warn", "yellow"), "fail": ("fail", "bold red")}[finding.state]
        line = Text.assemble((word.ljust(6), style), (f"{finding.name} ".ljust(15), "bold"), finding.found)
        return Group(line, Text(f"      {self.glyphs.prompt} {finding.mend}", style)) if finding.mend else line

    def verdict(self, failed: int, warned: int) -> Text:
        """The doctor's last line."""
        if failed:
            return Text(f"\n{count(failed, 'fault')} to mend before AdMint can work.", "bold red")
        worth = f" {count(warned, 'remark')} above." if warned else ""
        return Text(f"\nReady to make ads.{worth}", "bold green")

    def boxed(self, title: str, parts: Sequence[RenderableType], style: str = "cyan") -> RenderableType:
        """A titled block: framed on a terminal, plain where the output is kept in a file."""
        if not self._screen.ui.is_terminal:
            return Group(Text(title), *parts)
        return Panel(Group(*parts), title=title, title_align="left", border_style=style, padding=(1, 2))


def plain_beat(beat: str) -> str:
    """Return a beat's name for people."""
    return beat.replace("_", " ")


def count(number: int, noun: str) -> str:
    """Return `3 scenes`, `1 scene`."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?])\s+", text.strip())


def _shared_sentences(scenes: Sequence[Scene]) -> list[str]:
    """The sentences that every scene's description has, in order; none where there is but one scene."""
    if len(scenes) < _ENOUGH_TO_SHARE:
        return []
    others = [set(_sentences(scene.description)) for scene in scenes[1:]]
    return [part for part in _sentences(scenes[0].description) if all(part in each for each in others)]


def _clip_word(clip: Clip) -> str:
    if clip.status not in {"processing", "rendering"}:
        return clip.status
    return "saving" if clip.progress == 100 else "filming"


def _scene_head(scene_id: int, beat: str, duration: float) -> Text:
    return Text.assemble((f"{scene_id}  {plain_beat(beat)}".rstrip(), "bold"), (f"  {duration:g} s", "dim"))


def _copy(copy: Copy) -> Text:
    lines = [copy.kicker, copy.headline, copy.support, *copy.items, " ".join(filter(None, (copy.cta, copy.url)))]
    shown = [line for line in lines if line]
    return Text("\n".join(shown)) if shown else Text("(no words, picture only)", "dim")


def _bar(fraction: float, failed: bool) -> ProgressBar:
    style = "red" if failed else "green"
    return ProgressBar(total=1, completed=fraction, width=30, complete_style=style, finished_style=style)


def _grid(columns: int) -> Table:
    table = Table.grid(padding=(0, 2))
    for place in range(columns):
        table.add_column(no_wrap=True, max_width=24 if place == 0 else None, overflow="ellipsis")
    return table
