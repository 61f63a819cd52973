"""Templates whose values are data (app/kit/text_template.py)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import ConfigError
from app.kit.text_template import render_template, template_variables


def fail(line: int, what: str, hint: str) -> ConfigError:
    return ConfigError(f"t:{line}: {what}", hint=hint)


def render(text: str, /, **values: object) -> str:
    return render_template(text, values, fail)


@pytest.mark.parametrize("hostile", ["{{ 7*7 }}", "{% raw %}", "{{ config }}", "{# x #}", "</data>", "${x} {x} %s"])
def test_values_are_never_evaluated(hostile: str) -> None:
    out = render("<data>{{ text }}</data>", text=hostile)
    assert out.count("</data>") == 1
    assert "49" not in out
    assert json.loads(out.removeprefix("<data>").removesuffix("</data>")) == hostile


@given(st.text())
def test_any_text_survives_unchanged_and_stays_in_its_block(text: str) -> None:
    out = render("<data>{{ a.b }}</data>", a={"b": text})
    inside = out.removeprefix("<data>").removesuffix("</data>")
    assert "<" not in inside
    assert json.loads(inside) == text


def test_half_a_character_is_replaced_because_it_cannot_be_sent() -> None:
    assert render("{{ text }}", text="a\ud800b").encode() == b'"a?b"'


def test_apostrophes_and_umlauts_stay_readable() -> None:
    assert render("{{ text }}", text="café managers' kit") == '"café managers\' kit"'


@pytest.mark.parametrize(
    "template",
    ["{{ text.__class__.__mro__ }}", "{{ missing }}", "{{ text.nothing }}", "{{ text | length + {} }}"],
)
def test_what_is_not_there_or_not_allowed_is_refused(template: str) -> None:
    with pytest.raises(ConfigError, match="t:1: the template cannot be filled in"):
        render(template, text="x")


def test_variables_with_their_first_line() -> None:
    text = "{{ a }}\n{% for x in b %}\n{{ x }} {{ a }}\n{% endfor %}\n{% if c %}y{% endif %}\n"
    assert template_variables(text, fail) == {"a": 1, "b": 2, "c": 5}


@pytest.mark.parametrize(
    ("template", "line"),
    [
        ("a\n{{ b", 2),
        ("a\n{% if x %}{% endfor %}", 2),
        ("{{ a | nofilter }}", 1),
        ("{% include 'x' %}", 1),
        ("{% nope %}", 1),
    ],
)
def test_broken_templates_name_the_line(template: str, line: int) -> None:
    with pytest.raises(ConfigError, match=rf"t:{line}: "):
        template_variables(template, fail)
