"""What language models cost: our own dated list (app/config/models.yaml, key `text`), never a guess by a model's name.

Called by the adapters of an OpenAI-compatible endpoint through endpoint.py.
Tests: tests/test_providers/test_openai_chat/
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_UP, Decimal
from functools import lru_cache
from importlib.resources import files
from ipaddress import ip_address
from urllib.parse import urlsplit

from pydantic import Field, ValidationError

from app.core.errors import ConfigError
from app.kit.validation import first_problem
from app.kit.yaml_source import parse_yaml
from app.schemas.base import Model
from app.schemas.providers import CostSource, TaskName

_FILE = "models.yaml"
_MILLION = Decimal(1_000_000)
_MICRO = Decimal("0.000001")
_PICTURE_TOKENS = 6000


class ModelRow(Model):
    """One language model: dollars per million tokens in and out, what it can do, where the price was read."""

    input: float = Field(ge=0)
    output: float = Field(ge=0)
    images: bool = False
    image_tokens: int = Field(_PICTURE_TOKENS, gt=0)
    source: str = Field(min_length=1)
    ends: date | None = None


class Probe(Model):
    """The shortest question that proves a model answers."""

    question: str = Field(min_length=1)
    answer_tokens: int = Field(gt=0)


class TextCatalogue(Model):
    """The part of models.yaml that is about language models."""

    checked: date
    probe: Probe
    models: Mapping[str, ModelRow]
    answer_tokens: Mapping[TaskName, int]


@dataclass(frozen=True)
class Rate:
    """Dollars per million tokens, and what a cost worked out with it is called."""

    input: Decimal
    output: Decimal
    image_tokens: int = _PICTURE_TOKENS
    source: CostSource = "list_price"

    @property
    def free(self) -> bool:
        """True when no call can cost anything."""
        return not self.input and not self.output

    def cost(self, input_tokens: int, output_tokens: int) -> Decimal:
        """Return the price of a call in USD, rounded up to a millionth of a dollar."""
        exact = (self.input * input_tokens + self.output * output_tokens) / _MILLION
        return exact.quantize(_MICRO, ROUND_UP)


@lru_cache(maxsize=1)
def catalogue() -> TextCatalogue:
    """Return the language models we know. Raises ConfigError that names file and line."""
    source = parse_yaml(files("app").joinpath("config", _FILE).read_text(encoding="utf-8"), f"config/{_FILE}")
    try:
        return TextCatalogue.model_validate(source.data.get("text", {}))
    except ValidationError as error:
        problem = first_problem(error, TextCatalogue)
        raise source.error(("text", *problem.path), problem.what, problem.hint) from error


def rate_for(model: str, base_url: str, price: str) -> Rate:
    """Return what a model costs at an endpoint.

    Args:
        model: Its id there.
        base_url: The endpoint's address; on this machine nothing costs anything unless `price` says so.
        price: The setting OPENAI_PRICE: auto, list, or dollars per million tokens in/out.

    Raises:
        ConfigError: Nobody can say what it costs.
    """
    row = catalogue().models.get(model)
    tokens = row.image_tokens if row else _PICTURE_TOKENS
    if price not in ("auto", "list"):
        dollars_in, _, dollars_out = price.partition("/")
        return Rate(Decimal(dollars_in), Decimal(dollars_out), tokens)
    if price == "auto" and is_loopback(base_url):
        return Rate(Decimal(0), Decimal(0), tokens, "free")
    if row is None:
        raise ConfigError(
            f"Nobody knows what the model {model!r} costs at {host_of(base_url)}.",
            hint=(
                "Set OPENAI_PRICE to its dollars per million tokens in and out (0.20/0.75, or 0/0 when it is free), "
                f"or set models.text and models.vision to one of: {', '.join(sorted(catalogue().models))}."
            ),
        )
    return Rate(Decimal(str(row.input)), Decimal(str(row.output)), tokens)


def is_loopback(base_url: str) -> bool:
    """True when an address is on this very machine."""
    host = host_of(base_url)
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def host_of(base_url: str) -> str:
    """Return the host of an address; never its path, user or password."""
    return urlsplit(base_url).hostname or "that address"
