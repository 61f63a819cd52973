"""Exports read well and keep every word."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

from app.schemas.story import CallToAction, Copy, Story, StoryScene
from app.schemas.unified_pipeline import AdPlan, Scene
from app.services.media import exports
from app.storage.local import LocalStorage
from tests.fixtures.media import ClipSpec, write_clip

CUE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})\n(.+)")
SCENES = [
    Scene(id=1, description="A tap.", duration=4, copy_text=Copy(kicker="Bloom", headline="Dry hands again?")),
    Scene(
        id=2,
        description="The jar.",
        duration=6,
        references=["product"],
        copy_text=Copy(
            kicker="Bloom",
            headline="Softness you can see",
            support="Rose water, shea butter & nothing you would need to look up",
        ),
    ),
    Scene(
        id=3, description="Logo.", duration=3, copy_text=Copy(headline="Bloom", cta="Try <one>", url="bloom.example")
    ),
]
STORY = Story(
    title="Soft again",
    framework="AIDA",
    narrative="Dry hands meet Bloom.",
    brand="Bloom",
    scenes=[
        StoryScene(
            id=1,
            beat="attention",
            purpose="Name the itch.",
            copy_text=Copy(headline="Dry?"),
            visual="A tap.",
            duration=4,
        )
    ],
    cta=CallToAction(text="Try one", brand="Bloom"),
    notes=["No price was given."],
    writer="template copywriter",
)


def cues(text: str) -> list[tuple[float, float, str]]:
    def seconds(hours: str, minutes: str, rest: str) -> float:
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    return [(seconds(*c[:3]), seconds(*c[3:6]), c[6]) for c in CUE.findall(text)]


def test_captions_follow_the_rules() -> None:
    text = exports.captions_vtt(SCENES)
    assert text.startswith("WEBVTT\n\n1\n")
    found = cues(text)
    for start, end, words in found:
        assert 0.499 <= end - start <= 2.5
        assert len(words.split()) <= 6
    for before, after in pairwise(found):
        assert after[0] - before[1] >= 0.05 - 1e-6
    assert found[-1][1] <= 13


def test_captions_stay_inside_their_scene_and_keep_every_word() -> None:
    found = cues(exports.captions_vtt(SCENES))
    second = " ".join(words for start, end, words in found if start >= 4 and end <= 10)
    assert second == "Softness you can see Rose water, shea butter &amp; nothing you would need to look up"
    assert [words for start, _, words in found if start >= 10] == ["Bloom", "Try &lt;one&gt;", "bloom.example"]


def test_a_crowded_scene_joins_groups_instead_of_flashing_them() -> None:
    crowded = Scene(id=1, description="", duration=2, copy_text=Copy(items=["One", "Two", "Three", "Four", "Five"]))
    found = cues(exports.captions_vtt([crowded]))
    assert " ".join(words for _, _, words in found) == "One Two Three Four Five"
    assert all(end - start >= 0.499 for start, end, _ in found)


@pytest.mark.parametrize(
    ("line", "groups"),
    [
        ("Cold outside. Warm inside.", ["Cold outside.", "Warm inside."]),
        ("one two three four five six seven eight", ["one two three four", "five six seven eight"]),
        ("Soft, again", ["Soft, again"]),
        ("", []),
    ],
)
def test_lines_are_split_at_clauses(line: str, groups: list[str]) -> None:
    assert exports.clauses(line) == groups


def test_no_scenes_make_an_empty_track() -> None:
    assert exports.captions_vtt([]) == "WEBVTT\n"


def test_the_story_as_markdown() -> None:
    text = exports.story_markdown(STORY)
    assert text.startswith("# Soft again\n\nDry hands meet Bloom.\n")
    assert "## 1. Attention (4 s)" in text
    assert "> **Dry?**" in text
    assert "Try one · Bloom" in text
    assert "- No price was given." in text
    assert "None" not in text


def test_the_scenes_as_markdown() -> None:
    text = exports.scenes_markdown(SCENES)
    assert text.count("## ") == 3
    assert "*References:* product" in text
    assert "> **Softness you can see**" in text


def test_metadata_is_json_with_everything_needed() -> None:
    plan = AdPlan(
        duration_s=13,
        scene_durations=[4, 6, 3],
        aspect_ratio="16:9",
        width=320,
        height=180,
        fps=10,
        framework="AIDA",
        seed=1,
    )
    data = json.loads(exports.metadata_json("g1", plan, STORY, SCENES, checks=["fine"]))
    assert (data["generation_id"], data["plan"]["fps"], data["checks"]) == ("g1", 10, ["fine"])
    assert [scene["id"] for scene in data["scenes"]] == [1, 2, 3]


async def test_a_contact_sheet_is_stored(tmp_path: Path) -> None:
    storage = LocalStorage(tmp_path / "store")
    await storage.put_file("a.mp4", write_clip(tmp_path / "a.mp4", ClipSpec(frames=24)), "video/mp4")
    key = await exports.make_contact_sheet(storage, "a.mp4", "sheet.png", tmp_path / "work")
    assert (await storage.read_bytes(key))[:8] == b"\x89PNG\r\n\x1a\n"
    assert list((tmp_path / "work").iterdir()) == []
