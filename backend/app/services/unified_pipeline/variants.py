"""Variants of one prompt: what sets each apart, put into its request (FR45-50).

All variants of a prompt share its seed, so that what they have in common comes out the same and is made once.
Called by starts.py. Tests: tests/test_services/test_variants.py
"""

from __future__ import annotations

from app.schemas.unified_pipeline import GenerationRequest, Variant


def spread(count: int) -> list[Variant]:
    """Return `count` variants that differ in their opening; none for a single ad."""
    if count <= 1:
        return []
    return [Variant(label=f"Opening {number}", hook=number - 1) for number in range(1, count + 1)]


def apply_variant(request: GenerationRequest, variant: Variant) -> GenerationRequest:
    """Return the request of one variant."""
    update: dict[str, object] = {"variant": variant}
    if variant.framework is not None:
        update["framework"] = variant.framework
    return request.model_copy(update=update)
