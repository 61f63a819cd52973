"""What clients are spared: old progress, and a queue without end."""

from __future__ import annotations

from datetime import UTC, datetime

from app.schemas import events as wire
from app.services.session.client_queue import ClientQueue, Frame
from app.services.session.transient_pacer import TransientPacer

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def video_progress(clip: int, percent: int) -> wire.VideoProgressEvent:
    payload = wire.VideoProgress(clip_id=clip, progress=percent, status="rendering")
    return wire.VideoProgressEvent(timestamp=NOW, payload=payload)


def test_the_pacer_never_lets_five_out_in_a_second() -> None:
    pacer, sent = TransientPacer(), []
    for tick in range(3000):
        now = tick / 1000
        if pacer.take(video_progress(1, tick % 100), now):
            sent.append(now)
        sent += [now for _ in pacer.due(now)]
    assert len(sent) >= 9
    assert max(sum(start <= at < start + 1 for at in sent) for start in sent) <= 4


def test_progress_that_waits_goes_out_before_its_clip_is_complete() -> None:
    pacer = TransientPacer()
    assert pacer.take(video_progress(1, 10), 0.0)
    assert not pacer.take(video_progress(1, 90), 0.1)
    done = wire.VideoCompleteEvent(timestamp=NOW, payload=wire.VideoComplete(clip_id=1, url="k", duration=1))
    assert [event.payload.progress for event in pacer.before(done, 0.2)] == [90]
    assert pacer.next_due() == float("inf")


def test_sentences_are_joined_not_lost() -> None:
    pacer = TransientPacer()

    def chunk(text: str) -> wire.TextChunkEvent:
        return wire.TextChunkEvent(timestamp=NOW, payload=wire.TextChunk(stage="story", text=text))

    taken = [pacer.take(chunk(text), 0.0) for text in ("One.", "Two.", "Three.")]
    assert taken == [True, False, False]
    assert [event.payload.text for event in pacer.due(1.0)] == ["Two. Three."]


async def test_a_full_queue_gives_up_old_news_first() -> None:
    queue = ClientQueue(4)
    for seq, key, text in ((1, (), "a"), (None, ("p",), "b"), (None, ("p",), "c"), (None, ("q",), "d")):
        assert queue.put(Frame(text, seq, key))
    assert queue.put(Frame("e", 2))
    assert queue.put(Frame("f", 3))
    assert queue.put(Frame("g", 4))
    assert queue.put(Frame("lost", None, ("p",)))
    assert not queue.put(Frame("h", 5))
    assert [(await queue.get()).text for _ in range(4)] == ["a", "e", "f", "g"]  # type: ignore[union-attr]
