"""The scenes of settings, as SVG: studio sets, a counter, a desk, shelves, hills, a skyline, a stage.

Called by setting.py, which finishes the picture. Tests: tests/test_providers/test_local_image/test_setting.py
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from app.providers.local_image.drawing import Stage, ellipse, fade, mix, pool, rect, room, svg


def cyclorama(stage: Stage) -> str:
    """An endless studio wall with a pool of light."""
    return svg(stage, room(stage, stage.rng.uniform(0.7, 0.78)))


def window(stage: Stage) -> str:
    """A studio wall with the light of a window falling across it."""
    wide, high = stage.width, stage.height
    left, top = wide * stage.rng.uniform(0.3, 0.46), high * 0.08
    pane, tall, gap = wide * 0.15, high * 0.3, wide * 0.018
    panes = [
        rect((left + column * (pane + gap), top + row * (tall + gap), pane, tall), stage.glow)
        for column in range(2)
        for row in range(2)
    ]
    slant = f'transform="skewX(-16) translate({high * 0.12:.0f} 0)" opacity="{0.3 if stage.dark else 0.62}"'
    light = f'<g filter="url(#b2)"><g {slant}>{"".join(panes)}</g></g>'
    leaf = _frond(stage, (left + wide * 0.36, -high * 0.06), stage.tone(0.55), 0.32)
    return svg(stage, [*room(stage, 0.78), light, leaf])


def _frond(stage: Stage, root: tuple[float, float], colour: str, opacity: float) -> str:
    """Return the soft shadow of palm leaves that hang in from `root`."""
    length = stage.height * 0.5
    leaves = []
    for number in range(9):
        angle = 28 + number * 15 + stage.rng.uniform(-5, 5)
        reach = length * (0.72 + 0.28 * np.sin(np.pi * (number + 0.5) / 9))
        leaves.append(
            f'<path d="M0 0 C{reach * 0.3:.0f} {-reach * 0.075:.0f} {reach * 0.8:.0f} {-reach * 0.05:.0f} {reach:.0f} 0'
            f' C{reach * 0.8:.0f} {reach * 0.05:.0f} {reach * 0.3:.0f} {reach * 0.075:.0f} 0 0 Z" fill="{colour}"'
            f' transform="translate({root[0]:.0f} {root[1]:.0f}) rotate({angle:.0f})"/>'
        )
    return f'<g opacity="{opacity}" filter="url(#b2)">{"".join(leaves)}</g>'


def arch(stage: Stage) -> str:
    """A studio wall with an arch and a round podium."""
    wide, high = stage.width, stage.height
    middle, floor = wide * stage.rng.uniform(0.5, 0.6), high * 0.76
    half, top = min(wide * 0.2, high * 0.34), high * 0.1
    inner = mix(stage.back, stage.roles.accent, 0.5 if stage.dark else 0.4)
    shape = (
        f"M{middle - half:.0f} {floor:.0f} V{top + half:.0f} A{half:.0f} {half:.0f} 0 0 1 {middle + half:.0f}"
        f" {top + half:.0f} V{floor:.0f} Z"
    )
    depth = fade(
        "deep", [(0, stage.shade, 0.5), (0.3, inner, 0), (1, stage.glow, 0.25)], 'x1="0" y1="0" x2="1" y2="0.4"'
    )
    podium = mix(stage.back, stage.roles.secondary, 0.35)
    return svg(
        stage,
        [
            *room(stage, 0.76),
            f'<path d="{shape}" fill="{inner}"/>{depth}<path d="{shape}" fill="url(#deep)"/>',
            ellipse(
                (middle, floor + high * 0.105, half * 1.35, high * 0.07), stage.shade, 'opacity=".35" filter="url(#b2)"'
            ),
            *_podium(stage, (middle, floor + high * 0.03), half * 1.15, podium),
        ],
    )


def _podium(stage: Stage, centre: tuple[float, float], radius: float, colour: str) -> list[str]:
    x, y = centre
    flat, deep = radius * 0.2, stage.height * 0.055
    side = (
        f"M{x - radius:.0f} {y:.0f} V{y + deep:.0f} A{radius:.0f} {flat:.0f} 0 0 0 {x + radius:.0f} {y + deep:.0f}"
        f" V{y:.0f} Z"
    )
    stops = [
        (0, mix(colour, stage.shade, 0.4), 1),
        (0.3, mix(colour, stage.glow, 0.25), 1),
        (1, mix(colour, stage.shade, 0.6), 1),
    ]
    return [
        fade("drum", stops, 'x1="0" y1="0" x2="1" y2="0"'),
        f'<path d="{side}" fill="url(#drum)"/>',
        ellipse((x, y, radius, flat), mix(colour, stage.glow, 0.35)),
    ]


def niche(stage: Stage) -> str:
    """Stepped blocks and a large disc, like a set built for a product."""
    wide, high = stage.width, stage.height
    floor, disc = high * 0.77, min(wide, high) * 0.36
    middle = wide * stage.rng.uniform(0.52, 0.64)
    fill = mix(stage.back, stage.roles.secondary, 0.45)
    ring = fade(
        "disc", [(0, mix(fill, stage.glow, 0.5), 1), (1, mix(fill, stage.shade, 0.3), 1)], 'x1="0" y1="0" x2="1" y2="1"'
    )
    parts = [
        *room(stage, 0.77),
        ring,
        ellipse((middle + 8, floor - disc * 0.72, disc, disc), stage.shade, 'opacity=".3" filter="url(#b3)"'),
        ellipse((middle, floor - disc * 0.8, disc, disc), "url(#disc)"),
    ]
    for number, share in enumerate((0.3, 0.2, 0.12)):
        x = middle + disc * (0.25 + 0.62 * number)
        colour = mix(stage.back, stage.roles.accent, 0.55 - 0.15 * number)
        face = fade(f"s{number}", [(0, mix(colour, stage.glow, 0.3), 1), (1, mix(colour, stage.shade, 0.35), 1)])
        tall = high * share
        parts += [face, rect((x, floor + high * 0.05 - tall, disc * 0.6, tall), f"url(#s{number})", 'rx="3"')]
    parts.append(rect((0, floor + high * 0.05, wide, high * 0.05), stage.shade, 'opacity=".16" filter="url(#b3)"'))
    return svg(stage, parts)


def counter(stage: Stage) -> str:
    """A kitchen counter in front of a softly blurred wall of tiles and a shelf."""
    wide, high = stage.width, stage.height
    top = high * 0.72
    tile, line = high * 0.13, mix(stage.back, stage.shade, 0.22)
    tiles = [
        rect(((column - (row % 2) * 0.5) * tile * 1.9, row * tile, tile * 1.84, tile * 0.94), stage.back, 'rx="5"')
        for row in range(int(top / tile) + 1)
        for column in range(int(wide / tile / 1.9) + 2)
    ]
    wood = _wood(stage)
    slab = fade("slab", [(0, mix(wood, stage.glow, 0.45), 1), (0.12, wood, 1), (1, mix(wood, stage.shade, 0.5), 1)])
    return svg(
        stage,
        [
            rect((0, 0, wide, top), line),
            f'<g filter="url(#b1)">{"".join(tiles)}</g>',
            *_wall_light(stage, top),
            f'<g filter="url(#b2)">{"".join(_still_shelf(stage, high * 0.34))}</g>',
            rect((0, top - high * 0.02, wide, high * 0.06), stage.shade, 'opacity=".3" filter="url(#b3)"'),
            slab,
            rect((0, top, wide, high - top), "url(#slab)"),
            pool("sheen", stage.glow, 0.5),
            ellipse((wide * 0.56, top + high * 0.1, wide * 0.36, high * 0.09), "url(#sheen)"),
        ],
    )


def _wood(stage: Stage) -> str:
    """Return the colour of a table top: wood, leaning a little toward the palette."""
    return mix(mix("#6b4a33" if stage.dark else "#d9b48c", stage.roles.secondary, 0.2), stage.back, 0.25)


def _wall_light(stage: Stage, top: float) -> list[str]:
    return [
        pool("wall-key", stage.glow, 0.55 if stage.dark else 0.85),
        ellipse((stage.width * 0.58, top * 0.55, stage.width * 0.45, top * 0.75), "url(#wall-key)"),
        fade("dusk", [(0, stage.shade, 0.42), (0.5, stage.shade, 0)]),
        rect((0, 0, stage.width, top), "url(#dusk)"),
    ]


def _still_shelf(stage: Stage, level: float) -> list[str]:
    """Return a shelf at the left with plain jars, bowls and books, no labels."""
    wide, high = stage.width, stage.height
    board = mix(stage.roles.secondary, stage.shade, 0.25)
    parts = [rect((0, level, wide * 0.34, high * 0.018), board)]
    x = wide * 0.02
    colours = [
        stage.roles.accent,
        stage.roles.secondary,
        mix(stage.back, stage.shade, 0.35),
        mix(stage.roles.light, stage.back, 0.4),
    ]
    while x < wide * 0.29:
        across, tall = wide * stage.rng.uniform(0.022, 0.05), high * stage.rng.uniform(0.09, 0.2)
        fill = mix(stage.rng.choice(colours), stage.back, 0.25)
        parts.append(rect((x, level - tall, across, tall), fill, f'rx="{across * stage.rng.choice((0.05, 0.25)):.0f}"'))
        x += across + wide * stage.rng.uniform(0.006, 0.02)
    return parts


def shelf(stage: Stage) -> str:
    """A room: a wall, a shelf and a sideboard, out of focus."""
    wide, high = stage.width, stage.height
    frame = mix(stage.roles.accent, stage.back, 0.35)
    return svg(
        stage,
        [
            *room(stage, 0.8),
            f'<g filter="url(#b2)">{"".join(_still_shelf(stage, high * 0.42))}',
            rect((wide * 0.72, high * 0.12, wide * 0.17, high * 0.34), frame, 'rx="4"'),
            rect((wide * 0.737, high * 0.15, wide * 0.136, high * 0.28), mix(stage.back, stage.glow, 0.6)),
            ellipse((wide * 0.805, high * 0.32, wide * 0.035, wide * 0.035), stage.roles.secondary),
            "</g>",
            _frond(stage, (wide * 1.04, -high * 0.08), stage.tone(0.5), 0.4),
        ],
    )


def desk(stage: Stage) -> str:
    """A desk before a window with the evening or the morning in it."""
    wide, high = stage.width, stage.height
    top = high * 0.74
    sky = fade(
        "sky", [(0, mix(stage.back, stage.roles.accent, 0.45), 1), (1, mix(stage.glow, stage.roles.secondary, 0.25), 1)]
    )
    wood = _wood(stage)
    slab = fade("slab", [(0, mix(wood, stage.glow, 0.4), 1), (0.1, wood, 1), (1, mix(wood, stage.shade, 0.45), 1)])
    window_box = (wide * 0.46, high * 0.06, wide * 0.42, high * 0.54)
    bars = [rect((wide * (0.46 + 0.42 / 3 * n) - 4, high * 0.06, 8, high * 0.54), stage.tone(0.4)) for n in range(4)]
    return svg(
        stage,
        [
            rect((0, 0, wide, high), stage.tone(0.2)),
            sky,
            f'<g filter="url(#b2)">{rect(window_box, "url(#sky)")}{"".join(bars)}</g>',
            *_wall_light(stage, top),
            f'<g filter="url(#b2)">{"".join(_still_shelf(stage, top - 2))}</g>',
            slab,
            rect((0, top, wide, high - top), "url(#slab)"),
            pool("sheen", stage.glow, 0.55),
            ellipse((wide * 0.64, top + high * 0.1, wide * 0.34, high * 0.1), "url(#sheen)"),
        ],
    )


def hills(stage: Stage) -> str:
    """Layers of hills in the haze, with a low sun."""
    wide, high = stage.width, stage.height
    far = mix(stage.back, stage.roles.secondary, 0.3)
    sun = wide * stage.rng.uniform(0.3, 0.72)
    parts = [
        fade("sky", [(0, stage.tone(0.25), 1), (0.75, mix(far, stage.glow, 0.55), 1)]),
        rect((0, 0, wide, high), "url(#sky)"),
        pool("sun", mix(stage.glow, stage.roles.secondary, 0.3), 0.95),
        ellipse((sun, high * 0.46, high * 0.6, high * 0.6), "url(#sun)"),
        ellipse(
            (sun, high * 0.46, high * 0.075, high * 0.075),
            mix("#ffffff", stage.roles.secondary, 0.2),
            'filter="url(#b1)"',
        ),
    ]
    for layer in range(5):
        near = layer / 4
        colour = mix(far, mix(stage.roles.accent, stage.roles.dark, 0.35 + 0.5 * near), 0.22 + 0.68 * near)
        lit = fade(f"h{layer}", [(0, mix(colour, stage.glow, 0.22), 1), (0.6, colour, 1)])
        parts += [
            lit,
            f'<path d="{_ridge(stage, layer)}" fill="url(#h{layer})"/>',
        ]
    return svg(stage, parts)


def _ridge(stage: Stage, layer: int) -> str:
    wide, high = stage.width, stage.height
    base = high * (0.5 + 0.105 * layer)
    waves = [(stage.rng.uniform(0.6, 2.4), stage.rng.uniform(0, 6.28), stage.rng.uniform(0.3, 1)) for _ in range(3)]
    points = []
    for step in range(65):
        t = step / 64
        rise = sum(power * np.sin(6.283 * turns * t + start) for turns, start, power in waves)
        points.append(f"{wide * t:.1f} {base - high * 0.035 * rise:.1f}")
    return f"M0 {high} L{' L'.join(points)} L{wide} {high} Z"


def city(stage: Stage) -> str:
    """A skyline in three depths of haze."""
    wide, high = stage.width, stage.height
    parts = [
        fade("sky", [(0, stage.tone(0.3), 1), (0.85, mix(stage.back, stage.glow, 0.6), 1)]),
        rect((0, 0, wide, high), "url(#sky)"),
        pool("sun", mix(stage.glow, stage.roles.secondary, 0.35), 0.9),
        ellipse((wide * 0.6, high * 0.62, wide * 0.4, high * 0.5), "url(#sun)"),
    ]
    for layer in range(3):
        colour = mix(stage.back, mix(stage.roles.accent, stage.roles.dark, 0.55), 0.28 + 0.3 * layer)
        parts.append(fade(f"c{layer}", [(0, colour, 1), (1, mix(colour, stage.glow, 0.3), 1)]))
        parts.append(f'<g fill="url(#c{layer})" >{"".join(_towers(stage, layer))}</g>')
    parts.append(fade("street", [(0, stage.shade, 0), (1, stage.shade, 0.5)]))
    parts.append(rect((0, high * 0.7, wide, high * 0.3), "url(#street)"))
    return svg(stage, parts)


def _towers(stage: Stage, layer: int) -> list[str]:
    wide, high = stage.width, stage.height
    x, towers = -wide * 0.02, []
    while x < wide:
        across = wide * stage.rng.uniform(0.035, 0.085)
        tall = high * stage.rng.uniform(0.22, 0.46) * (1.15 - 0.22 * layer)
        towers.append(
            f'<rect x="{x:.0f}" y="{high * (0.8 + 0.08 * layer) - tall:.0f}" width="{across:.0f}" height="{high}"/>'
        )
        x += across + wide * stage.rng.uniform(-0.006, 0.02)
    return towers


def stage_light(stage: Stage) -> str:
    """An empty stage under spotlights."""
    wide, high = stage.width, stage.height
    night = replace(stage, dark=True)
    parts = [rect((0, 0, wide, high), mix(stage.roles.dark, "#000000", 0.3)), *room(night, 0.76)]
    colours = [stage.roles.accent, stage.roles.secondary, mix(stage.roles.accent, stage.roles.light, 0.5)]
    for number in range(5):
        top = wide * (0.1 + 0.2 * number)
        foot = wide * 0.5 + (top - wide * 0.5) * 0.45 + wide * stage.rng.uniform(-0.12, 0.12)
        colour = colours[number % 3]
        parts.append(fade(f"beam{number}", [(0, colour, 0.55), (1, colour, 0.02)]))
        parts.append(
            f'<path d="M{top - 8:.0f} -20 L{top + 8:.0f} -20 L{foot + wide * 0.1:.0f} {high * 0.84:.0f}'
            f' L{foot - wide * 0.1:.0f} {high * 0.84:.0f} Z" fill="url(#beam{number})" filter="url(#b2)"/>'
        )
        parts.append(ellipse((foot, high * 0.85, wide * 0.11, high * 0.035), colour, 'opacity=".4" filter="url(#b2)"'))
    return svg(stage, parts)


SCENES: dict[str, Callable[[Stage], str]] = {
    "cyclorama": cyclorama,
    "window": window,
    "arch": arch,
    "niche": niche,
    "counter": counter,
    "shelf": shelf,
    "desk": desk,
    "hills": hills,
    "city": city,
    "stage": stage_light,
}
