"""Keeps transient events to at most 4 a second per (type, generation, clip): the latest wins and is always sent.

Asked by session_feed.py for each event and on time; knows no clock.
Tests: tests/test_services/test_transient_pacer.py
"""

from __future__ import annotations

from app.schemas.events import (
    HeartbeatEvent,
    ProgressUpdateEvent,
    ServerEvent,
    TextChunkEvent,
    VideoProgressEvent,
)
from app.services.session.client_queue import Key

SPACING_S = 1 / 3
"""Three a second by time, so that the early release before a clip's durable event stays within four."""

_PACED = (HeartbeatEvent, ProgressUpdateEvent, TextChunkEvent, VideoProgressEvent)
_FORGET_AT = 512


class TransientPacer:
    """Decides when a transient event goes out. Times are seconds of one monotonic clock."""

    def __init__(self, spacing_s: float = SPACING_S) -> None:
        self._spacing = spacing_s
        self._sent_at: dict[Key, float] = {}
        self._waiting: dict[Key, ServerEvent] = {}

    def take(self, event: ServerEvent, now: float) -> bool:
        """True: send it now. False: it waits, and replaces the one of its key that waited."""
        if not isinstance(event, _PACED):
            return True
        key = key_of(event)
        if key not in self._waiting and now >= self._sent_at.get(key, -self._spacing) + self._spacing:
            self._mark(key, now)
            return True
        self._waiting[key] = _merged(self._waiting.get(key), event)
        return False

    def due(self, now: float) -> list[ServerEvent]:
        """Take out the events whose time has come."""
        return self._release([key for key in self._waiting if self._sent_at[key] + self._spacing <= now], now)

    def before(self, event: ServerEvent, now: float) -> list[ServerEvent]:
        """Take out what must not come after a durable event: its clip's progress, or its generation's other news."""
        clip = _clip_of(event)
        return self._release(
            [
                key
                for key, held in self._waiting.items()
                if (held.generation_id, _clip_of(held)) == (event.generation_id, clip)
            ],
            now,
        )

    def next_due(self) -> float:
        """Return when `due` has something, infinity when nothing waits."""
        return min((self._sent_at[key] + self._spacing for key in self._waiting), default=float("inf"))

    def _release(self, keys: list[Key], now: float) -> list[ServerEvent]:
        for key in keys:
            self._mark(key, now)
        return [self._waiting.pop(key) for key in keys]

    def _mark(self, key: Key, now: float) -> None:
        if len(self._sent_at) >= _FORGET_AT:
            fresh = {
                each: at for each, at in self._sent_at.items() if each in self._waiting or at + self._spacing > now
            }
            self._sent_at = fresh
        self._sent_at[key] = now


def key_of(event: ServerEvent) -> Key:
    """Return what makes two transient events the same piece of news."""
    return event.type, event.generation_id or "", str(_clip_of(event) or "")


def _clip_of(event: ServerEvent) -> int | None:
    clip: int | None = getattr(event.payload, "clip_id", None)
    return clip


def _merged(older: ServerEvent | None, newer: ServerEvent) -> ServerEvent:
    """Return the newer event; sentences are not outdated by the next one, so they are joined."""
    if not isinstance(older, TextChunkEvent) or not isinstance(newer, TextChunkEvent):
        return newer
    if older.payload.stage != newer.payload.stage:
        return newer
    text = f"{older.payload.text} {newer.payload.text}"
    return newer.model_copy(update={"payload": newer.payload.model_copy(update={"text": text})})
