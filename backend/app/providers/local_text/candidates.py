"""Lines that could stand in a scene: the user's words first, then attribute lines, then the kind's and neutral banks.

Called by search.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from itertools import accumulate

from app.providers.local_text.bank import SHAPES, BankLine
from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts, Span, SpanType
from app.providers.local_text.plan import Plan
from app.providers.local_text.words import bare, capital, sentence, straight, words
from app.schemas.story import Copy, Tone

WRITTEN = frozenset({"kind", "neutral", "attribute"})
"""Origins of lines that nobody asked for by word."""
CLOSING: tuple[SpanType, ...] = ("offer", "mention", "verb", "negative", "participle", "prep")
"""Stated facts that may be said once more on the end card."""
HEADLINE_MAX = 7
SUPPORT_MAX = 9
_LACK = re.compile(r"\b(?:without|with no)\s+(?:a |an |any |the )?(?P<lack>[^,;.]+)$", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One candidate for one scene."""

    headline: str
    support: str | None = None
    items: tuple[str, ...] = ()
    shape: str = "label"
    origin: str = "bank"  # span, product, attribute, kind, neutral, kept, settled, list
    tones: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    special: bool = False
    """Written for this very head noun."""

    @property
    def text(self) -> str:
        return " ".join(part for part in (self.headline, self.support) if part)


SPAN_SHAPES = {
    "verb": "dropped",
    "prep": "prepositional",
    "glued": "prepositional",
    "participle": "participle",
    "fragment": "label",
    "clause": "clause",
    "negative": "negative",
    "modifier": "modifier",
    "offer": "offer",
    "price": "offer",
    "date": "date",
    "problem": "label",
    "venue": "prepositional",
    "quote": "quote",
    "mention": "label",
}


