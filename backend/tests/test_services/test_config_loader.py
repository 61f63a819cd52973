"""Configuration as data (app/services/unified_pipeline/config_loader.py)."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.core.errors import ConfigError, InvalidInput
from app.schemas.unified_pipeline import PipelineConfig
from app.services.unified_pipeline.config_loader import load_config, parse_set, validate_all
from tests.fixtures.configuration import Edit, line_of

# -- the default pipeline -------------------------------------------------------------------------------------------


@pytest.mark.ac("AC-1.3")
def test_default_pipeline_has_the_specified_values() -> None:
    config = load_config()
    assert config.stages.model_dump() == {"story": True, "reference_images": True, "scenes": True, "videos": True}
    assert (config.story_max_iterations, config.scene_max_iterations) == (3, 2)
    assert (config.timeouts.story, config.timeouts.scenes, config.timeouts.videos) == (120, 180, 600)
    assert (config.vbench_enabled, config.vbench_threshold_good, config.vbench_threshold_acceptable) == (True, 80, 60)
    assert (config.video_parallel, config.video_max_concurrent) == (True, 5)
    assert config.order == ["story", "reference_images", "scenes", "videos"]
    assert config.gates == ["story", "scenes"]
    assert set(config.frameworks) == {"AIDA", "PAS", "FAB", "BAB", "custom"}


@pytest.mark.ac("AC-1.3")
def test_default_file_spells_out_every_setting_and_agrees_with_the_schema() -> None:
    raw = yaml.safe_load(files("app").joinpath("config", "pipelines", "default.yaml").read_text(encoding="utf-8"))
    assert set(raw) == set(PipelineConfig.model_fields)
    from_yaml, from_schema = load_config().model_dump(), PipelineConfig().model_dump()
    for key in ("order", "gates", "frameworks"):
        assert from_yaml.pop(key)
        assert not from_schema.pop(key), "these come from the file alone"
    assert from_yaml == from_schema


@pytest.mark.ac("AC-1.4")
def test_configuration_survives_its_snapshot() -> None:
    config = load_config(overrides={"duration_s": 12})
    assert PipelineConfig.model_validate_json(config.model_dump_json()) == config


def test_a_loaded_configuration_is_the_callers_own() -> None:
    load_config().frameworks["AIDA"].beats.append("changed")
    assert "changed" not in load_config().frameworks["AIDA"].beats


# -- faults in a pipeline file --------------------------------------------------------------------------------------


@pytest.mark.ac("AC-1.4")
@pytest.mark.parametrize(
    ("text", "where", "what", "hint"),
    [
        ("fps: 25\ntimouts:\n  story: 1\n", 2, "unknown key 'timouts'", "Did you mean 'timeouts'?"),
        ("timeouts:\n  stroy: 60\n", 2, "unknown key 'timeouts.stroy'", "Did you mean 'story'?"),
        ("\n\nvideo_max_concurrent: 50\n", 3, "video_max_concurrent is 50", "Legal: 1 to 10."),
        ("fps: fast\n", 1, "fps must be a whole number, not 'fast'", "Legal: 10 to 60."),
        ('fps: "30"\n', 1, "fps must be a whole number, not '30'", "Legal: 10 to 60."),
        ("vbench_enabled: yes\n", 1, "vbench_enabled must be true or false, not 'yes'", ""),
        ("stages: all\n", 1, "stages must be a block of 'key: value' lines, not 'all'", ""),
        ("framework: aida\n", 1, "framework cannot be 'aida'", "Did you mean 'AIDA'?"),
        ("aspect_ratio: 4:3\n", 1, "aspect_ratio cannot be '4:3'", "Legal here: 16:9, 1:1, 9:16."),
        ("gates:\n  - story\n  - scene\n", 3, "gates.1 cannot be 'scene'", "Did you mean 'scenes'?"),
        ("gates:\n  - story\n  - videos\n", 3, "videos has no draft to approve", "Legal here: story, scenes."),
        ("gates: [story, story]\n", 1, "gates names story twice", "Name each stage once."),
        ("order: []\n", 1, "order is empty", "List story, reference_images, scenes, videos."),
        ("order: [story]\n", 1, "order must name each of these once", ""),
        ("order: [scenes, story, reference_images, videos]\n", 1, "order puts scenes before story", "Put story first."),
        ("duration_s: 61\n", 1, "duration_s is 61", "Legal: 2 to 60."),
        ("timeouts:\n  videos: 0\n", 2, "timeouts.videos is 0", "Legal: more than 0."),
        ("fps: 25\nvbench_threshold_good: 50\n", 2, "vbench_threshold_acceptable must not be above", ""),
        (
            "frameworks:\n  PAS:\n    beats: [one]\n",
            3,
            "frameworks.PAS.beats is ['one']",
            "Legal: at least 2 long, at most 8 long.",
        ),
        ("frameworks:\n  PASS:\n    label: x\n", 2, "frameworks.PASS cannot be 'PASS'", "Did you mean 'PAS'?"),
        ("fps: 24\nfps: 25\n", 2, "the key 'fps' is there twice", "The first one is on line 1."),
        ("fps: [25\n", 2, "broken YAML", "Check the indentation, the colons and the quotes near this line."),
    ],
)
def test_a_fault_names_file_line_and_remedy(tmp_path: Path, text: str, where: int, what: str, hint: str) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load_config(str(path))
    assert caught.value.message.startswith(f"{path}:{where}: {what}")
    assert caught.value.hint == hint


@pytest.mark.ac("AC-1.4")
def test_packaged_files_are_named_relative_to_the_package(root: Path, edit: Edit) -> None:
    edit("pipelines/default.yaml", "fps: 30", "fps: 300")
    line = line_of(root / "pipelines/default.yaml", "fps: 300")
    with pytest.raises(ConfigError, match=rf"^config/pipelines/default\.yaml:{line}: fps is 300") as caught:
        validate_all(root)
    assert str(root) not in str(caught.value)


@pytest.mark.ac("AC-1.3")
def test_start_refuses_a_default_file_with_a_setting_missing(root: Path, edit: Edit) -> None:
    edit("pipelines/default.yaml", "generations_per_hour: 10\n", "")
    with pytest.raises(ConfigError, match="'generations_per_hour' is missing"):
        validate_all(root)


def test_start_checks_every_pipeline_in_the_package(root: Path) -> None:
    (root / "pipelines" / "short.yaml").write_text("fps: 25\n", encoding="utf-8")
    validate_all(root)
    (root / "pipelines" / "short.yaml").write_text("fsp: 25\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"config/pipelines/short\.yaml:1: unknown key 'fsp'"):
        validate_all(root)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("defualt", "there is no pipeline named 'defualt' Did you mean 'default'?"),
        ("./nowhere.yaml", "./nowhere.yaml:1: no such file"),
        (".", ".:1: the file cannot be read"),
        ("a\x00b", "a\x00b:1: the file cannot be read"),
    ],
)
def test_a_file_that_is_not_there(name: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(name)
    assert str(caught.value).startswith(message)


def test_a_file_that_is_not_text(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_bytes(b"fps: 25\npipeline_name: \xff\n")
    with pytest.raises(ConfigError, match=r"mine\.yaml:2: the file is not UTF-8 text"):
        load_config(str(path))


def test_a_file_of_ones_own_holds_only_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "quick.yaml"
    path.write_text("\ufefftimeouts:\n  story: 5\nvbench_threshold_good: 90.5\n", encoding="utf-8")
    config = load_config(str(path))
    assert (config.pipeline_name, config.timeouts.story, config.timeouts.videos) == ("quick", 5, 600)
    assert config.vbench_threshold_good == 90.5
    assert config.order == load_config().order


# -- overrides ------------------------------------------------------------------------------------------------------


@pytest.mark.ac("AC-1.4", "AC-1.6")
def test_overrides_dotted_nested_and_in_the_specs_words() -> None:
    config = load_config(
        overrides={
            "timeouts.story": 60,
            "stages": {"videos": False},
            "quality_threshold": 0.85,
            "enable_vbench": False,
            "parallel_variants": 1,
            "aspect_ratio": "9:16",
        }
    )
    assert (config.timeouts.story, config.timeouts.scenes) == (60, 180)
    assert (config.stages.videos, config.stages.story) == (False, True)
    assert (config.vbench_threshold_good, config.vbench_threshold_acceptable, config.vbench_enabled) == (85, 60, False)
    assert config.aspect_ratio == "9:16"
    assert load_config().timeouts.story == 120


def test_a_low_quality_threshold_takes_the_lower_one_with_it() -> None:
    config = load_config(overrides={"quality_threshold": 0.5})
    assert (config.vbench_threshold_good, config.vbench_threshold_acceptable) == (50, 50)
    with pytest.raises(InvalidInput, match="must not be above"):
        load_config(overrides={"quality_threshold": 0.5, "vbench_threshold_acceptable": 55})


@pytest.mark.ac("AC-1.4")
@pytest.mark.parametrize(
    ("overrides", "message", "hint"),
    [
        ({"timeouts.stroy": 1}, "unknown key 'timeouts.stroy'", "Did you mean 'story'?"),
        ({"quality_treshold": 0.8}, "unknown key 'quality_treshold'", "Did you mean 'quality_threshold'?"),
        ({"fps": 100}, "fps is 100", "Legal: 10 to 60."),
        ({"fps": True}, "fps must be a whole number, not True", "Legal: 10 to 60."),
        ({"quality_threshold": 80}, "quality_threshold is 80", "Legal: 0 to 1; 0.8 means 80 of 100."),
        ({"quality_threshold": True}, "quality_threshold is True", "Legal: 0 to 1; 0.8 means 80 of 100."),
        ({"parallel_variants": 3}, "parallel_variants is 3", "Only 1 is possible in this version."),
        ({"order.first": "story"}, "order is one value", "Set order itself."),
        ({"timeouts": None}, "timeouts must be a block", ""),
        ({"": 1}, "unknown key", ""),
        ({"generations_per_hour": 1000}, "cannot be overridden", "It is set in the pipeline file."),
        ({"timeouts.story": float("inf")}, "timeouts.story is not a finite number", "Give a number."),
        (
            {"frameworks": {"AIDA": {"beats": []}}},
            "frameworks.AIDA.beats is []",
            "Legal: at least 2 long, at most 8 long.",
        ),
    ],
)
def test_a_wrong_override_is_the_callers_fault(overrides: dict[str, Any], message: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        load_config(overrides=overrides)
    assert message in caught.value.message
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("timeouts.story=60", ("timeouts.story", 60)),
        ("aspect_ratio=16:9", ("aspect_ratio", "16:9")),
        ("stages.videos=false", ("stages.videos", False)),
        ("scene_count=", ("scene_count", None)),
        ("gates=[story]", ("gates", ["story"])),
        ("framework_text=a = b", ("framework_text", "a = b")),
    ],
)
def test_a_set_option_is_read_as_yaml(text: str, pair: tuple[str, object]) -> None:
    assert parse_set(text) == pair
    if pair[0] != "framework_text":
        load_config(overrides=dict([pair]))


@pytest.mark.parametrize("text", ["timeouts.story", "=5", "gates=[story", "a=b: c: d"])
def test_a_set_option_that_cannot_be_read(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_set(text)
    assert caught.value.hint
