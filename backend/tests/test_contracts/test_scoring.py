"""One suite over every scorer: numbers or a reason, never an exception, in order, and the same every time."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from app.core.settings import Settings
from app.ports.scoring import Score, Scorer, ScoreRequest, similarity
from app.providers.registry import SCORERS, ProviderDeps, build
from app.providers.scoring_vbench.adapter import VBenchScorer
from app.storage.local import LocalStorage
from tests.fixtures.media import ClipSpec, write_clip
from tests.fixtures.vbench import StandIn

NUMBERS = ("overall", "composition", "coherence", "motion", "visual_appeal")
UNMEASURED = {"vbench": {"composition"}}
"""Parts that a scorer has no measure for, and says so with null."""


@pytest.fixture(params=sorted(SCORERS))
def scorer(request: pytest.FixtureRequest, tmp_path: Path, stand_in: StandIn) -> Scorer:
    if request.param == "vbench":  # its environment has 6 GB; a stand-in answers in its place
        return VBenchScorer(stand_in.place())
    deps = ProviderDeps(LocalStorage(tmp_path / "media"), tmp_path / "work", 1, Settings(home=tmp_path))
    built: Scorer = build("scoring", request.param, deps)
    return built


async def test_files_are_scored_in_order_and_the_unfit_say_why(scorer: Scorer, tmp_path: Path) -> None:
    good = write_clip(tmp_path / "good.mp4", ClipSpec(rate=Fraction(20), frames=12))
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(good.read_bytes()[:700])
    heard: list[int] = []
    scores = await scorer.score_all(
        [ScoreRequest(video=path) for path in (good, broken, tmp_path / "absent.mp4", good)],
        lambda place, _: heard.append(place),
    )
    assert heard == [0, 1, 2, 3]
    first, cut, absent, again = scores
    assert first == again
    assert first.reason is None
    unmeasured = UNMEASURED.get(scorer.name, set())
    assert {name for name in NUMBERS if getattr(first, name) is None} == unmeasured
    assert all(0 <= getattr(first, name) <= 100 for name in NUMBERS if name not in unmeasured)
    for score in (cut, absent):
        assert score.reason
        assert all(getattr(score, name) is None for name in NUMBERS)
    assert {(score.scorer, score.scorer_version) for score in scores} == {(scorer.name, scorer.version)}


async def test_a_film_is_scored_from_its_clips(scorer: Scorer, tmp_path: Path) -> None:
    clip = await scorer.score(write_clip(tmp_path / "clip.mp4", ClipSpec(rate=Fraction(20), frames=12)))
    if scorer.name not in UNMEASURED:
        assert clip.vectors is not None
        assert similarity(clip.vectors, clip.vectors) == pytest.approx(1.0, abs=1e-6)
    film = scorer.whole([clip, clip])
    assert film.overall is not None
    lost = Score(scorer=scorer.name, scorer_version=scorer.version, reason="It was corrupt.")
    assert scorer.whole([lost, clip, clip]).overall == film.overall
    assert (scorer.whole([lost]).overall, scorer.whole([]).overall) == (None, None)
    assert scorer.whole([]).reason
