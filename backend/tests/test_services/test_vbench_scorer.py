"""Scoring what is stored: rows, events and reasons, over the real engine, database and store."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.errors import Conflict, NotFound, TooManyRequests
from app.db.repositories import generations
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.kit.ids import new_id
from app.ports.scoring import Score
from app.providers import registry
from app.schemas.unified_pipeline import PipelineConfig
from app.services.quality import score_keeping, scoring, vbench_scorer
from tests.fixtures.pipeline import OpenPipeline
from tests.fixtures.scoring import Script, all_scored, filmed_ad, new_film, new_take, rows_of, scores_sent, view_of


@pytest.mark.ac("AC-4.3", "AC-4.5", "AC-4.6", "AC-4.8")
async def test_a_row_and_an_event_for_each_clip_and_film_of_two_ads(
    open_pipeline: OpenPipeline, scripted: Script, tmp_path: Path
) -> None:
    scripted(log=str(tmp_path / "log"))
    async with open_pipeline() as pipeline:
        box = pipeline.container
        ads = [await filmed_ad(box), await filmed_ad(box)]
        await box.scoring.go_on()
        await all_scored(box, *(generation_id for generation_id, _ in ads))
        for generation_id, session_id in ads:
            sent = await scores_sent(box, session_id)
            assert [(each.clip_id, each.overall_score) for each in sent] == [(1, 91.0), (2, 74.0), (None, 82.5)]
            parts = {"composition": 93.0, "coherence": 88.0, "motion": 95.0, "visual_appeal": 88.0}
            assert sent[0].breakdown.model_dump() == parts
            rows = await rows_of(box, generation_id)
            assert [rows[place].overall_score for place in (0, 1, None)] == [91.0, 74.0, 82.5]
            assert {row.scorer for row in rows.values()} == {"scripted"}
            assert all((row.scoring_duration_ms or 0) >= 0 for row in rows.values())
            assert (await pipeline.row(generation_id)).overall_quality_score == 82.5
            view = await view_of(box, generation_id)
            assert view.scores == sent
            assert await score_keeping.kept(box.storage, view.video_clips[0].url) is not None
        log = (tmp_path / "log").read_text().split("\n")[:-1]
        assert [line.split()[0] for line in log] == ["begin", "end"] * 4, "one at a time"


@pytest.mark.ac("AC-4.10")
async def test_a_scorer_that_crashes_leaves_a_reason_and_the_others_their_score(
    open_pipeline: OpenPipeline, scripted: Script, tmp_path: Path
) -> None:
    scripted(crash=[2], crash_once=[1], log=str(tmp_path / "log"))
    async with open_pipeline() as pipeline:
        box = pipeline.container
        generation_id, session_id = await filmed_ad(box, clips=3)
        await box.scoring.go_on()
        await all_scored(box, generation_id)
        rows = await rows_of(box, generation_id)
        assert [rows[place].overall_score for place in (0, 1, 2, None)] == [91.0, None, 52.0, None]
        assert "stopped with exit code -11" in str(rows[1].reason)
        assert str(rows[None].reason).startswith("Clip 2 could not be scored: The worker")
        assert (tmp_path / "log").read_text().split("\n").count("begin 2") == 2, "tried once more, and no more"
        row = await pipeline.row(generation_id)
        assert (row.status, row.overall_quality_score, row.error_code) == ("completed", None, None)
        sent = await scores_sent(box, session_id)
        assert [(each.clip_id, each.overall_score, bool(each.reason)) for each in sent] == [
            (1, 91.0, False),
            (2, None, True),
            (3, 52.0, False),
            (None, None, True),
        ]


async def test_a_scorer_that_cant_be_loaded_is_a_reason_too(
    open_pipeline: OpenPipeline, scripted: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted()
    monkeypatch.setitem(registry.SCORERS, "embedded", "not_installed_here:build")
    async with open_pipeline() as pipeline:
        generation_id, _ = await filmed_ad(pipeline.container)
        await pipeline.container.scoring.go_on()
        await all_scored(pipeline.container, generation_id)
        rows = await rows_of(pipeline.container, generation_id)
        assert {row.overall_score for row in rows.values()} == {None}
        assert str(rows[0].reason).startswith("The scorer can't be loaded here: No module named 'not_installed_here'")


async def test_a_score_is_never_shown_for_another_take(open_pipeline: OpenPipeline, scripted: Script) -> None:
    scripted()
    async with open_pipeline() as pipeline:
        box = pipeline.container
        generation_id, session_id = await filmed_ad(box)
        await box.scoring.go_on()
        await all_scored(box, generation_id)
        old = (await view_of(box, generation_id)).video_clips[0].url
        async with box.sessions.begin() as session:
            await new_take(box, session, generation_id, 1, take=2)
            await new_film(session, generation_id, 2)
        view = await view_of(box, generation_id)
        assert [each.clip_id for each in view.scores] == [2]
        assert (view.scoring, view.overall_quality_score) == ([1, None], None)
        late = scoring.ScoreOrder(generation_id=generation_id, session_id=session_id, clip_id=1, video=old)
        await box.engine.enqueue(scoring.WORKFLOW, "late", scoring.QUEUE, late.model_dump(mode="json"))
        await box.engine.wait("late")
        assert [each.clip_id for each in (await view_of(box, generation_id)).scores] == [2]
        assert len(await scores_sent(box, session_id)) == 3
        await box.scoring.go_on(generation_id)
        await all_scored(box, generation_id)
        view = await view_of(box, generation_id)
        assert [(each.clip_id, each.overall_score) for each in view.scores] == [(1, 92.0), (2, 74.0), (None, 83.0)]


async def test_a_new_order_of_the_scenes_moves_scores_and_measures_nothing(
    open_pipeline: OpenPipeline, scripted: Script, tmp_path: Path
) -> None:
    scripted(log=str(tmp_path / "log"))
    async with open_pipeline() as pipeline:
        box = pipeline.container
        generation_id, session_id = await filmed_ad(box)
        await box.scoring.go_on()
        await all_scored(box, generation_id)
        async with box.sessions.begin() as session:
            row = await generations.lock(session, generation_id)
            row.video_clips = [{**clip, "clip_index": 2 - clip["scene_id"]} for clip in reversed(row.video_clips)]
            await new_film(session, generation_id, 2)
        order = scoring.ScoreOrder(generation_id=generation_id, session_id=session_id)
        await box.engine.enqueue(scoring.WORKFLOW, "reordered", scoring.QUEUE, order.model_dump(mode="json"))
        await box.engine.wait("reordered")
        rows = await rows_of(box, generation_id)
        assert [rows[place].overall_score for place in (0, 1, None)] == [74.0, 91.0, 82.5]
        assert (tmp_path / "log").read_text().count("begin") == 2


async def test_asking_again_measures_again_and_counts_as_one(
    open_pipeline: OpenPipeline, scripted: Script, tmp_path: Path
) -> None:
    scripted(log=str(tmp_path / "log"), slow_s=0.2)
    async with open_pipeline() as pipeline:
        box = pipeline.container
        generation_id, session_id = await filmed_ad(box)
        order = await box.scoring.ask_again(ME, generation_id)
        assert (await view_of(box, generation_id)).scoring == [1, 2, None]
        for _ in range(5):
            await box.scoring.queue_again(order)
        await all_scored(box, generation_id)
        asked = await box.engine.runs(f"{generation_id}:score:")
        for each in asked:
            await box.engine.wait(each)
        assert 1 <= len(asked) <= 2, "what waits already is not queued twice"
        assert [each.clip_id for each in await scores_sent(box, session_id)][:3] == [1, 2, None]


async def test_what_cant_be_scored_again_is_said(
    open_pipeline: OpenPipeline, scripted: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted()
    async with open_pipeline() as pipeline:
        box = pipeline.container
        with pytest.raises(NotFound):
            await box.scoring.ask_again(ME, new_id())
        empty, _ = await filmed_ad(box, clips=0, film=False)
        with pytest.raises(Conflict, match="nothing to score"):
            await box.scoring.ask_again(ME, empty)
        filmed, _ = await filmed_ad(box)
        with pytest.raises(NotFound):
            await box.scoring.ask_again(new_id(), filmed)
        monkeypatch.setattr(scoring, "MOST_WAITING", 0)
        with pytest.raises(TooManyRequests, match="wait for their score"):
            await box.scoring.ask_again(ME, filmed)
    monkeypatch.setenv("ADMINT_SCORER", "none")
    async with open_pipeline() as pipeline:
        with pytest.raises(Conflict, match="No scorer"):
            await pipeline.container.scoring.ask_again(ME, filmed)
        assert not pipeline.container.scoring.wanted(PipelineConfig())
        await pipeline.container.scoring.go_on()
        assert await pipeline.container.scoring.depth() == (0, 0)


async def test_likeness_to_a_reference_is_kept_by_its_kind_and_the_best_counts() -> None:
    score = Score(overall=1, scorer="s", scorer_version="1", dimensions={"a": 1}, references=[0.5, 0.7, 0.2])
    named = vbench_scorer._with_likeness(score, ["product", "product", "logo"])
    assert named.dimensions == {"a": 1, "similar_to_product": 0.7, "similar_to_logo": 0.2}
