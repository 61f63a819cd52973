"""Writes an answer that keeps to any JSON schema, in words that suit an advertisement (answers.yaml).

What is already in the conversation is kept: rows of a list that has the shape asked for come back as they were, and
names, beats and lengths are taken from its data. Called by fakes/chat.py. Tests: tests/test_fakes/test_answers.py.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

Json = dict[str, Any]


@dataclass
class Conversation:
    """What the messages say: their text, and every JSON document found in it."""

    system: str
    user: str
    documents: list[Any] = field(default_factory=list)

    @classmethod
    def read(cls, system: str, user: str) -> Conversation:
        """Take a conversation apart."""
        return cls(system, user, list(_documents(user)))

    def first(self, name: str) -> Any:
        """Return the first value under this name anywhere in the data; null when there is none."""
        return next((found[name] for found in self._objects() if found.get(name) is not None), None)

    def rows(self, keys: set[str]) -> list[Json]:
        """Return the last list of objects that have all these keys."""
        fitting = [
            value
            for found in [*self._objects(), {"": self.documents}, *({"": entry} for entry in self.documents)]
            for value in found.values()
            if isinstance(value, list) and value and all(isinstance(row, dict) and keys <= set(row) for row in value)
        ]
        return fitting[-1] if fitting else []

    def topic(self) -> str:
        """Return what it is about, in few words."""
        text = self.first("product") or self.first("prompt") or self.user
        words = re.sub(r"\s+", " ", str(text)).strip()
        subject = re.search(r"\bfor (?:an? |our |the |my )?([^.,:;!?]+)", words)
        return (subject[1] if subject else re.split(r"[:.!?]", words)[0])[:60].strip() or "the product"

    def _objects(self) -> Iterator[Json]:
        stack = list(reversed(self.documents))
        while stack:
            value = stack.pop()
            if isinstance(value, dict):
                yield value
            children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            stack += reversed(list(children))


def _documents(text: str) -> Iterator[Any]:
    decoder, at = json.JSONDecoder(), 0
    while (match := re.search(r"[{\[]", text[at:])) is not None:
        start = at + match.start()
        try:
            document, at = decoder.raw_decode(text, start)
            yield document
        except ValueError:
            at = start + 1


@cache
def _words() -> Json:
    document: Json = yaml.safe_load(files("fakes").joinpath("answers.yaml").read_text(encoding="utf-8"))
    return document


@dataclass(frozen=True)
class Place:
    """Where in a list a value stands, counted from 0; a value in no list is the only one."""

    number: int = 0
    count: int = 1
    listed: bool = False

    @property
    def last(self) -> bool:
        return self.number == self.count - 1


class Writer:
    """Fills one schema with words for one conversation; the same conversation always gets the same words."""

    def __init__(self, schema: Json, conversation: Conversation) -> None:
        self._schema = schema
        self._talk = conversation
        self._words = _words()
        # Neighbouring rows, asked for one by one, go on where the row before stopped.
        told = conversation.topic() if re.search(self._words["row"], conversation.user) else conversation.user
        self._turn = zlib.crc32(told.encode())

    def write(self) -> Any:
        """Return a value that keeps to the schema."""
        schema = self._resolved(self._schema)
        meant, place = self._row_meant()
        value = self._value(schema, "", place)
        if isinstance(value, dict):
            value |= {
                name: meant[name] for name in ("id", "beat", "copy_text", "duration") if name in value and name in meant
            }
        return value

    def _row_meant(self) -> tuple[Json, Place]:
        """Return the row of the data that is asked for ("write scene 3") and its place."""
        asked = re.search(self._words["row"], self._talk.user)
        rows = self._talk.rows({"id", "beat"}) if asked else []
        for number, row in enumerate(rows):
            if asked and row["id"] == int(asked[1]):
                return row, Place(number, len(rows))
        return {}, Place()

    def _value(self, schema: Json, name: str, place: Place) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return self._member(schema["enum"], name, place)
        options = schema.get("anyOf") or schema.get("oneOf")
        kind = schema.get("type", "object" if "properties" in schema else "string")
        if isinstance(kind, list):
            options = [{**schema, "type": one} for one in kind]
        if options:
            return self._choice(options, name, place)
        if kind == "object":
            return self._object(schema, name, place)
        if kind == "array":
            return self._array(schema, name)
        if kind in ("integer", "number"):
            return self._number(schema, name, place)
        if kind == "boolean":
            return bool(self._words["booleans"].get(name, False))
        return None if kind == "null" else self._string(schema, name, place)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            if "$ref" in schema:
                target: Any = self._schema
                for part in schema["$ref"].removeprefix("#/").split("/"):
                    target = target[part] if part else target
            else:
                target = schema["allOf"][0]
            schema = {**{key: schema[key] for key in schema if key not in ("$ref", "allOf")}, **target}
        return schema

    def _choice(self, options: list[Json], name: str, place: Place) -> Any:
        filled = [option for option in options if option.get("type") != "null"]
        return (
            None if len(filled) < len(options) and self._unknown(name, place) else self._value(filled[0], name, place)
        )

    def _unknown(self, name: str, place: Place) -> bool:
        """Whether null is the better answer."""
        words = self._words
        if name in words["last_only"] and place.listed and not place.last:
            return True
        if name in words["only_if"]:
            return re.search(words["only_if"][name], self._talk.user) is None
        if name in words["stated"] and self._talk.first(name) is not None:
            return False
        return not any(words[part].get(name) is not None for part in ("strings", "numbers", "enums", "lists"))

    def _member(self, members: list[Any], name: str, place: Place) -> Any:
        usual = self._words["enums"].get(name)
        usual = usual[self._pick(len(usual), place)] if isinstance(usual, list) else usual
        wanted = (self._talk.first(name), usual, self._words["numbers"].get(name))
        known = [member for member in wanted if not isinstance(member, dict | list) and member in members]
        said = [
            member for member in members if isinstance(member, str) and member.isupper() and member in self._talk.user
        ]
        return (known or sorted(said, key=self._talk.user.index) or members)[0]

    def _object(self, schema: Json, name: str, place: Place) -> Json:
        if name == "criteria" and not schema.get("properties"):
            names = re.findall(self._words["criteria"], self._talk.system, re.MULTILINE)
            return dict.fromkeys(names, self._words["numbers"]["score"])
        return {key: self._value(part, key, place) for key, part in schema.get("properties", {}).items()}

    def _array(self, schema: Json, name: str) -> list[Any]:
        items = self._resolved(schema.get("items", {}))
        exact = re.search(self._words["exactly"], self._talk.user) if name == "scenes" else None
        usual = self._words["counts"].get(name, 1)
        if "properties" in items and exact is None and usual > 0:
            rows = self._talk.rows(set(items.get("required") or items["properties"]))
            if rows:
                return [{key: row[key] for key in items["properties"] if key in row} for row in rows]
        ready = self._words["lists"].get(name, [])
        count = int(exact[1]) if exact else usual
        count = min(max(count, schema.get("minItems", 0)), schema.get("maxItems", count))
        places = [Place(number, count, listed=True) for number in range(count)]
        return [ready[at.number] if at.number < len(ready) else self._value(items, name, at) for at in places]

    def _number(self, schema: Json, name: str, place: Place) -> float:
        lengths = re.search(self._words["lengths"], self._talk.user)
        planned = [float(part) for part in lengths[1].split(",") if part.strip()] if lengths else []
        if name == "id":
            value: float = place.number + 1
        elif name == "duration" and place.number < len(planned):
            value = planned[place.number]
        else:
            value = self._words["numbers"].get(name, schema.get("default") or 1)
        value = min(max(value, schema.get("minimum", value)), schema.get("maximum", value))
        return int(value) if schema.get("type") == "integer" else float(value)

    def _string(self, schema: Json, name: str, place: Place) -> str:
        stated = self._talk.first(name) if name in self._words["stated"] else None
        text = stated if isinstance(stated, str) else self._line(name, place)
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", max(len(text), 1))]

    def _line(self, name: str, place: Place) -> str:
        lines = self._words["strings"].get(name) or self._words["otherwise"]
        line = lines if isinstance(lines, str) else lines[self._pick(len(lines), place)]
        subject = self._talk.topic()
        topic = subject if subject[0].isupper() or subject.startswith("the ") else f"the {subject}"
        beats = self._talk.first("beats") or ["beat"]
        looks = self._words["looks"]
        return str(line).format(
            subject=subject.removeprefix("the "),
            topic=topic,
            Topic=topic[0].upper() + topic[1:],
            n=place.number + 1,
            beat=beats[-1] if place.last else beats[min(place.number, len(beats) - 1)],
            look=looks[zlib.crc32(subject.encode()) % len(looks)],
        )

    def _pick(self, lines: int, place: Place) -> int:
        """The first line opens, the last one closes; between them it goes on from a place the conversation decides."""
        if place.number == 0 or lines < 3:
            return 0
        return lines - 1 if place.last else 1 + (place.number - 1 + self._turn) % (lines - 2)
