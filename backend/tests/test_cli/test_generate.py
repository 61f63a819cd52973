"""`admint generate --auto`: the folder, the one JSON document, several prompts, plain output."""

from __future__ import annotations

import hashlib
import json
import re

import pytest

from tests.fixtures.cli import PROMPT, TINY, Cli, FinishedAd

FILES = {
    "final.mp4",
    "clips/scene-1.mp4",
    "clips/scene-2.mp4",
    "references/product.png",
    "references/product-2.png",
    "references/logo.png",
    "storyboard/scene-1.jpg",
    "storyboard/scene-2.jpg",
    "captions.vtt",
    "story.md",
    "scenes.json",
    "metadata.json",
    "contact-sheet.png",
}


@pytest.mark.ac("AC-1.5")
def test_folder_holds_everything_and_nothing_half(finished_ad: FinishedAd) -> None:
    assert finished_ad.done.code == 0, finished_ad.done.err
    found = {
        path.relative_to(finished_ad.folder).as_posix() for path in finished_ad.folder.rglob("*") if path.is_file()
    }
    assert found == FILES | {".admint-run.json"}
    assert (finished_ad.folder / "final.mp4").read_bytes()[4:8] == b"ftyp"
    assert (finished_ad.folder / "captions.vtt").read_text().startswith("WEBVTT")
    assert (finished_ad.folder / "contact-sheet.png").read_bytes()[:4] == b"\x89PNG"
    assert (finished_ad.folder / "story.md").read_text().startswith("# ")
    assert len(json.loads((finished_ad.folder / "scenes.json").read_text())) == 2


def test_standard_output_is_one_json_document(finished_ad: FinishedAd) -> None:
    document = finished_ad.done.json()
    assert document["status"] == "success"
    data = document["data"]
    assert data["status"] == "completed"
    assert data["final_video"] == str(finished_ad.folder / "final.mp4")
    assert [clip["status"] for clip in data["clips"]] == ["complete", "complete"]
    nothing = {"amount": "0.00", "currency": "USD", "basis": "made on this machine", "unknown": "0.00", "calls": []}
    assert data["cost"] == nothing
    assert data["plan"]["seed"] == 7
    assert data["plan"]["framework"] == "AIDA"
    assert abs(data["duration_s"] - 2) < 0.2
    assert "Story" in finished_ad.done.err, "progress is told on standard error"
    assert "\x1b" not in finished_ad.done.err


def test_metadata_says_how_the_ad_was_made(finished_ad: FinishedAd) -> None:
    metadata = json.loads((finished_ad.folder / "metadata.json").read_text())
    assert metadata["prompt"] == PROMPT
    assert metadata["seeds"]["ad"] == 7
    assert set(metadata["providers"].values()) == {"local"}
    assert metadata["config"]["fps"] == 10
    assert metadata["checks"] == finished_ad.done.json()["data"]["checks"]
    listed = {each["path"]: each for each in metadata["files"]}
    assert set(listed) == FILES - {"metadata.json"}
    for name, facts in listed.items():
        content = (finished_ad.folder / name).read_bytes()
        assert facts["sha256"] == hashlib.sha256(content).hexdigest(), name
        assert facts["bytes"] == len(content), name


def test_note_is_finished_and_holds_the_request_as_given(finished_ad: FinishedAd) -> None:
    note = json.loads((finished_ad.folder / ".admint-run.json").read_text())
    assert note["state"] == "finished"
    assert note["generation_id"] == finished_ad.done.json()["data"]["generation_id"]
    assert note["request"]["prompt"] == PROMPT
    assert [path.rpartition("/")[2] for path in note["request"]["product_images"]] == ["shoe-1.png", "shoe-2.png"]


def test_finished_folder_is_not_overwritten(finished_ad: FinishedAd) -> None:
    done = finished_ad.cli.run("generate", "--auto", "--prompt", "Tea", "--output", "ad")
    assert done.code == 5
    assert "already holds a finished ad" in done.err
    assert "--force" in done.err


def test_several_prompts_one_of_them_piped_in_plain_lines(cli: Cli) -> None:
    cli.environment["NO_COLOR"] = "1"
    words = ("generate", "--auto", "--prompt", PROMPT, "--prompt", "-", "--output", "both")
    done = cli.run(*words, *TINY, stdin=f"{PROMPT}\n")
    assert done.code == 0, done.err
    assert done.err == ""
    assert "\x1b" not in done.out
    assert "\r" not in done.out
    for name in ("sunrise-roast-single-origin-coffee", "sunrise-roast-single-origin-coffee-2"):
        assert (cli.folder / "both" / name / "final.mp4").is_file()
        assert f"both/{name}/final.mp4" in done.out
    for number in ("1", "2"):
        for stage in ("Story", "References", "Scenes", "Clip 1", "Clip 2", "Film"):
            assert re.search(rf"{number}  {stage}", done.out), f"{stage} of ad {number}"
    assert re.search(r"#[0-9a-fA-F]{6}", done.out), "colours are said as hex where they can't be seen"
    assert "$0.00 (made on this machine)" in done.out
