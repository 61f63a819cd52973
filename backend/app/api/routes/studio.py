"""What the studio may offer here: providers, defaults and limits, each from where it is enforced.

Tests: tests/test_api/test_studio.py
"""

from __future__ import annotations

from typing import Any, cast, get_args

from fastapi import APIRouter, Request
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from app.api.deps import ContainerDep, CurrentUser
from app.api.errors import RESPONSES
from app.core.settings import Settings
from app.core.version import admint_version
from app.kit.images import FORMATS
from app.providers.offers import offers
from app.providers.registry import face
from app.schemas.api import AssetKind, GenerateBody, Success
from app.schemas.events import FeedbackPayload
from app.schemas.server import (
    FrameworkChoice,
    ProviderInUse,
    Range,
    StudioDefaults,
    StudioLimits,
    StudioView,
    Task,
)
from app.schemas.unified_pipeline import FRAME_SIZES, AspectRatio, PipelineConfig
from app.services.media.asset_library import MAX_FILE_BYTES, MAX_IMAGES, MAX_TOTAL_BYTES
from app.services.unified_pipeline.config_loader import load_config

router = APIRouter(prefix="/api/studio", tags=["studio"], responses=RESPONSES)


@router.get("")
async def studio(_: CurrentUser, container: ContainerDep, request: Request) -> Success[StudioView]:
    """Say what can be asked for here: providers, frameworks, defaults, limits, and whether anything scores videos."""
    config = load_config()
    view = StudioView(
        version=admint_version(),
        providers=_providers(config, container.settings),
        offers=offers(container.settings, config.models),
        cap_usd=container.settings.cap_usd,
        models={"image": config.models.image, "video": config.models.video},
        frameworks=[FrameworkChoice(name=name, **plan.model_dump()) for name, plan in config.frameworks.items()],
        defaults=StudioDefaults.model_validate(config.model_dump(include=set(StudioDefaults.model_fields))),
        ranges=_ranges(),
        frame_sizes={cast(AspectRatio, ratio): size for ratio, size in FRAME_SIZES.items()},
        limits=_limits(config.generations_per_hour if container.settings.auth == "accounts" else None),
        scorer=request.app.state.scorer,
    )
    return Success(data=view)


def _providers(config: PipelineConfig, settings: Settings) -> list[ProviderInUse]:
    chosen = config.providers.model_dump()
    faces = {task: face(chosen[task], settings) for task in get_args(Task)}
    return [ProviderInUse(task=task, name=chosen[task], **faces[task].model_dump()) for task in faces]


def _ranges() -> dict[str, Range]:
    found = {name: _range(PipelineConfig.model_fields[name]) for name in StudioDefaults.model_fields}
    return {name: each for name, each in found.items() if each != Range()}


def _range(field: FieldInfo) -> Range:
    return Range(min=_bound(field, "ge"), max=_bound(field, "le"))


def _longest(model: type[BaseModel], name: str) -> int:
    return cast(int, _bound(model.model_fields[name], "max_length"))


def _bound(field: FieldInfo, kind: str) -> Any:
    """Return a field's own constraint of that kind, null where it has none."""
    return next((getattr(each, kind) for each in field.metadata if hasattr(each, kind)), None)


def _limits(per_hour: int | None) -> StudioLimits:
    lengths = ("prompt", "brand", "cta", "url", "framework_text", "prompts", "variants")
    return StudioLimits(
        **{name: _longest(GenerateBody, name) for name in lengths},
        message=_longest(FeedbackPayload, "message"),
        file_bytes=MAX_FILE_BYTES,
        total_bytes=MAX_TOTAL_BYTES,
        images=MAX_IMAGES,
        asset_kinds=list(get_args(AssetKind)),
        media_types=[f"image/{name.lower()}" for name in FORMATS],
        generations_per_hour=per_hour,
    )
