"""An order is sent once: what is written down before, what a restart finds, and when a person is asked."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from app.core.errors import AmbiguousSubmit
from app.providers.replicate.orders import order_key, seed_of
from app.providers.replicate.progress import measured
from app.schemas.providers import ImagePlan, JobState
from tests.fixtures.fakes import Fakes, rule
from tests.fixtures.replicate import Waits, call, clip_request, deps_for, ended, image_for, video_for

KEY = "g/clip.mp4"


def _now() -> datetime:
    return datetime.now(UTC)


async def test_nothing_was_sent_where_nothing_is_written_down(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))

    assert await model.find(model.plan(clip_request()), KEY, call(), _now()) is None
    assert fakes.log().requests("list") == []


async def test_an_id_that_arrived_is_found_without_asking(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())
    job = await model.submit(plan, KEY, call())

    assert await video_for(deps_for(fakes.url, tmp_path)).find(plan, KEY, call(), _now()) == job
    assert await model.submit(plan, KEY, call()) == job
    assert fakes.log().created == 1


@pytest.mark.parametrize(
    "scenario", ["accepted_500", "accepted_reset", "accepted_cut", "accepted_html", "truncated_json"]
)
async def test_an_order_whose_answer_was_lost_is_found_on_the_list(fakes: Fakes, tmp_path: Path, scenario: str) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())
    other = await model.submit(plan, "g/other.mp4", call(attempt=2))
    fakes.script(scenario)
    began = _now()

    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())
    found = await model.find(plan, KEY, call(), began)

    assert found is not None
    assert found.id != other.id
    assert found.id in {one["id"] for one in fakes.log().paid}
    assert fakes.log().created == 2


async def test_an_order_that_is_not_listed_is_never_sent_again(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("accepted_500", "list_empty")
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())

    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())
    with pytest.raises(AmbiguousSubmit, match="not on the list"):
        await model.find(plan, KEY, call(), _now())
    with pytest.raises(AmbiguousSubmit, match="sent before"):
        await model.submit(plan, KEY, call())
    assert fakes.log().created == 1


async def test_a_late_list_shows_it_at_last(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("accepted_500", "list_late_calls")
    model = video_for(deps_for(fakes.url, tmp_path))
    plan, began, looks = model.plan(clip_request()), _now(), 0
    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())

    found = None
    while found is None:
        looks += 1
        try:
            found = await model.find(plan, KEY, call(), began)
        except AmbiguousSubmit:
            assert looks < 5
    assert looks == 3
    assert fakes.log().created == 1


async def test_a_list_that_fails_proves_nothing(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("accepted_500", "list_failing")
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())
    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())

    with pytest.raises(AmbiguousSubmit, match="can't be read"):
        await model.find(plan, KEY, call(), _now())


async def test_an_old_order_is_beyond_recognition(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("accepted_500")
    waits = Waits()
    model = video_for(deps_for(fakes.url, tmp_path), waits)
    plan = model.plan(clip_request())
    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, KEY, call())
    await waits.sleep(timedelta(minutes=51).total_seconds())

    with pytest.raises(AmbiguousSubmit, match="too old"):
        await model.find(plan, KEY, call(), _now())


async def test_two_that_look_alike_are_not_told_apart(fakes: Fakes, tmp_path: Path) -> None:
    model = image_for(deps_for(fakes.url, tmp_path, image="google/nano-banana"))  # it takes no seed
    plan = ImagePlan(model="google/nano-banana", prompt="a bottle", aspect_ratio="1:1")
    began = _now()
    await model.submit(plan, "g/one.png", call(attempt=1))
    fakes.script("accepted_500")
    with pytest.raises(AmbiguousSubmit):
        await model.submit(plan, "g/two.png", call(attempt=2))

    with pytest.raises(AmbiguousSubmit, match="2 jobs look like it"):
        await model.find(plan, "g/two.png", call(attempt=2), began)


async def test_an_order_that_was_refused_may_be_sent_again(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("payment_required", times=1))
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())
    with pytest.raises(Exception, match="no credit"):
        await model.submit(plan, KEY, call())

    assert await model.find(plan, KEY, call(), _now()) is None
    await model.submit(plan, KEY, call())
    assert fakes.log().created == 1


async def test_the_order_is_written_down_before_it_is_sent(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    fakes.script("accepted_hang")
    plan = model.plan(clip_request())
    task = asyncio.create_task(model.submit(plan, KEY, call()))
    created = [fakes.log().created]
    while not created[-1]:
        await asyncio.sleep(0.02)
        created.append(fakes.log().created)
    task.cancel()  # what a kill at this moment leaves behind
    with pytest.raises(asyncio.CancelledError):
        await task

    assert await deps.storage.exists(order_key(KEY))
    found = await video_for(deps).find(plan, KEY, call(), _now())
    assert found is not None
    assert found.id == fakes.log().paid[0]["id"]


def test_every_attempt_of_every_ad_has_a_seed_of_its_own() -> None:
    seeds = {seed_of(call(step, attempt)) for step in ("clip.1", "clip.2") for attempt in range(1, 50)}

    assert len(seeds) == 98
    assert max(seeds) < 2**31


async def test_the_name_of_an_order_covers_what_is_sent(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request())
    other = model.plan(clip_request().model_copy(update={"prompt": "something else"}))

    names = [model.input_hash(plan, call()), model.input_hash(plan, call(attempt=2)), model.input_hash(other, call())]
    assert len(set(names)) == 3
    assert names[0] == model.input_hash(plan, call())


@pytest.mark.parametrize(
    ("scenario", "code", "cost"),
    [
        ("failed_e005", "provider_safety", "0"),
        ("failed_nsfw", "provider_safety", "0"),
        ("failed_e1001", "provider_rejected", "0"),
        ("failed_e6716", "provider_transient", "0"),
        ("aborted", "provider_transient", "0"),
        ("canceled", "provider_error", "0.40"),
    ],
)
async def test_a_job_that_fails_says_why_and_what_it_may_have_cost(
    fakes: Fakes, tmp_path: Path, scenario: str, code: str, cost: str
) -> None:
    fakes.script(scenario)
    model = video_for(deps_for(fakes.url, tmp_path))
    job = await model.submit(model.plan(clip_request()), KEY, call())

    state = await ended(model, job)

    assert (state.status, state.error_code, state.cost_source) == ("failed", code, "estimate")
    assert state.cost_usd == Decimal(cost)
    with pytest.raises(Exception, match=r"policy|memory|busy|could not run|canceled"):
        await model.fetch(job)


async def test_a_vendor_out_of_reach_does_not_end_a_job(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    job = await model.submit(model.plan(clip_request()), KEY, call())
    fakes.script(rule(operation="get", times=4, do={"fault": {"status": 503}}))

    assert (await model.poll(job)).status == "processing"
    assert (await ended(model, job)).status == "complete"


async def test_progress_is_what_the_log_measures(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule(operation="create", do={"prediction": {"run_s": 10, "tqdm": True}}))
    model = video_for(deps_for(fakes.url, tmp_path))
    job = await model.submit(model.plan(clip_request()), KEY, call())
    fakes.clock(advance=5.5, rate=0)

    assert await model.poll(job) == JobState(status="processing", progress=0.5)
    assert measured("loading weights") is None


async def test_cancelling_twice_is_harmless(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script("stuck")
    model = video_for(deps_for(fakes.url, tmp_path))
    job = await model.submit(model.plan(clip_request()), KEY, call())

    await model.cancel(job)
    await model.cancel(job)
    await model.cancel(job.model_copy(update={"id": "neverheardof"}))

    assert fakes.log().in_flight == 0
