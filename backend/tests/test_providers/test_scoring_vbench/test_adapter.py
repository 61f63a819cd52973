"""The real VBench as a scorer: numbers when it measured, a reason that helps when it did not."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.ports.scoring import Score, ScoreRequest
from app.providers.registry import ProviderDeps, build_scorer
from app.providers.scoring_vbench.adapter import VBenchScorer
from app.providers.scoring_vbench.answers import Refusal
from app.providers.scoring_vbench.book import book
from app.providers.scoring_vbench.place import spoken
from app.services.quality.measuring import measure
from app.storage.local import LocalStorage
from tests.fixtures.media import ClipSpec, write_clip
from tests.fixtures.vbench import StandIn


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(10), frames=20))


async def test_a_clip_is_measured_by_what_its_licences_allow(stand_in: StandIn, clip: Path) -> None:
    for noncommercial, count in ((False, 4), (True, 6)):
        scorer = VBenchScorer(stand_in.place(noncommercial=noncommercial))
        score = await scorer.score(clip)
        assert score.reason is None
        assert (score.scorer, score.scorer_version) == ("vbench", f"0.1.5 ({count} dimensions)")
        assert len(score.dimensions) == count
        assert score.overall is not None
        assert score.duration == pytest.approx(2.0)
        heard = stand_in.heard
        assert heard["dimensions"] == list(score.dimensions)
        assert (heard["video"], heard["weights"], heard["cpu"]) == (str(clip), str(stand_in.weights), False)


async def test_without_a_gpu_the_reason_says_how_long_it_would_take(stand_in: StandIn, clip: Path) -> None:
    stand_in.plays("refuse", kind="no_gpu", detail="torch 2.14.1 sees none")
    score = await VBenchScorer(stand_in.place()).score(clip)
    assert score.overall is None
    assert score.reason == (
        "VBench needs a GPU and found none (torch 2.14.1 sees none). Without one this would take about 2 minutes. "
        "ADMINT_VBENCH_CPU=true allows that; ADMINT_SCORER=embedded takes seconds."
    )


@pytest.mark.parametrize(
    ("refusal", "said"),
    [
        (
            Refusal(kind="other_version", detail="0.1.6"),
            "VBench 0.1.6 is installed; AdMint knows the numbers of 0.1.5.",
        ),
        (Refusal(kind="not_installed", detail="clip: No module"), "VBench is not installed: clip: No module."),
        (Refusal(kind="download", detail="wget x"), "download something, which AdMint never lets it: wget x."),
    ],
)
def test_each_refusal_has_its_next_step(stand_in: StandIn, refusal: Refusal, said: str) -> None:
    error = stand_in.place().refused(refusal)
    assert said in error.message
    assert "docs/how-to/use-vbench.md" in error.hint


async def test_weights_are_looked_at_before_anything_is_started(stand_in: StandIn, clip: Path) -> None:
    scorer = VBenchScorer(stand_in.place())
    assert (await scorer.score(clip)).overall is not None
    (stand_in.folder / "heard.json").unlink()
    (stand_in.weights / "amt_model" / "amt-s.pth").write_text("other weights")
    score = await scorer.score(clip)
    assert score.reason is not None
    assert "amt-s.pth has changed" in score.reason
    assert not (stand_in.folder / "heard.json").exists()


async def test_what_vbench_cannot_measure_is_refused_before_that(stand_in: StandIn, tmp_path: Path) -> None:
    short = write_clip(tmp_path / "short.mp4", ClipSpec(frames=2))
    requests = [ScoreRequest(video=short), ScoreRequest(video=short, edited=True)]
    reasons = [score.reason for score in await VBenchScorer(stand_in.place()).score_all(requests)]
    assert reasons == [
        "short.mp4 is too short for VBench. It needs 3 pictures.",
        "VBench measures single shots: it takes every cut of a film for a fault. "
        "Score its clips one by one, or the film with ADMINT_SCORER=embedded.",
    ]
    assert not (stand_in.folder / "heard.json").exists()


@pytest.mark.parametrize(("play", "said"), [("die", "CUDA out of memory"), ("garbage", "no answer that can be read")])
async def test_a_broken_worker_is_a_score_without_numbers(stand_in: StandIn, clip: Path, play: str, said: str) -> None:
    score = await measure(VBenchScorer(stand_in.plays(play).place()), ScoreRequest(video=clip), 2.0)
    assert (score.overall, said in str(score.reason)) == (None, True)


async def test_a_result_with_other_units_is_no_score(stand_in: StandIn, clip: Path) -> None:
    wrong = {name: [0.5, [{"video_path": "clip.mp4", "video_results": 0.5}]] for name in book().dimensions}
    score = await VBenchScorer(stand_in.plays("measure", results=wrong).place()).score(clip)
    assert score.reason == "VBench's result can't be right: imaging_quality is 0.5, but its video is 0.5."


async def test_chosen_but_never_set_up_it_says_what_to_do(tmp_path: Path, clip: Path) -> None:
    settings = Settings(home=tmp_path, scorer="vbench")
    scorer = build_scorer("vbench", ProviderDeps(LocalStorage(tmp_path / "media"), tmp_path / "work", 1, settings))
    assert scorer is not None
    score = await measure(scorer, ScoreRequest(video=clip), 2.0)
    assert (score.overall, score.scorer, score.scorer_version) == (None, "vbench", "0.1.5 (4 dimensions)")
    assert score.reason is not None
    assert score.reason.startswith("ADMINT_VBENCH_PYTHON is not set")


def test_it_is_given_more_time_and_most_without_a_gpu(stand_in: StandIn) -> None:
    on_gpu, without = (VBenchScorer(stand_in.place(cpu=cpu)).slowness for cpu in (False, True))
    assert (on_gpu, without > 100) == (10, True)


def test_a_film_of_another_scorers_clips_has_no_score(stand_in: StandIn) -> None:
    scorer = VBenchScorer(stand_in.place())
    film = scorer.whole([Score(overall=80, scorer="embedded", scorer_version=scorer.version)])
    assert film.reason == "The clips were scored by different scorers. Score them again."


def test_a_place_that_was_never_named_is_an_error(tmp_path: Path) -> None:
    place = StandIn(tmp_path).place()
    with pytest.raises(ConfigError, match="ADMINT_VBENCH_PYTHON is not set"):
        type(place)(None, place.weights, place.cpu, place.noncommercial, place.work).interpreter()


@pytest.mark.parametrize(("seconds", "said"), [(3, "1 minute"), (3200, "53 minutes"), (9000, "2.5 hours")])
def test_a_long_time_is_said_in_words(seconds: float, said: str) -> None:
    assert spoken(seconds) == f"about {said}"
