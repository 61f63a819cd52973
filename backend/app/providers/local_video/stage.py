"""What a layout works with: the request, its look, the frame, the safe zone, and the ad's standard parts.

Built by render.py, handed to layouts. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from app.kit.ids import seed_from
from app.providers.local_video.assets import Asset
from app.providers.local_video.look import Look
from app.providers.local_video.scene_spec import Box
from app.providers.local_video.typeset import Style
from app.schemas.providers import VideoRequest
from app.schemas.story import Copy
from app.schemas.unified_pipeline import ReferenceType

_SAFE = {"wide": (0.075, 0.1, 0.1), "square": (0.08, 0.08, 0.09), "tall": (0.08, 0.11, 0.15)}
"""Side, top and bottom margins as shares of the frame; feeds cover more of a tall one."""


@dataclass(frozen=True)
class Stage:
    """One clip's frame and material. `seconds` is the clip's length."""

    request: VideoRequest
    look: Look
    assets: list[Asset]
    seconds: float
    top_room: float = 0.0
    bottom_room: float = 0.0
    """Pixels kept free at the safe zone's top and bottom for marks of references without a place of their own."""

    @property
    def width(self) -> int:
        return self.request.width

    @property
    def height(self) -> int:
        return self.request.height

    @property
    def shape(self) -> str:
        """wide, square or tall."""
        if self.width == self.height:
            return "square"
        return "wide" if self.width > self.height else "tall"

    @property
    def unit(self) -> float:
        """Pixels of the frame's short side over 720: every size scales with it."""
        return min(self.width, self.height) / 720

    @property
    def frame(self) -> Box:
        return Box(0, 0, self.width, self.height)

    @property
    def safe(self) -> Box:
        """The area that a layout's text and marks keep to."""
        full = self.safe_zone
        return Box(full.x, full.y + self.top_room, full.w, full.h - self.top_room - self.bottom_room)

    @property
    def safe_zone(self) -> Box:
        """The area that a player's or a feed's own signs leave free."""
        side, top, bottom = _SAFE[self.shape]
        return Box(
            self.width * side,
            self.height * top,
            self.width * (1 - 2 * side),
            self.height * (1 - top - bottom),
        )

    @property
    def copy(self) -> Copy:
        return self.request.scene.copy_text

    @property
    def seed(self) -> int:
        return seed_from("scene", self.request.seed, self.request.clip_index)

    def find(self, *types: ReferenceType) -> int | None:
        """Return the index of the first listed reference of these types, in the order of `types`."""
        for wanted in types:
            for index, asset in enumerate(self.assets):
                if asset.type == wanted and wanted in self.request.scene.references:
                    return index
        return None

    def listed(self) -> list[int]:
        """Return the index of every reference that the scene lists, first of each type only."""
        found = [self.find(kind) for kind in dict.fromkeys(self.request.scene.references)]
        return [index for index in found if index is not None]

    def pace(self, seconds: float) -> float:
        """Return a move's length in seconds, scaled by the look's energy and kept inside a short clip."""
        return min(seconds * (1.4 - 0.8 * self.look.energy), self.seconds * 0.3)

    def step(self, seconds: float) -> float:
        """Return the wait between two entrances in seconds, shorter in clips under three seconds."""
        return seconds * min(1.0, self.seconds / 3)

    def at(self, share: float) -> float:
        """Return a moment of the clip in seconds."""
        return self.seconds * share

    def rng(self, *salt: object) -> random.Random:
        """Return a seeded generator for this clip and purpose."""
        return random.Random(seed_from(self.seed, *salt))

    def style(self, use: str) -> Style:
        """Return the text style of a use: headline, body, strong, label or url."""
        pair = self.look.pair
        return {
            "headline": Style(pair.display, pair.tracking, pair.leading, pair.caps, pair.accent),
            "body": Style(pair.body, -0.005, 1.34),
            "strong": Style(pair.strong, -0.01, 1.25),
            "label": Style(pair.label, self.look.label_tracking, 1.4, caps=True),
            "url": Style(pair.label, 0.02, 1.4),
        }[use]
