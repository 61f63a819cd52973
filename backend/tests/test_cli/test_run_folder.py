"""cli_tools/run_folder.py: the note in the output folder, folder names, and refusing a taken folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.core.errors import Conflict, InvalidInput, NotFound
from cli_tools.run_folder import NOTE, RunFolder, choose_folders, folders_under, read_folder, slug


def note(path: Path, state: str = "stopped") -> RunFolder:
    folder = RunFolder(path=path, request={"prompt": "Tea"}, version="1")
    folder.update(state=state, generation_id="0197")
    return folder


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Sunrise Roast: single-origin coffee, roasted the day it ships.", "sunrise-roast-single-origin-coffee"),
        ("Café Zürich!", "cafe-zurich"),
        ("日本のお茶", "日本のお茶"),
        ("../../etc/passwd", "etc-passwd"),
        ("!!!", "ad"),
        ("x" * 200, "x" * 40),
    ],
)
def test_slug(prompt: str, name: str) -> None:
    assert slug(prompt) == name


def test_note_holds_the_request_before_there_is_an_id(tmp_path: Path) -> None:
    RunFolder(path=tmp_path / "a" / "b", request={"prompt": "Tea"}, version="1").save()
    document = json.loads((tmp_path / "a" / "b" / NOTE).read_text())
    assert document["request"] == {"prompt": "Tea"}
    assert document["generation_id"] is None
    assert document["state"] == "started"
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == [NOTE]


def test_note_is_read_back(tmp_path: Path) -> None:
    saved = note(tmp_path / "ad")
    found = read_folder(tmp_path / "ad")
    assert found is not None
    assert (found.generation_id, found.state, found.request) == ("0197", "stopped", saved.request)


def test_discard_takes_back_what_save_made(tmp_path: Path) -> None:
    folder = RunFolder(path=tmp_path / "a" / "b", request={}, version="1")
    folder.save()
    folder.discard()
    assert list(tmp_path.iterdir()) == []


def test_discard_keeps_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep")
    folder = RunFolder(path=tmp_path, request={}, version="1")
    folder.save()
    folder.discard()
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_damaged_note_is_said(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("{")
    with pytest.raises(InvalidInput, match="can't be read"):
        read_folder(tmp_path)


def test_folder_without_a_run_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="No AdMint run"):
        folders_under(tmp_path / "nowhere")


def test_runs_below_a_folder_are_found(tmp_path: Path) -> None:
    note(tmp_path / "b")
    note(tmp_path / "a")
    assert [run.path.name for run in folders_under(tmp_path)] == ["a", "b"]


def test_several_prompts_get_a_folder_each(tmp_path: Path) -> None:
    paths = choose_folders(["Tea", "Tea", "Coffee"], tmp_path, force=False)
    assert [path.name for path in paths] == ["tea", "tea-2", "coffee"]
    assert {path.parent for path in paths} == {tmp_path}


def test_default_folder_is_always_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    note(tmp_path / "output" / "tea")
    assert choose_folders(["Tea"], None, force=False) == [tmp_path / "output" / "tea-2"]


def test_finished_folder_is_refused_and_force_takes_it(tmp_path: Path) -> None:
    note(tmp_path / "ad", "finished")
    (tmp_path / "ad" / "metadata.json").write_text("{}")
    with pytest.raises(Conflict, match="finished ad"):
        choose_folders(["Tea"], tmp_path / "ad", force=False)
    assert choose_folders(["Tea"], tmp_path / "ad", force=True) == [tmp_path / "ad"]


def test_unfinished_folder_names_the_command_that_goes_on(tmp_path: Path) -> None:
    note(tmp_path / "my ad")
    with pytest.raises(Conflict) as refused:
        choose_folders(["Tea"], tmp_path / "my ad", force=False)
    assert f"admint resume --output '{tmp_path / 'my ad'}'" in refused.value.hint


def test_somebody_elses_film_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "final.mp4").write_bytes(b"mine")
    with pytest.raises(Conflict, match=r"final\.mp4"):
        choose_folders(["Tea"], tmp_path, force=False)
