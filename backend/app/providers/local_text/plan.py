"""The plan of an ad: facts, scene roles and the user's edits. Feedback changes the plan, never a sentence.

Made by planner.py; read by candidates.py, search.py and story_writer.py.
Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts
from app.schemas.story import Copy, Framework, Tone


@dataclass
class Plan:
    """Everything the search needs. `keep` maps a scene index to the copy to prefer there."""

    facts: Facts
    framework: Framework
    durations: list[float]
    beats: list[str]
    roles: list[str]
    tone: Tone = "neutral"
    seed: int = 0
    humour: bool = True
    questions: bool = True
    short: bool = False
    simple: bool = False
    urgent: bool = False
    product_name: str | None = None
    banned: frozenset[str] = frozenset()
    banned_lines: set[str] = field(default_factory=set)
    stale_lines: set[str] = field(default_factory=set)
    settled: dict[int, Copy] = field(default_factory=dict)
    """Scenes whose words are decided: the user's own line, or the previous draft where nobody asked for a change."""
    settled_visuals: dict[int, str] = field(default_factory=dict)
    fixed_tones: dict[int, Tone] = field(default_factory=dict)
    keep: dict[int, Copy] = field(default_factory=dict)
    cta: str | None = None
    notes: list[str] = field(default_factory=list)
    fresh: set[int] = field(default_factory=set)
    keep_visuals: dict[int, str] = field(default_factory=dict)
    cta_turn: int = 0
    end_fact: bool = False
    at_most: dict[int, int] = field(default_factory=dict)
    """Most words a headline may have, by scene index."""

    @property
    def level(self) -> int:
        return self.facts.certainty


def fit_beats(beats: list[str], count: int) -> list[str]:
    """Beats for `count` scenes: first and last stay; inner ones repeat (later ones first) or drop out."""
    if count == 1:
        return [beats[-1]]
    inner = beats[1:-1] or [beats[0]]
    room = count - 2
    if room <= len(inner):
        picked = (
            [inner[round(i * (len(inner) - 1) / max(1, room - 1))] for i in range(room)] if room > 1 else inner[:room]
        )
        return [beats[0], *picked, beats[-1]]
    extra, times = room - len(inner), [1] * len(inner)
    for step in range(extra):
        times[len(inner) - 1 - step % len(inner)] += 1
    return [beats[0], *[beat for beat, n in zip(inner, times, strict=True) for _ in range(n)], beats[-1]]


def role_of(beat: str, data: CopyData) -> str | None:
    """The copy role a beat's name stands for; None when the name says nothing."""
    said = re.sub(r"[^\w ]+", " ", beat.lower()).strip()
    for role, names in data.frameworks.roles.items():
        if said in names:
            return role
    for role, names in data.frameworks.roles.items():
        if set(said.split()) & names:
            return role
    return None


def roles_for(beats: list[str], framework: Framework, data: CopyData) -> list[str]:
    """One role a scene. The last is the close; the product is revealed by scene 2 unless a problem comes first."""
    count = len(beats)
    roles = [role_of(beat, data) or ("hook" if i == 0 else "fact") for i, beat in enumerate(beats)]
    roles[-1] = "close"
    if count == 1:
        return roles
    if roles[0] in ("close", "reveal", "fact", "audience", "after") and framework != "custom":
        roles[0] = "hook"
    seen = False
    for i in range(count - 1):
        if roles[i] == "close":
            roles[i] = "fact"
        if roles[i] == "reveal":
            roles[i] = "fact" if seen else "reveal"
            seen = True
    if not seen and count > 2:
        roles[min(1, count - 2) if roles[0] != "problem" else min(2, count - 2)] = "reveal"
    return roles


def custom_beats(text: str, data: CopyData) -> list[str]:
    """Beats of a user's own framework text, in their words."""
    parts = re.split(data.frameworks.beat_split, text.strip())
    return [re.sub(r"^\W+|\W+$", "", part).lower()[:40] for part in parts if re.search(r"\w", part)][:12]
