"""Storage keys become addresses wherever a client looks, and nowhere does one slip through."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.schemas.api import ClipState, GenerationSnapshot, GenerationSummary
from app.schemas.events import SERVER_EVENT
from app.schemas.unified_pipeline import ReferenceImage
from app.services.unified_pipeline.snapshots import sign, sign_event

NOW = datetime(2026, 1, 2, tzinfo=UTC)
KEY = "generations/one/"


class SignedLinks:
    """Marks what it was asked to sign."""

    async def url(self, key: str, *, download: str | None = None, method: str = "GET") -> str:
        return f"https://signed.example/{key}"


def summary(**more: Any) -> GenerationSummary:
    unset = dict.fromkeys(GenerationSummary.model_fields)
    row = {"id": "g", "prompt": "p", "status": "videos", "favourite": False, "tags": [], "version": 1, "variant": ""}
    times = {"has_video": True, "created_at": NOW, "updated_at": NOW}
    return GenerationSummary.model_validate({**unset, **row, **times, **more})


def event(kind: str, payload: dict[str, Any]) -> Any:
    return SERVER_EVENT.validate_python({"type": kind, "payload": payload, "timestamp": NOW, "seq": 3})


async def test_a_snapshot_shows_addresses_and_no_key() -> None:
    view = GenerationSnapshot(
        **summary(thumbnail_url=f"{KEY}a.jpg").model_dump(),
        final_video_url=f"{KEY}final.mp4",
        reference_images=[ReferenceImage(url=f"{KEY}r.png", type="product")],
        storyboard={1: f"{KEY}s1.jpg"},
        video_clips=[
            ClipState(scene_id=1, url=f"{KEY}c1.mp4", poster_url=f"{KEY}c1.jpg"),
            ClipState(scene_id=2),
        ],
    )
    signed = (await sign(view, SignedLinks())).model_dump_json()
    assert signed.count(KEY) == signed.count(f"https://signed.example/{KEY}") == 6
    assert view.final_video_url == f"{KEY}final.mp4"


async def test_what_is_not_there_stays_null() -> None:
    assert (await sign(summary(), SignedLinks())).thumbnail_url is None


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("reference_images_ready", {"images": [{"url": f"{KEY}r.png", "type": "product"}]}),
        ("storyboard_ready", {"stills": {1: f"{KEY}s.jpg"}}),
        ("video_complete", {"clip_id": 1, "url": f"{KEY}c.mp4", "duration": 1.0}),
        ("generation_complete", {"generation_id": "g", "final_video_url": f"{KEY}f.mp4", "duration": 1.0}),
    ],
)
async def test_an_event_with_a_key_is_signed_and_keeps_its_place(kind: str, payload: dict[str, Any]) -> None:
    stored = event(kind, payload)
    signed = await sign_event(stored, SignedLinks())
    assert (signed.type, signed.seq, signed.timestamp) == (kind, 3, NOW)
    text = signed.model_dump_json()
    assert text.count(KEY) == text.count(f"https://signed.example/{KEY}") == 1
    assert text.replace("https://signed.example/", "") == stored.model_dump_json()


async def test_an_event_without_one_comes_back_as_it_is() -> None:
    stored = event("status_changed", {"status": "story"})
    assert await sign_event(stored, SignedLinks()) is stored
