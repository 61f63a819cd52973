"""docs/reference/cli.md: every verb and flag of the command line, and the exit codes.

Tests: tests/test_house/test_docs.py
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal, get_args, get_origin

import typer

from cli_tools.admint import app
from tools.pages.errors import error_classes
from tools.pages.markdown import code, page, summary, table

_MARKUP = re.compile(r"\[/?[a-z ]+\]")


def commands(command: Any = None, path: str = "admint") -> Iterator[tuple[str, Any]]:
    """(full name, command) of every verb that does something, in the order of `--help`."""
    command = command or typer.main.get_command(app)
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, child in inner.items():
        yield from commands(child, f"{path} {name}")


def render() -> str:
    """The page."""
    return page(
        "Command line",
        summary(str(app.info.help)),
        *(_section(name, command) for name, command in commands()),
        "## Exit codes",
        table(["Code", "When"], _exit_codes()),
    )


def _section(name: str, command: Any) -> str:
    rows = [
        [" ".join(code(text) for text in _names(parameter)), _value(parameter), _help(parameter)]
        for parameter in command.params
        if parameter.name != "help"
    ]
    return "\n\n".join([f"## `{name}`", summary(command.help), table(["Option", "Value", "Meaning"], rows)])


def _names(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        return [parameter.metavar or parameter.name.upper()]
    return [*parameter.opts, *parameter.secondary_opts]


def _value(parameter: Any) -> str:
    if getattr(parameter, "is_flag", False):
        return ""
    annotation = parameter.type_descriptor.annotation
    if get_origin(annotation) is Literal:
        return " or ".join(code(choice) for choice in get_args(annotation))
    return code(parameter.metavar or parameter.bare_type().upper())


def _help(parameter: Any) -> str:
    text = _MARKUP.sub("", getattr(parameter, "help", None) or "")
    default = parameter.default
    shown = default not in (None, False, (), []) and not callable(default)
    text = text.replace("<", "&lt;")
    return f"{text} Default: {code(default)}." if shown else text


def _exit_codes() -> list[list[str]]:
    meanings: dict[int, list[str]] = {0: ["Done."]}
    for cls in error_classes():
        meanings.setdefault(cls.exit_code, []).append(f"[{cls.__name__}](errors.md)")
    return [[str(number), ", ".join(names)] for number, names in sorted(meanings.items())]
