"""The copywriter's data: YAML under app/config/copy, validated by Pydantic, loaded when first needed.

Called by every module of this package through `CopyData`. Tests: tests/test_providers/test_local_text/
"""

from __future__ import annotations

import re
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from app.core.errors import ConfigError
from app.kit.yaml_source import quick_yaml
from app.providers.local_text.bank import Bank, parse_bank
from app.schemas.story import Tone

DEFAULT_DIR = Path(__file__).parents[2] / "config" / "copy"


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


Words = Annotated[frozenset[str], BeforeValidator(_split)]
WordList = Annotated[tuple[str, ...], BeforeValidator(_split)]


class Table(BaseModel):
    """Base of every data file's schema: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Lexicon(Table):
    """lexicon.yaml: closed word lists."""

    words: dict[str, Words]
    tones: dict[Tone, Words]
    languages: dict[str, Words]


class UrlPatterns(Table):
    """Patterns of web addresses; ``{TLD}`` stands for `tlds`."""

    tlds: str
    patterns: list[str]


class DurationPatterns(Table):
    """Patterns of the ad's own length."""

    adjective: list[str]
    standing: list[str]


class Grammar(Table):
    """grammar.yaml: the brief reader's patterns, placeholders still in."""

    numbers: dict[str, float]
    placeholders: dict[str, str]
    duration: DurationPatterns
    aspect: dict[str, list[str]]
    frameworks: dict[str, str]
    url: UrlPatterns
    cta: list[str]
    brand: list[str]
    appositive: str
    camel: str
    maker: str
    labels: dict[str, str]
    targeting: str
    should_be: list[str]
    constraints: list[str]
    quote: list[str]
    list_labels: str
    production: list[str]
    platform: str
    offer: list[str]
    price: list[str]
    series: str
    date: list[str]
    time: str
    request: list[str]
    tail: list[str]


class NounRow(Table):
    """One hand-made head noun. `number` is count, mass or plural; forms are stored, never computed."""

    word: str
    kind: str
    number: str
    singular: str
    plural: str


class NounFile(Table):
    """nouns.yaml: head nouns by kind and number, kinds WordNet's codes stand for, words we abstain on."""

    codes: dict[str, str]
    ambiguous: Words
    heads: dict[str, dict[str, WordList]]


class Kind(Table):
    """kinds.yaml: one row a kind of thing. A shot reads ``<level> <role> | <text>``."""

    label: str
    group: str
    humour: bool = True
    careful: bool = False
    wear: bool = False
    cta: WordList
    branded_cta: WordList = ()
    place: str
    shots: list[str] = []


class Attribute(Table):
    """attributes.yaml: what may be said about one stated attribute, without stretching it."""

    words: Words
    lines: list[str]


class Frameworks(Table):
    """frameworks.yaml: beat names to roles, roles to purposes, narrative sentences."""

    roles: dict[str, Words]
    sequences: dict[str, list[str]]
    purposes: dict[str, str]
    narrative: dict[str, list[str]]
    beat_split: str


class Trade(Table):
    """Words that only the heads of one trade may use."""

    words: Words
    heads: Words


class Rules(Table):
    """rules.yaml: limits, weights, banned words and the wording of notes and issues."""

    limits: dict[str, float]
    weights: dict[str, float]
    shares: dict[str, float]
    superlatives: Words
    cliches: Words
    claims: Words
    humour_tags: WordList
    person_words: Words
    sense_words: Words
    place_words: Words
    trades: list[Trade]
    frames: dict[str, str]
    notes: dict[str, str]
    questions: dict[str, str]
    issues: dict[str, str]
    advice: dict[str, str]
    tones: dict[Tone, dict[str, float]]


class Filming(Table):
    """filming.yaml: layouts, cameras, light and transitions of the scene writer."""

    sentences: dict[str, str]
    layouts: dict[str, dict[str, Any]]
    cameras: dict[str, list[str]]
    light: dict[Tone, list[str]]
    sound: dict[str, list[str]]
    backdrops: dict[Tone, str]
    transitions: dict[Tone, list[str]]
    colours: dict[str, str]
    contradictions: dict[str, list[str]]
    advice: dict[str, str]
    requests: dict[str, str]
    requests_noise: Words


class Subject(Table):
    """What "start with the price" may name: words for it, the span types it means, the scene roles it means."""

    words: Words
    types: Words = frozenset()
    roles: Words = frozenset()


class Feedback(Table):
    """feedback.yaml: patterns of what users ask for; the first match in a part of a sentence decides."""

    split: str
    conjunctions: str
    noise: Words
    keep_prefix: str
    mention_lead: str
    scene_numbers: dict[str, int]
    scene_parts: list[str]
    scene_operations: list[dict[str, str]]
    scene: str
    operations: list[dict[str, str]]
    subjects: dict[str, Subject]
    tone_words: dict[Tone, Words]


