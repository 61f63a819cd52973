"""Making a scene legal for a paid model, and saying what that costs in quality: length, shape, references.

Called by adapter.py; pure. Tests: tests/test_providers/test_replicate_video/test_planning.py
"""

from __future__ import annotations

from app.core.errors import InvalidInput
from app.schemas.catalogue import VideoEntry
from app.schemas.providers import RemoteTake, VideoPlan, VideoRequest
from app.schemas.unified_pipeline import Consistency, ModelChoice, ReferenceImage, ReferenceType

_SHOWN: tuple[ReferenceType, ...] = ("product", "character", "environment")


def plan_clip(request: VideoRequest, entry: VideoEntry, models: ModelChoice) -> VideoPlan:
    """Return the plan: the shortest legal length that suffices, a legal shape, references as the model takes them.

    Raises:
        InvalidInput: The scene is longer than the model's longest clip.
    """
    told: list[str] = []
    ratio = _ratio(request, entry, told)
    consistency = _consistency(request, entry, ratio, models.consistency, told)
    return VideoPlan(
        request=request,
        model=models.video,
        render_duration_s=_length(request, entry, consistency, told),
        trim_to_s=request.scene.duration,
        downgrades=told,
        remote=RemoteTake(
            aspect_ratio=ratio,
            resolution=_resolution(entry, models.video_resolution, told),
            audio=models.video_sound and "audio" in entry.fields,
            consistency=consistency,
            image_model=models.image if consistency == "keyframe" else "",
        ),
    )


def shown_references(request: VideoRequest) -> list[ReferenceImage]:
    """Return the references a model is shown. A logo is drawn by us; a stand-in that shows no person would mislead."""
    found = [image for image in request.references if image.type in _SHOWN]
    return [image for image in found if image.type != "character" or image.source == "uploaded" or _is_person(image)]


def _is_person(image: ReferenceImage) -> bool:
    return bool(image.analysis.character_description)


def _ratio(request: VideoRequest, entry: VideoEntry, told: list[str]) -> str:
    """Return the model's shape of which the ad's frame keeps most."""
    wanted = request.width / request.height
    best = max(entry.ratios, key=lambda ratio: min(_value(ratio) / wanted, wanted / _value(ratio)))
    kept = min(_value(best) / wanted, wanted / _value(best))
    if kept < 0.98:
        told.append(f"filmed as {best} and cropped to the ad's shape; {1 - kept:.0%} of the picture is cut away")
    return best


def _value(ratio: str) -> float:
    width, height = ratio.split(":")
    return float(width) / float(height)


def _length(request: VideoRequest, entry: VideoEntry, consistency: Consistency, told: list[str]) -> float:
    wanted = request.scene.duration
    if consistency == "references" and entry.references_force:
        length = entry.references_force.duration
    else:
        enough = [duration for duration in entry.durations if duration >= wanted - 1e-6]
        if not enough:
            longest = max(entry.durations)
            raise InvalidInput(
                f"Scene {request.scene.id} lasts {wanted:g} s; {entry.label} films {longest} s at most.",
                hint="Use more and shorter scenes: --set scene_count=N.",
            )
        length = min(enough)
    if length > wanted:
        told.append(f"filmed {length} s long and cut to {wanted:g} s; all {length} s are paid for")
    return float(length)


def _resolution(entry: VideoEntry, wanted: str, told: list[str]) -> str | None:
    if not entry.resolutions or wanted in entry.resolutions:
        return wanted if entry.resolutions else None
    told.append(f"filmed in {entry.resolutions[0]}: {entry.label} has no {wanted}")
    return entry.resolutions[0]


def _consistency(
    request: VideoRequest, entry: VideoEntry, ratio: str, wanted: Consistency, told: list[str]
) -> Consistency:
    """Return how the look of the references is kept, by what the model can do."""
    shown = shown_references(request)
    if not shown or wanted == "text":
        return "text"
    forced = entry.references_force
    if wanted == "references":
        fits = "references" in entry.fields and len(shown) <= entry.max_references
        fits = fits and (forced is None or (forced.ratio == ratio and forced.duration >= request.scene.duration))
        if fits:
            return "references"
        told.append(f"{entry.label} can't take these references here; a picture made of them opens the clip instead")
    if "first_frame" in entry.fields:
        return "keyframe"
    told.append(f"{entry.label} takes no pictures; the look is kept by words only")
    return "text"
