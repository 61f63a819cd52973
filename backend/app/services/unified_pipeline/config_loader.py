"""Loads and checks configuration: the pipeline file, the request's overrides and the prompts.

Called by the container at start (`validate_all`), by the orchestrator for each run (`load_config`), by the CLI for
`--set` (`parse_set`). A fault in a file is a ConfigError that begins `path:line:`; a fault in a request's overrides is
an InvalidInput. Tests: tests/test_services/test_config_loader.py
"""

from __future__ import annotations

import copy
import hashlib
import importlib
import math
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache, partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from app.core.errors import ConfigError, InvalidInput
from app.kit.text_template import template_variables
from app.kit.validation import Problem, first_problem, nearest
from app.kit.yaml_source import YamlSource, parse_value, parse_yaml
from app.schemas.prompts import PROMPT_IDS, PromptFile, PromptLibrary, PromptTemplate
from app.schemas.unified_pipeline import PipelineConfig, StageName

DEFAULT: Final = "default"
FILE_ONLY: Final = ("pipeline_name", "generations_per_hour")
"""Settings that a request may not override: they are the operator's."""
REQUEST_KEYS: Final = ("quality_threshold", "enable_vbench", "parallel_variants")
"""The spec's request names, beside the names of PipelineConfig."""
NEEDS: Final[tuple[tuple[StageName, StageName], ...]] = (
    ("reference_images", "story"),
    ("scenes", "story"),
    ("videos", "scenes"),
)
"""(stage, the stage whose output it takes): an order that breaks one of these could not run."""
GATED: Final = ("story", "scenes")
"""The stages that make a draft one can approve."""


def load_config(name_or_path: str = DEFAULT, overrides: Mapping[str, Any] | None = None) -> PipelineConfig:
    """Return a checked configuration: the default file, then the named one over it, then the overrides.

    Args:
        name_or_path: Name of a packaged pipeline, or the path of a YAML file that holds only what differs.
        overrides: Dotted (`{"timeouts.story": 60}`) or nested (`{"timeouts": {"story": 60}}`) settings, and the
            spec's `quality_threshold` (0-1), `enable_vbench` and `parallel_variants` (1).

    Raises:
        ConfigError: The file is missing or wrong; the message begins `path:line:`.
        InvalidInput: An override is wrong.
    """
    layers = [_packaged_default()]
    if name_or_path != DEFAULT:
        layers.append(_open_pipeline(name_or_path))
    data: dict[str, Any] = {}
    for layer in layers:
        data = _merge(data, layer.data)
    if len(layers) > 1 and "pipeline_name" not in layers[1].data:
        data["pipeline_name"] = Path(name_or_path).stem
    config = _validate_layers(data, layers)
    return _with_overrides(data, overrides) if overrides else config


def override_config(config: PipelineConfig, overrides: Mapping[str, Any]) -> PipelineConfig:
    """Return a stored configuration with overrides on top, as `load_config` takes them. Raises InvalidInput."""
    return _with_overrides(config.model_dump(), overrides)


def parse_set(text: str) -> tuple[str, Any]:
    """Return (dotted key, value) of one `key=value`, the value in YAML syntax. Raises InvalidInput."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InvalidInput(f"'{text}' is not a setting.", hint="Write key=value, for example timeouts.story=60.")
    try:
        return key.strip(), parse_value(value)
    except ConfigError as error:
        hint = "Quote text that holds : # [ or {, for example key='\"a: b\"'."
        raise InvalidInput(f"The value of '{key.strip()}' cannot be read ({error.message}).", hint=hint) from error


def load_prompts(root: Traversable | None = None) -> PromptLibrary:
    """Return all prompts, checked, from `root` (default: the packaged config folder).

    Raises:
        ConfigError: A file is missing, unreadable or wrong; the message begins `path:line:`.
    """
    folder = (root or _packaged_root()).joinpath("prompts")
    prompts: dict[str, PromptTemplate] = {prompt_id: _load_prompt(folder, prompt_id) for prompt_id in PROMPT_IDS}
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        stem, dot, suffix = entry.name.rpartition(".")
        if dot and suffix in ("yaml", "yml") and stem not in prompts:
            shown = f"config/prompts/{entry.name}"
            raise ConfigError(f"{shown}:1: no task uses a prompt of this name", hint=nearest(stem, PROMPT_IDS))
    return PromptLibrary(prompts)


def validate_all(root: Traversable | None = None) -> None:
    """Check every packaged pipeline and prompt; called once at start. Raises ConfigError."""
    base = root or _packaged_root()
    default = _read(base.joinpath("pipelines", f"{DEFAULT}.yaml"), f"config/pipelines/{DEFAULT}.yaml")
    for name in _pipeline_names(base):
        layer = _read(base.joinpath("pipelines", f"{name}.yaml"), f"config/pipelines/{name}.yaml")
        _validate_layers(_merge(default.data, layer.data), [default, layer])
    for key in PipelineConfig.model_fields:
        if key not in default.data:
            raise default.error((), f"'{key}' is missing", "The default file holds every setting.")
    load_prompts(base)


def _packaged_root() -> Traversable:
    return files("app").joinpath("config")


@lru_cache(maxsize=1)
def _packaged_default() -> YamlSource:
    return _read(_packaged_root().joinpath("pipelines", f"{DEFAULT}.yaml"), f"config/pipelines/{DEFAULT}.yaml")


def _pipeline_names(root: Traversable) -> list[str]:
    entries = root.joinpath("pipelines").iterdir()
    return sorted(entry.name.removesuffix(".yaml") for entry in entries if entry.name.endswith(".yaml"))


def _open_pipeline(name_or_path: str) -> YamlSource:
    """Return a packaged pipeline by its name, or the file at a path."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name_or_path):
        return _read(Path(name_or_path), name_or_path)
    names = _pipeline_names(_packaged_root())
    if name_or_path not in names:
        hint = f"{nearest(name_or_path, names)} A file of your own needs its ending, for example ./mine.yaml."
        raise ConfigError(f"there is no pipeline named '{name_or_path}'", hint=hint)
    shown = f"config/pipelines/{name_or_path}.yaml"
    return _read(_packaged_root().joinpath("pipelines", f"{name_or_path}.yaml"), shown)