T = TypeVar("T", bound=BaseModel)


class CopyData:
    """All data files of one folder, each read once, when first asked for.

    Args:
        folder: Folder of the YAML files; the shipped one by default.
    """

    def __init__(self, folder: Path = DEFAULT_DIR) -> None:
        self.folder = folder
        self._banks: dict[str, Bank] = {}

    def _read(self, name: str) -> Any:
        path = self.folder / name
        try:
            return quick_yaml(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise ConfigError(f"copy data {name} can't be read: {error}", hint="Restore the file.") from error

    def _table(self, name: str, model: type[T]) -> T:
        try:
            return model.model_validate(self._read(name))
        except ValidationError as error:
            raise ConfigError(f"copy data {name} is wrong: {error}", hint="Mend the file.") from error

    @cached_property
    def lexicon(self) -> Lexicon:
        return self._table("lexicon.yaml", Lexicon)

    @cached_property
    def grammar(self) -> Grammar:
        return self._table("grammar.yaml", Grammar)

    @cached_property
    def nouns(self) -> NounFile:
        return self._table("nouns.yaml", NounFile)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        raw = self._read("kinds.yaml")
        try:
            return {name: Kind.model_validate(row) for name, row in raw.items()}
        except (ValidationError, AttributeError) as error:
            raise ConfigError(f"copy data kinds.yaml is wrong: {error}", hint="Mend the file.") from error

    @cached_property
    def attributes(self) -> list[Attribute]:
        raw = self._read("attributes.yaml")
        try:
            return [Attribute.model_validate(row) for row in raw]
        except (ValidationError, TypeError) as error:
            raise ConfigError(f"copy data attributes.yaml is wrong: {error}", hint="Mend the file.") from error

    @cached_property
    def frameworks(self) -> Frameworks:
        return self._table("frameworks.yaml", Frameworks)

    @cached_property
    def rules(self) -> Rules:
        return self._table("rules.yaml", Rules)

    @cached_property
    def filming(self) -> Filming:
        return self._table("filming.yaml", Filming)

    @cached_property
    def feedback(self) -> Feedback:
        return self._table("feedback.yaml", Feedback)

    @cached_property
    def wordnet(self) -> str:
        """The built noun table as one string: ``\\nword code\\n`` lines, searched without splitting."""
        try:
            return "\n" + (self.folder / "wordnet.txt").read_text(encoding="ascii")
        except OSError as error:
            raise ConfigError("copy data wordnet.txt can't be read.", hint="Run tools/build_noun_table.py.") from error

    def bank(self, name: str) -> Bank:
        """The line bank of a kind, or ``neutral``."""
        if name not in self._banks:
            self._banks[name] = parse_bank(name, self._read(f"banks/{name}.yaml"))
        return self._banks[name]

    def words(self, name: str) -> frozenset[str]:
        """A closed word list of lexicon.yaml."""
        return self.lexicon.words[name]

    @cached_property
    def _fills(self) -> dict[str, str]:
        fills = dict(self.grammar.placeholders)
        fills["NUMBER"] = _alternation(self.grammar.numbers)
        fills["FORMAT"] = _alternation(self.words("formats"))
        fills["PLATFORM"] = _alternation(self.words("platforms"))
        fills["CRAFT"] = _alternation(self.words("ad_craft"))
        fills["TONE"] = _alternation(word for words in self.lexicon.tones.values() for word in words)
        fills["TLD"] = self.grammar.url.tlds
        return fills

    def pattern(self, source: str) -> re.Pattern[str]:
        """A data pattern compiled: placeholders filled, a blank matching any run of blanks."""
        return _compile(source, tuple(sorted(self._fills.items())))


def _alternation(words: Any) -> str:
    return "|".join(re.escape(word).replace("\\ ", " ") for word in sorted(words, key=lambda w: (-len(w), w)))


@lru_cache(maxsize=512)
def _compile(source: str, fills: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    for name, value in fills:
        source = source.replace("{" + name + "}", value)
    source = re.sub(r"(\[[^\]]*\])|( \*)|( \?)|( )", _blank, source)
    return re.compile(source, re.IGNORECASE)


def _blank(match: re.Match[str]) -> str:
    if match.group(1):
        return match.group(1)
    return r"\s*" if match.group(2) or match.group(3) else r"\s+"


@lru_cache(maxsize=1)
def shipped() -> CopyData:
    """The data that ships with the app, shared by the whole process."""
    return CopyData()