class CandidateMaker:
    """Makes candidates for a plan."""

    def __init__(self, data: CopyData, plan: Plan) -> None:
        self._data = data
        self._plan = plan
        self._facts: Facts = plan.facts

    def for_scene(self, index: int) -> list[Line]:
        """All candidates of scene `index`, unranked; never empty."""
        role = self._plan.roles[index]
        settled = self._plan.settled.get(index)
        if settled:
            return [self._given(index, settled, "settled")]
        if role == "close":
            return self._closes(index)
        lines = self._kept(index)
        if role == "reveal":
            lines += self._reveals()
        else:
            lines += self._special(role) + self._spans(role) + self._attributes(role) + self._lists(index)
        lines += self._bank_lines(role, self._tone(index))
        most = self._plan.at_most.get(index, HEADLINE_MAX + SUPPORT_MAX)
        allowed = [line for line in lines if self._allowed(line) and len(words(line.text)) <= most]
        return allowed or [self._fallback(role)]

    def _tone(self, index: int) -> Tone:
        return self._plan.fixed_tones.get(index, self._plan.tone)

    def _kept(self, index: int) -> list[Line]:
        kept = self._plan.keep.get(index)
        return [self._given(index, kept, "kept")] if kept and kept.headline else []

    def _given(self, index: int, kept: Copy, origin: str) -> Line:
        """A line of the previous draft, or the user's own, with the stated facts it tells."""
        uses = frozenset(s.id for s in self._facts.spans if straight(s.text).lower() in straight(_all(kept)).lower())
        if self._facts.audience and self._about_audience(kept):
            uses |= {"audience"}
        return Line(kept.headline, kept.support, tuple(kept.items), f"kept {index}", origin, frozenset(), uses)

    def _about_audience(self, kept: Copy) -> bool:
        audience = straight(self._facts.audience or "").lower()
        lack = _LACK.search(audience)
        said = straight(_all(kept)).lower()
        return audience in said or bool(lack and lack["lack"] in said)

    def _closes(self, index: int) -> list[Line]:
        """The end card, or other words for it when the user wants another closing line."""
        usual = self.close()
        if index not in self._plan.fresh:
            return [usual]
        facts = [s for s in self._facts.spans if s.type in CLOSING and len(words(s.text)) <= HEADLINE_MAX]
        lines = [Line(self._span_line(s).headline, usual.headline, shape="close", origin="product") for s in facts]
        for line in self._bank_lines("fact", self._plan.tone):
            if line.shape not in ("imperative", "question", "beats") and not line.support:
                lines.append(Line(line.headline, usual.headline, shape="close", origin="product"))
        found = [line for line in [usual, *lines] if self._allowed(line)]
        return found[:1] or [usual]

    def close(self) -> Line:
        """The end card: what it is, under the brand; product words are exempt from repetition."""
        name, brand = self.product_name(), self._facts.brand
        quote = self._end_quote()
        if quote:
            return Line(sentence(quote.text), shape="close", origin="product", uses=frozenset({quote.id}))
        if name and brand and name in self._data.words("generic_cores"):
            lines = [line for line in self._bank_lines("support", self._plan.tone) if line.origin == "kind"]
            return Line(
                random.Random(self._plan.seed).choice(lines).headline if lines else "", origin="product", shape="close"
            )
        if name and brand:
            count = self._facts.product is not None and self._facts.product.number == "count"
            frame = "the" if count and self._definite() else None
            return Line(self._framed(frame, name), origin="product", shape="close")
        return Line(sentence(name or brand or ""), origin="product", shape="close")

    def _end_quote(self) -> Span | None:
        """The user's own closing line, kept for the end card."""
        return next((s for s in self._facts.of_type("quote") if len(words(s.text)) <= HEADLINE_MAX), None)

    def product_name(self) -> str | None:
        """What to print for the product; None at certainty 0."""
        if self._plan.product_name:
            return self._plan.product_name
        return self._facts.product.phrase if self._facts.product and self._plan.level >= 1 else None

    def _core(self) -> str | None:
        if self._plan.product_name:
            return self._plan.product_name
        return self._facts.product.core if self._facts.product and self._plan.level >= 1 else None

    def _framed(self, frame: str | None, text: str) -> str:
        return sentence(self._data.rules.frames[frame].format(text=text) if frame else text)

    def _definite(self) -> bool:
        """'The folding kayak' reads well; 'the rosin for hurdy-gurdies' and bare services don't."""
        product = self._facts.product
        if product is None or self._plan.product_name or product.number not in ("count", "plural"):
            return False
        group = self._data.kinds[product.kind].group if product.kind else "other"
        return group not in ("service", "cause", "careful") and " for " not in product.phrase

    def _reveals(self) -> list[Line]:
        name, core, brand = self.product_name(), self._core(), self._facts.brand
        if not name or not core:
            return [Line(sentence(brand), shape="name", origin="product")] if brand else []
        the = "the" if self._definite() else None
        label = the if self._facts.product and self._facts.product.number == "count" else None
        used = frozenset(span.id for span in self._facts.of_type("modifier") if span.text in name)
        if brand:
            generic = name in self._data.words("generic_cores")
            whole = None if generic else self._framed(label, name)
            meet = self._framed("meet", brand)
            return [
                Line(sentence(brand), whole, (), "name", "product", uses=used),
                Line(meet, whole, (), "imperative", "product", uses=used),
            ]
        lines = [Line(sentence(name), shape="label", origin="product", uses=used)]
        if the:
            meet = self._framed("meet", self._data.rules.frames["the"].format(text=core))
            if self._meetable(name):
                lines.append(Line(meet, shape="definite", origin="product"))
        if label:
            lines.append(Line(self._framed(label, name), shape="definite", origin="product", uses=used))
        return lines

    def _meetable(self, name: str) -> bool:
        """One meets a thing, not an event, a place or a phrase with a preposition in it."""
        kind = self._data.kinds.get(self._facts.kind or "neutral")
        glued = set(name.lower().split()) & self._data.words("prepositions")
        return not glued and kind is not None and kind.group not in ("event", "place", "media")

    def _special(self, role: str) -> list[Line]:
        """Lines about the audience: what they lack, or simply for whom."""
        audience, used = self._facts.audience, frozenset({"audience"})
        lines: list[Line] = []
        if not audience:
            return lines
        lack = _LACK.search(straight(audience))
        if lack and role in ("hook", "problem"):
            text = audience[lack.start("lack") : lack.end("lack")]
            frame = "lack_question" if self._plan.questions else "lack"
            answer = self._data.rules.frames["lack_answer"]
            lines.append(Line(self._framed(frame, text), answer, (), "lack", "span", uses=used))
        if role in ("audience", "fact", "hook") and len(words(audience)) <= HEADLINE_MAX - 1:
            lines.append(Line(self._framed("audience", audience), None, (), "prepositional", "span", uses=used))
        return lines

    def _spans(self, role: str) -> list[Line]:
        if role in ("problem", "hook") and self._facts.of_type("problem"):
            spans = [s for s in self._facts.spans if s.type == "problem"]
            return [
                self._span_line(s, self._data.rules.frames["problem_support"])
                for s in spans
                if len(words(s.text)) <= HEADLINE_MAX
            ]
        if role in ("problem", "agitate", "after"):
            return []
        kept_for_end = self._end_quote()
        return [
            self._span_line(s)
            for s in self._facts.spans
            if s is not kept_for_end
            and s.type not in ("problem", "glued")
            and len(words(s.text)) <= HEADLINE_MAX
            and not (role == "hook" and s.type == "price")
        ] + [line for s in self._facts.spans if s.type == "glued" for line in self._glued(s)]

    def _span_line(self, span: Span, support: str | None = None) -> Line:
        return Line(sentence(span.text), support, (), SPAN_SHAPES[span.type], "span", uses=frozenset({span.id}))

    def _glued(self, span: Span) -> list[Line]:
        """'for wet basements' may stand alone; 'of', 'in', 'on' only after the noun."""
        core = self._core()
        if straight(span.text).lower().startswith(("for ", "at ")) and len(words(span.text)) <= HEADLINE_MAX:
            return [self._span_line(span)]
        whole = f"{core} {span.text}" if core else ""
        if core and len(words(whole)) <= HEADLINE_MAX:
            return [Line(sentence(whole), None, (), "label", "product", uses=frozenset({span.id}))]
        return []

    def _lists(self, index: int) -> list[Line]:
        """Lists of three to five stated facts, as many as can be read in the scene's time."""
        short = [
            s
            for s in self._facts.spans
            if s.type in ("fragment", "modifier", "negative", "participle", "verb", "prep") and len(words(s.text)) <= 4
        ]
        if self._plan.roles[index] != "fact" or len(short) < 3:
            return []
        room = self._plan.durations[index] * self._data.rules.limits["words_per_second"]
        found = []
        for line in self._data.bank("neutral").role("list"):
            if line.tones and self._plan.tone not in line.tones:
                continue
            counts = accumulate((len(words(s.text)) for s in short[:5]), initial=len(words(line.headline)))
            picked = [s for s, count in zip(short[:5], list(counts)[1:], strict=True) if count <= room]
            items = tuple(capital(bare(s.text)) for s in picked)
            uses = frozenset(s.id for s in picked)
            if len(picked) >= 3:
                found.append(Line(line.headline, None, items, "list", "list", line.tones, uses))
        return found

    def _attributes(self, role: str) -> list[Line]:
        found = []
        product = self._facts.product
        phrase = product.phrase.lower().split() if product else []
        head = {word for name in (product.names if product else ()) for word in name.split()}
        texts = {word: "" for word in phrase[:-1] if word not in head}
        for span in self._facts.of_type("modifier", "fragment"):
            text = straight(span.text).lower()
            texts[text] = span.id if text in phrase else ""
        for row in self._data.attributes:
            for text in sorted(row.words & set(texts)):
                for raw in row.lines:
                    line = _attribute_line(raw, role, self._plan.tone, texts[text])
                    if line:
                        found.append(line)
        return found if self._plan.level >= 1 else []

    def _bank_lines(self, role: str, tone: Tone) -> list[Line]:
        found = []
        kind = self._facts.kind
        heads = self._head_names()
        for name in ([kind] if kind else []) + ["neutral"]:
            for line in self._data.bank(name).role(role):
                fits_tone = not line.tones or tone in line.tones
                fits_head = not line.heads or bool(line.heads & heads)
                if line.level <= max(1, self._plan.level) and fits_tone and fits_head:
                    filled = self._fill(line, "neutral" if name == "neutral" else "kind")
                    if filled:
                        found.append(filled)
        return found

    def _head_names(self) -> frozenset[str]:
        product = self._facts.product
        return product.names if product else frozenset()

    def _fill(self, line: BankLine, origin: str) -> Line | None:
        texts = [line.headline, line.support or "", *line.items]
        core, brand = self._core(), self._facts.brand
        joined = " ".join(texts)
        if (
            ("{product}" in joined and not (core and self._definite()))
            or ("{Product}" in joined and not core)
            or ("{brand}" in joined and not brand)
        ):
            return None
        fill = {"{product}": core or "", "{Product}": capital(core or ""), "{brand}": brand or ""}
        for slot, value in fill.items():
            texts = [text.replace(slot, value) for text in texts]
        return Line(
            texts[0], texts[1] or None, tuple(texts[2:]), line.shape, origin, line.tones, special=bool(line.heads)
        )

    def _allowed(self, line: Line, *, headline: bool = True) -> bool:
        """A stated fact that may not be a headline again may still stand under one."""
        plan = self._plan
        key = straight(bare(line.headline)).lower()
        if (key in plan.banned_lines and (headline or not line.uses)) or (
            key in plan.stale_lines and line.origin in WRITTEN
        ):
            return False
        if not plan.questions and "?" in line.text:
            return False
        if plan.simple and line.origin in WRITTEN and self._wordy(line):
            return False
        text = straight(line.text).lower()
        return not any(re.search(rf"(?<!\w){re.escape(word)}", text) for word in plan.banned)

    def _wordy(self, line: Line) -> bool:
        """A long word that is not the user's own."""
        said = straight(self._facts.prompt).lower()
        limit = self._data.rules.limits["simple_letters"]
        return any(len(word) > limit and straight(word).lower() not in said for word in words(line.text))

    def _fallback(self, role: str) -> Line:
        name = self.product_name() or self._facts.brand or ""
        return Line(sentence(name), origin="product", shape="label")

    def supports(self, index: int) -> list[Line]:
        """Second lines: unused spans first, then the audience, then the banks."""
        role, tone = self._plan.roles[index], self._tone(index)
        found = [
            self._span_line(s)
            for s in self._facts.spans
            if s.type not in ("problem", "glued") and len(words(s.text)) <= SUPPORT_MAX
        ]
        found += [
            self._span_line(s)
            for s in self._facts.spans
            if s.type == "glued" and s.text.lower().startswith(("for ", "at "))
        ]
        audience = self._facts.audience
        if audience and role in ("reveal", "fact", "audience", "close"):
            found.append(
                Line(
                    self._framed("audience", audience), None, (), "prepositional", "span", uses=frozenset({"audience"})
                )
            )
        found += [line for line in self._bank_lines("support", tone) if role != "close"]
        found += [line for line in self._attributes("support") if role != "close"]
        return [line for line in found if self._allowed(line, headline=False)]

    def tags(self) -> list[Line]:
        """Deadpan tags, for playful ads about things one may joke about."""
        kind = self._data.kinds.get(self._facts.kind or "neutral")
        if not self._plan.humour or self._plan.tone != "playful" or (kind and not kind.humour):
            return []
        return [line for line in self._bank_lines("tag", "playful") if self._allowed(line)]


def _all(copy: Copy) -> str:
    return " ".join((copy.headline, copy.support or "", *copy.items))


def _attribute_line(raw: str, role: str, tone: Tone, span_id: str) -> Line | None:
    parts = [part.strip() for part in raw.split("|")]
    shape, wanted, tones = parts[0].split()
    if wanted != role or (tones != "any" and tone not in tones.split(",")):
        return None
    used = frozenset({span_id} if span_id else ())
    return Line(parts[1], parts[2] if len(parts) > 2 else None, (), SHAPES[shape], "attribute", frozenset(), used)
