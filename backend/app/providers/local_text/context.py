"""Reads the consistency context and the references: the sentence that fixes the product's look, palette, place.

Called by scene_writer.py, scene_critic.py and cohesor.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.providers.local_text.data import CopyData
from app.providers.local_text.words import bare
from app.schemas.story import Story
from app.schemas.unified_pipeline import ReferenceImage

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_UNKNOWN = frozenset({"", "not specified", "unknown", "none", "n/a"})
MAX_FEATURE_WORDS = 36


def field_of(context: str, name: str) -> str | None:
    """The value of one ``NAME: value`` line; None when unknown."""
    match = re.search(rf"^{name}:\s*(.*)$", context, re.MULTILINE | re.IGNORECASE)
    value = bare(match.group(1)) if match else ""
    return None if value.lower() in _UNKNOWN else value


def palette(context: str) -> list[str]:
    """Hex colours of the palette line, lower case, strongest first."""
    return [colour.lower() for colour in _HEX.findall(field_of(context, "COLOR PALETTE") or "")]


def lock_sentence(context: str, data: CopyData) -> str:
    """The one sentence that every scene repeats, byte for byte."""
    features = field_of(context, "PRODUCT FEATURES")
    if features is None:
        return data.filming.sentences["lock_unknown"]
    short = " ".join(re.sub(r"\s+", " ", features).split(" ")[:MAX_FEATURE_WORDS])
    return data.filming.sentences["lock"].format(features=bare(short).replace(". ", "; "))


def person_sentence(context: str, data: CopyData) -> str | None:
    """The sentence that fixes the person's look; None when nothing is known."""
    features = field_of(context, "CHARACTER APPEARANCE")
    if features is None:
        return None
    short = " ".join(features.split()[:MAX_FEATURE_WORDS])
    return data.filming.sentences["person"].format(features=bare(short).replace(". ", "; "))


def place_of(story: Story, references: Sequence[ReferenceImage], data: CopyData) -> str:
    """The shared place: seen in an environment picture, else the kind's own when known, else a plain backdrop."""
    for reference in references:
        if reference.type == "environment" and reference.analysis.environment:
            return bare(" ".join(reference.analysis.environment.split()[:24]))
    if story.certainty >= 3 and story.kind in data.kinds:
        return data.kinds[story.kind].place
    return data.filming.backdrops[story.tone]


def colour_name(hex_colour: str, data: CopyData) -> str:
    """The nearest named colour of filming.yaml."""
    wanted = _rgb(hex_colour)
    return min(
        data.filming.colours,
        key=lambda name: sum((a - b) ** 2 for a, b in zip(wanted, _rgb(data.filming.colours[name]), strict=True)),
    )


def _rgb(value: str) -> tuple[int, int, int]:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)
