"""What one clip shows, as renderer-neutral data: layers, art, cues with named eases, seconds and pixels.

Layouts (layouts/*.py) write it; the bakers draw its art once; compositor.py plays it. Nothing here draws.
Tests: tests/test_providers/test_local_video/test_scene_spec.py
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.providers.local_video.color import RGB
from app.providers.local_video.eases import ease
from app.schemas.unified_pipeline import Transition

Prop = Literal["x", "y", "scale", "alpha", "wipe", "sweep", "mix", "zoom", "pan_x", "pan_y"]
Role = Literal["backdrop", "subject", "copy", "decor", "mark"]

DEFAULTS: dict[str, float] = {"scale": 1.0, "alpha": 1.0, "wipe": 1.0, "zoom": 1.0}
"""Resting values; every other property rests at 0."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in frame pixels."""

    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def cy(self) -> float:
        return self.y + self.h / 2

    def inset(self, dx: float, dy: float) -> Box:
        """Return the box made smaller by `dx` on the left and right, `dy` on top and bottom."""
        return Box(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)

    def overlaps(self, other: Box) -> bool:
        """True when the two share area."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom

    def holds(self, other: Box, slack: float = 0.0) -> bool:
        """True when `other` lies inside, give or take `slack` pixels."""
        return (
            other.x >= self.x - slack
            and other.y >= self.y - slack
            and other.right <= self.right + slack
            and other.bottom <= self.bottom + slack
        )


@dataclass(frozen=True, slots=True)
class Cue:
    """One property moving from `begin` to `finish` between two moments (seconds)."""

    prop: Prop
    start: float
    end: float
    begin: float
    finish: float
    ease: str = "quartic-out"


@dataclass(frozen=True, slots=True)
class TextArt:
    """One line of text. `size` is the em in pixels, `tracking` in em."""

    text: str
    face: str
    size: float
    color: RGB
    tracking: float = 0.0


@dataclass(frozen=True, slots=True)
class ShapeArt:
    """A filled rectangle with rounded corners, soft by `feather`; `stroke` > 0 draws only its outline. Pixels."""

    color: RGB
    alpha: float = 1.0
    radius: float = 0.0
    feather: float = 0.0
    stroke: float = 0.0


@dataclass(frozen=True, slots=True)
class ScrimArt:
    """A tint over the photo `asset` that fills the frame: `dim` everywhere, and as much as `readable` text needs."""

    color: RGB
    asset: int
    readable: Box
    dim: float = 0.16
    from_top: bool = False
    """True when the shade comes down from the top left corner instead of up from the lower left."""


@dataclass(frozen=True, slots=True)
class ImageArt:
    """A reference image drawn into the layer's box. `asset` indexes the request's usable references."""

    asset: int
    treatment: Literal["cutout", "photo", "logo"] = "photo"
    radius: float = 0.0
    align: float = 1.0
    """Where a picture smaller than its box stands in it: 0 top, 0.5 middle, 1 bottom."""


@dataclass(frozen=True, slots=True)
class BackdropArt:
    """The full-frame ground: a light that drifts from one place to another (shares of the frame), a floor line.

    `horizon` is the share of the height where the floor begins (None: no floor). `asset` blends a reference
    image in, blurred. The layer's `mix` cue (0-1) moves the light.
    """

    light: tuple[float, float]
    light_to: tuple[float, float]
    horizon: float | None = None
    asset: int | None = None
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class ShadowArt:
    """Contact and cast shadow (or, `mirror`, the floor reflection) of the cut-out `asset` standing in the box."""

    asset: int
    mirror: bool = False


Art = TextArt | ShapeArt | ScrimArt | ImageArt | BackdropArt | ShadowArt


@dataclass(frozen=True, slots=True)
class Layer:
    """One thing on screen. `box` is its resting place; `clip` masks it; `pivot` is the still point of its scale."""

    name: str
    role: Role
    art: Art
    box: Box
    cues: tuple[Cue, ...] = ()
    clip: Box | None = None
    pivot: tuple[float, float] = (0.5, 0.5)


@dataclass(frozen=True, slots=True)
class Joint:
    """One half of a transition: what it is and how long it takes (seconds)."""

    kind: Transition
    seconds: float


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """A whole clip."""

    width: int
    height: int
    fps: int
    frames: int
    layers: tuple[Layer, ...]
    head: Joint = Joint("hard-cut", 0.0)
    tail: Joint = Joint("hard-cut", 0.0)
    flash: RGB = (1.0, 1.0, 1.0)
    dark: RGB = (0.0, 0.0, 0.0)

    @property
    def seconds(self) -> float:
        return self.frames / self.fps


def value_at(cues: tuple[Cue, ...], prop: Prop, t: float) -> float:
    """Return a property's value at `t` seconds: the latest started cue rules; before the first, its begin."""
    own = [cue for cue in cues if cue.prop == prop]
    if not own:
        return DEFAULTS.get(prop, 0.0)
    started = [cue for cue in own if cue.start <= t]
    cue = max(started, key=lambda c: c.start) if started else min(own, key=lambda c: c.start)
    span = cue.end - cue.start
    progress = (t - cue.start) / span if span > 0 else float(t >= cue.start)
    return cue.begin + (cue.finish - cue.begin) * ease(cue.ease, progress)
