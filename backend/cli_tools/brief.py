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
from app.schemas.providers import BriefReading
from app.schemas.unified_pipeline import BrandAssets, GenerationRequest, ReferenceType
from app.services.unified_pipeline.ad_planner import plan_ad
from app.services.unified_pipeline.config_loader import DEFAULT, load_config, parse_set
from cli_tools.intake import check_total, images_of
from cli_tools.render import sentence
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
_BOUNDS = {"greater_than_equal": "it is {:g} or more", "less_than_equal": "it is {:,g} at most"}


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
        raise _refusal(error) from error


def _refusal(error: ValidationError) -> InvalidInput:
    """Return the first complaint in the words of the command line."""
    raw = error.errors(include_url=False)[0]
    flag, limits = _FLAGS.get(str(raw["loc"][0]) if raw["loc"] else ""), raw.get("ctx") or {}
    if flag and raw["type"] == "string_too_long":
        limit = limits["max_length"]
        return InvalidInput(f"{flag} is {len(raw['input']):,} characters long; the limit is {limit:,}.")
    if flag and raw["type"] in _BOUNDS:
        return InvalidInput(f"{flag} can't be {raw['input']:g}: {_BOUNDS[raw['type']].format(*limits.values())}.")
    problem = first_problem(error, GenerationRequest)
    return InvalidInput(sentence(problem.what), hint=problem.hint)


def pipeline_of(given: dict[str, Any]) -> str:
    """Return the name or path of the pipeline's configuration."""
    return str(given["config"] or DEFAULT)


def check_plan(given: dict[str, Any], request: GenerationRequest) -> None:
    """Make sure that the configuration is legal and an ad of this shape can be planned.

    Raises:
        ConfigError: The pipeline's file is wrong.
        InvalidInput: A setting, or the shape they add up to, is not legal.
    """
    plan_ad(request, BriefReading(), load_config(pipeline_of(given), request.config))


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
