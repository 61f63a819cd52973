"""What a user takes away beside the video: captions, the story as text, scenes as text, metadata, a contact sheet.

Called by services/unified_pipeline (story text), the API's export routes and the CLI.
Tests: tests/test_services/test_exports.py
"""

from __future__ import annotations

from collections.abc import Sequence

from app.schemas.story import Copy, Story, StoryScene
from app.schemas.unified_pipeline import Scene


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
