"""The catalogue of paid models as data: what each can do, how its inputs are called, what it costs and who says so.

Read from app/config/models.yaml by app/providers/catalogue.py. Tests: tests/test_providers/test_catalogue.py
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from app.schemas.base import Model

ModelStatus = Literal["live", "unconfirmed", "ending", "gone"]
"""live: seen working; unconfirmed: documented, not seen; ending: has an end date; gone: refused before any call."""
ImageInput = Literal["prompt", "references", "aspect_ratio", "resolution", "output_format", "seed"]
VideoInput = Literal[
    "prompt",
    "aspect_ratio",
    "duration",
    "resolution",
    "first_frame",
    "last_frame",
    "references",
    "negative_prompt",
    "audio",
    "seed",
]


def _exact(value: Any) -> Any:
    """Return a price as the decimal that is written, not as the float nearest to it."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation as error:
        raise ValueError("a price is a number of dollars, for example 0.15") from error


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as error:
        raise ValueError("a date is written as 2026-11-23") from error


Dollars = Annotated[Decimal, BeforeValidator(_exact), Field(ge=0, lt=1000)]
Day = Annotated[date, BeforeValidator(_day)]


class Price(Model):
    """One list price. A null `resolution` or `audio` holds for all of them."""

    per: Literal["image", "second"]
    usd: Dollars
    resolution: str | None = None
    audio: bool | None = None
    source: str = Field(min_length=3, description="Who says so.")
    read_on: Day


class ModelEntry(Model):
    """What every model has."""

    vendor: str
    label: str
    status: ModelStatus
    note: str = ""
    ratios: list[str] = Field(min_length=1)
    resolutions: list[str] = Field(default_factory=list)
    max_references: int = Field(0, ge=0, le=20)
    send: dict[str, str | bool | int] = Field(default_factory=dict, description="Inputs that are always the same.")
    prices: list[Price] = Field(min_length=1)

    def price(self, resolution: str | None, *, audio: bool = False) -> Decimal:
        """Return the highest list price that may apply, in USD per image or second."""
        fitting = [
            price.usd
            for price in self.prices
            if price.resolution in (None, resolution) and price.audio in (None, audio)
        ]
        return max(fitting or [price.usd for price in self.prices])


class ImageEntry(ModelEntry):
    """A model that makes images. It can do what its `fields` have a name for."""

    fields: dict[ImageInput, str]

    @model_validator(mode="after")
    def _is_complete(self) -> ImageEntry:
        _check(self, self.fields, "image")
        return self


class References(Model):
    """What a call with reference images is bound to."""

    duration: int
    ratio: str


class VideoEntry(ModelEntry):
    """A model that makes clips. It can do what its `fields` have a name for. Durations are whole seconds."""

    fields: dict[VideoInput, str]
    durations: list[int] = Field(min_length=1)
    references_force: References | None = None

    @model_validator(mode="after")
    def _is_complete(self) -> VideoEntry:
        _check(self, self.fields, "second")
        forced = self.references_force
        if forced and (forced.duration not in self.durations or forced.ratio not in self.ratios):
            raise ValueError("references_force asks for a duration or ratio that the model does not list")
        return self


class Catalogue(Model):
    """All image and video models, by id as the vendor writes it. `text` is read by providers/openai_chat/prices.py."""

    text: dict[str, Any] = Field(default_factory=dict)
    images: dict[str, ImageEntry]
    videos: dict[str, VideoEntry]


def _check(entry: ModelEntry, fields: dict[Any, str], unit: str) -> None:
    """Refuse an entry that contradicts itself. Raises ValueError."""
    if "prompt" not in fields:
        raise ValueError("fields must name the prompt")
    if any(price.per != unit for price in entry.prices):
        raise ValueError(f"prices of this kind of model are per {unit}")
    if bool(entry.max_references) != ("references" in fields):
        raise ValueError("max_references and the field for references belong together")
    if bool(entry.resolutions) != ("resolution" in fields):
        raise ValueError("resolutions and the field for the resolution belong together")
    unknown = [price.resolution for price in entry.prices if price.resolution not in (None, *entry.resolutions)]
    if unknown:
        raise ValueError(f"a price speaks of the resolution {unknown[0]}, which the model does not list")
