"""The Replicate side of the fakes, against the shapes of the vendor's published OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.fixtures.fakes import Fakes, rule
from tests.test_fakes.asking import BANANA, VEO, create, finished, made

REQUIRED = {"id", "model", "version", "input", "output", "data_removed", "error", "status", "created_at", "urls"}
"""What the document requires of a prediction."""


@pytest.fixture
def client(fakes: Fakes) -> Iterator[httpx.Client]:
    with fakes.client() as client:
        yield client


def test_a_prediction_goes_through_its_states(fakes: Fakes, client: httpx.Client) -> None:
    fakes.clock(rate=0)
    first = create(client, duration=6)
    assert set(first) >= REQUIRED
    assert (first["status"], first["output"], first["version"]) == ("starting", None, "hidden")
    fakes.clock(0.1)
    second = client.get(first["urls"]["get"]).json()
    assert (second["status"], second["completed_at"]) == ("processing", None)
    fakes.clock(1)
    last = client.get(first["urls"]["get"]).json()
    assert last["status"] == "succeeded"
    assert last["output"].startswith(fakes.media_url)
    assert last["metrics"]["predict_time"] == pytest.approx(0.3)
    assert last["metrics"]["total_time"] == pytest.approx(0.35)


@pytest.mark.parametrize(
    "version",
    ["google/nano-banana-pro", "google/nano-banana-pro:{}", "{}"],
    ids=["name", "name and version", "version"],
)
def test_a_version_may_be_named_in_three_ways(client: httpx.Client, version: str) -> None:
    number = client.get("/v1/models/google/nano-banana-pro").json()["latest_version"]["id"]
    body = {"version": version.format(number), "input": {"prompt": "a bottle"}}
    response = client.post("/v1/predictions", json=body)
    assert (response.status_code, response.json()["model"]) == (201, "google/nano-banana-pro")


def test_waiting_answers_when_it_is_over_or_patience_ends(fakes: Fakes, client: httpx.Client) -> None:
    body = {"input": {"prompt": "a bottle"}}
    response = client.post(BANANA, json=body, headers={"Prefer": "wait"})
    assert (response.status_code, response.json()["status"]) == (201, "succeeded")
    fakes.clock(rate=0)
    response = client.post(BANANA, json=body, headers={"Prefer": "wait=1"})
    assert (response.status_code, response.json()["status"]) == (202, "starting")


@pytest.mark.parametrize(
    ("path", "given", "field"),
    [
        (VEO, {"duration": 5}, "input.duration"),
        (VEO, {"duration": "6"}, "input.duration"),
        (VEO, {"aspect_ratio": "1:1"}, "input.aspect_ratio"),
        (VEO, {"resolution": "480p"}, "input.resolution"),
        (VEO, {"image": "bottle.png"}, "input.image"),
        (VEO, {"seed": "7"}, "input.seed"),
        (VEO, {"colour": "green"}, "input"),
        (VEO, {"reference_images": ["https://a.example/1.png"], "duration": 6}, "input.reference_images"),
        (VEO, {"reference_images": ["https://a.example/1.png"] * 4}, "input.reference_images"),
        (VEO.replace("veo-3.1", "veo-3-fast"), {"reference_images": []}, "input"),
        (VEO.replace("veo-3.1", "veo-3"), {"last_frame": "https://a.example/1.png"}, "input"),
        (BANANA, {"image_input": ["nowhere"]}, "input.image_input.0"),
        (BANANA, {"output_format": "webp"}, "input.output_format"),
    ],
)
def test_illegal_inputs_are_named(fakes: Fakes, client: httpx.Client, path: str, given: Any, field: str) -> None:
    response = client.post(path, json={"input": {"prompt": "a bottle", **given}})
    problem = response.json()
    assert (response.status_code, problem["status"]) == (422, 422)
    assert [one["field"] for one in problem["invalid_fields"]] == [field]
    assert problem["detail"].startswith(f"- {field}: ")
    assert fakes.log().created == 0


def test_a_misspelt_field_is_named(client: httpx.Client) -> None:
    problem = client.post("/v1/predictions", json={"version": "google/veo-3.1", "inptu": {}}).json()
    assert problem["detail"] == "- input is required\n- Additional property inptu is not allowed\n"
    assert {(one["type"], one["field"]) for one in problem["invalid_fields"]} == {
        ("required", ""),
        ("additional_property_not_allowed", ""),
    }


def test_what_is_not_there_is_not_found(client: httpx.Client) -> None:
    assert client.get("/v1/predictions/none").status_code == 404
    assert client.get("/v1/models/google/veo-1").status_code == 404
    assert client.post(VEO.replace("veo-3.1", "veo-1"), json={"input": {"prompt": "x"}}).status_code == 404
    assert client.post("/v1/predictions", json={"version": "google/veo-1", "input": {}}).status_code == 422


def test_a_token_is_needed_and_checked(fakes: Fakes, client: httpx.Client) -> None:
    assert fakes.fetch(f"{fakes.url}/v1/account").status_code == 401
    fakes.script(tokens=["r8_other"])
    refused = client.post(VEO, json={"input": {"prompt": "x"}})
    assert (refused.status_code, refused.json()["title"]) == (401, "Unauthenticated")
    with fakes.client("r8_other") as other:
        assert other.get("/v1/account").json()["type"] == "user"


@pytest.mark.parametrize(("plan", "status"), [({"start_s": 100}, "aborted"), ({"run_s": 100}, "canceled")])
def test_a_deadline_ends_it(fakes: Fakes, client: httpx.Client, plan: dict[str, float], status: str) -> None:
    fakes.script(rule(operation="create", do={"prediction": plan}))
    body = {"input": {"prompt": "a bottle"}}
    prediction = client.post(VEO, json=body, headers={"Cancel-After": "1m10s"}).json()
    assert prediction["deadline"] > prediction["created_at"]
    fakes.clock(60)
    assert client.get(prediction["urls"]["get"]).json()["status"] in ("starting", "processing")
    fakes.clock(20)
    assert client.get(prediction["urls"]["get"]).json()["status"] == status
    assert fakes.log().paid[0]["charged"] is (status == "canceled")
    assert client.post(VEO, json=body, headers={"Cancel-After": "4s"}).status_code == 400


def test_canceling_stops_it_once(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(rule("stuck", times=1))
    prediction = create(client)
    assert client.post(prediction["urls"]["cancel"]).json()["status"] == "canceled"
    assert fakes.log().in_flight == 0
    done = made(client)
    assert client.post(done["urls"]["cancel"]).json()["status"] == "succeeded"


def test_the_list_is_paged_newest_first(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(page_size=2)
    ids = [create(client, f"bottle {number}")["id"] for number in range(5)]
    seen, page = [], "/v1/predictions"
    while page:
        listed = client.get(page).json()
        seen += [one["id"] for one in listed["results"]]
        page = listed["next"]
    assert seen == ids[::-1]
    newest = client.get("/v1/predictions").json()["results"][0]
    assert newest["input"] == {"prompt": "bottle 4"}
    after = client.get("/v1/predictions", params={"created_after": newest["created_at"]}).json()
    assert [one["id"] for one in after["results"]] == [ids[-1]]


def test_everything_is_removed_after_an_hour(fakes: Fakes, client: httpx.Client) -> None:
    done = made(client, BANANA, path=BANANA)
    assert fakes.fetch(done["output"]).status_code == 200
    fakes.clock(3601)
    view = client.get(done["urls"]["get"]).json()
    assert (view["data_removed"], view["output"], view["input"], view["status"]) == (True, None, {}, "succeeded")
    assert fakes.fetch(done["output"]).status_code == 404


def test_uploads_are_kept_and_usable(client: httpx.Client) -> None:
    response = client.post("/v1/files", files={"content": ("a.png", b"\x89PNG", "image/png")})
    kept = response.json()
    assert (response.status_code, kept["size"], kept["content_type"]) == (201, 4, "image/png")
    assert client.get(kept["urls"]["get"]).json() == kept
    assert made(client, image=kept["urls"]["get"])["status"] == "succeeded"
    assert client.post("/v1/files", json={}).status_code == 422


@pytest.mark.parametrize("url", ["http://localhost:9000/a.png", "http://192.168.1.2/a.png", "data:image/png;base64,%"])
def test_an_input_out_of_reach_fails(client: httpx.Client, url: str) -> None:
    failed = made(client, image=url)
    assert failed["status"] == "failed"
    assert "could not fetch" in failed["error"]


def test_models_carry_the_schema_that_is_checked(client: httpx.Client) -> None:
    version = client.get("/v1/models/google/veo-3.1").json()["latest_version"]
    schemas = version["openapi_schema"]["components"]["schemas"]
    assert schemas["Input"]["required"] == ["prompt"]
    assert schemas["Input"]["properties"]["duration"]["allOf"] == [{"$ref": "#/components/schemas/duration"}]
    assert schemas["duration"]["enum"] == [4, 6, 8]
    assert schemas["Output"] == {"type": "string", "title": "Output", "format": "uri"}
    for name in ("veo-3", "veo-3-fast", "veo-3.1-fast", "nano-banana", "nano-banana-2"):
        found = client.get(f"/v1/models/google/{name}").json()
        assert (found["name"], found["is_official"]) == (name, True)


def test_progress_lines_grow(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script(rule(operation="create", do={"prediction": {"start_s": 0, "run_s": 10, "tqdm": True}}))
    fakes.clock(rate=0)
    prediction = create(client)
    fakes.clock(4.1)
    logs = client.get(prediction["urls"]["get"]).json()["logs"]
    assert logs.splitlines()[-1].startswith(" 40%|████      | 4/10")


def test_the_peak_counts_what_runs_together(fakes: Fakes, client: httpx.Client) -> None:
    fakes.script("stuck")
    ids = [create(client)["id"] for _ in range(3)]
    client.post(f"/v1/predictions/{ids[0]}/cancel")
    create(client, path=BANANA)
    log = fakes.log()
    assert (log.in_flight, log.peak, log.created) == (3, 3, 4)
    assert log.raw["predictions"]["peak_by_model"] == {"google/veo-3.1": 3, "google/nano-banana-pro": 1}
    fakes.script()
    assert finished(client, create(client)["id"])["status"] == "succeeded"
