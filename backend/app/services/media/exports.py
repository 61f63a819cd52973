"""What a user takes away beside the video: captions, the story as text, scenes as text, metadata, a contact sheet.

Called by services/unified_pipeline (story text), the API's export routes and the CLI.
Tests: tests/test_services/test_exports.py
"""

from __future__ import annotations

import asyncio
import json
import re
import tempfile
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from app.kit.media.contact_sheet import contact_sheet_job
from app.kit.worker import run_job
from app.ports.storage import Storage
from app.schemas.story import Copy, Story, StoryScene
from app.schemas.unified_pipeline import AdPlan, Scene

__all__ = [
    "captions_vtt",
    "contact_sheet_job",
    "make_contact_sheet",
    "metadata_json",
    "scenes_markdown",
    "story_markdown",
]

MAX_WORDS = 6
SHORTEST_CUE_S = 0.5
LONGEST_CUE_S = 2.5
CUE_GAP_S = 0.05
_LEAD_S = 0.2
_SECONDS_A_CUE = 0.5
_SECONDS_A_WORD = 0.33
_CLAUSE_END = re.compile(r"(?<=[.!?;:,…])\s+|\s+(?=[–—])")


def story_markdown(story: Story) -> str:
    """Return the story as Markdown: title, arc, one section a scene, call to action, notes."""
    head = [f"# {story.title}", "", story.narrative, "", *_facts(story), ""]
    scenes = [line for scene in story.scenes for line in _story_scene(scene)]
    close = ["## Call to action", "", " · ".join(filter(None, (story.cta.text, story.cta.brand, story.cta.url)))]
    notes = ["", "## Notes", "", *(f"- {note}" for note in story.notes)] if story.notes else []
    return "\n".join([*head, *scenes, *close, *notes]).rstrip() + "\n"


def _facts(story: Story) -> list[str]:
    rows = {
        "Framework": story.framework,
        "Product": story.product,
        "Brand": story.brand,
        "Audience": story.audience,
        "Tone": story.tone,
        "Music": f"{story.audio.mood}, {story.audio.bpm} bpm",
        "Written by": story.writer,
    }
    return [f"- **{name}:** {value}" for name, value in rows.items() if value]


def _story_scene(scene: StoryScene) -> list[str]:
    title = f"## {scene.id}. {scene.beat.replace('_', ' ').capitalize()} ({scene.duration:g} s)"
    return [title, "", scene.purpose, "", *_copy_lines(scene.copy_text), f"*Seen:* {scene.visual}", ""]


def _copy_lines(copy: Copy) -> list[str]:
    rows = [copy.kicker, f"**{copy.headline}**" if copy.headline else None, copy.support, *copy.items]
    rows += [copy.cta, copy.url]
    lines = [f"> {row}  " for row in rows if row]
    return [*lines, ""] if lines else []


def scenes_markdown(scenes: Sequence[Scene]) -> str:
    """Return the scenes as Markdown: layout, on-screen words, references and description of each."""
    lines = ["# Scenes", ""]
    for scene in scenes:
        beat = f" {scene.beat.replace('_', ' ').capitalize()}" if scene.beat else ""
        lines += [f"## {scene.id}.{beat} ({scene.duration:g} s, {scene.layout})", "", *_copy_lines(scene.copy_text)]
        lines += [scene.description, ""]
        if scene.references:
            lines += [f"*References:* {', '.join(scene.references)}", ""]
    return "\n".join(lines).rstrip() + "\n"


def captions_vtt(scenes: Sequence[Scene]) -> str:
    """Return WebVTT of the words on screen: clause-sized groups of up to six words, one at a time.

    Each scene's groups start 0.2 s after its cut and take reading time (0.5-2.5 s each); where a scene holds more
    than it has time for, neighbouring groups are joined rather than shown too briefly.
    """
    starts = accumulate((scene.duration for scene in scenes), initial=0.0)
    shown: set[str] = set()
    blocks = ["WEBVTT", ""]
    number = 0
    for scene, start in zip(scenes, starts, strict=False):
        for first, last, text in _cues(scene, start, shown):
            number += 1
            blocks += [str(number), f"{_clock(first)} --> {_clock(last)}", _escaped(text), ""]
    return "\n".join(blocks)


