"""Transitions as halves that meet at a hard cut: the tail of one clip, the head of the next.

`treatment(spec, n)` says what the joint does to frame n. Both halves reach the same blur, brightness and direction
on the boundary frames. Called by compositor.py and layouts. Tests: tests/.../test_transitions.py
"""

from __future__ import annotations

from dataclasses import dataclass

from app.providers.local_video.eases import ease
from app.providers.local_video.scene_spec import Joint, SceneSpec
from app.schemas.unified_pipeline import Transition

TAIL_SECONDS: dict[Transition, float] = {
    "hard-cut": 0.0,
    "velocity-cut": 0.3,
    "zoom-through": 0.25,
    "blur-through": 0.35,
    "overexpose": 0.3,
    "dip": 0.4,
}
HEAD_SECONDS: dict[Transition, float] = {
    "hard-cut": 0.0,
    "velocity-cut": 0.55,
    "zoom-through": 0.5,
    "blur-through": 0.35,
    "overexpose": 0.45,
    "dip": 0.4,
}
_TRAVEL, _BLUR, _ZOOM_BLUR = 230 / 1080, 20 / 1080, 18 / 1080
"""Shares of the frame's short side."""
_LONGEST_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Treatment:
    """What a joint does to one frame.

    `shift` (pixels), `scale` and `alpha` act on everything but the backdrop; `blur` (pixels), `flash` and `dark`
    (0-1 towards that colour) on the whole picture.
    """

    shift: float = 0.0
    scale: float = 1.0
    alpha: float = 1.0
    blur: float = 0.0
    flash: float = 0.0
    dark: float = 0.0


REST = Treatment()


def halves(kinds: tuple[Transition, Transition], clip: tuple[int, int], seconds: float) -> tuple[Joint, Joint]:
    """Return the head and tail of clip (index, count): an ad starts clean and may only end in a dip."""
    into, out = kinds
    index, count = clip
    head: Transition = "hard-cut" if index == 0 else into
    tail: Transition = out if index < count - 1 or out == "dip" else "hard-cut"
    longest = seconds * _LONGEST_SHARE
    return (
        Joint(head, min(HEAD_SECONDS[head], longest)),
        Joint(tail, min(TAIL_SECONDS[tail], longest)),
    )


def treatment(spec: SceneSpec, number: int) -> Treatment:
    """Return what the joints do to frame `number`; REST away from the ends of the clip."""
    side = min(spec.width, spec.height)
    head = round(spec.head.seconds * spec.fps)
    if number < head:
        return _head(spec.head.kind, number / head, side)
    tail = round(spec.tail.seconds * spec.fps)
    left = spec.frames - 1 - number
    if left < tail:
        return _tail(spec.tail.kind, 1 - left / tail, side)
    return REST


def _tail(kind: Transition, p: float, side: int) -> Treatment:
    """Return the tail at progress `p`, which is 1 on the clip's last frame."""
    if kind == "velocity-cut":
        move = ease("quintic-in", p)
        return Treatment(shift=-_TRAVEL * side * move, alpha=max(0.0, 1 - move / 0.3))
    if kind == "zoom-through":
        move = ease("quartic-in", p)
        return Treatment(scale=1 + 0.2 * move, alpha=1 - 0.85 * move, blur=_ZOOM_BLUR * side * move)
    if kind == "blur-through":
        return Treatment(blur=_BLUR * side * ease("cubic-in-out", p))
    if kind == "overexpose":
        return Treatment(flash=ease("quartic-in", p))
    return Treatment(dark=ease("cubic-in-out", p)) if kind == "dip" else REST


def _head(kind: Transition, p: float, side: int) -> Treatment:
    """Return the head at progress `p`, which is 0 on the clip's first frame."""
    if kind == "velocity-cut":
        move = 1 - ease("quintic-out", p)
        return Treatment(shift=_TRAVEL * side * move, alpha=max(0.0, 1 - move / 0.3) if move > 0 else 1.0)
    if kind == "zoom-through":
        move = 1 - ease("expo-out", p)
        return Treatment(scale=1 - 0.25 * move, alpha=1 - 0.85 * move, blur=_ZOOM_BLUR * side * move)
    if kind == "blur-through":
        return Treatment(blur=_BLUR * side * (1 - ease("cubic-in-out", p)))
    if kind == "overexpose":
        return Treatment(flash=1 - ease("quartic-out", p))
    return Treatment(dark=1 - ease("cubic-in-out", p)) if kind == "dip" else REST
