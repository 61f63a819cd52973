"""The ad's colours, made of what its references measured. Used by the reference and video stages.

Tests: tests/test_services/test_reference_stage.py
"""

from __future__ import annotations

from collections.abc import Sequence

from app.schemas.unified_pipeline import ReferenceImage


def ad_palette(references: Sequence[ReferenceImage], limit: int = 6) -> list[str]:
    """Return the ad's hex colours, strongest first: uploads before generated images, product before logo."""
    rank = {"product": 0, "logo": 1, "environment": 2, "character": 3}
    ordered = sorted(references, key=lambda r: (r.source == "generated", rank[r.type]))
    colours = [colour for r in ordered for colour in (*r.analysis.colors[:3], *r.analysis.accent_colors[:2])]
    return list(dict.fromkeys(colour.upper() for colour in colours))[:limit]
