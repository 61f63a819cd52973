"""A generation's JSON columns as the schemas they hold. Repositories write through `to_json`, readers use the rest.

Null in the database reads as null or as an empty list. Tests: tests/test_db/test_generation_model.py
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, TypeAdapter

from app.db.models import Clip, Generation
from app.schemas.providers import RemoteJob
from app.schemas.story import Story, StoryRound
from app.schemas.unified_pipeline import (
    AdPlan,
    BrandAssets,
    Gate,
    GenerationRequest,
    PipelineConfig,
    ReferenceImage,
    Scene,
    VideoClip,
)

_REFERENCES = TypeAdapter(list[ReferenceImage])
_SCENES = TypeAdapter(list[Scene])
_ROUNDS = TypeAdapter(list[StoryRound])
_CLIPS = TypeAdapter(list[VideoClip])
_STORYBOARD = TypeAdapter(dict[int, str])


def to_json(value: BaseModel) -> dict[str, Any]:
    """Return the JSON document of a schema."""
    return value.model_dump(mode="json")


def story_of(row: Generation) -> Story | None:
    """Return the latest story."""
    return None if row.story is None else Story.model_validate(row.story)


def plan_of(row: Generation) -> AdPlan | None:
    """Return the planned shape of the ad."""
    return None if row.plan is None else AdPlan.model_validate(row.plan)


def request_of(row: Generation) -> GenerationRequest:
    """Return the request as it was accepted."""
    return GenerationRequest.model_validate(row.request)


def rounds_of(row: Generation) -> list[StoryRound]:
    """Return every Director-Critic round of the latest draft, oldest first."""
    return _ROUNDS.validate_python(row.story_rounds or [])


def config_of(row: Generation) -> PipelineConfig:
    """Return the configuration snapshot; the defaults when none was taken."""
    return PipelineConfig.model_validate(row.config or {})


def gate_of(row: Generation) -> Gate | None:
    """Return the open approval point, null when nobody is asked."""
    return None if row.gate is None else Gate.model_validate(row.gate)


def brand_assets_of(row: Generation) -> BrandAssets:
    """Return the caller's own images, as storage keys."""
    return BrandAssets.model_validate(row.brand_assets or {})


def references_of(row: Generation) -> list[ReferenceImage]:
    """Return the chosen references."""
    return _REFERENCES.validate_python(row.reference_images or [])


def scenes_of(row: Generation) -> list[Scene]:
    """Return the scenes in story order."""
    return _SCENES.validate_python(row.scenes or [])


def video_clips_of(row: Generation) -> list[VideoClip]:
    """Return the clips in stitch order."""
    return _CLIPS.validate_python(row.video_clips or [])


def storyboard_of(row: Generation) -> dict[int, str]:
    """Return one still's storage key a scene id."""
    return stills(row.storyboard)


def stills(stored: dict[str, str] | None) -> dict[int, str]:
    """Return the `storyboard` column's value by scene id."""
    return _STORYBOARD.validate_python(stored or {})


def poster_of(row: Generation) -> str | None:
    """Return the storage key of the picture that stands for the ad: its first scene's still."""
    return first_still(storyboard_of(row))


def first_still(drawn: dict[int, str]) -> str | None:
    """Return the first scene's still, null when none is drawn yet."""
    return drawn[min(drawn)] if drawn else None


def remote_job_of(row: Clip) -> RemoteJob | None:
    """Return the submitted job of a take, null for local work."""
    return None if row.remote_job is None else RemoteJob.model_validate(row.remote_job)
