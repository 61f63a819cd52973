"""Money through the whole pipeline, by the real Replicate adapter against the fake vendors: caps, quotes, upgrades."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from app.core.errors import AdMintError, ChargeUnknown, Conflict, Interrupted, InvalidInput, OverCap
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.schemas.api import UpgradeBody
from app.schemas.money import CostsView
from app.schemas.unified_pipeline import GenerationRequest
from app.services.unified_pipeline.snapshots import snapshot
from tests.fixtures.fakes import TOKEN, Fakes, rule
from tests.fixtures.paid_ad import CLIP, PAID
from tests.fixtures.pipeline import OpenPipeline, Pipeline
from tests.fixtures.tiny_ad import PROMPT

QUICK = {name: value for name, value in PAID.items() if name.endswith("iterations")}


@pytest.fixture(autouse=True)
def buys_from_the_fakes(fakes: Fakes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "REPLICATE_BASE_URL": fakes.url,
        "REPLICATE_API_TOKEN": TOKEN,
        "ADMINT_ORDER_TIMEOUT_S": "2",
    }.items():
        monkeypatch.setenv(name, value)


async def ended(pipeline: Pipeline, generation_id: str) -> AdMintError | None:
    """Wait for the newest run; return what ended it, null when it went well."""
    try:
        await pipeline.finish(generation_id)
    except AdMintError as error:
        return error
    return None


async def until(fact: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(90):
        while True:
            if await fact():
                return
            await asyncio.sleep(0.1)


async def costs(pipeline: Pipeline, generation_id: str) -> CostsView:
    return await pipeline.container.money.costs(ME, generation_id)


async def told(pipeline: Pipeline, session_id: str, kind: str) -> list[Any]:
    return [event.payload for event in await pipeline.events(session_id) if event.type == kind]


async def test_without_a_cap_an_automatic_ad_is_refused_before_anything_is_made(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    async with open_pipeline() as pipeline:
        with pytest.raises(OverCap, match="can't use replicate: it costs money, and no cap is set"):
            await pipeline.start(**{**PAID, "budget_usd": None})
    assert fakes.log().requests() == []


async def test_the_scenes_of_a_bought_film_have_lengths_that_are_sold(open_pipeline: OpenPipeline) -> None:
    async with open_pipeline() as pipeline:
        started = await pipeline.start(
            interactive=True, duration_s=10, scene_count=2, **{"providers.video": "replicate"}
        )
        row = await pipeline.until_state(started.generation_id, ("story", "awaiting_approval"))
        assert row.plan["scene_durations"] == [4, 6]
        with pytest.raises(InvalidInput, match=r"20 s need 3 clips of at most 8 s; 2 are allowed"):
            await pipeline.start(duration_s=20, scene_count=2, budget_usd=5, **{"providers.video": "replicate"})


async def test_over_the_cap_it_waits_with_numbers_and_goes_on_once_the_cap_is_raised(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    async with open_pipeline() as pipeline:
        money = pipeline.container.money
        started = await pipeline.start(**{**PAID, "budget_usd": 0.5})
        error = await ended(pipeline, started.generation_id)
        assert isinstance(error, OverCap)
        assert error.message == "The clips cost up to $0.80; your cap is $0.50: nothing was bought."
        row = await pipeline.row(started.generation_id)
        assert (row.status, row.substage, row.error_code) == ("videos", "over_cap", "over_cap")
        assert error.message in row.error_message
        assert fakes.log().created == 0
        raised = await money.set_cap(ME, started.generation_id, 2)
        assert raised.cap_usd == 2
        assert await ended(pipeline, started.generation_id) is None
        assert (await pipeline.row(started.generation_id)).status == "completed"
        view = await costs(pipeline, started.generation_id)
        assert [(call.what, call.state, call.cost_usd, call.cost_source) for call in view.calls] == [
            ("Clip 1", "paid", CLIP, "list_price"),
            ("Clip 2", "paid", CLIP, "list_price"),
        ]
        assert (view.spent_usd, view.reserved_usd, view.today_usd) == (2 * CLIP, 0, 2 * CLIP)
        bill = await money.bill(ME)
        assert (bill.spent_usd, [(day.spent_usd, day.calls) for day in bill.days]) == (2 * CLIP, [(2 * CLIP, 2)])
        assert [(each.provider, each.source, each.calls) for each in bill.providers] == [("replicate", "list_price", 2)]
        sums = [
            (each.spent_usd, each.reserved_usd) for each in await told(pipeline, started.session_id, "cost_updated")
        ]
        assert sums[0] == (0, 0)
        assert (0, 2 * CLIP) in sums
        assert sums[-1] == (2 * CLIP, 0)
        async with pipeline.container.reads() as session:
            seen = await snapshot(session, started.generation_id, ME)
        assert (seen.spending.spent_usd, seen.charges_unknown) == (2 * CLIP, [])
    assert len(fakes.log().paid) == 2


async def test_clips_that_another_ad_of_mine_has_cost_nothing_and_hold_nothing(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    wanted = GenerationRequest(
        prompt=PROMPT, interactive=False, seed=7, config={**PAID, "models.consistency": "keyframe"}
    )
    async with open_pipeline() as pipeline:
        first = await pipeline.container.orchestrator.generate(wanted)
        assert await ended(pipeline, first.generation_id) is None
        bought = fakes.log().created
        assert bought == 4  # two clips, each with an opening picture
        again = await pipeline.container.orchestrator.generate(wanted)
        assert await ended(pipeline, again.generation_id) is None
        view = await costs(pipeline, again.generation_id)
        assert (view.spent_usd, view.reserved_usd) == (0, 0)
        assert {(call.state, call.cost_usd) for call in view.calls} == {("unused", None)}
    assert fakes.log().created == bought


async def test_only_the_chosen_scene_of_a_free_draft_is_bought(open_pipeline: OpenPipeline, fakes: Fakes) -> None:
    async with open_pipeline() as pipeline:
        money = pipeline.container.money
        started = await pipeline.start(**QUICK, budget_usd=1, **{"models.consistency": "text"})
        assert await ended(pipeline, started.generation_id) is None
        draft = await pipeline.row(started.generation_id)
        quote = await money.quote(ME, started.generation_id, provider="replicate", scenes=[1])
        assert ([item.clip_id for item in quote.items], quote.total_usd, quote.fits) == ([1], CLIP, True)
        stale = UpgradeBody(scene_ids=[1], provider="replicate", quote_digest="an older price")
        with pytest.raises(Conflict, match="nothing was bought"):
            await money.upgrade(ME, started.generation_id, stale)
        await money.set_cap(ME, started.generation_id, 0.1)
        good = UpgradeBody(scene_ids=[1], provider="replicate", quote_digest=quote.digest)
        with pytest.raises(OverCap, match=r"The clip costs up to \$0.40; your cap is \$0.10"):
            await money.upgrade(ME, started.generation_id, good)
        assert fakes.log().created == 0
        await money.upgrade(ME, started.generation_id, good.model_copy(update={"cap_usd": 1.0}))
        assert await ended(pipeline, started.generation_id) is None
        after = await pipeline.row(started.generation_id)
        before_clips, clips = ({clip["scene_id"]: clip for clip in row.video_clips} for row in (draft, after))
        assert (clips[1]["provider"], clips[2]) == ("replicate", before_clips[2])
        assert after.final_video_url != draft.final_video_url
        assert (await costs(pipeline, started.generation_id)).spent_usd == CLIP
        assert len(fakes.log().paid) == 1
        back = await money.quote(ME, started.generation_id, provider="local", scenes=[1])
        assert (back.total_usd, back.items) == (0, [])


async def test_one_clip_that_cannot_be_ordered_and_no_clip_is(open_pipeline: OpenPipeline, fakes: Fakes) -> None:
    fakes.script(rule("model_gone", operation="model"))
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**PAID)
        error = await ended(pipeline, started.generation_id)
        assert error is not None
        assert error.code == "provider_model_gone"
        assert (await costs(pipeline, started.generation_id)).calls == []
    assert fakes.log().created == 0


async def test_a_charge_nobody_knows_stops_that_clip_alone_and_waits_for_the_users_word(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    fakes.script(rule("accepted_500", nth=1), "list_empty")
    async with open_pipeline() as pipeline:
        money = pipeline.container.money
        started = await pipeline.start(**PAID)
        error = await ended(pipeline, started.generation_id)
        assert isinstance(error, ChargeUnknown)
        row = await pipeline.row(started.generation_id)
        assert (row.status, row.substage, row.error_code) == ("failed", "needs_retry", "charge_unknown")
        assert sorted(clip["status"] for clip in row.video_clips) == ["complete", "failed"]
        view = await costs(pipeline, started.generation_id)
        [call] = view.unknown
        assert (call.up_to_usd, view.reserved_usd, view.spent_usd) == (CLIP, CLIP, CLIP)
        [said] = await told(pipeline, started.session_id, "charge_unknown")
        assert (said.call, said.what, said.up_to_usd) == (call.id, call.what, CLIP)
        assert len(fakes.log().paid) == 2, "a resume must not buy it again"
        await pipeline.container.resume(started.generation_id)
        assert isinstance(await ended(pipeline, started.generation_id), ChargeUnknown)
        assert len(fakes.log().paid) == 2
        await money.decide(ME, started.generation_id, call.id, "retry")
        assert await ended(pipeline, started.generation_id) is None
        view = await costs(pipeline, started.generation_id)
        assert (view.spent_usd, view.unknown) == (3 * CLIP, [])
        with pytest.raises(Conflict, match="settled already"):
            await money.decide(ME, started.generation_id, call.id, "give_up")
    assert len(fakes.log().paid) == 3, "the lost one, its neighbour, and the one the user asked for"


async def test_a_cancelled_ad_cancels_its_jobs_and_shows_what_they_may_have_cost(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    fakes.script("stuck")
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**PAID)

        async def both_ordered() -> bool:
            return fakes.log().created == 2

        async def nothing_open() -> bool:
            return not (await costs(pipeline, started.generation_id)).reserved_usd

        await until(both_ordered)
        await pipeline.container.commands.cancel(ME, started.generation_id)
        assert isinstance(await ended(pipeline, started.generation_id), Interrupted)
        await until(nothing_open)
        view = await costs(pipeline, started.generation_id)
        assert [(call.state, call.cost_usd, call.cost_source) for call in view.calls] == [
            ("failed", CLIP, "estimate")
        ] * 2
    assert {each["status"] for each in fakes.log().paid} == {"canceled"}


async def test_a_clip_that_takes_too_long_is_cancelled_and_its_neighbour_kept(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    fakes.script(rule("stuck", nth=1))
    async with open_pipeline() as pipeline:
        started = await pipeline.start(**PAID, **{"timeouts.videos": 25})
        error = await ended(pipeline, started.generation_id)
        assert error is not None
        row = await pipeline.row(started.generation_id)
        told_of = {clip["status"]: clip["error_code"] for clip in row.video_clips}
        assert told_of == {"complete": None, "failed": "stage_timeout"}
        assert (await costs(pipeline, started.generation_id)).reserved_usd == 0
    assert sorted(each["status"] for each in fakes.log().paid) == ["canceled", "succeeded"]


async def test_a_picture_that_cannot_be_bought_leaves_no_bought_one_behind(
    open_pipeline: OpenPipeline, fakes: Fakes
) -> None:
    fakes.script(rule("forbidden", nth=1), image_s=1.5)
    pictures = {"providers.video": "local", "providers.image": "replicate", "stages.story": False}
    async with open_pipeline() as pipeline:
        response = await pipeline.start(**{**PAID, **pictures})
        assert await ended(pipeline, response.generation_id) is not None
        view = await costs(pipeline, response.generation_id)
    assert sorted(call.state for call in view.calls) == ["failed", "paid", "paid"]
    assert len(fakes.log().requests("download")) == 2
