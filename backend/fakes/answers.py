"""Writes an answer that keeps to any JSON schema, in words that suit an advertisement (answers.yaml).

What is already in the conversation is kept: rows of a list that has the shape asked for come back as they were, and
names, beats and lengths are taken from its data. Called by fakes/chat.py. Tests: tests/test_fakes/test_answers.py.
"""

from __future__ import annotations

import json
import re
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
        return (subject[1] if subject else words.split(":")[0])[:60].strip() or "the product"

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


class Writer:
    """Fills one schema. `number` on its methods is the 0-based place in the list being filled."""

    def __init__(self, schema: Json, conversation: Conversation) -> None:
        self._schema = schema
        self._talk = conversation
        self._topic = conversation.topic()
        self._turn = sum(conversation.user.encode()) % 97

    def write(self) -> Any:
        """Return a value that keeps to the schema."""
        return self._value(self._schema, "", 0)

    def _value(self, schema: Json, name: str, number: int) -> Any:
        schema = self._resolved(schema)
        if "const" in schema:
            return schema["const"]
        for key in ("anyOf", "oneOf"):
            if key in schema:
                return self._choice(schema[key], name, number)
        if "enum" in schema:
            return self._member(schema["enum"], name)
        kind = schema.get("type")
        if isinstance(kind, list):
            return self._choice([{**schema, "type": one} for one in kind], name, number)
        if kind == "object" or "properties" in schema:
            return self._object(schema, name, number)
        if kind == "array":
            return self._array(schema, name)
        if kind in ("integer", "number"):
            return self._number(schema, name, number)
        if kind == "boolean":
            return bool(_words()["booleans"].get(name, False))
        return None if kind == "null" else self._string(schema, name, number)

    def _resolved(self, schema: Json) -> Json:
        while "$ref" in schema or len(schema.get("allOf", ())) == 1:
            if "$ref" in schema:
                target: Any = self._schema
                for part in schema["$ref"].removeprefix("#/").split("/"):
                    target = target[part]
            else:
                target = schema["allOf"][0]
            schema = {**{key: schema[key] for key in schema if key not in ("$ref", "allOf")}, **target}
        return schema

    def _choice(self, options: list[Json], name: str, number: int) -> Any:
        filled = [option for option in options if option.get("type") != "null"]
        stated = self._talk.first(name) if name in ("brand", "url", "audience") else None
        if len(filled) < len(options):
            if isinstance(stated, str):
                return stated
            words = _words()
            if not any(words[part].get(name) for part in ("strings", "numbers", "enums", "lists")):
                return None
        return self._value(filled[0], name, number)

    def _member(self, members: list[Any], name: str) -> Any:
        wanted = (self._talk.first(name), _words()["enums"].get(name), _words()["numbers"].get(name))
        known = [member for member in wanted if not isinstance(member, dict | list) and member in members]
        said = [
            member for member in members if isinstance(member, str) and member.isupper() and member in self._talk.user
        ]
        return (known or said or members)[0]

    def _object(self, schema: Json, name: str, number: int) -> Json:
        properties = schema.get("properties", {})
        if not properties and name == "criteria":
            names = re.findall(_words()["criteria"], self._talk.system, re.MULTILINE)
            return dict.fromkeys(names, _words()["numbers"]["score"])
        return {key: self._value(part, key, number) for key, part in properties.items()}

    def _array(self, schema: Json, name: str) -> list[Any]:
        items = self._resolved(schema.get("items", {}))
        exact = re.search(_words()["exactly"], self._talk.user) if name == "scenes" else None
        if "properties" in items and exact is None and name not in ("issues", "rounds"):
            rows = self._talk.rows(set(items.get("required") or items["properties"]))
            if rows:
                return [{key: row[key] for key in items["properties"] if key in row} for row in rows]
        ready = _words()["lists"].get(name, [])
        count = int(exact[1]) if exact else _words()["counts"].get(name, 1)
        count = min(max(count, schema.get("minItems", 0)), schema.get("maxItems", count))
        return [ready[number] if number < len(ready) else self._value(items, name, number) for number in range(count)]

    def _number(self, schema: Json, name: str, number: int) -> float:
        planned = self._list_in_text("Scene lengths in seconds")
        if name == "id":
            value: float = number + 1
        elif name == "duration" and number < len(planned):
            value = planned[number]
        else:
            value = _words()["numbers"].get(name, 1)
        value = max(value, schema.get("minimum", value), schema.get("exclusiveMinimum", value - 1) + 0)
        value = min(value, schema.get("maximum", value))
        return int(value) if schema.get("type") == "integer" else float(value)

    def _list_in_text(self, label: str) -> list[float]:
        match = re.search(re.escape(label) + r"[^\[]*\[([^\]]*)\]", self._talk.user)
        return [float(part) for part in match[1].split(",") if part.strip()] if match else []

    def _string(self, schema: Json, name: str, number: int) -> str:
        words = _words()
        choices = words["strings"].get(name) or words["otherwise"]
        template = (
            choices if isinstance(choices, str) else choices[(number + (self._turn if number else 0)) % len(choices)]
        )
        beats = self._talk.first("beats") or ["beat"]
        look = words["strings"]["look"]
        text = template.format(
            topic=self._topic, n=number + 1, beat=beats[min(number, len(beats) - 1)], look=look[self._turn % len(look)]
        )
        return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength", len(text) + 80)]
