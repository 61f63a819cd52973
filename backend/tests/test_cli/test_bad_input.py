"""Every bad request: one sentence that names the cause, the next step, exit 2 (or its own), nothing left behind."""

from __future__ import annotations

import errno
import json
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from cli_tools.admint import run_command
from tests.fixtures.cli import Cli, picture

GENERATE = ("generate", "--auto")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a data folder of its own and one good picture."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMINT_HOME", str(tmp_path / "home"))
    picture(tmp_path / "good.png")
    return tmp_path


def refused(capsys: pytest.CaptureFixture[str], *words: str, code: int = 2) -> str:
    """Run a command line that must be refused; return what standard error says."""
    assert run_command([*GENERATE, *words]) == code
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.startswith("Error: ")
    return err


@pytest.mark.parametrize(
    ("words", "cause", "hint"),
    [
        ([], "There is no prompt", "admint generate --prompt"),
        (["--prompt", ""], "The prompt is empty", "in a sentence"),
        (["--prompt", " \n\t "], "The prompt is empty", "in a sentence"),
        (["--prompt", "x" * 5001], "5,001 characters long; the limit is 5,000", "one sentence"),
        (["--prompt", "-", "--prompt", "-"], "--prompt - can be given once", "only once"),
        (["--prompt", "-", "--interactive"], "don't go together", "as text"),
        (
            ["--prompt", "x", "--framework", "AIDDA"],
            "no framework 'AIDDA'. Did you mean AIDA?",
            "PAS, FAB, BAB, custom",
        ),
        (["--prompt", "x", "--framework", "custom"], "needs a text that names its beats", "AIDA"),
        (["--prompt", "x", "--aspect", "4:3"], "no aspect ratio '4:3'", "16:9, 9:16, 1:1"),
        (["--prompt", "x", "--duration", "90"], "--duration can't be 90: it is 60 at most", ""),
        (["--prompt", "x", "--duration", "1"], "--duration can't be 1: it is 2 or more", ""),
        (["--prompt", "x", "--duration", "long"], "--duration", "admint generate --help"),
        (["--prompt", "x", "--seed", "-4"], "--seed can't be -4: it is 0 or more", ""),
        (["--prompt", "x", "--brand", "b" * 61], "--brand is 61 characters long; the limit is 60", ""),
        (["--prompt", "x", "--set", "fps"], "'fps' is not a setting", "key=value"),
        (["--prompt", "x", "--set", "fpz=3"], "unknown key 'fpz'", "Did you mean 'fps'?"),
        (["--prompt", "x", "--set", "fps=300"], "fps", "10 to 60"),
        (
            ["--prompt", "x", "--set", "duration_s=2", "--set", "scene_count=9"],
            "9 scenes do not fit into 2 s",
            "2 scenes",
        ),
        (["--nonsense"], "No such option: --nonsense", "admint generate --help"),
        (["a sentence without its flag"], "unexpected extra argument", "after --prompt"),
    ],
)
def test_words_are_refused(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], cause: str, hint: str
) -> None:
    said = refused(capsys, *words)
    assert cause in said
    assert hint in said
    assert not (here / "output").exists(), "a refused request leaves nothing behind"


def test_unknown_pipeline_is_a_configuration_error(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no pipeline named 'nope'" in refused(capsys, "--prompt", "x", "--config", "nope", code=3)
    assert not (here / "output").exists()


def test_wrong_pipeline_file_is_named_with_its_line(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "mine.yaml").write_text("fps: 30\nfpz: 3\n")
    said = refused(capsys, "--prompt", "x", "--config", "./mine.yaml", code=3)
    assert "mine.yaml:2:" in said
    assert "fpz" in said


def huge_png(path: Path) -> None:
    """A PNG whose header claims 30,000 x 30,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(999))) + chunk(b"IEND", b"")
    )


def animation(path: Path) -> None:
    frames = [Image.new("RGB", (80, 80), colour) for colour in ("red", "green", "blue")]
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=100)


@pytest.mark.parametrize("flag", ["--product-images", "--character-images", "--logo"])
@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("missing.png", "There is no file missing.png"),
        ("none-*.png", "No file matches none-*.png"),
        ("folder", "folder is a folder, not an image"),
        ("text.png", "text.png is not a PNG, JPEG or WebP image"),
        ("huge.png", "huge.png has more than 40 megapixels"),
        ("moving.webp", "moving.webp is an animation"),
        ("cut.png", "cut.png"),
        ("large.png", "large.png is 10.5 MB; the limit is 10 MB"),
    ],
)
def test_images_are_refused_by_name(
    here: Path, capsys: pytest.CaptureFixture[str], flag: str, name: str, cause: str
) -> None:
    (here / "folder").mkdir()
    (here / "text.png").write_text("hello")
    huge_png(here / "huge.png")
    animation(here / "moving.webp")
    (here / "cut.png").write_bytes((here / "good.png").read_bytes()[:60])
    (here / "large.png").write_bytes((here / "good.png").read_bytes() + bytes(11_000_000))
    assert cause in refused(capsys, "--prompt", "x", flag, name)
    assert not (here / "output").exists()


def test_unreadable_image_is_said(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "good.png can't be read" in refused(capsys, "--prompt", "x", "--logo", "good.png")


def test_too_many_megabytes_together_are_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = [f"part-{number}.png" for number in range(6)]
    for name in names:
        (here / name).write_bytes((here / "good.png").read_bytes() + bytes(9_000_000))
    assert "together; the limit is 50 MB" in refused(capsys, "--prompt", "x", "--product-images", *names)


def test_output_that_is_a_file_is_refused(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "good.png is a file" in refused(capsys, "--prompt", "x", "--output", "good.png")


def test_json_answers_in_kind(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (
        ["--prompt", ""],
        ["--prompt", "x", "--logo", "no.png"],
        ["--nonsense"],
        ["--prompt", "x", "--set", "a=1"],
    ):
        assert run_command([*GENERATE, "--format", "json", *words]) == 2
        out, err = capsys.readouterr()
        document = json.loads(out)
        assert document["status"] == "error"
        assert document["error"]["code"] == "invalid_input"
        assert document["error"]["message"]
        assert err == ""


def test_a_real_process_ends_with_the_same_code_and_words(cli: Cli) -> None:
    done = cli.run(*GENERATE, "--prompt", "x", "--framework", "PASS")
    assert (done.code, done.out) == (2, "")
    assert "Did you mean PAS?" in done.err