def _cues(scene: Scene, start: float, shown: set[str]) -> Iterator[tuple[float, float, str]]:
    """Yield (start, end, text); a kicker already shown in an earlier scene is left out."""
    copy = scene.copy_text
    kicker = copy.kicker if copy.kicker and copy.kicker not in shown else None
    shown.update(filter(None, [copy.kicker]))
    lines = [kicker, copy.headline, copy.support, *copy.items, copy.cta, copy.url]
    groups = [group for line in lines if line for group in clauses(line)]
    room = scene.duration - min(_LEAD_S, scene.duration / 10)
    while len(groups) > 1 and room / len(groups) < SHORTEST_CUE_S + CUE_GAP_S:
        groups = _joined(groups)
    wanted = [min(LONGEST_CUE_S, _SECONDS_A_CUE + _SECONDS_A_WORD * len(group.split())) for group in groups]
    least = min(SHORTEST_CUE_S + CUE_GAP_S, room / max(1, len(groups)))
    spare = sum(wanted) - len(groups) * least
    scale = max(0.0, min(1.0, (room - len(groups) * least) / spare)) if spare > 0 else 0.0
    at = start + scene.duration - room
    for group, length in zip(groups, (least + (time - least) * scale for time in wanted), strict=True):
        yield at, at + length - CUE_GAP_S, group
        at += length


def _joined(groups: list[str]) -> list[str]:
    """Join the neighbouring pair that stays shortest."""
    place = min(range(len(groups) - 1), key=lambda i: len(groups[i]) + len(groups[i + 1]))
    return [*groups[:place], f"{groups[place]} {groups[place + 1]}", *groups[place + 2 :]]


def clauses(line: str) -> list[str]:
    """Split a line at clause ends, then into even groups of at most six words; no single word is left alone."""
    groups: list[str] = []
    for clause in _CLAUSE_END.split(line.strip()):
        words = clause.split()
        parts = -(-len(words) // MAX_WORDS)
        cuts = [round(len(words) * part / parts) for part in range(parts + 1)] if parts else []
        groups += [" ".join(words[first:last]) for first, last in pairwise(cuts)]
    if len(groups) > 1 and len(groups[-1].split()) == 1 and len(groups[-2].split()) < MAX_WORDS:
        groups[-2:] = [f"{groups[-2]} {groups[-1]}"]
    return groups


def _clock(seconds: float) -> str:
    millis = round(max(0.0, seconds) * 1000)
    return f"{millis // 3_600_000:02}:{millis // 60_000 % 60:02}:{millis // 1000 % 60:02}.{millis % 1000:03}"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def metadata_json(generation_id: str, plan: AdPlan, story: Story, scenes: Sequence[Scene], **more: Any) -> str:
    """Return everything that describes the ad as indented JSON; `more` adds JSON-able top-level values."""
    data = {
        "generation_id": generation_id,
        "plan": plan.model_dump(mode="json"),
        "story": story.model_dump(mode="json"),
        "scenes": [scene.model_dump(mode="json", exclude={"rounds"}) for scene in scenes],
        **more,
    }
    return json.dumps(data, indent=2, ensure_ascii=False) + "\n"


async def make_contact_sheet(storage: Storage, video_key: str, output_key: str, work_dir: Path) -> str:
    """Store a PNG grid (4 x 3 frames with times) of a video under `output_key`; return the key.

    Raises:
        InvalidInput, MediaError: the video is unreadable.
        NotFound: it is not stored.
    """
    await asyncio.to_thread(work_dir.mkdir, parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=work_dir, prefix="sheet-") as folder:
        output = Path(folder) / "sheet.png"
        async with storage.local_copy(video_key) as path:
            payload = {"path": str(path), "output": str(output)}
            await run_job("app.services.media.exports:contact_sheet_job", payload)
        await storage.put_file(output_key, output, "image/png")
    return output_key
