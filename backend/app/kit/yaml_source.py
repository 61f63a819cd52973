"""YAML with line numbers: data plus where each value stands, so that an error can say `file:line`.

Reads the YAML 1.2 core scalars only: `on`, `yes`, `16:9` and dates stay text, as people who edit files expect.
Called by services/unified_pipeline/config_loader.py; `quick_yaml` by whatever reads data of its own.
Tests: tests/test_kit/test_yaml_source.py
"""

from __future__ import annotations

import math
import re
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import yaml

from app.core.errors import ConfigError

if TYPE_CHECKING:
    _Base = yaml.SafeLoader
else:
    _Base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_QUICK: type[yaml.SafeLoader] = _Base

Path = tuple[str | int, ...]
"""Where a value stands in the document: ``("timeouts", "story")``; list items by index."""

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
TAG_PREFIX = "tag:yaml.org,2002:"
PLAIN_TAGS = ("str", "null", "bool", "int", "float", "map", "seq")


class _CoreLoader(_Base):
    """A safe loader whose plain scalars are null, true/false, integers and floats; all else is text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012  PyYAML's own protocol


_SCALARS = {
    "null": (r"~|null|Null|NULL|", "~nN"),
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "int": (r"[-+]?(?:0|[1-9][0-9]*)", "-+0123456789"),
    "float": (
        r"[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(?=[eE]))(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|nan)",
        "-+.0123456789",
    ),
}
"""Tag: (pattern, first characters) of the plain scalars of the YAML 1.2 core schema that are not text."""
for _tag, (_pattern, _first) in _SCALARS.items():
    _starts = [*_first, ""] if _tag == "null" else [*_first]
    _CoreLoader.add_implicit_resolver(TAG_PREFIX + _tag, re.compile(f"^(?:{_pattern})$"), _starts)


@dataclass
class YamlSource:
    """One parsed document and the lines its values stand on (1-based).

    Attributes:
        name: How the file is called in messages.
        data: The top mapping.
        lines: Line of each key or list item.
        text_lines: Line on which the text of each scalar begins (the line after `|` for a block).
    """

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[Path, int] = field(default_factory=dict)
    text_lines: dict[Path, int] = field(default_factory=dict)

    def line_of(self, path: Path) -> int:
        """Return the line of `path`, or of its nearest parent that stands in the file."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1

    def error(self, path: Path, what: str, hint: str = "") -> ConfigError:
        """Return the error to raise for what is wrong at `path`."""
        return ConfigError(f"{self.name}:{self.line_of(path)}: {what}", hint=hint)

    def text_error(self, path: Path, line: int, what: str, hint: str = "") -> ConfigError:
        """Return the error for the 1-based `line` inside the text at `path`."""
        first = self.text_lines.get(path, self.line_of(path))
        return ConfigError(f"{self.name}:{first + line - 1}: {what}", hint=hint)


def parse_yaml(text: str, name: str) -> YamlSource:
    """Return the document in `text`.

    Raises:
        ConfigError: Broken YAML, several documents, no mapping on top, a key twice, an anchor, a number that is
            not finite, or a file too large or too deep.
    """
    source = YamlSource(name)
    if len(text) > MAX_BYTES:
        raise source.error((), f"the file is too large ({len(text):,} characters)", f"At most {MAX_BYTES:,}.")
    root = _compose(text, name)
    if not isinstance(root, yaml.MappingNode):
        raise source.error((), "the file must hold 'key: value' lines", "An empty file or a plain list is not enough.")
    source.data = _Builder(source).mapping(root, ())
    return source


def quick_yaml(text: str) -> Any:
    """Return what our own data say: plain YAML 1.1, without lines. Raises yaml.YAMLError."""
    return yaml.load(text, Loader=_QUICK)  # noqa: S506  a safe loader: the C one, ten times as fast, where it is built


def parse_value(text: str) -> Any:
    """Return one value written in YAML syntax (`60`, `true`, `[a, b]`, `16:9`). Raises ConfigError."""
    root = _compose(text, "value")
    return None if root is None else _Builder(YamlSource("value")).value(root, ("value",))


def _compose(text: str, name: str) -> yaml.Node | None:
    loader = None
    try:
        _check_depth(text, name)
        loader = _CoreLoader(text)
        return loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        hint = "Check the indentation, the colons and the quotes near this line."
        raise ConfigError(f"{name}:{line}: broken YAML: {error.problem or error.context}", hint=hint) from error
    except yaml.reader.ReaderError as error:
        hint = "Save the file as UTF-8 text without control characters."
        raise ConfigError(f"{name}:1: the file cannot be read as YAML text", hint=hint) from error
    finally:
        if loader is not None:
            loader.dispose()


def _check_depth(text: str, name: str) -> None:
    """Refuse deep nesting before any node is made: the C composer recurses and would crash the process."""
    depth = 0
    for event in yaml.parse(text, Loader=_CoreLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise ConfigError(f"{name}:{line}: more than {MAX_DEPTH} levels deep", hint="Flatten the file.")


class _Builder:
    """Turns nodes into data and notes their lines."""

    def __init__(self, source: YamlSource) -> None:
        self.source = source
        self.seen: set[int] = set()
        self.constructor = yaml.constructor.SafeConstructor()

    def value(self, node: yaml.Node, path: Path) -> Any:
        self.source.lines.setdefault(path, node.start_mark.line + 1)
        if id(node) in self.seen:
            raise self.source.error(path, "anchors and aliases (& and *) are not used here", "Write the value again.")
        self.seen.add(id(node))
        if node.tag.rpartition(":")[2] not in PLAIN_TAGS or not node.tag.startswith(TAG_PREFIX):
            raise self.source.error(
                path, f"the tag '{_cut(node.tag)}' is not used here", "Remove the '!' and its word."
            )
        if isinstance(node, yaml.MappingNode):
            return self.mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(item, (*path, index)) for index, item in enumerate(node.value)]
        return self.scalar(node, path)

    def mapping(self, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = self.key(key_node, path)
            here = (*path, key)
            if key in data:
                first = self.source.lines[here]
                self.source.lines[here] = key_node.start_mark.line + 1
                raise self.source.error(here, f"the key '{key}' is there twice", f"The first one is on line {first}.")
            self.source.lines[here] = key_node.start_mark.line + 1
            data[key] = self.value(value_node, here)
        return data

    def key(self, node: yaml.Node, path: Path) -> str:
        if isinstance(node, yaml.ScalarNode) and node.tag == TAG_PREFIX + "str":
            return str(node.value)
        line = node.start_mark.line + 1
        self.source.lines[(*path, "?")] = line
        raise self.source.error((*path, "?"), "a key must be plain text", 'Put it in quotes, for example "on".')

    def scalar(self, node: yaml.Node, path: Path) -> Hashable:
        block = isinstance(node, yaml.ScalarNode) and node.style in ("|", ">")
        self.source.text_lines[path] = node.start_mark.line + (2 if block else 1)
        try:
            value: Hashable = self.constructor.construct_object(node)
        except (yaml.constructor.ConstructorError, ValueError) as error:
            raise self.source.error(
                path, f"the value cannot be read: {_cut(node.value)}", "Write it plainly."
            ) from error
        if isinstance(value, float) and not math.isfinite(value):
            raise self.source.error(path, f"'{_cut(node.value)}' is not a finite number", "Write a number, or null.")
        return value


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."
