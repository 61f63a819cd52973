"""Text templates whose values are data: each is printed as JSON, never evaluated, and cannot close its block.

A `{{ value }}` is written as compact JSON with `<` escaped, so text from outside can neither run as a template nor
end the `<data>` block that holds it. Called by services/unified_pipeline/config_loader.py and schemas/prompts.py.
Tests: tests/test_kit/test_text_template.py
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from app.core.errors import ConfigError

if TYPE_CHECKING:
    from jinja2.sandbox import SandboxedEnvironment

_VALUES: TypeAdapter[dict[str, Any]] = TypeAdapter(dict[str, Any])
Fail = Callable[[int, str, str], ConfigError]
"""Makes the error for (1-based line in the text, what is wrong, hint)."""


def template_variables(text: str, fail: Fail) -> dict[str, int]:
    """Return the variables that `text` uses, each with the line of its first use. Raises what `fail` returns."""
    from jinja2 import TemplateSyntaxError, meta, nodes

    environment = _environment()
    try:
        tree = environment.parse(text)
        environment.from_string(text)
    except TemplateSyntaxError as error:
        hint = "Write variables as {{ name }} and blocks as {% if name %} ... {% endif %}."
        raise fail(error.lineno, f"broken template: {error.message}", hint) from error
    if any(True for _ in meta.find_referenced_templates(tree)):
        raise fail(1, "a template may not include or extend another one", "Write the text out.")
    free = meta.find_undeclared_variables(tree)
    lines: dict[str, int] = {}
    for name in tree.find_all(nodes.Name):
        if name.name in free:
            lines[name.name] = min(name.lineno, lines.get(name.name, name.lineno))
    return lines


def render_template(text: str, values: Mapping[str, Any], fail: Fail) -> str:
    """Return `text` with `values` (JSON-able or Pydantic) filled in. Raises what `fail` returns."""
    from jinja2 import TemplateError

    plain = _VALUES.dump_python(dict(values), mode="json")
    try:
        return str(_compiled(text).render(plain))
    except (TemplateError, TypeError) as error:
        hint = "Check the names after the dots against the variable's fields."
        raise fail(1, f"the template cannot be filled in: {error}", hint) from error


@lru_cache(maxsize=1)
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=False,
        finalize=_as_data,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@lru_cache(maxsize=64)
def _compiled(text: str) -> Any:
    return _environment().from_string(text)


def _as_data(value: object) -> str:
    from jinja2 import Undefined

    if isinstance(value, Undefined):
        return str(value)  # a StrictUndefined raises here and names itself
    text = json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")
    return text.encode("utf-8", "replace").decode()  # half a character (a lone surrogate) could not be sent
