"""Searches whole ads: a beam over the scenes' candidates, vetoes before scores, then second lines.

Called by story_writer.py. Deterministic for a plan and its seed.
Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from app.providers.local_text.candidates import CandidateMaker, Line
from app.providers.local_text.checks import Checker
from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import MUST
from app.providers.local_text.plan import Plan
from app.providers.local_text.words import bare, straight, words
from app.schemas.story import Copy


@dataclass(frozen=True)
class Ad:
    """Lines of all scenes so far and what they cost."""

    lines: tuple[Line, ...] = ()
    used: frozenset[str] = frozenset()
    texts: frozenset[str] = frozenset()
    score: float = 0.0
    counts: tuple[int, int, int] = (0, 0, 0)
    """Questions, imperatives and product headlines so far."""


class AdSearch:
    """Finds the best ad for a plan."""

    def __init__(self, data: CopyData, plan: Plan) -> None:
        self._data = data
        self._plan = plan
        self._maker = CandidateMaker(data, plan)
        extra = " ".join(
            [
                *(_said(copy) for copy in plan.settled.values()),
                plan.product_name or "",
                plan.cta or "",
                *(s.text for s in plan.facts.spans),
            ]
        )
        self._check = Checker(data, plan.facts, extra)
        self._random = random.Random(plan.seed)
        self._limits = data.rules.limits
        self._weights = data.rules.weights
        self._brief = self._check.content(plan.facts.prompt) - self._check.own

    def best(self) -> Ad:
        """The best whole ad; ties go to the shorter one."""
        beam = [Ad(counts=self._settled_counts())]
        for index in range(len(self._plan.roles)):
            ranked = self._ranked(index)
            grown = [ad for old in beam for line, score in ranked if (ad := self._grow(old, index, line, score))]
            if not grown:
                grown = [self._forced(beam[0], index, ranked[0][0])]
            beam = sorted(grown, key=_order)[: int(self._limits["beam"])]
        finished = [self._with_supports(ad) for ad in beam[: int(self._limits["finalists"])]]
        return min(finished, key=_order)

    def openings(self) -> list[Ad]:
        """All ads that differ from the settled plan in their first scene alone, best first."""
        found = []
        for line, score in self._ranked(0, every=True):
            ad: Ad | None = self._grow(Ad(counts=self._settled_counts()), 0, line, score)
            for index in range(1, len(self._plan.roles)):
                ad = ad and self._grow(ad, index, self._maker.for_scene(index)[0], 0.0)
            if ad:
                found.append(ad)
        return sorted(found, key=_order)

    def _ranked(self, index: int, *, every: bool = False) -> list[tuple[Line, float]]:
        rate = self._limits["words_per_second"]
        room = max(3, int(self._plan.durations[index] * rate))
        scored = []
        for line in self._maker.for_scene(index):
            if line.origin != "settled" and any(fault.severity == "veto" for fault in self._check.line(line.text)):
                continue
            trimmed = line
            if (
                line.origin != "settled"
                and len(words(line.text)) + sum(len(words(item)) for item in line.items if line.shape == "list") > room
            ):
                trimmed = replace(line, support=None)
            if len(words(trimmed.headline)) <= room or line.origin == "settled":
                scored.append((trimmed, self._score(index, trimmed)))
        if not scored:
            scored = [(line, 0.0) for line in self._maker.for_scene(index)[:1]]
        scored.sort(key=lambda pair: (-pair[1], len(pair[0].headline), pair[0].headline))
        return scored if every else scored[: int(self._limits["candidates"])]

    def _score(self, index: int, line: Line) -> float:
        if line.origin == "settled":
            return 0.0
        if index in self._plan.fresh and line.origin == "kept":
            return -1.0
        weights, role = self._weights, self._plan.roles[index]
        score = self._base(line, role)
        score += sum(weights["must"] for span in self._plan.facts.spans if span.id in line.uses and span.type in MUST)
        score += weights["tone_match"] * (self._plan.tone in line.tones)
        score += weights["brief_word"] * bool(self._check.content(line.text) & self._brief)
        score += weights["head_line"] * line.special
        score += weights["short"] * (7 - len(words(line.headline))) * (2 if self._plan.short else 1)
        score += weights["beats_hook"] * (role == "hook" and len(line.items) >= 3)
        return score + weights["jitter"] * self._random.random()

    def _base(self, line: Line, role: str) -> float:
        """What a line is worth by where it comes from."""
        weights = self._weights
        if line.shape == "lack" or (line.support and line.origin == "span" and role == "hook"):
            return weights["question_hook"]
        if line.origin == "span" and role == "hook":
            return weights["span_hook_rich" if self._rich else "span_hook"]
        if line.shape == "modifier":
            return weights["modifier"]
        if line.origin == "attribute" and not line.uses:
            return weights["attribute_plain"]
        if line.origin == "list":
            return weights["list"] * len(line.uses)
        names = {"span": "span", "product": "span", "kept": "keep", "attribute": "attribute"}
        return weights[names.get(line.origin, f"{line.origin}_line")]

    @property
    def _rich(self) -> bool:
        """More stated facts than the middle of the ad can hold, or nothing else to open with."""
        stated = [s for s in self._plan.facts.spans if s.type not in ("glued", "problem", "modifier")]
        slots = sum(role in ("fact", "audience", "after", "reveal") for role in self._plan.roles)
        return len(stated) + bool(self._plan.facts.audience) > slots or self._plan.level <= 1

    def _grow(self, ad: Ad, index: int, line: Line, score: float) -> Ad | None:
        last = index == len(self._plan.roles) - 1
        key = straight(bare(line.headline)).lower()
        settled = line.origin == "settled"
        if settled and self._only_settled(ad):
            return self._settle(ad, line, key)
        if (key in ad.texts and not last) or (line.uses & ad.used and not (last and settled)):
            return None
        if ad.lines and not last and not (settled and ad.lines[-1].origin == "settled"):
            before = ad.lines[-1]
            if self._check.repeats(_full(before), _full(line)):
                return None
            if before.shape == line.shape:
                score += self._weights["same_shape"]
        if settled:
            return self._settle(ad, line, key)
        if not self._counts_ok(ad, line):
            return None
        return Ad((*ad.lines, line), ad.used | line.uses, ad.texts | {key}, ad.score + score, _counted(ad, line))

    def _only_settled(self, ad: Ad) -> bool:
        return all(line.origin == "settled" for line in ad.lines)

    def _settle(self, ad: Ad, line: Line, key: str) -> Ad:
        return Ad((*ad.lines, line), ad.used | line.uses, ad.texts | {key}, ad.score, ad.counts)

    def _settled_counts(self) -> tuple[int, int, int]:
        """Questions in the lines that are decided count from the start, so that free scenes before them agree."""
        said = [_said(copy) for copy in self._plan.settled.values()]
        return sum("?" in text for text in said), 0, 0

    def _counts_ok(self, ad: Ad, line: Line) -> bool:
        """A line may not bring one question, imperative or product headline too many."""
        limits = (self._limits["questions"], self._limits["imperatives"], self._limits["product_headlines"] - 1)
        after = _counted(ad, line)
        return all(new <= max(old, limit) for new, old, limit in zip(after, ad.counts, limits, strict=True))

    def _forced(self, ad: Ad, index: int, line: Line) -> Ad:
        return Ad((*ad.lines, line), ad.used | line.uses, ad.texts, ad.score - 2, ad.counts)

    def _with_supports(self, ad: Ad) -> Ad:
        """Give scenes second lines: stated facts that have no place yet first, then what fits best."""
        order = sorted(
            range(len(ad.lines)),
            key=lambda i: {"reveal": 0, "fact": 1, "audience": 1, "close": 2}.get(self._plan.roles[i], 3),
        )
        for index in order:
            line = ad.lines[index]
            if line.support or line.items or line.origin == "settled":
                continue
            chosen = self._support_for(ad, index)
            if chosen:
                lines = list(ad.lines)
                lines[index] = replace(line, support=chosen.headline, uses=line.uses | chosen.uses)
                gain = self._weights["support_span" if chosen.uses else "support_bank"]
                ad = Ad(
                    tuple(lines),
                    ad.used | chosen.uses,
                    ad.texts | {straight(bare(chosen.headline)).lower()},
                    ad.score + gain,
                )
        return self._with_tag(replace(ad, score=ad.score - self._weights["unused"] * self._unused(ad)))

    def _unused(self, ad: Ad) -> int:
        """Stated facts that found no place."""
        left = [span for span in self._plan.facts.spans if span.id not in ad.used and span.type != "glued"]
        return len(left) + bool(self._plan.facts.audience and "audience" not in ad.used)

    def _support_for(self, ad: Ad, index: int) -> Line | None:
        role = self._plan.roles[index]
        room = self._plan.durations[index] * self._limits["words_per_second"] - len(words(ad.lines[index].headline))
        best: tuple[float, Line] | None = None
        for line in self._maker.supports(index):
            must = any(s.id in line.uses and s.type in MUST for s in self._plan.facts.spans)
            told = must or (index in self._plan.fresh and bool(line.uses))
            if (role in ("hook", "agitate") and not told) or (role == "close" and not (must or line.uses)):
                continue
            if line.uses & ad.used or len(words(line.headline)) > min(room, self._limits["support_words"]):
                continue
            if not line.uses and ad.lines[index].origin == "kept":
                continue
            written = not line.uses or line.origin == "attribute"
            if written and not self._bank_support_ok(ad, index, line):
                continue
            if not self._support_ok(ad, index, line):
                continue
            score = (4.0 if must else 2.0 if line.uses else 0.5 + (line.origin == "kind")) + 0.3 * self._random.random()
            score += self._weights["head_line"] * line.special
            if role == "close" and not must:
                score -= 1.0
            if best is None or score > best[0]:
                best = (score, line)
        return best[1] if best else None

    def _bank_support_ok(self, ad: Ad, index: int, support: Line) -> bool:
        """Written second lines go under the reveal and, once, under a headline written for the kind."""
        line = ad.lines[index]
        if support.origin in ("neutral", "attribute") and self._plan.roles[index] != "reveal":
            return False
        if self._plan.short or "?" in line.headline or len(line.headline) < 8:
            return False
        given = sum(bool(each.support) and each.origin in ("kind", "attribute") for each in ad.lines)
        reveal = self._plan.roles[index] == "reveal"
        return reveal or (line.origin == "kind" and given < self._limits["bank_supports"])

    def _support_ok(self, ad: Ad, index: int, line: Line) -> bool:
        if straight(bare(line.headline)).lower() in ad.texts or any(
            f.severity == "veto" for f in self._check.line(line.headline)
        ):
            return False
        if "?" in line.headline or (line.shape == "imperative" and not self._counts_ok(ad, line)):
            return False
        own = _full(ad.lines[index])
        if self._check.content(own) & self._check.content(line.headline):
            return False
        last = len(ad.lines) - 1
        for other in (index - 1, index + 1):
            if (
                0 <= other < last
                and index != last
                and self._check.repeats(_full(ad.lines[other]), f"{own} {line.headline}")
            ):
                return False
        return True

    def _with_tag(self, ad: Ad) -> Ad:
        """One deadpan tag under one of the user's own lines."""
        tags = [] if self._plan.short else self._maker.tags()
        known = {tag.headline for tag in tags}
        if any(line.support in known for line in ad.lines):
            return ad
        for index, line in enumerate(ad.lines[:-1]):
            own = line.origin == "span" or (line.origin == "kept" and line.uses)
            if tags and own and not line.support and self._plan.roles[index] in ("hook", "fact"):
                lines = list(ad.lines)
                lines[index] = replace(line, support=self._random.choice(tags).headline)
                return replace(ad, lines=tuple(lines), score=ad.score + 0.3)
        return ad


def _counted(ad: Ad, line: Line) -> tuple[int, int, int]:
    questions, imperatives, products = ad.counts
    return (
        questions + ("?" in line.text),
        imperatives + (line.shape == "imperative"),
        products + (line.origin == "product" and line.shape != "close"),
    )


def _said(copy: Copy) -> str:
    return " ".join(part for part in (copy.headline, copy.support, *copy.items) if part)


def _full(line: Line) -> str:
    return " ".join([line.text, *line.items])


def _order(ad: Ad) -> tuple[float, int, tuple[str, ...]]:
    return (-round(ad.score, 6), sum(len(line.text) for line in ad.lines), tuple(line.headline for line in ad.lines))
