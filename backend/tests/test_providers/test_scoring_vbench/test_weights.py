"""The weights are the published or the recorded ones, or nothing is measured with them."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.providers.scoring_vbench.book import WeightFile
from app.providers.scoring_vbench.weights import LOCK, verify


def file(sha256: str | None = None) -> WeightFile:
    return WeightFile(needed_by=["x"], source="https://a.example", sha256=sha256, licence="MIT", commercial=True)


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


FILES = {"a/known.pth": file(sha256("known")), "b.pth": file()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "known.pth").write_text("known")
    (tmp_path / "b.pth").write_text("first")
    return tmp_path


def test_an_unpublished_hash_is_recorded_once_and_then_holds(folder: Path) -> None:
    assert verify(folder, FILES) == {"b.pth": sha256("first")}
    assert json.loads((folder / LOCK).read_text()) == {"b.pth": sha256("first")}
    assert verify(folder, FILES) == {}
    (folder / "b.pth").write_text("second")
    with pytest.raises(ConfigError, match=r"b\.pth has changed") as caught:
        verify(folder, FILES)
    assert LOCK in caught.value.hint
    assert sorted(path.name for path in folder.iterdir()) == ["a", LOCK, "b.pth"]


def test_a_published_hash_must_be_met_and_nothing_is_recorded_otherwise(folder: Path) -> None:
    (folder / "a" / "known.pth").write_text("other")
    with pytest.raises(ConfigError, match="is not the published file"):
        verify(folder, FILES)
    assert not (folder / LOCK).exists()


def test_missing_files_are_named_and_nothing_is_fetched(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"2 of VBench's 4 files are not in .*: c\.pth, d\.pth") as caught:
        verify(folder, {**FILES, "c.pth": file(), "d.pth": file()})
    assert "AdMint downloads none" in caught.value.hint


@pytest.mark.parametrize("content", ["{", '["b.pth"]', '{"b.pth": 1}'])
def test_a_broken_record_is_not_begun_anew(folder: Path, content: str) -> None:
    (folder / LOCK).write_text(content)
    with pytest.raises(ConfigError, match=f"{LOCK} can't be read"):
        verify(folder, FILES)
    assert (folder / LOCK).read_text() == content