def _read_bytes(file: Traversable, shown: str) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError as error:
        raise ConfigError(f"{shown}:1: no such file", hint="Check the path.") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{shown}:1: the file cannot be read", hint="Check that it is a readable file.") from error


def _read(file: Traversable, shown: str) -> YamlSource:
    return _parse(_read_bytes(file, shown), shown)


def _parse(raw: bytes, shown: str) -> YamlSource:
    try:
        return parse_yaml(raw.decode("utf-8-sig"), shown)
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise ConfigError(f"{shown}:{line}: the file is not UTF-8 text", hint="Save it as UTF-8.") from error


def _merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with `over` on top: blocks merge, values and lists are replaced. Neither is changed."""
    merged: dict[str, Any] = copy.deepcopy(dict(base))
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = (
            _merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else copy.deepcopy(value)
        )
    return merged


def _validate_layers(data: Mapping[str, Any], layers: Sequence[YamlSource]) -> PipelineConfig:
    checked = _check(data)
    if isinstance(checked, PipelineConfig):
        return checked
    path = checked.path or _named_key(checked.what, layers)
    source = next((layer for layer in reversed(layers) if _holds(layer, path)), layers[-1])
    raise source.error(path, checked.what, checked.hint)


def _check(data: Mapping[str, Any]) -> PipelineConfig | Problem:
    """Return the configuration, or the first thing that is wrong with it."""
    try:
        config = PipelineConfig.model_validate(data, strict=True)
    except ValidationError as error:
        return first_problem(error, PipelineConfig)
    return _impossible(config) or config


def _impossible(config: PipelineConfig) -> Problem | None:
    """Return the first thing that is legal by type but could not run."""
    if not config.order:
        return Problem(("order",), "order is empty: nothing would run", "List story, reference_images, scenes, videos.")
    for stage, needed in NEEDS:
        if config.order.index(stage) < config.order.index(needed):
            return Problem(("order",), f"order puts {stage} before {needed}, which it needs", f"Put {needed} first.")
    for number, gate in enumerate(config.gates):
        if gate not in GATED:
            return Problem(("gates", number), f"{gate} has no draft to approve", f"Legal here: {', '.join(GATED)}.")
        if gate in config.gates[:number]:
            return Problem(("gates", number), f"gates names {gate} twice", "Name each stage once.")
    if config.framework not in config.frameworks:
        what = f"the framework '{config.framework}' has no entry under frameworks"
        return Problem(("framework",), what, nearest(config.framework, config.frameworks))
    return None


def _named_key(what: str, layers: Sequence[YamlSource]) -> tuple[str | int, ...]:
    """Return the key that a rule about several keys speaks of, as the last layer that has it wrote it."""
    words = re.findall(r"\w+", what)
    for layer in reversed(layers):
        for word in words:
            if word in layer.data:
                return (word,)
    return ()


def _holds(layer: YamlSource, path: tuple[str | int, ...]) -> bool:
    return path in layer.lines or path[:-1] in layer.lines


def _with_overrides(data: Mapping[str, Any], overrides: Mapping[str, Any]) -> PipelineConfig:
    result = copy.deepcopy(dict(data))
    explicit = {key.split(".")[0] for key in overrides}
    for key, value in overrides.items():
        for path, leaf in _leaves(tuple(key.split(".")), value):
            _put(result, path, leaf, explicit)
    checked = _check(result)
    if isinstance(checked, PipelineConfig):
        return checked
    hint = checked.hint
    if checked.what.startswith("unknown key") and len(checked.path) == 1:
        hint = nearest(str(checked.path[0]), [*PipelineConfig.model_fields, *REQUEST_KEYS])
    raise InvalidInput(f"The setting is refused: {checked.what}.", hint=hint)


def _leaves(path: tuple[str, ...], value: object) -> list[tuple[tuple[str, ...], object]]:
    """Return (path, value) of every value that is not a block itself."""
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput(f"The setting {'.'.join(path)} is not a finite number.", hint="Give a number.")
    if not isinstance(value, Mapping) or not value:
        return [(path, value)]
    return [leaf for key, inner in value.items() for leaf in _leaves((*path, str(key)), inner)]


def _put(data: dict[str, Any], path: tuple[str, ...], value: object, explicit: set[str]) -> None:
    if path[0] in FILE_ONLY:
        raise InvalidInput(f"The setting {path[0]} cannot be overridden.", hint="It is set in the pipeline file.")
    if path == ("quality_threshold",):
        _put_quality(data, value, explicit)
    elif path == ("parallel_variants",):
        if type(value) is not int or value != 1:
            raise InvalidInput(f"parallel_variants is {value!r}.", hint="Only 1 is possible in this version.")
    else:
        path = ("vbench_enabled",) if path == ("enable_vbench",) else path
        here: Any = data
        for depth, part in enumerate(path[:-1]):
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                name = ".".join(path[: depth + 1])
                raise InvalidInput(f"{name} is one value; it has no '{path[depth + 1]}'.", hint=f"Set {name} itself.")
        here[path[-1]] = copy.deepcopy(value)


def _put_quality(data: dict[str, Any], value: object, explicit: set[str]) -> None:
    """Map the spec's 0-1 threshold to the 0-100 scale; "acceptable" follows when it would lie above."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        raise InvalidInput(f"quality_threshold is {value!r}.", hint="Legal: 0 to 1; 0.8 means 80 of 100.")
    good = round(value * 100, 6)
    data["vbench_threshold_good"] = good
    if "vbench_threshold_acceptable" not in explicit:
        data["vbench_threshold_acceptable"] = min(data["vbench_threshold_acceptable"], good)


