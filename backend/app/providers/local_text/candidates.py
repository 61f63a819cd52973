"""Lines that could stand in a scene: the user's words first, then attribute lines, then the kind's and neutral banks.

Called by search.py. Tests: tests/test_providers/test_local_text/test_candidates.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.providers.local_text.bank import SHAPES, BankLine
from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts, Span
from app.providers.local_text.plan import Plan
from app.providers.local_text.words import bare, capital, sentence, straight, words
from app.schemas.story import Tone

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
    origin: str = "bank"  # span, product, attribute, kind, neutral, kept, fixed, list
    tones: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()

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
        fixed = self._plan.fixed.get(index)
        if fixed:
            return [Line(sentence(fixed), shape="fixed", origin="fixed", uses=frozenset({"fixed"}))]
        if role == "close":
            return [self.close()]
        lines = self._kept(index)
        if role == "reveal":
            lines += self._reveals()
        else:
            lines += self._special(role) + self._spans(role) + self._attributes(role) + self._lists(role)
        lines += self._bank_lines(role, self._tone(index))
        allowed = [line for line in lines if self._allowed(line)]
        return allowed or [self._fallback(role)]

    def _tone(self, index: int) -> Tone:
        return self._plan.fixed_tones.get(index, self._plan.tone)

    def _kept(self, index: int) -> list[Line]:
        kept = self._plan.keep.get(index)
        if not kept or not kept.headline:
            return []
        uses = frozenset(s.id for s in self._facts.spans if straight(s.text).lower() in straight(_all(kept)).lower())
        shape = "question" if kept.headline.endswith("?") else "kept"
        return [Line(kept.headline, kept.support, tuple(kept.items), shape, "kept", frozenset(), uses)]

    def close(self) -> Line:
        """The end card: what it is, under the brand; product words are exempt from repetition."""
        name = self.product_name()
        if name and self._facts.brand:
            return Line(sentence(f"the {name}" if self._definite() else name), origin="product", shape="close")
        return Line(sentence(name or self._facts.brand or ""), origin="product", shape="close")

    def product_name(self) -> str | None:
        """What to print for the product; None at certainty 0."""
        if self._plan.product_name:
            return self._plan.product_name
        return self._facts.product.phrase if self._facts.product and self._plan.level >= 1 else None

    def _core(self) -> str | None:
        if self._plan.product_name:
            return self._plan.product_name
        return self._facts.product.core if self._facts.product and self._plan.level >= 1 else None

    def _definite(self) -> bool:
        """'The folding kayak' reads well; 'the rosin for hurdy-gurdies' and bare services don't."""
        product = self._facts.product
        if product is None or self._plan.product_name:
            return False
        group = self._data.kinds[product.kind].group if product.kind else "other"
        return (
            product.number in ("count", "plural")
            and group not in ("service", "cause", "careful")
            and " for " not in product.phrase
        )

    def _reveals(self) -> list[Line]:
        name, core, brand = self.product_name(), self._core(), self._facts.brand
        if not name or not core:
            return [Line(sentence(brand), shape="name", origin="product")] if brand else []
        the = f"the {core}" if self._definite() else core
        if brand:
            return [
                Line(sentence(brand), sentence(f"the {name}" if self._definite() else name), (), "name", "product"),
                Line(sentence(f"meet {brand}"), sentence(the), (), "imperative", "product"),
            ]
        lines = [Line(sentence(name), shape="label", origin="product")]
        if self._definite():
            lines.append(Line(sentence(f"meet {the}"), shape="definite", origin="product"))
            lines.append(Line(sentence(the), shape="definite", origin="product"))
        return lines

    def _special(self, role: str) -> list[Line]:
        lines = []
        audience = self._facts.audience
        if audience and role in ("hook", "problem"):
            lack = _LACK.search(straight(audience))
            if lack and self._plan.questions:
                text = audience[lack.start("lack") : lack.end("lack")]
                lines.append(
                    Line(sentence(f"no {text}?"), "No matter.", (), "question", "span", uses=frozenset({"audience"}))
                )
            elif lack:
                text = audience[lack.start("lack") : lack.end("lack")]
                lines.append(
                    Line(sentence(f"no {text}"), "No matter.", (), "label", "span", uses=frozenset({"audience"}))
                )
        if audience and role in ("audience", "fact", "hook") and len(words(audience)) <= HEADLINE_MAX - 1:
            lines.append(
                Line(sentence(f"for {audience}"), None, (), "prepositional", "span", uses=frozenset({"audience"}))
            )
        return lines

    def _spans(self, role: str) -> list[Line]:
        if role == "problem":
            spans = [s for s in self._facts.spans if s.type == "problem"]
            return [self._span_line(s, "Again.") for s in spans if len(words(s.text)) <= HEADLINE_MAX]
        if role in ("agitate", "after"):
            return []
        return [
            self._span_line(s)
            for s in self._facts.spans
            if s.type not in ("problem", "glued")
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

    def _lists(self, role: str) -> list[Line]:
        short = [
            s
            for s in self._facts.spans
            if s.type in ("fragment", "modifier", "negative", "participle", "verb", "prep") and len(words(s.text)) <= 4
        ]
        if role != "fact" or len(short) < 3:
            return []
        picked = short[:5]
        items = tuple(capital(bare(s.text)) for s in picked)
        return [
            Line(line.headline, None, items, "list", "list", line.tones, frozenset(s.id for s in picked))
            for line in self._data.bank("neutral").role("list")
        ]

    def _attributes(self, role: str) -> list[Line]:
        found = []
        stated = [s for s in self._facts.spans if s.type in ("modifier", "fragment")]
        product = self._facts.product
        texts = {straight(s.text).lower(): s.id for s in stated}
        if product:
            texts |= {w.lower(): "" for w in product.phrase.split()[:-1] if w.lower() not in texts}
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
                if line.level <= self._plan.level and fits_tone and fits_head:
                    filled = self._fill(line, "neutral" if name == "neutral" else "kind")
                    if filled:
                        found.append(filled)
        return found

    def _head_names(self) -> frozenset[str]:
        product = self._facts.product
        return frozenset({product.head}) if product else frozenset()

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
        return Line(texts[0], texts[1] or None, tuple(texts[2:]), line.shape, origin, line.tones)

    def _allowed(self, line: Line) -> bool:
        plan = self._plan
        if straight(bare(line.headline)).lower() in plan.banned_lines:
            return False
        if not plan.questions and "?" in line.text:
            return False
        text = straight(line.text).lower()
        return not any(re.search(rf"(?<!\w){re.escape(word)}", text) for word in plan.banned)

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
                Line(sentence(f"for {audience}"), None, (), "prepositional", "span", uses=frozenset({"audience"}))
            )
        found += [line for line in self._bank_lines("support", tone) if role != "close"]
        found += [line for line in self._attributes("support") if role != "close"]
        return [line for line in found if self._allowed(line)]

    def tags(self) -> list[Line]:
        """Deadpan tags, for playful ads about things one may joke about."""
        kind = self._data.kinds.get(self._facts.kind or "neutral")
        if not self._plan.humour or self._plan.tone != "playful" or (kind and not kind.humour):
            return []
        return [line for line in self._bank_lines("tag", "playful") if self._allowed(line)]


def _all(copy: object) -> str:
    return " ".join(
        str(value)
        for value in (getattr(copy, "headline", ""), getattr(copy, "support", "") or "", *getattr(copy, "items", []))
    )


def _attribute_line(raw: str, role: str, tone: Tone, span_id: str) -> Line | None:
    parts = [part.strip() for part in raw.split("|")]
    shape, wanted, tones = parts[0].split()
    if wanted != role or (tones != "any" and tone not in tones.split(",")):
        return None
    used = frozenset({span_id} if span_id else ())
    return Line(parts[1], parts[2] if len(parts) > 2 else None, (), SHAPES[shape], "attribute", frozenset(), used)
