"""Groups over HTTP: the list, variants side by side with signed addresses, the winner, and nothing of others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.db.repositories import generations, groups, sessions, users
from app.kit.ids import new_id
from app.schemas.story import Copy
from app.schemas.unified_pipeline import GenerationRequest, PipelineConfig, Scene, Variant, VideoClip
from tests.fixtures.server import OpenServer, Served

ME = users.LOCAL_USER_ID


def scenes(opening: str) -> list[Scene]:
    lines = [opening, "Cold for a day", "Take one along"]
    return [
        Scene(id=number, description=f"Shot {number}", duration=1, copy_text=Copy(headline=line))
        for number, line in enumerate(lines, start=1)
    ]


def clips(opening: str) -> list[VideoClip]:
    return [
        VideoClip(scene_id=number, clip_index=number - 1, status="complete", digest=opening if number == 1 else "same")
        for number in (1, 2)
    ]


async def add_group(served: Served, variants: Sequence[Variant], user_id: str = ME) -> tuple[str, list[str]]:
    """Store finished variants with scenes, clips and a film each."""
    group_id, made = new_id(), [new_id() for _ in variants]
    async with served.container.sessions.begin() as session:
        await users.ensure_local_user(session)
        await sessions.ensure(session, f"s-{group_id}", user_id)
        await groups.create(session, group_id, user_id, title="A thermos for hikers")
        for generation_id, variant in zip(made, variants, strict=True):
            new = generations.NewGeneration(
                id=generation_id,
                user_id=user_id,
                session_id=f"s-{group_id}",
                group_id=group_id,
                prompt="A thermos for hikers",
                config=PipelineConfig(),
                request=GenerationRequest(prompt="A thermos for hikers", variant=variant),
            )
            row = await generations.create(session, new)
            row.story_quality_score = 8.5
            opening = f"Opening line {variant.hook}"
            await generations.save_scenes(session, row.id, scenes(opening))
            await generations.save_video_clips(session, row.id, clips(opening))
            await generations.save_storyboard(session, row.id, {2: "late.jpg", 1: f"generations/{row.id}/first.jpg"})
            await generations.save_final(session, row.id, f"generations/{row.id}/final.mp4")
            await generations.set_status(session, row.id, "completed")
    return group_id, made


def error_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["error"]["code"]


async def test_variants_stand_side_by_side_with_scores_films_and_differences(server: Served) -> None:
    client = await server.local()
    group_id, made = await add_group(server, [Variant(hook=0), Variant(label="Bold", hook=1), Variant(label="Bold")])
    data = (await client.get(f"/api/groups/{group_id}")).json()["data"]
    assert [member["id"] for member in data["variants"]] == made
    assert [member["label"] for member in data["variants"]] == ["A thermos for hikers", "Bold", "Bold 2"]
    assert [member["differs_in"] for member in data["variants"]] == [[], [1], []]
    assert [member["shares_clips"] for member in data["variants"]] == [[], [2], [1, 2]]
    assert {(m["status"], m["story_quality_score"], m["winner"]) for m in data["variants"]} == {
        ("completed", 8.5, False)
    }
    for member in data["variants"]:
        assert member["final_video_url"].startswith(server.url)
        assert member["thumbnail_url"].startswith(f"{server.url}/media/generations/{member['id']}/first.jpg?exp=")
    assert (data["members"], data["completed"], data["winner_id"]) == (3, 3, None)


async def test_the_list_names_each_group_once_and_turns_pages(server: Served) -> None:
    client = await server.local()
    older, newer = [(await add_group(server, [Variant(), Variant(hook=1)]))[0] for _ in range(2)]
    page = (await client.get("/api/groups", params={"limit": 1})).json()
    assert [(row["id"], row["members"]) for row in page["data"]] == [(newer, 2)]
    rest = await client.get("/api/groups", params={"limit": 1, "cursor": page["pagination"]["next_cursor"]})
    assert [row["id"] for row in rest.json()["data"]] == [older]
    assert not rest.json()["pagination"]["has_more"]


async def test_a_winner_is_picked_changed_and_taken_back(server: Served) -> None:
    client = await server.local()
    group_id, (first, second) = await add_group(server, [Variant(), Variant(hook=1)])
    for picked in (first, second, None):
        answer = await client.post(f"/api/groups/{group_id}/winner", json={"generation_id": picked})
        assert answer.status_code == 200, answer.text
        data = (await client.get(f"/api/groups/{group_id}")).json()["data"]
        assert data["winner_id"] == picked
        assert [member["id"] for member in data["variants"] if member["winner"]] == ([picked] if picked else [])
    await client.post(f"/api/groups/{group_id}/winner", json={"generation_id": first})
    assert (await client.delete(f"/api/generations/{first}")).status_code == 200
    assert (await client.get(f"/api/groups/{group_id}")).json()["data"]["winner_id"] is None


async def test_a_winner_that_is_no_finished_member_is_refused(server: Served) -> None:
    client = await server.local()
    group_id, made = await add_group(server, [Variant(), Variant(hook=1)])
    _, others = await add_group(server, [Variant(), Variant(hook=1)])
    async with server.container.sessions.begin() as session:
        await generations.set_status(session, made[1], "videos", "paused")
    address = f"/api/groups/{group_id}/winner"
    assert error_of(await client.post(address, json={"generation_id": others[0]})) == (400, "invalid_input")
    assert error_of(await client.post(address, json={"generation_id": made[1]})) == (409, "conflict")
    assert error_of(await client.post(address, json={})) == (400, "invalid_input")
    assert error_of(await client.post(address, json={"generation_id": 7})) == (400, "invalid_input")


async def test_a_group_of_another_person_does_not_exist(open_server: OpenServer) -> None:
    async with open_server(auth="accounts") as served:
        mine, other = await served.person(), await served.person()
        group_id, made = await add_group(served, [Variant(), Variant(hook=1)], user_id=mine.id)
        assert (await mine.client.get(f"/api/groups/{group_id}")).status_code == 200
        assert error_of(await other.client.get(f"/api/groups/{group_id}")) == (404, "not_found")
        pick = await other.client.post(f"/api/groups/{group_id}/winner", json={"generation_id": made[0]})
        assert error_of(pick) == (404, "not_found")
        assert (await other.client.get("/api/groups")).json()["data"] == []
        assert error_of(await mine.client.get("/api/groups/nonsense")) == (404, "not_found")
        assert error_of(await served.http().get("/api/groups")) == (401, "unauthorized")