def _load_prompt(folder: Traversable, prompt_id: str) -> PromptTemplate:
    shown = f"config/prompts/{prompt_id}.yaml"
    raw = _read_bytes(folder.joinpath(f"{prompt_id}.yaml"), shown)
    source = _parse(raw, shown)
    try:
        prompt = PromptFile.model_validate(source.data, strict=True)
    except ValidationError as error:
        problem = first_problem(error, PromptFile)
        raise source.error(problem.path, problem.what, problem.hint) from error
    if prompt.id != prompt_id:
        raise source.error(("id",), f"id is '{prompt.id}', the file is named '{prompt_id}'", "Make them equal.")
    _check_output(prompt, source)
    _check_variables(prompt, source)
    return PromptTemplate(**prompt.model_dump(), path=shown, sha256=hashlib.sha256(raw).hexdigest())


def _check_output(prompt: PromptFile, source: YamlSource) -> None:
    module, _, name = prompt.output.partition(":")
    hint = "Name a schema as app.schemas.<module>:<Class>."
    try:
        found = getattr(importlib.import_module(module), name, None)
    except ModuleNotFoundError as error:
        raise source.error(("output",), f"there is no module '{module}'", hint) from error
    if not (isinstance(found, type) and issubclass(found, BaseModel)):
        raise source.error(("output",), f"'{prompt.output}' is not a schema", hint)


def _check_variables(prompt: PromptFile, source: YamlSource) -> None:
    """Refuse a variable that is used but not declared, declared but not used, or declared twice."""
    declared = [variable.name for variable in prompt.variables]
    used: set[str] = set()
    for part, text in (("system", prompt.system), ("user", prompt.user)):
        path: tuple[str | int, ...] = (part,)
        lines = template_variables(text, partial(source.text_error, path))
        for name, line in sorted(lines.items(), key=lambda item: item[1]):
            if name not in declared:
                what = f"the template uses '{name}', which is not declared"
                raise source.text_error(path, line, what, nearest(name, declared))
        used |= set(lines)
    for index, name in enumerate(declared):
        path_of = ("variables", index, "name")
        if name in declared[:index]:
            raise source.error(path_of, f"the variable '{name}' is declared twice", "Remove one.")
        if name not in used:
            hint = f"Use it as {{{{ {name} }}}}, or remove it."
            raise source.error(path_of, f"the variable '{name}' is never used", hint)
