"""A paid clip from plan to stored file over real HTTP: what is sent, what it costs, what is kept, what goes wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from app.core.errors import AuthFailed, BadOutput, InvalidInput, ModelGone, ProviderError, Rejected
from app.kit.media.facts import MediaFacts, probe, verify_decodes
from app.ports.video import PaidVideoModel, poster_key
from app.providers.registry import ProviderDeps
from app.providers.replicate_video.adapter import ReplicateVideoModel, source_key
from app.schemas.providers import RemoteJob, VideoPlan
from tests.fixtures.fakes import TOKEN, Fakes, rule
from tests.fixtures.replicate import call, clip_request, deps_for, ended, reference, video_for

KEY = "g/clips/scene-1.mp4"


async def _bought(model: ReplicateVideoModel, plan: VideoPlan, key: str = KEY) -> RemoteJob:
    job = await model.submit(plan, key, call())
    assert (await ended(model, job)).status == "complete"
    return job


async def _facts(deps: ProviderDeps, key: str) -> MediaFacts:
    async with deps.storage.local_copy(key) as path:
        verify_decodes(path)
        return probe(path)


def test_it_is_what_the_port_asks_for(tmp_path: Path) -> None:
    model: PaidVideoModel = video_for(deps_for("http://127.0.0.1:9", tmp_path))

    assert (model.name, model.queue) == ("replicate", "remote")


@pytest.mark.ac("AC-3.3")
async def test_what_is_sent_is_the_plan_and_the_whole_context(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request(6.0, (1280, 720)))

    await model.check(plan)
    await model.submit(plan, KEY, call())

    sent = fakes.log().requests("create")[0]["body"]["input"]
    assert plan.request.prompt in sent["prompt"]
    assert "text" in sent["negative_prompt"]
    assert {name: sent[name] for name in ("aspect_ratio", "duration", "resolution", "generate_audio")} == {
        "aspect_ratio": "16:9",
        "duration": 6,
        "resolution": "720p",
        "generate_audio": False,
    }
    assert isinstance(sent["seed"], int)


async def test_what_arrives_is_exactly_what_the_ad_needs_and_what_was_bought_is_kept(
    fakes: Fakes, tmp_path: Path
) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    job = await _bought(model, model.plan(clip_request(1.0, (240, 240))))

    assert await model.fetch(job) == KEY
    facts = await _facts(deps, KEY)
    await deps.storage.delete(KEY)
    await video_for(deps).fetch(job)  # another process, after the vendor has forgotten all
    await video_for(deps).fetch(job)

    assert facts == await _facts(deps, KEY)
    video = facts.video
    assert video is not None
    assert (video.width, video.height, video.frames, video.rate) == (240, 240, 30, 30)
    assert (video.codec, video.pixel_format, facts.audio) == ("h264", "yuv420p", None)
    assert await deps.storage.exists(poster_key(KEY))
    bought = (await _facts(deps, source_key(KEY))).video
    assert bought is not None
    assert bought.duration == pytest.approx(4.0, abs=0.1)
    assert len(fakes.log().requests("download")) == 1


async def test_its_own_sound_is_ordered_when_it_is_kept_and_costs_more(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path, video="google/veo-3.1", video_sound=True))
    plan = model.plan(clip_request())

    await model.submit(plan, KEY, call())

    assert model.estimate(plan) == Decimal("1.60")
    sent = fakes.log().requests("create")[0]["body"]["input"]
    assert (sent["generate_audio"], "no music" in sent["prompt"]) == (True, True)


async def test_a_keyframe_is_bought_with_the_clip_and_opens_it(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    plan = model.plan(clip_request(references=[await reference(deps), await reference(deps, "environment")]))
    assert model.estimate(plan) == Decimal("0.55")
    await model.check(plan)

    job = await model.submit(plan, KEY, call())
    state = await ended(model, job)
    await model.fetch(job)

    image, clip = (one["body"]["input"] for one in fakes.log().requests("create"))
    uploaded = len(fakes.log().requests("upload"))
    assert (len(image["image_input"]), uploaded) == (2, 3)
    assert "Image 1 is the product" in image["prompt"]
    assert clip["image"].startswith(f"{fakes.url}/v1/files/")
    assert state.cost_usd == Decimal("0.55")
    assert [one["status"] for one in fakes.log().paid] == ["succeeded", "succeeded"]
    # The token is in nothing that is kept or said, and never went to where the files lie.
    kept = [await deps.storage.read_bytes(key) async for key in deps.storage.keys("")]
    assert len(kept) == 8
    assert not [data for data in kept if TOKEN.encode() in data]
    assert TOKEN not in repr(model) + repr(vars(model)) + repr(deps)
    assert fakes.log().leaks == []


async def test_a_keyframe_is_not_bought_again_when_its_clip_is_ordered_again(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    plan = model.plan(clip_request(references=[await reference(deps)]))
    fakes.script(rule("payment_required", times=1, model="google/veo-3.1-fast"))

    with pytest.raises(ProviderError) as raised:
        await model.submit(plan, KEY, call())
    await model.submit(plan, KEY, call())

    assert raised.value.cost_usd == Decimal("0.15")
    assert [one["model"] for one in fakes.log().paid] == ["google/nano-banana-pro", "google/veo-3.1-fast"]


async def test_a_keyframe_bought_by_itself_is_used(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    plan = model.plan(clip_request(references=[await reference(deps)]))
    before = model.keyframe(plan)
    assert before is not None
    await model.keyframes.buy(before, "g/keyframe.png", call("keyframe.1"))

    ready = model.with_keyframe(plan, "g/keyframe.png")

    assert model.keyframe(ready) is None
    assert model.estimate(ready) == Decimal("0.40")
    await model.check(ready)
    job = await model.submit(ready, KEY, call())
    assert (await ended(model, job)).cost_usd == Decimal("0.40")


async def test_references_are_uploaded_and_never_sent_as_addresses_of_ours(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path, video="google/veo-3.1", consistency="references")
    model = video_for(deps)
    given = [await reference(deps), await reference(deps, "character"), await reference(deps, "environment")]
    plan = model.plan(clip_request(references=given))

    await model.check(plan)
    await model.submit(plan, KEY, call())

    sent = fakes.log().requests("create")[0]["body"]["input"]
    assert [address.rsplit("/", 1)[0] for address in sent["reference_images"]] == [f"{fakes.url}/v1/files"] * 3
    assert (sent["duration"], "Image 3 is the place" in sent["prompt"]) == (8, True)


async def test_the_storyboard_costs_nothing(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path, token=None)
    model = video_for(deps)

    await model.still(model.plan(clip_request()), 0.5, "g/still.jpg")

    assert await deps.storage.size("g/still.jpg") > 500
    assert fakes.log().requests() == []


@pytest.mark.parametrize(
    ("scenario", "says"),
    [
        ("output_null", "no file"),
        ("output_gone", "no longer there"),
        ("output_corrupt", "can't be used"),
        ("output_short", "can't be used"),
    ],
)
async def test_an_output_that_is_none_is_told_and_nothing_is_stored(
    fakes: Fakes, tmp_path: Path, scenario: str, says: str
) -> None:
    fakes.script(scenario)
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    job = await _bought(model, model.plan(clip_request(3.0)))

    with pytest.raises(BadOutput, match=says) as raised:
        await model.fetch(job)

    assert fakes.media_url not in raised.value.message
    assert not await deps.storage.exists(KEY)
    assert not await deps.storage.exists(source_key(KEY))


async def test_without_a_token_the_check_names_the_variable_and_the_free_way(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path, token=None))

    with pytest.raises(AuthFailed) as raised:
        await model.check(model.plan(clip_request()))
    assert "REPLICATE_API_TOKEN" in raised.value.hint
    assert "local" in raised.value.hint
    assert fakes.log().requests() == []


async def test_the_check_asks_for_each_model_once_for_a_whole_batch(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))

    for _ in range(5):
        await model.check(model.plan(clip_request()))

    assert len(fakes.log().requests("model")) == 1
    assert fakes.log().created == 0


async def test_the_check_refuses_a_model_that_has_gone(fakes: Fakes, tmp_path: Path) -> None:
    fakes.script(rule("model_gone", operation="model"))
    model = video_for(deps_for(fakes.url, tmp_path))

    with pytest.raises(ModelGone):
        await model.check(model.plan(clip_request()))


async def test_the_check_refuses_what_the_model_would_refuse_today(fakes: Fakes, tmp_path: Path) -> None:
    schema = {
        "Input": {
            "required": ["prompt"],
            "properties": {
                "prompt": {},
                "duration": {"allOf": [{"$ref": "#/components/schemas/duration"}]},
                **{name: {} for name in ("aspect_ratio", "resolution", "negative_prompt", "generate_audio", "seed")},
            },
        },
        "duration": {"enum": [5, 8], "type": "integer"},
    }
    body = {"latest_version": {"openapi_schema": {"components": {"schemas": schema}}}}
    fakes.script(rule(operation="model", do={"fault": {"status": 200, "body": body}}))
    model = video_for(deps_for(fakes.url, tmp_path))

    with pytest.raises(Rejected, match="'duration' can't be 4; legal: 5, 8"):
        await model.check(model.plan(clip_request()))


async def test_the_check_refuses_a_reference_that_is_gone(fakes: Fakes, tmp_path: Path) -> None:
    deps = deps_for(fakes.url, tmp_path)
    model = video_for(deps)
    plan = model.plan(clip_request(references=[await reference(deps)]))
    await deps.storage.delete("g/references/product.png")

    with pytest.raises(Rejected, match="no longer stored"):
        await model.check(plan)


async def test_a_plan_of_another_provider_is_refused(fakes: Fakes, tmp_path: Path) -> None:
    model = video_for(deps_for(fakes.url, tmp_path))
    plan = model.plan(clip_request()).model_copy(update={"remote": None})

    with pytest.raises(InvalidInput, match="another provider"):
        await model.submit(plan, KEY, call())
