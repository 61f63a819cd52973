"""Prompts as data: what a prompt file holds, and what comes out when it is filled in.

Loaded by services/unified_pipeline/config_loader.py; rendered by LLM adapters, which get a `PromptLibrary` from the
container. Tests: tests/test_services/test_config_loader.py
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from pydantic import Field

from app.core.errors import ConfigError
from app.kit.text_template import render_template
from app.kit.validation import nearest
from app.schemas.base import Model

PromptId = Literal[
    "story_director",
    "story_critic",
    "scene_writer",
    "scene_critic",
    "scene_cohesor",
    "vision_analyst",
    "conversation_intent",
    "brief_reader",
]
PROMPT_IDS: tuple[PromptId, ...] = get_args(PromptId)


class PromptVariable(Model):
    """One value that a template takes."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    description: str = Field(min_length=1)
    required: bool = True


class PromptFile(Model):
    """One file in config/prompts, as written."""

    id: PromptId
    version: str = Field(pattern=r"^\d+\.\d+\.\d+$", description="Semantic version; raise it with every change.")
    output: str = Field(pattern=r"^app\.schemas\.\w+:\w+$", description="Schema of the answer, 'module:Class'.")
    notes: str = ""
    variables: list[PromptVariable]
    system: str = Field(min_length=1)
    user: str = Field(min_length=1)


class RenderedPrompt(Model):
    """A prompt ready to send, with what an audit needs to find the file again."""

    system: str
    user: str
    prompt_id: PromptId
    version: str
    sha256: str = Field(description="Of the file's bytes.")


class PromptTemplate(PromptFile):
    """A checked prompt file."""

    path: str = Field(description="The file's name in messages.")
    sha256: str

    def render(self, **values: Any) -> RenderedPrompt:
        """Fill in the variables; values are data and are never evaluated.

        Args:
            values: One for each required variable (JSON-able or Pydantic); optional ones default to null.

        Raises:
            ConfigError: A value is missing, not declared, or lacks a field that the template uses.
        """
        names = [variable.name for variable in self.variables]
        for name in values:
            if name not in names:
                raise self._error(f"no variable '{name}' is declared", nearest(name, names))
        for variable in self.variables:
            if variable.required and variable.name not in values:
                raise self._error(f"the variable '{variable.name}' is missing", f"It holds: {variable.description}")
        filled = dict.fromkeys(names) | values
        return RenderedPrompt(
            system=render_template(self.system, filled, lambda _line, what, hint: self._error(what, hint)),
            user=render_template(self.user, filled, lambda _line, what, hint: self._error(what, hint)),
            prompt_id=self.id,
            version=self.version,
            sha256=self.sha256,
        )

    def _error(self, what: str, hint: str) -> ConfigError:
        return ConfigError(f"{self.path}: {what}", hint=hint)


class PromptLibrary:
    """All prompts by id."""

    def __init__(self, prompts: Mapping[str, PromptTemplate]) -> None:
        self._prompts = dict(prompts)

    def get(self, prompt_id: str) -> PromptTemplate:
        """Return the prompt. Raises ConfigError, with the nearest id, when there is none."""
        if prompt_id not in self._prompts:
            raise ConfigError(f"there is no prompt '{prompt_id}'", hint=nearest(prompt_id, self._prompts))
        return self._prompts[prompt_id]

    def ids(self) -> list[str]:
        """Return all ids, sorted."""
        return sorted(self._prompts)
