"""From the request as given to what the pipeline takes: typed, checked, its images stored.

Called by cli_tools/studio.py. Tests: tests/test_cli/test_bad_input.py
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

from pydantic import ValidationError

from app.container import Container
from app.core.errors import InvalidInput
from app.db.repositories.users import LOCAL_USER_ID
from app.kit.images import check_image
from app.kit.validation import first_problem
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest, PipelineConfig, ReferenceType
from app.services.unified_pipeline.config_loader import DEFAULT, load_config, parse_set
from cli_tools.intake import check_total, images_of
from cli_tools.run_folder import shown_path

_FLAGS = {
    "duration_s": "--duration",
    "aspect_ratio": "--aspect",
    "framework_text": "--framework-text",
    "framework": "--framework",
    "brand": "--brand",
    "cta": "--cta",
    "url": "--url",
    "seed": "--seed",
    "prompt": "--prompt",
}


def build_request(given: dict[str, Any], session_id: str | None = None) -> GenerationRequest:
    """Return the typed request; its images are stored later by `store_images`.

    Raises:
        InvalidInput: A value the pipeline refuses, said with the flag's name.
    """
    values = {
        "prompt": given["prompt"],
        "framework": given["framework"],
        "framework_text": given["framework_text"],
        "brand": given["brand"],
        "cta": given["cta"],
        "url": given["url"],
        "duration_s": given["duration"],
        "aspect_ratio": given["aspect"],
        "seed": given["seed"],
        "config": dict(parse_set(pair) for pair in given["set"]),
        "interactive": given["interactive"],
        "session_id": session_id,
    }
    try:
        return GenerationRequest.model_validate(values)
    except ValidationError as error:
        problem = first_problem(error, GenerationRequest)
        field = str(problem.path[0]) if problem.path else ""
        raise InvalidInput(_said(problem.what, field), hint=problem.hint) from error


def _said(what: str, field: str) -> str:
    flag = _FLAGS.get(field)
    text = what.replace(field, flag, 1) if flag else what
    return f"{text[0].upper()}{text[1:]}".rstrip(".") + "."


def pipeline_of(given: dict[str, Any]) -> str:
    """Return the name or path of the pipeline's configuration."""
    return str(given["config"] or DEFAULT)


def check_config(given: dict[str, Any], request: GenerationRequest) -> PipelineConfig:
    """Return the configuration the run will have. Raises ConfigError, InvalidInput."""
    return load_config(pipeline_of(given), request.config)


def check_images(given: dict[str, Any]) -> None:
    """Decode every image once, before anything waits or runs. Raises InvalidInput that names the file."""
    check_total([given])
    for _, path in images_of(given):
        check_image(Path(path).read_bytes(), name=shown_path(Path(path)))


async def store_images(container: Container, given: dict[str, Any]) -> BrandAssets:
    """Store the user's images and return their keys. Raises InvalidInput, StorageError."""
    keys: dict[str, list[str]] = {"product": [], "character": [], "logo": []}
    processor = container.images()
    for kind, path in images_of(given):
        stored = await processor.ingest(
            Path(path),
            reference_type=cast(ReferenceType, kind),
            owner_prefix=f"assets/{LOCAL_USER_ID}",
            name=shown_path(Path(path)),
        )
        keys[kind].append(stored.key)
    logo = keys["logo"][0] if keys["logo"] else None
    return BrandAssets(product_images=keys["product"], character_images=keys["character"], logo=logo)
