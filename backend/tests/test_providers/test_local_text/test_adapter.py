"""The adapter: six methods behind the port, each result signed, refusals plain."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.ports.text import TextModel
from app.providers.local_text.adapter import MODEL, LocalTextModel, build
from app.providers.local_text.story_writer import WRITER
from app.providers.registry import ADAPTERS
from app.schemas.providers import BriefInput, BriefReading
from tests.test_providers.test_local_text.ads import CALL, SIX, rows, story

LANGUAGES = [
    ("Anuncio de 30 segundos para una botella de agua ecológica", "es"),
    ("Mach mir eine Werbung für meine Bäckerei mit frischem Brot", "de"),
    ("Une vidéo pour notre boulangerie, avec du pain frais et des croissants", "fr"),
    ("Een reclame voor onze bakkerij met vers brood", "nl"),
    ("Um anúncio para uma padaria com pão fresco", "pt"),
    ("広告を作ってください、水のボトル", "und"),
    ("Реклама для пекарни со свежим хлебом", "und"),
]


def read(prompt: str, **flags: Any) -> BriefReading:
    return asyncio.run(LocalTextModel().read_brief(BriefInput(prompt=prompt, **flags), CALL)).value


def test_it_is_what_the_registry_builds_and_what_the_port_asks() -> None:
    model: TextModel = build(None)
    assert isinstance(model, LocalTextModel)
    assert ADAPTERS["text"]["local"] == "app.providers.local_text.adapter:build"


def test_every_result_is_signed_and_free() -> None:
    result = asyncio.run(LocalTextModel().read_brief(BriefInput(prompt=SIX[0]), CALL))
    assert (result.provider, result.model, result.cost_source) == ("local", MODEL, "free")
    assert MODEL == "template-copywriter-1"
    assert story(SIX[0]).writer == WRITER == "template copywriter"


def test_a_reading_says_what_is_stated_and_no_more() -> None:
    reading = read(SIX[5])
    assert (reading.brand, reading.product, reading.url, reading.duration_s) == ("Lumen", "app", "lumen.app", 15)
    assert (reading.tone, reading.aspect_ratio, reading.framework, reading.cta) == ("playful", None, None, None)
    assert reading.refusal is None


@pytest.mark.parametrize(
    "prompt", ["Can you do something for TikTok, 15 seconds, upbeat", "Make an ad", "hello", "!!!", "🙂"]
)
def test_nothing_to_advertise_is_refused_with_the_one_question(prompt: str) -> None:
    assert (read(prompt).refusal or "").endswith("What should we call it on screen?")
    assert read(prompt, brand="Tarn").refusal is None


@pytest.mark.parametrize(("prompt", "tag"), LANGUAGES)
def test_other_languages_are_told_apart_and_refused_plainly(prompt: str, tag: str) -> None:
    reading = read(prompt)
    assert reading.language == tag
    assert "English only" in (reading.refusal or "")


def test_english_is_taken_for_english() -> None:
    briefs = [row["brief"] for row in rows("traps.yaml")] + [row[0] for row in rows("wrappers.yaml")] + list(SIX)
    assert [brief for brief in briefs if read(brief).language != "en"] == []
