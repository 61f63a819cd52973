"""Variants of one prompt: what sets each apart, put into its request (FR45-50).

All variants of a prompt share its seed, so that what they have in common comes out the same and is made once
(clip_sharing.py). Called by starts.py. Tests: tests/test_services/test_variants.py
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.core.errors import InvalidInput
from app.schemas.unified_pipeline import GenerationRequest, Pacing, PipelineConfig, Variant
from app.services.unified_pipeline.config_loader import load_config

LABEL_LENGTH = 40


def spread(count: int) -> list[Variant]:
    """Return `count` variants that differ in their opening; none for a single ad."""
    if count <= 1:
        return []
    return labelled([Variant(hook=number) for number in range(count)])


def labelled(variants: Sequence[Variant]) -> list[Variant]:
    """Return the variants with a label each, told apart: the caller's own, else what sets it apart."""
    labels = distinct(variant.label.strip() or _label(variant) for variant in variants)
    return [variant.model_copy(update={"label": label}) for variant, label in zip(variants, labels, strict=True)]


def distinct(labels: Iterable[str]) -> list[str]:
    """Return the labels, with a number behind every one that is there already; at most `LABEL_LENGTH` characters."""
    found: list[str] = []
    for label in labels:
        wanted, number = label[:LABEL_LENGTH], 1
        while wanted in found:
            number += 1
            wanted = f"{label[: LABEL_LENGTH - len(f' {number}')]} {number}"
        found.append(wanted)
    return found


def apply_variant(request: GenerationRequest, variant: Variant) -> GenerationRequest:
    """Return the request of one variant; what the caller set by name wins over the pacing's settings.

    The opening (`hook`) is read from the variant by the story stage.

    Raises:
        InvalidInput: The variant wants a custom framework that nobody wrote, or a setting is not legal.
    """
    config = {**_pacing(variant, load_config()), **request.config}
    update: dict[str, object] = {"variant": variant, "config": config}
    if variant.framework is not None:
        update["framework"] = variant.framework
    if variant.framework == "custom" and not (request.framework_text or load_config(overrides=config).framework_text):
        raise InvalidInput(
            "A variant asks for the framework 'custom', which needs a text that names its beats.",
            hint="Give the beats as framework_text, or choose AIDA, PAS, FAB or BAB.",
        )
    return request.model_copy(update=update)


def _pacing(variant: Variant, config: PipelineConfig) -> dict[str, object]:
    """Return the overrides of a variant's pacing; none for `standard`, which is the configured one."""
    if variant.pacing is None or variant.pacing == "standard":
        return {}
    preset: Pacing = getattr(config.pacings, variant.pacing)
    return {f"pacing.{name}": value for name, value in preset.model_dump().items()}


def _label(variant: Variant) -> str:
    parts = [variant.framework or "", (variant.pacing or "").capitalize()]
    if variant.hook or not any(parts):
        parts.append(f"Opening {variant.hook + 1}")
    return ", ".join(part for part in parts if part)
