"""Undocumented is not done: the generated pages are current, complete, and every link in the docs leads somewhere."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.schemas.events import CLIENT_MESSAGE, SERVER_EVENT
from app.schemas.unified_pipeline import PipelineConfig
from tests.test_house.tree import BACKEND, REPOSITORY, text_files
from tools.gen import PAGES, REFERENCE, stale_pages
from tools.pages.configuration import DEFAULT_FILE, config_fields, meanings
from tools.pages.errors import error_classes

CLI_SOURCE = BACKEND / "cli_tools" / "admint.py"
LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")


def page(name: str) -> str:
    return (REFERENCE / name).read_text(encoding="utf-8")


def test_generated_pages_are_current() -> None:
    assert stale_pages() == [], "run `make gen`"


def test_generation_is_deterministic() -> None:
    assert [render() for render in PAGES.values()] == [render() for render in PAGES.values()]


def test_every_error_is_documented() -> None:
    tree = ast.parse((BACKEND / "app/core/errors.py").read_text(encoding="utf-8"))
    names = [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
    assert len(names) > 10
    assert [name for name in names if f"`{name}`" not in page("errors.md")] == []


def test_every_event_is_documented() -> None:
    mapped = [*SERVER_EVENT.json_schema()["discriminator"]["mapping"]]
    mapped += [*CLIENT_MESSAGE.json_schema()["discriminator"]["mapping"]]
    assert len(mapped) > 10
    assert [name for name in mapped if f"### `{name}`" not in page("events.md")] == []


def test_every_setting_is_documented_and_described() -> None:
    fields = Settings.model_fields
    assert [name for name, field in fields.items() if not field.description] == []
    assert [name for name, field in fields.items() if f"`{field.validation_alias}`" not in page("settings.md")] == []


def test_every_configuration_field_is_documented() -> None:
    text = page("configuration.md")
    assert {name.split(".")[0] for name in config_fields()} == set(PipelineConfig.model_fields)
    assert [name for name in config_fields() if f"`{name}`" not in text] == []
    commented = meanings(DEFAULT_FILE.read_text(encoding="utf-8"))
    assert [name for name in config_fields() if len(commented.get(name, "")) < 10] == []


def test_every_verb_flag_and_exit_code_is_documented() -> None:
    text = page("cli.md")
    source = CLI_SOURCE.read_text(encoding="utf-8")
    flags = [flag for group in re.findall(r'"(--[a-z/-]+)"', source) for flag in group.split("/") if flag != "--help"]
    verbs = [path.stem for path in (BACKEND / "cli_tools" / "commands").glob("[a-z]*.py")]
    assert len(flags) > 5
    assert [flag for flag in flags if f"`{flag}`" not in text] == []
    assert [verb for verb in verbs if f"## `admint {verb}" not in text] == []
    assert [cls.exit_code for cls in error_classes() if f"| {cls.exit_code} |" not in text] == []


@pytest.mark.parametrize("path", [path for path, _ in text_files() if path.suffix == ".md"], ids=str)
def test_links_lead_somewhere(path: Path) -> None:
    text = (REPOSITORY / path).read_text(encoding="utf-8")
    local = [link.split("#")[0] for link in LINK.findall(text) if "://" not in link and not link.startswith("#")]
    assert [link for link in local if not (REPOSITORY / path).parent.joinpath(link).exists()] == []
