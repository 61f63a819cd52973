"""The catalogue of paid models: complete, honest about its prices, and refused with a line where it is wrong."""

from __future__ import annotations

from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest

from app.core.errors import ConfigError, ModelGone
from app.providers import catalogue as module
from app.providers.catalogue import catalogue, image_model, read_catalogue, video_model
from app.schemas.unified_pipeline import ModelChoice

PACKAGED = files("app").joinpath("config", "models.yaml").read_text(encoding="utf-8")


def _edited(folder: Path, old: str, new: str) -> Path:
    assert old in PACKAGED
    path = folder / "models.yaml"
    path.write_text(PACKAGED.replace(old, new, 1), encoding="utf-8")
    return path


def _line(text: str, of: str) -> int:
    return text[: text.index(of)].count("\n") + 1


def test_the_models_of_the_spec_are_there_and_the_usual_ones_among_them() -> None:
    assert set(catalogue().images) == {"google/nano-banana", "google/nano-banana-pro", "google/nano-banana-2"}
    assert set(catalogue().videos) == {
        f"google/veo-3{version}{speed}" for version in ("", ".1") for speed in ("", "-fast")
    }
    usual = ModelChoice()
    assert image_model(usual.image, "replicate")
    assert video_model(usual.video, "replicate")


def test_only_one_model_takes_references_and_it_says_what_that_binds() -> None:
    taking = {name: entry for name, entry in catalogue().videos.items() if "references" in entry.fields}

    assert list(taking) == ["google/veo-3.1"]
    forced = taking["google/veo-3.1"].references_force
    assert forced is not None
    assert (forced.duration, forced.ratio) == (8, "16:9")


def test_the_price_is_the_dearest_that_may_apply_to_the_cent() -> None:
    veo = catalogue().videos["google/veo-3.1"]

    assert (veo.price("720p"), veo.price("720p", audio=True)) == (Decimal("0.20"), Decimal("0.40"))
    assert catalogue().images["google/nano-banana-2"].price("2K") == Decimal("0.12")
    assert catalogue().images["google/nano-banana-2"].price(None) == Decimal("0.16")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("    durations: [4, 6, 8]", "    durations: [4, six, 8]", "whole number"),
        ("    label: Nano Banana\n", "    label: Nano Banana\n    colour: red\n", "unknown key"),
        ("    max_references: 3", "    max_references: 0", "belong together"),
        ("      prompt: prompt\n", "", "must name the prompt"),
        ("usd: 0.039", "usd: cheap", "a price is a number"),
        ("read_on: 2026-11-23", "read_on: yesterday", "2026-11-23"),
        ("per: image, usd", "per: second, usd", "per image"),
        ("duration: 8, ratio", "duration: 5, ratio", "does not list"),
        ("resolution: 1K, usd", "resolution: 8K, usd", "does not list"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(ConfigError, match=r"^config/models\.yaml:\d+: ") as raised:
        read_catalogue(_edited(tmp_path, old, new))

    assert says in raised.value.message
    line = int(raised.value.message.split(":")[1])
    assert abs(line - _line(PACKAGED, old)) <= 25


def test_an_id_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="owner/name"):
        read_catalogue(_edited(tmp_path, "  google/veo-3:", "  veo-3:"))


def test_an_unknown_model_is_told_the_nearest() -> None:
    with pytest.raises(ConfigError) as raised:
        video_model("google/veo-3.1-fats", "replicate")

    assert "google/veo-3.1-fast" in raised.value.hint
    assert "models.yaml" in raised.value.hint


def test_a_model_that_has_ended_is_refused_and_the_way_on_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _edited(tmp_path, "label: Veo 3\n    status: unconfirmed", "label: Veo 3\n    status: gone")
    ended = read_catalogue(path)
    monkeypatch.setattr(module, "catalogue", lambda: ended)

    with pytest.raises(ModelGone) as raised:
        video_model("google/veo-3", "replicate")
    assert "google/veo-3.1" in raised.value.hint
    assert "local" in raised.value.hint
