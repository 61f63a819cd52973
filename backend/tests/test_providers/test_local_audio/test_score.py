"""The score follows the picture: cuts are downbeats, the last chord resolves and rings."""

from __future__ import annotations

import pytest

from app.providers.local_audio.moods import music_book
from app.providers.local_audio.score import Score, write_score
from app.schemas.providers import AudioRequest

CUTS = [5.0, 11.0, 18.0, 25.0]


def scored(**changes: object) -> Score:
    request = AudioRequest.model_validate({"duration_s": 30, "cuts": CUTS, "mood": "warm", "bpm": 100, **changes})
    book = music_book()
    return write_score(request, book.moods[request.mood], book)


def test_every_cut_is_the_first_beat_of_a_bar() -> None:
    starts = [bar.beats[0] for bar in scored().bars]
    for cut in CUTS:
        assert min(abs(start - cut) for start in starts) < 1e-6


@pytest.mark.parametrize("bpm", [76, 100, 124])
def test_the_tempo_stays_near_the_asked_one(bpm: int) -> None:
    beats = [
        b - a for bar in scored(bpm=bpm).bars if not bar.final for a, b in zip(bar.beats, bar.beats[1:], strict=False)
    ]
    assert max(abs(60 / beat / bpm - 1) for beat in beats) < 0.15


def test_each_cut_has_a_rise_that_ends_on_it_and_an_accent() -> None:
    events = scored().events
    rises = [event.start + event.length for event in events if event.part == "rise"]
    accents = [event.start for event in events if event.part == "accent"]
    assert rises == pytest.approx(CUTS)
    assert accents == pytest.approx(CUTS)


def test_it_ends_on_the_final_chord_which_rings_to_the_end() -> None:
    score = scored()
    last = score.bars[-1]
    assert last.final
    assert last.beats == (score.landing, 30.0)
    assert 1.5 < 30 - score.landing < 4.5
    tonic_class = last.chord[0] % 12
    assert {bar.chord[0] % 12 for bar in score.bars[:-1]} - {tonic_class}
    assert all(event.start <= score.landing + 0.01 for event in score.events)


def test_the_first_scene_is_lighter_than_the_second() -> None:
    events = scored(mood="bold").events
    first = {event.part for event in events if event.start < 4}
    second = {event.part for event in events if 5 <= event.start < 11}
    assert not first & {"kick", "snare", "hat"}
    assert {"kick", "snare", "hat", "bass", "pad", "pluck"} <= second


def test_the_seed_changes_the_music_and_nothing_else_does() -> None:
    assert scored(seed=1).events == scored(seed=1).events
    assert len({tuple(scored(seed=seed).events) for seed in range(6)}) == 6


@pytest.mark.parametrize(("duration", "cuts"), [(1.0, []), (2.0, [1.0]), (3.0, [0.1, 2.9]), (60.0, [])])
def test_odd_lengths_still_make_a_score(duration: float, cuts: list[float]) -> None:
    score = scored(duration_s=duration, cuts=cuts)
    assert 0 <= score.landing < duration
    assert all(0 <= event.start < duration for event in score.events)
