"""Reads a brief: takes out length, ratio, framework, call to action, brand, labels, constraints; then the rest.

Every step masks what it used, so that nothing is read twice. Called by adapter.py, writer.py and the critics.
Tests: tests/test_providers/test_local_text/test_reader.py
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import get_args

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts, Span, SpanType
from app.providers.local_text.language import guess_language
from app.providers.local_text.masked import Masked
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.segments import MAX_SPAN_WORDS, SegmentReader
from app.providers.local_text.words import straight, words
from app.schemas.providers import BriefInput
from app.schemas.story import Framework, Tone
from app.schemas.unified_pipeline import AspectRatio

SHORT_FRAGMENT = 6


@dataclass
class Draft:
    """The facts while they are being gathered."""

    text: Masked
    values: dict[str, object] = field(default_factory=dict)
    constraints: set[str] = field(default_factory=set)
    tones: list[str] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    long: list[str] = field(default_factory=list)

    def add(self, type_: SpanType, text: str) -> None:
        """Keep a verbatim span; its id is its place in the brief."""
        if text and all(span.text != text for span in self.spans):
            self.spans.append(Span(f"{type_}{len(self.spans)}", type_, text))


class BriefReader:
    """Turns a `BriefInput` into `Facts`."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        self._nouns = Nouns(data)
        self._segments = SegmentReader(data, self._nouns)

    def read(self, brief: BriefInput) -> Facts:
        """Read everything the brief states; flags win over the text."""
        draft = Draft(Masked(brief.prompt))
        self._shape(draft)
        self._production(draft)
        self._calls(draft)
        self._labels(draft)
        self._names(draft)
        self._constraints(draft)
        self._offers(draft)
        self._segments.read(draft)
        tone = self.tone_of(draft.tones)
        flags = {k: v for k, v in (("brand", brief.brand), ("cta", brief.cta), ("url", brief.url)) if v}
        values = draft.values | flags
        if brief.framework:
            values["framework"] = brief.framework
        return Facts(
            prompt=brief.prompt,
            tone=tone or "neutral",
            tone_said=tone is not None,
            deadpan=any(word in ("dry", "deadpan", "wry") for word in draft.tones),
            language=guess_language(brief.prompt, self._data, self._nouns),
            constraints=frozenset(draft.constraints),
            spans=tuple(draft.spans),
            left_out=tuple(draft.long),
            **values,  # type: ignore[arg-type]
        )

    def tone_of(self, said: list[str]) -> Tone | None:
        """The tone that most of the said words belong to; the first one wins a tie."""
        votes: dict[Tone, int] = {}
        for word in said:
            for tone in get_args(Tone):
                if word in self._data.lexicon.tones.get(tone, frozenset()):
                    votes[tone] = votes.get(tone, 0) + 1
        return sorted(votes, key=lambda tone: -votes[tone])[0] if votes else None

    def _first(self, draft: Draft, sources: list[str], *, cut: bool = True) -> re.Match[str] | None:
        for source in sources:
            match = draft.text.take(self._data.pattern(source), cut=cut)
            if match:
                return match
        return None

    def _shape(self, draft: Draft) -> None:
        grammar = self._data.grammar
        address = self._first(draft, [p.replace("{TLD}", grammar.url.tlds) for p in grammar.url.patterns])
        if address:
            draft.values["url"] = draft.text.original(*address.span("url"))
        match = self._first(draft, grammar.duration.adjective, cut=False) or self._first(
            draft, grammar.duration.standing
        )
        if match:
            draft.values["duration_s"] = self._seconds(match)
        for ratio, sources in grammar.aspect.items():
            while ratio in get_args(AspectRatio) and self._first(draft, sources, cut=False):
                draft.values.setdefault("aspect_ratio", ratio)
        for name, source in grammar.frameworks.items():
            if name in get_args(Framework) and draft.text.take(self._data.pattern(source), cut=False):
                draft.values.setdefault("framework", name)

    def _seconds(self, match: re.Match[str]) -> float:
        said = match.group("n").lower()
        number = self._data.grammar.numbers.get(said) or float(said)
        unit = (match.groupdict().get("u") or "s").lower()
        return number * 60 if unit.startswith("m") else number

    def _production(self, draft: Draft) -> None:
        """Production money is no price of the product."""
        for source in self._data.grammar.production:
            while draft.text.take(self._data.pattern(source)):
                pass

    def _calls(self, draft: Draft) -> None:
        grammar = self._data.grammar
        cta = self._first(draft, grammar.cta)
        if cta:
            draft.values["cta"] = draft.text.original(*cta.span("cta")).strip()

    def _names(self, draft: Draft) -> None:
        grammar = self._data.grammar
        match = self._first(draft, grammar.brand)
        if match:
            draft.values["brand"] = draft.text.original(*match.span("brand")).strip(" .,'\"")
        self._quotes(draft)
        if match:
            return
        camel = self._data.pattern(grammar.camel).search(draft.text.norm)
        if camel and camel.group("brand").lower() not in self._data.words("platforms"):
            draft.values["brand"] = draft.text.original(*camel.span("brand"))

    def _quotes(self, draft: Draft) -> None:
        """Quoted words are lines for the screen, unless they are the name."""
        for source in self._data.grammar.quote:
            while match := draft.text.take(self._data.pattern(source), cut=False):
                draft.add("quote", draft.text.original(*match.span("quote")).strip(" ,."))

    def _labels(self, draft: Draft) -> None:
        labels = self._data.grammar.labels
        for name, source in labels.items():
            match = draft.text.take(self._data.pattern(source))
            if not match:
                continue
            value = draft.text.original(*match.span("value")).strip()
            if name == "tone":
                self._say_tone(draft, value)
            elif name == "audience":
                draft.values["audience"] = value
                draft.values["audience_kind"] = "label"
            elif name in ("problem", "offer"):
                draft.add("problem" if name == "problem" else "offer", value)
            elif name == "product":
                draft.values["product_label"] = value
        target = draft.text.take(self._data.pattern(self._data.grammar.targeting))
        if target:
            draft.values.setdefault("audience", draft.text.original(*target.span("value")).strip())

    def _constraints(self, draft: Draft) -> None:
        for source in self._data.grammar.constraints:
            while match := draft.text.take(self._data.pattern(source)):
                draft.constraints.add(match.group("value").lower())
        for source in self._data.grammar.should_be:
            pattern = self._data.pattern(source)
            match = pattern.search(draft.text.norm)
            if match and self._say_tone(draft, match.group("value")):
                draft.text.mask(match.start(), match.end())

    def _say_tone(self, draft: Draft, value: str) -> bool:
        legal = {word for group in self._data.lexicon.tones.values() for word in group}
        said = [word for word in re.findall(r"[\w-]+", straight(value).lower()) if word in legal]
        draft.tones += said
        return bool(said)

    def _offers(self, draft: Draft) -> None:
        grammar = self._data.grammar
        draft.text.take(self._data.pattern(grammar.list_labels))
        while draft.text.take(self._data.pattern(grammar.platform)):
            pass
        series = draft.text.take(self._data.pattern(grammar.series))
        if series and len(words(series.group())) <= MAX_SPAN_WORDS:
            draft.add("prep", draft.text.original(*series.span()))
        self._whole_offers(draft)
        for type_, sources in (("date", [*grammar.date]), ("price", grammar.price)):
            for source in sources:
                pattern = self._data.pattern(source)
                while match := pattern.search(draft.text.norm):
                    start, end = self._around(draft, *match.span())
                    draft.add(type_, draft.text.original(start, end).strip(" ,"))  # type: ignore[arg-type]
                    draft.text.mask(start, end)

    def _around(self, draft: Draft, start: int, end: int) -> tuple[int, int]:
        """A date or price takes its whole short fragment along, but not the product's sentence."""
        for number, (left, right) in enumerate(draft.text.segments()):
            if left <= start < right and number and len(words(draft.text.norm[left:right])) <= SHORT_FRAGMENT:
                return min(left, start), max(right, end)
        return start, end

    def _whole_offers(self, draft: Draft) -> None:
        """An offer keeps its qualifier: the whole rest of its segment from the offer on, when short."""
        for source in self._data.grammar.offer:
            pattern = self._data.pattern(source)
            while match := pattern.search(draft.text.norm):
                start, end = match.span()
                start, end = self._around(draft, start, end)
                right = next((b for a, b in draft.text.segments() if a <= start < b), end)
                if len(words(draft.text.norm[start:right])) <= 9:
                    end = max(end, right)
                draft.add("offer", draft.text.original(start, end).strip())
                draft.text.mask(start, end)
