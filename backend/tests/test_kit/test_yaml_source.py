"""YAML with line numbers (app/kit/yaml_source.py)."""

from __future__ import annotations

import pytest
import yaml

from app.core.errors import ConfigError
from app.kit.yaml_source import parse_value, parse_yaml


def test_every_value_knows_its_line() -> None:
    source = parse_yaml("a: 1\nb:\n  c:\n    - x\n    - y\ntext: |\n  one\n  two\n", "f.yaml")
    assert source.data == {"a": 1, "b": {"c": ["x", "y"]}, "text": "one\ntwo\n"}
    assert source.line_of(("b", "c", 1)) == 5
    assert source.line_of(("b", "missing")) == 2
    assert str(source.text_error(("text",), 2, "bad")) == "f.yaml:8: bad"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("16:9", "16:9"),
        ("on", "on"),
        ("yes", "yes"),
        ("2026-11-23", "2026-11-23"),
        ("007", "007"),
        ("-12", -12),
        ("0.8", 0.8),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("true", True),
        ("null", None),
        ("~", None),
        ("", None),
        ("[a, 2]", ["a", 2]),
        ("{a: 1}", {"a": 1}),
        ("'60'", "60"),
    ],
)
def test_scalars_are_read_as_people_mean_them(written: str, value: object) -> None:
    read = parse_value(written)
    assert read == value
    assert type(read) is type(value)


def test_both_parsers_have_the_same_scalars() -> None:
    """The C parser is used where it exists; what it is taught must not depend on it."""
    assert parse_yaml("a: 1:30\n", "f").data == {"a": "1:30"}
    assert yaml.safe_load("a: 1:30") == {"a": 90}, "the trap this module avoids is gone: simplify it"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("a: 1\nb: 2\na: 3\n", "f.yaml:3: the key 'a' is there twice"),
        ("a:\n  b: 1\n  b: 2\n", "f.yaml:3: the key 'b' is there twice"),
        ("a: 1\n  b: 2\n", "f.yaml:2: broken YAML"),
        ("a: [1, 2\nb: 3\n", "f.yaml:2: broken YAML"),
        ("a: 1\n---\nb: 2\n", "f.yaml:2: broken YAML"),
        ("", "f.yaml:1: the file must hold"),
        ("- a\n- b\n", "f.yaml:1: the file must hold"),
        ("1: a\n", "f.yaml:1: a key must be plain text"),
        ("true: a\n", "f.yaml:1: a key must be plain text"),
        ("a: &x [1]\nb: *x\n", "f.yaml:2: anchors and aliases"),
        ("a: !!python/object/apply:os.getcwd []\n", "f.yaml:1: the tag"),
        ("a: !!int abc\n", "f.yaml:1: the value cannot be read"),
        ("a: .inf\n", "f.yaml:1: '.inf' is not a finite number"),
        ("a: 1\nb: 1e999\n", "f.yaml:2: '1e999' is not a finite number"),
        ("a: \x07\n", "f.yaml:1: the file cannot be read as YAML text"),
        ("a: " + "[" * 200 + "]" * 200, "f.yaml:1: more than 20 levels deep"),
        ("a: " + "9" * 5000, "f.yaml:1: the value cannot be read"),
    ],
)
def test_faults_name_file_and_line(text: str, start: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_yaml(text, "f.yaml")
    assert caught.value.message.startswith(start)
    assert len(caught.value.message) < 200


def test_a_hostile_file_cannot_exhaust_the_process() -> None:
    with pytest.raises(ConfigError, match="more than 20 levels deep"):
        parse_yaml("a: " + "[" * 400_000, "f.yaml")
    with pytest.raises(ConfigError, match="too large"):
        parse_yaml("a: " + "x" * 1_000_001, "f.yaml")
