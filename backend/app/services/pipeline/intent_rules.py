"""The rules of intent parsing: phrases that cover a message whole, then patterns that mark feedback (AC-5.9).

Called by conversation_handler.py; the words are in config/copy/intents.yaml. What the rules can't place stays open.
Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.ports.intent import Intent
from app.services.pipeline.intent_data import IntentData, Reason
from app.services.pipeline.phrases import PhraseBook, Speller, Words, words_of
from app.services.pipeline.scene_mentions import Mention, SceneMentions

_TALK = ("approve", "praise", "mild", "no_change", "dislike", "hold", "social", "edit", "filler", "ask")
_TALK_REASONS: tuple[tuple[str, Reason], ...] = (
    ("hold", "hold"),
    ("dislike", "dislike"),
    ("edit", "default"),
    ("no_change", "praise"),
    ("approve", "doubt"),
    ("mild", "doubt"),
    ("praise", "praise"),
    ("social", "default"),
    ("ask", "default"),
    ("filler", "default"),
)
_SENTENCE_END = re.compile(r"(?<=[.!?;])\s+")
_MAX_PATTERN_CHARS = 2000
_CANCEL_WORDS, _REGENERATE_WORDS = 3, 2
"""How long a clause of an otherwise different message must be to count as an order of its own."""


@dataclass(frozen=True)
class Verdict:
    """What the rules say.

    Attributes:
        intent: Null when they can't place the message.
        reason: Which question to ask when it stays unclear.
        scene: The scene it speaks of, 1-based.
        firm: False for feedback that is one only by its length.
    """

    intent: Intent | None
    reason: Reason = "default"
    scene: int | None = None
    firm: bool = True


class IntentRules:
    """Reads messages by rule."""

    def __init__(self, data: IntentData) -> None:
        self._data = data
        self._book = PhraseBook(data.phrases)
        self._speller = Speller(data.short_forms, data.smileys, self._book.vocabulary)
        self._scenes = SceneMentions(data.scenes, data.comparatives)
        self._veto = _any_of(data.veto)
        self._injection = _any_of(data.injection)
        self._question = _any_of([f"^(?:{part})" for part in data.questions])
        self._request = _any_of([f"^(?:{part})" for part in data.requests])
        self._wish = _any_of([_filled(part, data) for part in data.signals])
        self._signal = _any_of([_filled(part, data) for part in [*data.signals, *data.complaints]])
        self._clause_end = re.compile(data.clause_ends)
        self._vague_scene = re.compile(data.vague_scene)
        self._aside = _any_of(data.asides)
        self._approving_start = re.compile(data.approving_start)
        self._quoted = re.compile(data.quoted)
        self._trailing_doubt = re.compile(data.trailing_doubt)
        self._new_ad = _any_of(data.new_ad)

    def read(self, message: str, stage: str, scene_count: int | None) -> Verdict:
        """Return what the rules make of `message` at the gate of `stage`."""
        said = self._speller.words(message)
        if not said.words:
            return Verdict("unclear")
        if self._approves(said):
            return Verdict("approve")
        text = said.text[:_MAX_PATTERN_CHARS]
        if self._injection.search(text) or self._quotes_approval(text):
            return Verdict("unclear", "doubt")
        mention = self._scenes.find(text, stage, scene_count)
        if _spoken_of(mention, text):
            return self._about_scenes(mention, text, stage)
        return self._by_phrase(said, text) or self._by_clause(text) or self._by_pattern(said.words, text, stage)

    def vetoes(self, message: str) -> bool:
        """Say whether a question, negation, contrast, condition or quotation rules an approval out."""
        return bool(self._veto.search(self._speller.words(message).text))

    def scenes_of(self, message: str, scene_count: int | None) -> tuple[bool, int | None]:
        """Say whether a message speaks of one scene or several (be it only "that scene"), and of which one."""
        text = self._speller.words(message).text[:_MAX_PATTERN_CHARS]
        mention = self._scenes.find(text, "scenes", scene_count)
        return _spoken_of(mention, text) or bool(self._vague_scene.search(text)), mention.scene

    def begins_an_ad(self, message: str) -> bool:
        """Say whether a message reads like the brief of another ad."""
        return bool(self._new_ad.search(self._speller.words(message).text[:_MAX_PATTERN_CHARS].rstrip(" .!")))

    def _approves(self, said: Words) -> bool:
        if len(said.words) > self._data.max_words or said.marks - set(self._data.punctuation):
            return False
        if self._veto.search(said.text) or self._trailing_doubt.search(said.text):
            return False
        if any(one == two and not self._book.holds((one, two), "approve") for one, two in pairwise(said.words)):
            return False
        return self._book.covers(said.words, "approve", self._data.carries["approve"])

    def _quotes_approval(self, text: str) -> bool:
        quotes = [found["a"] or found["b"] for found in self._quoted.finditer(text)]
        outside = self._quoted.sub(" ", text)
        approving = any(self._book.covers(words_of(quote).words, "approve", ("praise", "filler")) for quote in quotes)
        return approving and not self._signal.search(outside.strip())

    def _by_phrase(self, said: Words, text: str) -> Verdict | None:
        if len(said.words) > self._data.max_words:
            return None
        for intent in ("cancel", "regenerate"):
            if self._book.covers(said.words, intent, self._data.carries[intent]):
                asked = "?" in text and not self._request.search(text)
                return Verdict("unclear", "cancel" if intent == "cancel" else "default") if asked else _plain(intent)
        return self._talk(said.words)

    def _by_clause(self, text: str) -> Verdict | None:
        """A new draft or a stop asked for in a clause of its own, when no other clause gives a direction."""
        clauses = [clause for clause in self._clause_end.split(text) if clause.strip()]
        for intent, least in (("cancel", _CANCEL_WORDS), ("regenerate", _REGENERATE_WORDS)):
            also = self._data.carries[intent]
            taken = {clause: words_of(clause).words for clause in clauses}
            ordered = [clause for clause in clauses if self._book.covers(taken[clause], intent, also)]
            others = [clause for clause in clauses if clause not in ordered]
            longest = max((len(taken[clause]) for clause in ordered), default=0)
            if longest >= least and not any(self._wish.search(clause.strip()) for clause in others):
                return _plain(intent)
        return None

    def _talk(self, words: Sequence[str]) -> Verdict | None:
        """Small talk, praise, doubt: said in known phrases from end to end, and none of it an order."""
        for group, reason in _TALK_REASONS:
            if self._book.covers(words, group, _TALK):
                return Verdict("unclear", reason)
        return None

    def _by_pattern(self, words: Sequence[str], text: str, stage: str) -> Verdict:
        signal = self._signal.search(text)
        asked, stated = self._asked_and_stated(text)
        if asked and not (stated and self._signal.search(stated)):
            certain = all(self._question.search(sentence) for sentence in asked)
            return Verdict("unclear" if certain else None, "question")
        if not signal and (self._aside.search(text) or self._approving_start.search(text)):
            return Verdict("unclear", "doubt")
        if signal:
            vague = stage == "scenes" and self._vague_scene.search(text)
            return Verdict("unclear", "which_scene") if vague else Verdict("refine")
        return Verdict("refine", firm=False) if len(words) >= self._data.refine_min_words else Verdict(None)

    def _about_scenes(self, mention: Mention, text: str, stage: str) -> Verdict:
        """Read a message that names one scene or several."""
        rest = words_of(mention.rest).words
        if mention.several:
            return Verdict("refine")
        edit: Intent = "edit" if stage == "scenes" else "refine"
        if mention.scene is None:
            edit = "refine"
        if self._book.covers(rest, "filler"):
            return Verdict("unclear", "scene_change", mention.scene)
        if any(self._book.covers(rest, group, ("ask", "filler")) for group in ("edit", "dislike", "cancel")):
            return Verdict(edit, "scene_change", mention.scene)
        if self._book.covers(rest, "regenerate", ("dislike", "ask", "filler")):
            return Verdict(edit, scene=mention.scene)
        if self._talk(rest):
            return Verdict("unclear", "default")
        verdict = self._by_pattern(rest, mention.rest, stage)
        if verdict.intent == "unclear" or (verdict.intent is None and verdict.reason == "question"):
            return Verdict("unclear", verdict.reason)
        return Verdict(edit, scene=mention.scene)

    def _asked_and_stated(self, text: str) -> tuple[list[str], str]:
        """Return the questions that want an answer, and all the rest."""
        asked: list[str] = []
        stated: list[str] = []
        for sentence in _SENTENCE_END.split(text):
            opens = self._question.search(sentence)
            wanted = bool(opens) or "?" in sentence
            (asked if wanted and not self._request.search(sentence) else stated).append(sentence)
        return asked, " ".join(stated)


def _spoken_of(mention: Mention, text: str) -> bool:
    return mention.several or mention.rest != text


def _plain(intent: str) -> Verdict:
    return Verdict("cancel" if intent == "cancel" else "regenerate")


def _any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns))


def _filled(pattern: str, data: IntentData) -> str:
    lists = {"{VERB}": data.verbs, "{COMPARATIVE}": data.comparatives, "{FAULT}": data.faults}
    for name, words in lists.items():
        pattern = pattern.replace(name, "(?:" + "|".join(words) + ")")
    return pattern.replace("{NOT_A_THING}", data.not_a_thing)
