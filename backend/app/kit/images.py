"""Still images: safe decoding, cut-outs and colour measurement. Knows nothing of ads.

Called by services/media/image_processor.py, the local providers and the renderer.
Tests: tests/test_kit/test_images.py
"""

from __future__ import annotations

from app.kit.imaging.cutout import cut_out, has_real_alpha

__all__ = ["cut_out", "has_real_alpha"]
