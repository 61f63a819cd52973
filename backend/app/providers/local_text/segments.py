"""Reads what is left of a brief, segment by segment: the product, then its tail and the loose fragments.

Called by reader.py. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Product, SpanType
from app.providers.local_text.nouns import Nouns
from app.providers.local_text.product import TOKEN, Cut, ProductFinder
from app.providers.local_text.words import bare, straight, words

if TYPE_CHECKING:
    from app.providers.local_text.reader import Draft

MAX_SPAN_WORDS = 9
_NAME = re.compile(r"[A-Z0-9][\w&'’.+-]*(?: (?:& )?[A-Z0-9][\w&'’.+-]*){0,2}")
_ARTICLE = re.compile(r"\s*(?:a|an|the|our)\s+\w", re.IGNORECASE)
_LEAD = re.compile(r"(?:and|also|plus|but|it's|they're|it is|they are|it|mainly|mostly|especially|ideally)\s+", re.I)
_WITHOUT = re.compile(r"\b(?:without|with no)\s+(?:a|an|any|the)?\s*(?P<lack>[\w' -]+)$", re.IGNORECASE)
_RELATIVES = frozenset({"that", "which", "who", "that's", "which's", "who's"})
_SPLIT = re.compile(r"\s+(?=(?:who|that|which|because|so|and|but|while|where)\s)", re.IGNORECASE)
_FOR = re.compile(r"\s(?=for\s)", re.IGNORECASE)


class SegmentReader:
    """Fills a draft with product, audience and verbatim spans."""

    def __init__(self, data: CopyData, nouns: Nouns) -> None:
        self._data = data
        self._nouns = nouns
        self._finder = ProductFinder(data, nouns)

    def read(self, draft: Draft) -> None:
        """Find the product in the first segment that passes the gate; sort everything else into spans."""
        label = draft.values.pop("product_label", None)
        rest: list[tuple[int, int]] = []
        if isinstance(label, str):
            self._product(draft, label)
        segments = list(draft.text.segments())
        for index, (start, end) in enumerate(segments):
            asked = False
            if "product" not in draft.values:
                start, end, asked = self._strip_request(draft, start, end)
            if start >= end:
                continue
            following = segments[index + 1] if index + 1 < len(segments) else None
            if "product" not in draft.values:
                start = self._name_in_front(draft, start, end, following, asked=asked)
                sure = asked or index == 0 or "brand" in draft.values
                if start < end and self._product(draft, draft.text.original(start, end), sure=sure):
                    continue
            if start < end and not (asked and "product" not in draft.values):
                rest.append((start, end))
        for start, end in rest:
            self._loose(draft, draft.text.original(start, end))

    def _strip_request(self, draft: Draft, start: int, end: int) -> tuple[int, int, bool]:
        asked, going = False, True
        while going:
            going = False
            for source in self._data.grammar.request:
                match = self._data.pattern(source).match(draft.text.norm[start:end])
                if match and match.end() > 0:
                    self._tones(draft, match.groupdict().get("mods") or "")
                    start, asked, going = start + match.end(), True, True
                    start += len(draft.text.norm[start:end]) - len(draft.text.norm[start:end].lstrip())
        for source in self._data.grammar.tail:
            match = self._data.pattern(source).search(draft.text.norm[start:end])
            if match and not self._nouns.head(draft.text.norm[start:end].split()):
                end, asked = start + match.start(), True
        return start, end, asked

    def _tones(self, draft: Draft, text: str) -> bool:
        legal = {word for group in self._data.lexicon.tones.values() for word in group}
        said = [word for word in re.findall(r"[\w-]+", text.lower()) if word in legal]
        draft.tones += said
        return bool(said)

    def _name_in_front(
        self, draft: Draft, start: int, end: int, following: tuple[int, int] | None, *, asked: bool
    ) -> int:
        """'Lumen, an app', 'Tarn is a kayak', "Ridgeline's jacket": the name is the brand; returns where to go on."""
        text = draft.text.norm[start:end]
        name = _NAME.fullmatch(text)
        fresh = asked or start > 0 or (bool(name) and self._nouns.head([text]) is None)
        if name and following and fresh and _ARTICLE.match(draft.text.norm[slice(*following)]):
            draft.values.setdefault("brand", draft.text.original(start, end))
            return end
        if name and following and fresh and self._titles(draft, end, following):
            draft.values.setdefault("brand", draft.text.original(start, end))
            return end
        for source in (self._data.grammar.appositive, self._data.grammar.maker):
            match = self._data.pattern(source).match(text)
            if match and self._is_name(match.group("brand"), start, asked=asked):
                draft.values.setdefault("brand", draft.text.original(start, start + match.end("brand")))
                return start + match.end()
        return self._leading_name(draft, start, text, asked=asked)

    def _titles(self, draft: Draft, end: int, following: tuple[int, int]) -> bool:
        """'Bright Smile: dental clinic, open Saturdays': a title before a colon is the name of what follows."""
        title = draft.text.norm[: draft.text.norm.find(":", end)].rstrip(": ")[-60:]
        said = straight(title).lower().split()
        barred = self._data.words("formats") | self._data.words("platforms") | self._data.words("strong_formats")
        if not draft.text.norm[end:].lstrip().startswith(":") or set(said[-3:]) & barred or len(said) > 3:
            return False
        if len(said) == 1 and self._nouns.known(said[0]):
            return False
        phrase = self._finder.cut(draft.text.norm[slice(*following)]).phrase
        return phrase[:1].islower() and self._finder.gate(phrase)

    def _leading_name(self, draft: Draft, start: int, text: str, *, asked: bool) -> int:
        """'ad for Acme toothbrushes': a leading unknown capitalised word before a known noun is the brand."""
        tokens = [t.group() for t in TOKEN.finditer(text)]
        if len(tokens) < 2 or "brand" in draft.values or not (asked or start > 0):
            return start
        name, after = tokens[0], tokens[1]
        lowered = straight(name).lower()
        barred = self._data.words("nationalities") | self._data.words("platforms")
        unknown = name[:1].isupper() and not self._nouns.known(lowered)
        if unknown and after.islower() and lowered not in barred:
            cut = self._finder.cut(text)
            if self._nouns.is_noun(cut.phrase.split()[-1] if cut.phrase else "") and len(cut.phrase.split()) > 1:
                draft.values["brand"] = draft.text.original(start, start + len(name))
                return start + len(text) - len(text[len(name) :].lstrip())
        return start

    def _is_name(self, word: str, start: int, *, asked: bool) -> bool:
        lowered = straight(word).lower()
        if lowered in self._data.words("platforms") or lowered in self._data.words("pronouns"):
            return False
        if self._nouns.is_person(lowered):
            return False
        return asked or start > 0 or self._nouns.head([lowered]) is None

    def _product(self, draft: Draft, text: str, *, sure: bool = True) -> bool:
        brand = draft.values.get("brand")
        if isinstance(brand, str) and text.startswith(brand + " "):
            text = text[len(brand) + 1 :]
        cut = self._finder.cut(text)
        cut = self._split_name(draft, cut)
        cut = Cut(self._finder.without_light_head(cut.phrase), cut.tail_at)
        if not self._finder.gate(cut.phrase) or cut.phrase == brand:
            return False
        if not sure and self._finder.describe(cut.phrase).certainty < 3:
            return False
        modifiers = [word for word in cut.phrase.split()[:-1] if self._is_modifier(word)]
        core = " ".join(word for word in cut.phrase.split() if word not in modifiers)
        product = self._finder.describe(cut.phrase, core if self._finder.gate(core) else cut.phrase)
        draft.values["product"] = product
        for word in modifiers:
            draft.add("modifier", word)
        if cut.tail_at < len(text):
            self._tail(draft, text[cut.tail_at :].strip())
        return True

    def _split_name(self, draft: Draft, cut: Cut) -> Cut:
        """'wedding photographer Lena': a capitalised word after a known head is the name."""
        tokens = cut.phrase.split()
        if len(tokens) < 2 or "brand" in draft.values or not tokens[-1][:1].isupper() or tokens[-2][:1].isupper():
            return cut
        if self._nouns.head(tokens[:-1]) is None or self._nouns.head(tokens) is not None:
            return cut
        draft.values["brand"] = tokens[-1]
        return Cut(" ".join(tokens[:-1]), cut.tail_at)

    def _is_modifier(self, word: str) -> bool:
        key = straight(word).lower()
        endings = tuple("-" + ending for ending in self._data.words("modifier_endings"))
        if "-" in key:
            return not key.replace("-", "").isdigit()
        return key.endswith(("proof", *endings)) or (
            key.endswith("ed") and len(key) > 4 and not self._nouns.head([key])
        )

    def _tail(self, draft: Draft, text: str) -> None:
        """Cut '… for people …' off a tail, then sort both parts."""
        for match in _FOR.finditer(text):
            if self._person_after(text[match.end() :]):
                self._loose(draft, text[match.end() :])
                text = text[: match.start()]
                break
        self._loose(draft, text, after_product=True)

    def _person_after(self, text: str) -> bool:
        """True when the head of '[for] <noun phrase>' is a person, whatever follows it."""
        phrase = re.sub(r"^for\s+", "", straight(text), flags=re.IGNORECASE)
        cut = self._finder.cut(phrase)
        return bool(cut.phrase) and self._nouns.is_person(cut.phrase.split()[-1])

    def _loose(self, draft: Draft, text: str, *, after_product: bool = False) -> None:
        text = text.strip(" ,")
        lead = _LEAD.match(straight(text))
        if lead and len(words(text)) > len(words(lead.group())):
            text = text[lead.end() :]
        shape = self._data.words("formats") | self._data.words("platforms") | self._data.words("tone_fillers")
        if (
            not text
            or set(straight(text).lower().split()) <= shape
            or self._only_tone(draft, text, after_product=after_product)
        ):
            return
        key = straight(text).lower()
        first = key.split()[0]
        if first == "for" and self._person_after(key):
            self._audience(draft, text[4:].strip())
            return
        type_ = self._type_of(first, key, draft, text)
        text = self._stripped(text, key, type_)
        if type_ is not None and text and len(words(text)) > MAX_SPAN_WORDS:
            self._too_long(draft, text, after_product=after_product)
            return
        if type_ is None or not text or not self._printable(text):
            return
        room = {"glued": 5, "venue": 4}.get(type_, 0)
        near = after_product or first in ("about", "of")
        if near and room and self._glue(draft, text, room):
            return
        draft.add(type_, bare(text))

    def _too_long(self, draft: Draft, text: str, *, after_product: bool) -> None:
        """Keep the first clause of a long fragment when it can stand alone; the rest is told as left out."""
        parts = _SPLIT.split(text)
        if len(parts) > 1 and 2 < len(words(parts[0])) <= MAX_SPAN_WORDS:
            self._loose(draft, parts[0], after_product=after_product)
            draft.long.append(bare(text[len(parts[0]) :]))
            return
        draft.long.append(bare(text))

    def _only_tone(self, draft: Draft, text: str, *, after_product: bool) -> bool:
        legal = {word for group in self._data.lexicon.tones.values() for word in group}
        said = re.findall(r"[\w-]+", straight(text).lower())
        filler = self._data.words("tone_fillers")
        attribute = self._data.words("tone_or_attribute") >= set(said)
        if after_product or not said or attribute or not set(said) <= legal | filler or not set(said) & legal:
            return False
        draft.tones += [word for word in said if word in legal]
        return True

    def _audience(self, draft: Draft, text: str) -> None:
        if len(words(text)) > MAX_SPAN_WORDS:
            draft.long.append(bare(text))
            return
        product = draft.values.get("product")
        generic = isinstance(product, Product) and product.phrase in self._data.words("generic_cores")
        if generic and "brand" not in draft.values and self._glue(draft, f"for {text}"):
            return
        draft.values.setdefault("audience", bare(text))
        if _WITHOUT.search(straight(text)):
            draft.values["audience_kind"] = "without"

    def _type_of(self, first: str, key: str, draft: Draft, text: str) -> SpanType | None:
        listed = self._data.words
        if first in listed("negators") or first.endswith("n't"):
            return "negative"
        if "free" in key.split() and not key.startswith("free-"):
            return "offer"
        if first in _RELATIVES or (first in listed("finite_verbs") and first not in listed("copulas")):
            return self._relative(key, draft)
        if first in listed("copulas") and len(key.split()) > 1:
            return "verb"
        if first in listed("standing_prepositions"):
            return "prep"
        if first in listed("prepositions"):
            return self._placed(first, draft, text)
        if first in listed("participles") or first in listed("standing_participles"):
            return "participle"
        return self._clause(first, key)

    def _relative(self, key: str, draft: Draft) -> SpanType | None:
        tokens = key.split()
        if tokens[0].endswith("'s"):
            return "verb"
        second = tokens[1] if tokens[0] in _RELATIVES and len(tokens) > 1 else tokens[0]
        if len(tokens) == 1:
            return None
        if second in self._data.words("pronouns") | self._data.words("determiners"):
            return "glued"
        plural = getattr(draft.values.get("product"), "number", "") == "plural"
        verb = (
            (plural and self._nouns.known(second) and second not in self._data.words("people"))
            or second in self._data.words("finite_verbs")
            or second.endswith("s")
            or second in self._data.words("copulas")
        )
        return "verb" if verb else "glued"

    def _placed(self, first: str, draft: Draft, text: str) -> SpanType | None:
        """A stated venue ('at the town hall', 'in Leeds') stands alone; 'in barns' stays with its noun."""
        second = [*text.split(), ""][1]
        named = second[:1].isupper() or second.lower() in self._data.words("determiners") or second[:1].isdigit()
        product = draft.values.get("product")
        if first == "to":
            return None
        here = isinstance(product, Product) and product.kind in ("event", "place")
        return "venue" if here and first in ("at", "in", "on", "near") and named else "glued"

    def _clause(self, first: str, key: str) -> SpanType | None:
        listed = self._data.words
        said = set(re.findall(r"[\w'-]+", key))
        if said & listed("shape_words") or said <= listed("stop_words"):
            return None
        if first in ("we", "i", "you", "they", "our", "my") or self._nouns.code(first) == "+":
            return "clause"
        if len(key.split()) == 1 and (self._is_modifier(key) or self._nouns.code(key) == "-"):
            return "modifier"
        if any(word in listed("copulas") for word in key.split()):
            return "clause"
        return "fragment"

    def _stripped(self, text: str, key: str, type_: SpanType | None) -> str:
        """Drop the relative pronoun and the copula of a verb span; nothing else is touched."""
        if type_ != "verb":
            return text
        tokens = list(TOKEN.finditer(text))
        drop = 1 if key.split()[0] in _RELATIVES else 0
        if len(tokens) > drop and straight(tokens[drop].group()).lower() in self._data.words("copulas"):
            drop += 1
        return text[tokens[drop].start() :] if drop < len(tokens) else ""

    def _printable(self, text: str) -> bool:
        return len(words(text)) <= MAX_SPAN_WORDS and "\x1f" not in text and "<" not in text and "{" not in text

    def _glue(self, draft: Draft, text: str, room: int = 5) -> bool:
        """'Rosin' + 'for hurdy-gurdies': one product phrase, when short enough to be a headline."""
        product = draft.values["product"]
        if not isinstance(product, Product) or len(words(f"{product.phrase} {text}")) > room:
            return False
        whole = f"{product.phrase} {bare(text)}"
        draft.values["product"] = replace(product, phrase=whole)
        return True
