"""Which scene a message speaks of: "scene 2", "the second one", "#3", "the last shot".

Called by intent_rules.py. Tests: tests/test_services/test_conversation_handler.py
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from pydantic import Field

from app.schemas.base import Model

_ONE = "it"
_HEADING = re.compile(r"\s*:")


class SceneWords(Model):
    """How scenes are named: `scenes` of config/copy/intents.yaml. 1-based, -1 the last, 0 the middle."""

    nouns: str
    one: str
    numbers: dict[str, int]
    ordinals: dict[str, int]
    marks: str
    joins: str
    before_last: str
    bare: list[str] = Field(description="A number alone, where it can only be a scene; at the scenes gate only.")
    turns: str = Field(description="Words after which the scene to change comes, when several are named.")
    compared: str = Field(description="Words before a scene that is only compared with.")


@dataclass(frozen=True)
class Mention:
    """The scenes of one message.

    Attributes:
        scene: The one scene to change, 1-based; null when none, several or not known.
        several: More than one scene is spoken of.
        rest: The message with the mention replaced by a pronoun.
    """

    scene: int | None
    several: bool
    rest: str


class SceneMentions:
    """Finds the scene a message is about."""

    def __init__(self, words: SceneWords, comparatives: Iterable[str]) -> None:
        self._values = {**words.numbers, **words.ordinals}
        number = _either([*words.numbers, r"\d{1,3}"])
        ordinal = _either(words.ordinals)
        noun = f"(?:{words.nouns})"
        list_of = rf"(?P<n>{number})(?P<more>(?:\s*(?:{words.joins})\s*(?:{noun}\s*)?#?{number}\b)*)"
        named = [
            f"(?P<penultimate>{words.before_last.replace('{NOUN}', noun)})",
            rf"{noun}\s*(?:(?:{words.marks})\s*)?{list_of}",
            rf"(?:the\s+)?(?P<o>{ordinal})\s+(?:(?:and|&|or)\s+(?:the\s+)?(?P<o2>{ordinal})\s+)?{noun}",
            rf"(?:die|der|das|la|el|le|a|o)?\s*{noun}\s+(?P<o3>{ordinal})",
            r"#\s*(?P<h>\d{1,3})",
        ]
        short = [
            rf"(?:the\s+)?(?P<o4>{ordinal})\s+(?:{words.one})",
            rf"(?:{words.marks})\s*(?P<n2>{number})",
            r"^(?P<lead>\d{1,2})\s*[:.)-](?=\s|$)",
            rf"^(?:the\s+)?(?P<alone>{ordinal})$",
        ]
        bare = [part.replace("{COMPARATIVE}", _either(comparatives)) for part in words.bare]
        self._named = _pattern(named)
        self._all = _pattern([*named, *short, *bare])
        self._turn = re.compile(rf"\b(?:{words.turns})\b")
        self._compared = re.compile(rf"\b(?:{words.compared})\s+(?:the\s+|in\s+)?$")

    def find(self, text: str, stage: str, scene_count: int | None) -> Mention:
        """Return what `text` (lower case) speaks of. At the story gate only full names count ("scene 2")."""
        found = list((self._all if stage == "scenes" else self._named).finditer(text))
        asked = [match for match in found if not self._compared.search(text[: match.start()])]
        if found and not asked:
            return Mention(None, several=False, rest=text)
        numbers = self._targets(asked, text, scene_count)
        rest = text
        for match in reversed(asked):
            rest = f"{rest[: match.start()]} {_ONE} {rest[match.end() :]}"
        scene = next(iter(numbers)) if len(numbers) == 1 else None
        return Mention(scene, several=len(numbers) > 1, rest=" ".join(rest.split()))

    def _targets(self, asked: list[re.Match[str]], text: str, scene_count: int | None) -> set[int | None]:
        """Return the scenes to change: all named ones, or the one that opens the message or follows a "but"."""
        turn = self._turn.search(text)
        late = [match for match in asked if turn and match.end() > turn.end()]
        heading = asked[:1] if asked and asked[0].start() == 0 and _HEADING.match(text, asked[0].end()) else []
        for chosen in (heading, asked, late):
            numbers = {_counted(value, scene_count) for match in chosen for value in self._numbers(match)}
            if len(numbers) == 1:
                return numbers
        return {_counted(value, scene_count) for match in asked for value in self._numbers(match)}

    def _numbers(self, match: re.Match[str]) -> set[int]:
        groups = {name: text for name, text in match.groupdict().items() if text}
        if "penultimate" in groups:
            return {-2}
        more = re.findall(r"\w+", groups.pop("more", ""))
        said = [*groups.values(), *more]
        return {int(word) if word.isdecimal() else self._values[word] for word in said if self._is_number(word)}

    def _is_number(self, word: str) -> bool:
        return word.isdecimal() or word in self._values


def _counted(value: int, scene_count: int | None) -> int | None:
    """Return the 1-based number; null when it counts from an end nobody knows, or there is no middle."""
    if value > 0:
        return value
    if value == 0:
        return (scene_count + 1) // 2 if scene_count and scene_count % 2 else None
    return None if scene_count is None else scene_count + 1 + value


def _either(words: Iterable[str]) -> str:
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def _pattern(alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?<![\w'])(?:{part})(?!\w)" for part in alternatives))
