"""What scenes are drawn with: a stage (colours, light, size, seed), SVG shapes and gradients, and an empty room.

Called by scenery.py. Tests: tests/test_providers/test_local_image/test_setting.py
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.kit.imaging.colour import hex_to_lab, lab_to_hex
from app.providers.local_image.palettes import Roles


@dataclass(frozen=True)
class Stage:
    """What a scene is drawn with: colours, day or night, size in px, and the random numbers of its seed."""

    roles: Roles
    dark: bool
    width: int
    height: int
    rng: random.Random

    @property
    def back(self) -> str:
        """Colour of the wall or sky."""
        if self.dark:
            return mix(self.roles.dark, self.roles.accent, 0.16)
        return mix(self.roles.light, self.roles.accent, 0.14)

    @property
    def glow(self) -> str:
        """Colour of the key light."""
        return mix(self.roles.accent, self.roles.light, 0.35) if self.dark else "#ffffff"

    @property
    def shade(self) -> str:
        """Colour of shadows."""
        return mix(self.roles.dark, "#000000", 0.45) if self.dark else mix(self.roles.accent, self.roles.ink, 0.45)

    def tone(self, amount: float) -> str:
        """Return a colour between the wall (0) and its shade (1)."""
        return mix(self.back, self.shade, amount)


def mix(first: str, second: str, share: float) -> str:
    """Return the hex colour `share` of the way from one to the other, through Lab."""
    return lab_to_hex(hex_to_lab(first) * (1 - share) + hex_to_lab(second) * np.float32(share))


def svg(stage: Stage, parts: list[str]) -> str:
    """Return the document; `b1` to `b3` are blurs of growing radius."""
    unit = min(stage.width, stage.height) / 720
    area = f'filterUnits="userSpaceOnUse" x="0" y="0" width="{stage.width}" height="{stage.height}"'
    blurs = "".join(
        f'<filter id="b{n}" {area}><feGaussianBlur stdDeviation="{radius * unit:.1f}"/></filter>'
        for n, radius in enumerate((3, 9, 24), start=1)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{stage.width}" height="{stage.height}"'
        f' viewBox="0 0 {stage.width} {stage.height}"><defs>{blurs}</defs>{"".join(parts)}</svg>'
    )


def rect(box: tuple[float, float, float, float], fill: str, extra: str = "") -> str:
    """Return a rectangle; `box` is x, y, width, height."""
    x, y, width, height = box
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}" {extra}/>'


def ellipse(box: tuple[float, float, float, float], fill: str, extra: str = "") -> str:
    """Return an ellipse; `box` is centre x, centre y, radius across, radius down."""
    x, y, across, down = box
    return f'<ellipse cx="{x:.1f}" cy="{y:.1f}" rx="{across:.1f}" ry="{down:.1f}" fill="{fill}" {extra}/>'


def fade(name: str, stops: Sequence[tuple[float, str, float]], direction: str = 'x1="0" y1="0" x2="0" y2="1"') -> str:
    """Return a linear gradient named `name`; stops are (offset, colour, opacity)."""
    body = "".join(f'<stop offset="{at}" stop-color="{c}" stop-opacity="{o}"/>' for at, c, o in stops)
    return f'<linearGradient id="{name}" {direction}>{body}</linearGradient>'


def pool(name: str, colour: str, strength: float) -> str:
    """Return a radial gradient named `name` that falls off softly to nothing."""
    steps = [(0.0, 1.0), (0.2, 0.84), (0.4, 0.52), (0.6, 0.24), (0.8, 0.07), (1.0, 0.0)]
    body = "".join(f'<stop offset="{at}" stop-color="{colour}" stop-opacity="{strength * o:.3f}"/>' for at, o in steps)
    return f'<radialGradient id="{name}">{body}</radialGradient>'


def room(stage: Stage, horizon: float) -> list[str]:
    """Return a wall that rolls into a floor at `horizon` (share of height), with a key light on both."""
    wide, high = stage.width, stage.height
    centre = wide * stage.rng.uniform(0.46, 0.62)
    floor, roll = high * horizon, high * 0.1
    near = mix(stage.back, stage.roles.light if stage.dark else "#ffffff", 0.07 if stage.dark else 0.5)
    return [
        fade("wall", [(0, stage.tone(0.3), 1), (0.7, stage.back, 1), (1, stage.tone(0.12), 1)]),
        fade("floor", [(0, near, 0), (0.12, near, 0.2), (0.3, near, 0.85), (0.42, near, 1), (1, stage.tone(0.34), 1)]),
        pool("key", stage.glow, 0.62 if stage.dark else 0.95),
        pool("spill", stage.glow, 0.34 if stage.dark else 0.9),
        rect((0, 0, wide, high), "url(#wall)"),
        rect((0, floor - roll, wide, high - floor + roll), "url(#floor)"),
        ellipse((centre, high * 0.4, wide * 0.42, high * 0.52), "url(#key)"),
        ellipse((centre, floor + (high - floor) * 0.42, wide * 0.46, (high - floor) * 0.5), "url(#spill)"),
    ]
