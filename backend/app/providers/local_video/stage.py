"""What a layout works with: the request, its look, the frame, the safe zone, and the ad's standard parts.

Built by render.py, handed to layouts. Tests: tests/test_providers/test_local_video/test_layouts.py
"""

from __future__ import annotations

from dataclasses import dataclass

from app.kit.ids import seed_from
from app.providers.local_video.assets import Asset
from app.providers.local_video.color import RGB
from app.providers.local_video.look import Look
from app.providers.local_video.scene_spec import Box, Cue, Layer, TextArt
from app.providers.local_video.typeset import Fitted, Style, metrics
from app.schemas.providers import VideoRequest
from app.schemas.story import Copy
from app.schemas.unified_pipeline import ReferenceType

_SAFE = {"wide": (0.075, 0.09, 0.09), "square": (0.08, 0.08, 0.09), "tall": (0.08, 0.11, 0.15)}
"""Side, top and bottom margins as shares of the frame; feeds cover more of a tall one."""


@dataclass(frozen=True)
class Stage:
    """One clip's frame and material. `seconds` is the clip's length."""

    request: VideoRequest
    look: Look
    assets: list[Asset]
    seconds: float

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
        """The area that text and marks keep to."""
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

    def pace(self, seconds: float) -> float:
        """Return a move's length scaled by the look's energy and kept inside a short clip."""
        return min(seconds * (1.35 - 0.7 * self.look.energy), self.seconds * 0.35)


def text_layers(
    stage: Stage, name: str, fitted: Fitted, at: tuple[float, float], color: RGB, start: float
) -> list[Layer]:
    """Return one layer a line, left-aligned at `at` (x, top), each rising out of its own mask."""
    layers = []
    ascent, descent = metrics(fitted.face, fitted.size)
    for index, line in enumerate(fitted.lines):
        slack = (fitted.pitch - ascent - descent) / 2
        top = at[1] + index * fitted.pitch
        baseline = top + slack + ascent
        box = Box(at[0], top, fitted.widths[index], baseline - top)
        begin = start + index * 0.09
        rise = Cue("y", begin, begin + stage.pace(0.8), fitted.pitch * 1.05, 0.0, "quartic-out")
        pad = fitted.size * 0.28
        clip = Box(at[0] - pad, top - pad * 0.4, fitted.widths[index] + 2 * pad, fitted.pitch + pad * 0.6)
        hidden = Cue("alpha", begin, begin + 0.02, 0.0, 1.0, "linear")
        art = TextArt(line, fitted.face, fitted.size, color, fitted.tracking)
        layers.append(Layer(f"{name}-{index}", "copy", art, box, (rise, hidden), clip, (0.0, 1.0)))
    return layers


def styles(look: Look) -> dict[str, Style]:
    """Return the text styles of a look by use."""
    pair = look.pair
    return {
        "headline": Style(pair.display, pair.tracking, pair.leading, pair.caps),
        "body": Style(pair.body, -0.005, 1.32),
        "strong": Style(pair.strong, -0.005, 1.3),
        "label": Style(pair.label, 0.16, 1.4, caps=True),
        "url": Style(pair.label, 0.02, 1.4),
    }
