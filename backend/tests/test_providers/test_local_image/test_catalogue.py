"""The catalogue: the right thing or nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from app.providers.local_image import catalogue
from app.providers.local_image.catalogue import abstract_form, find, form_facts, icon_svg, is_paintable

_CONFIG = Path(catalogue.__file__).parents[2] / "config"
_RIGHT = {
    "stainless steel water bottle": "bottle",
    "sea kayaks": "kayak",
    "running shoes": "running-shoe",
    "coffee": "hot-beverage",
    "Ethiopian coffee": "hot-beverage",
    "a meditation app": "mobile-phone",
    "podcast about history": "studio-microphone",
    "note-taking app": "mobile-phone",
    "true crime podcast": "studio-microphone",
    "pet insurance": "paw-prints",
    "boat insurance": "shield",
    "handmade soap": "soap",
    "dog food": "pouch",
    "gold necklace": "necklace",
    "plumbing service": "wrench",
    "repair fair at the town hall": "toolbox",
    "book": "open-book",
    "electric bicycles": "bicycle",
    "lamp": "lamp",
    "coffee beans": "pouch",
    "peanut butter": "jar",
    "pair of hiking boots": "hiking-boot",
    "bottle of olive oil": "tall-bottle",
    "guitar lessons": "guitar",
    "my uncle’s honey": "honey-pot",
    "kitchen knives": "kitchen-knife",
    "beer and wine": "beer-mug",
    "bicycle shop": "bicycle",
    "tomatoes": "tomato",
    "cookies": "cookie",
    "a set of knives": "kitchen-knife",
}
_NOTHING = [
    "rosin for hurdy-gurdies",
    "cat tree",
    "dog bed",
    "hot water bottle",
    "security camera",
    "toothbrush holder",
    "laptop bag",
    "bird feeder",
    "tree house",
    "shoe rack",
    "phone case",
    "brake shoe",
    "rota planner for café managers",
    "our launch",
    "bath bombs",
    "smart watch",
    "a tool for teams",
    "coffee maker",
    "tulip bulbs",
    "lawn mower",
    "the",
    "",
    "!!!",
    "水筒",
]


@pytest.mark.parametrize("phrase", _RIGHT)
def test_names_the_thing(phrase: str) -> None:
    found = find(phrase)
    assert found is not None
    assert found.name == _RIGHT[phrase]


@pytest.mark.parametrize("phrase", _NOTHING)
def test_abstains_rather_than_showing_the_wrong_thing(phrase: str) -> None:
    assert find(phrase) is None


def test_brand_words_do_not_hide_the_thing() -> None:
    assert find("Sunrise coffee") is None
    found = find("Sunrise coffee", brand="Sunrise")
    assert found is not None
    assert found.name == "hot-beverage"
    assert find(None) is None


def test_knows_about_half_of_the_copywriters_heads() -> None:
    """A guard on coverage, not a goal: what is missing gets an abstract form."""
    rows = yaml.safe_load((_CONFIG / "copy" / "nouns.yaml").read_text(encoding="utf-8"))["heads"]
    entries = [entry for kind in rows.values() for number in kind.values() for entry in _entries(number)]
    found = [entry for entry in entries if find(entry.split("/")[0])]
    assert len(found) > 0.45 * len(entries)


def _entries(row: str | list[str]) -> list[str]:
    return catalogue._split(row) if isinstance(row, str) else row


def test_archive_and_catalogue_hold_the_same_names() -> None:
    named = set(catalogue._data()["objects"])
    assert named == set(catalogue._icons())
    assert 250 <= len(named) <= 400
    assert all(icon_svg(name).startswith("<") for name in named)
    folder = _CONFIG / "art" / "icons"
    assert (folder / "fluent-emoji.json.xz").stat().st_size < 1_500_000
    assert "Microsoft" in (folder / "LICENSE-fluent-emoji.txt").read_text()


def test_a_noun_has_one_home() -> None:
    data = catalogue._data()
    rows = [*data["objects"].values(), *(row.get("nouns", "") for row in data["forms"].values())]
    nouns = [noun for row in rows for noun in catalogue._split(row)]
    assert sorted({noun for noun in nouns if nouns.count(noun) > 1}) == []
    assert all(noun == noun.lower() for noun in nouns)
    assert set(catalogue._split(data["paintable"])) <= set(data["objects"])


def test_forms_have_drawings_and_labels_inside_them() -> None:
    folder = _CONFIG / "art" / "forms"
    for name in catalogue._data()["forms"]:
        assert (folder / f"{name}.svg").is_file()
        x, y, width, height = form_facts(name).get("label", [0, 0, 1, 1])
        assert 0 <= x < x + width <= 100
        assert 0 <= y < y + height <= 100


@pytest.mark.parametrize(
    ("kind", "form"), [(None, "tile"), ("food", "box"), ("repair service", "card"), ("unheard of", "tile")]
)
def test_stand_in_by_kind(kind: str | None, form: str) -> None:
    assert abstract_form(kind) == form


def test_natural_things_keep_their_colour() -> None:
    assert is_paintable("backpack")
    assert not any(is_paintable(name) for name in ("banana", "potted-plant", "dog", "bread"))
