"""Replicate's HTTP API, as far as a client that makes pictures and clips needs it.

Follows the vendor's published OpenAPI document. Mounted by fakes/app.py. Tests: tests/test_fakes/test_replicate.py.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import secrets
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

from starlette.responses import JSONResponse, Response

from fakes.catalogue import Model, fault, replicate_models
from fakes.clock import stamp
from fakes.multipart import read_form
from fakes.predictions import KEPT_S, Prediction, Upload, new_prediction
from fakes.script import Call, Do, Plan
from fakes.webhooks import EVENTS, USUAL_EVENTS, follow
from fakes.world import SECRET, Operation, Refused, World, problem

_FIELDS = {"input", "webhook", "webhook_events_filter", "stream"}
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")
_WAIT = re.compile(r"^wait(?:=(\d+))?$")
MAX_UPLOAD = 100_000_000
NOT_FOUND = "The requested resource could not be found."
NO_VERSION = "The specified version does not exist (or perhaps you don't have permission to use it?)"


async def create(world: World, call: Call, do: Do) -> Response:
    """Make a prediction, validated against its model's schema; with `Prefer: wait` answer when it is over."""
    model, given = _model_of(call), _checked_input(call)
    now = world.clock.now()
    prediction = new_prediction(model, given, now, _unreachable(world, given, do), world.script.settings)
    prediction.deadline = _deadline(call, now)
    prediction.webhook = call.payload.get("webhook")
    prediction.events = tuple(call.payload.get("webhook_events_filter") or USUAL_EVENTS)
    world.shelf.add(prediction, now)
    follow(world, prediction)
    patience = _patience(call)
    if patience is None:
        return JSONResponse(_view(world, prediction), 201)
    await _wait_over(world, prediction, patience)
    over = prediction.phase(world.clock.now()).over
    return JSONResponse(_view(world, prediction), 201 if over else 202)


async def get(world: World, call: Call, do: Do) -> Response:
    """Show one prediction."""
    return JSONResponse(_view(world, _found(world, call)))


async def cancel(world: World, call: Call, do: Do) -> Response:
    """Stop a prediction; one that is over stays as it is."""
    prediction, now = _found(world, call), world.clock.now()
    if not prediction.phase(now).over:
        prediction.canceled = now
        world.clock.poke()
    return JSONResponse(_view(world, prediction))


async def list_(world: World, call: Call, do: Do) -> Response:
    """List predictions, newest first, a page at a time."""
    now, listing = world.clock.now(), do.listing
    shown = []
    for prediction in reversed(world.shelf.predictions.values()):
        prediction.listings += 1
        late = listing and (now < prediction.created + listing.late_s or prediction.listings <= listing.late_calls)
        if not late and not (listing and listing.empty) and _in_window(prediction, call):
            shown.append(prediction)
    start, size = int(call.query.get("cursor", "0")), world.script.settings.page_size
    results = [_view(world, prediction) for prediction in shown[start : start + size]]
    return JSONResponse(
        {
            "previous": _page(world, call, max(0, start - size)) if start else None,
            "next": _page(world, call, start + size) if start + size < len(shown) else None,
            "results": results,
        }
    )


async def upload(world: World, call: Call, do: Do) -> Response:
    """Keep a file for an hour."""
    form = await read_form(call)
    if form is None or "content" not in form:
        raise _invalid([fault("required", "", "content is required")])
    part = form["content"]
    if len(part.content) > MAX_UPLOAD:
        return problem(413, "Content Too Large", "Files must be less than 100MB in size")
    name = form["filename"].content.decode() if "filename" in form else part.file_name
    kind = form["type"].content.decode() if "type" in form else part.content_type
    metadata = json.loads(form["metadata"].content) if "metadata" in form else {}
    kept = Upload(secrets.token_hex(13), name, kind, part.content, metadata, world.clock.now())
    world.shelf.uploads[kept.id] = kept
    return JSONResponse(_upload_view(world, kept), 201)


async def file(world: World, call: Call, do: Do) -> Response:
    """Describe a file that was uploaded."""
    kept = world.shelf.uploads.get(call.path.rsplit("/", 1)[1])
    if kept is None or world.clock.now() >= kept.created + KEPT_S:
        return problem(404, "Not Found", NOT_FOUND)
    return JSONResponse(_upload_view(world, kept))


async def model(world: World, call: Call, do: Do) -> Response:
    """Describe a model, with the schema of its input."""
    found = replicate_models().get(call.model)
    if found is None:
        return problem(404, "Not Found", NOT_FOUND)
    owner, name = found.name.split("/")
    return JSONResponse(
        {
            "url": f"{world.api}/{found.name}",
            "owner": owner,
            "name": name,
            "description": found.description,
            "visibility": "public",
            "is_official": True,
            **dict.fromkeys(("github_url", "paper_url", "license_url", "cover_image_url", "default_example")),
            "run_count": len(world.shelf.predictions),
            "latest_version": {
                "id": found.version,
                "created_at": stamp(world.clock.now()),
                "cog_version": "0.16.8",
                "openapi_schema": found.openapi_schema(),
            },
        }
    )


async def account(world: World, call: Call, do: Do) -> Response:
    """Say whose token it is."""
    return JSONResponse({"type": "user", "username": "fakes", "name": "The fakes", "github_url": None})


async def secret(world: World, call: Call, do: Do) -> Response:
    """Hand out the key that webhooks are signed with."""
    return JSONResponse({"key": SECRET})


def _model_of(call: Call) -> Model:
    if not isinstance(call.payload, dict):
        raise Refused(problem(400, "Bad Request", "The request body is not a JSON object."))
    version = call.payload.get("version")
    if call.path == "/v1/predictions" and not isinstance(version, str):
        raise _invalid([fault("required", "", "version is required")])
    found = replicate_models().get(call.model)
    if found is not None:
        return found
    if version is None:
        raise Refused(problem(404, "Not Found", NOT_FOUND))
    raise Refused(problem(422, "Invalid version or not permitted", NO_VERSION))


def model_name(call: Call) -> str:
    """Return `owner/name` of the model a request is about, empty when it names none."""
    if call.path.startswith("/v1/models/"):
        return "/".join(call.path.split("/")[3:5])
    version = str(call.payload.get("version") or "") if isinstance(call.payload, dict) else ""
    name, _, number = version.partition(":")
    for known in replicate_models().values():
        if (name == known.name and number in ("", known.version)) or version == known.version:
            return known.name
    return ""


def _checked_input(call: Call) -> dict[str, Any]:
    payload = call.payload
    allowed = _FIELDS | ({"version"} if call.path == "/v1/predictions" else set())
    faults = [
        fault("additional_property_not_allowed", "", f"Additional property {name} is not allowed")
        for name in payload
        if name not in allowed
    ]
    if "input" not in payload:
        faults.insert(0, fault("required", "", "input is required"))
    elif not isinstance(payload["input"], dict):
        faults.append(fault("invalid_type", "input", "Invalid type. Expected: object"))
    else:
        faults += replicate_models()[call.model].faults(payload["input"])
    for event in payload.get("webhook_events_filter") or []:
        if event not in EVENTS:
            faults.append(fault("enum", "webhook_events_filter", f"{event} is no event"))
    if faults:
        raise _invalid(faults)
    given: dict[str, Any] = payload["input"]
    return given


def _invalid(faults: list[dict[str, Any]]) -> Refused:
    lines = "".join(f"- {': '.join(filter(None, (one['field'], one['description'])))}\n" for one in faults)
    return Refused(problem(422, "Input validation failed", lines, invalid_fields=faults))


def _unreachable(world: World, given: dict[str, Any], do: Do) -> Do:
    """Return a behaviour that fails when an input lies where a vendor's machine could not fetch it."""
    values = [item for value in given.values() for item in (value if isinstance(value, list) else [value])]
    for value in values:
        if isinstance(value, str) and not _fetchable(world, value):
            error = f"Prediction failed: could not fetch the input file {value[:80]}"
            return do.model_copy(update={"prediction": Plan(outcome="failed", error=error)})
    return do


def _fetchable(world: World, value: str) -> bool:
    if value.startswith("data:"):
        try:
            return bool(base64.b64decode(value.partition(",")[2], validate=True))
        except ValueError:
            return False
    if value.startswith(f"{world.api}/v1/files/"):
        return value.rsplit("/", 1)[1] in world.shelf.uploads
    if value.startswith(f"{world.media}/"):
        return True
    host = urlsplit(value).hostname if value.startswith(("http://", "https://")) else None
    return host is None or not (host in ("localhost", "::1") or host.startswith(("127.", "10.", "192.168.")))


def _deadline(call: Call, now: float) -> float | None:
    text = call.headers.get("cancel-after")
    if text is None:
        return None
    match = _DURATION.fullmatch(text.strip())
    parts = [int(part or 0) for part in match.groups()] if match else [0, 0, 0]
    seconds = parts[0] * 3600 + parts[1] * 60 + parts[2]
    if seconds < 5:
        detail = "Cancel-After must be a duration of at least 5 seconds, such as 30s or 5m."
        raise Refused(problem(400, "Bad Request", detail))
    return now + seconds


def _patience(call: Call) -> float | None:
    match = _WAIT.match(call.headers.get("prefer", ""))
    return min(60.0, float(match[1] or 60)) if match else None


async def _wait_over(world: World, prediction: Prediction, patience: float) -> None:
    """Wait until it is over, for so many real seconds at most."""
    try:
        async with asyncio.timeout(patience):
            while (change := prediction.next_change(world.clock.now())) is not None:
                await world.clock.wait(change)
    except TimeoutError:
        return


def _found(world: World, call: Call) -> Prediction:
    prediction = world.shelf.predictions.get(prediction_id(call))
    if prediction is None:
        raise Refused(problem(404, "Not Found", NOT_FOUND))
    return prediction


def prediction_id(call: Call) -> str:
    """Return the id in a prediction's path, empty when there is none."""
    parts = call.path.split("/")
    return parts[3] if call.path.startswith("/v1/predictions/") else ""


def _view(world: World, prediction: Prediction) -> dict[str, Any]:
    return prediction.view(world.clock.now(), world.api, world.media)


def _in_window(prediction: Prediction, call: Call) -> bool:
    after, before = (_moment(call.query.get(name)) for name in ("created_after", "created_before"))
    made = round(prediction.created, 6)  # as exactly as it is shown
    return (after is None or made >= after) and (before is None or made < before)


def _moment(text: str | None) -> float | None:
    try:
        return round(datetime.fromisoformat(text).timestamp(), 6) if text else None
    except ValueError as error:
        raise Refused(problem(400, "Bad Request", f"Not a date-time: {text}")) from error


def _page(world: World, call: Call, cursor: int) -> str:
    return f"{world.api}/v1/predictions?{urlencode({**call.query, 'cursor': cursor})}"


def _upload_view(world: World, kept: Upload) -> dict[str, Any]:
    return {
        "id": kept.id,
        "name": kept.name,
        "content_type": kept.content_type,
        "size": len(kept.content),
        "etag": hashlib.md5(kept.content, usedforsecurity=False).hexdigest(),
        "checksums": {"sha256": hashlib.sha256(kept.content).hexdigest()},
        "metadata": kept.metadata,
        "created_at": stamp(kept.created),
        "expires_at": stamp(kept.created + KEPT_S),
        "urls": {"get": f"{world.api}/v1/files/{kept.id}"},
    }


OPERATIONS = [
    Operation("replicate", "create", "POST", "/v1/models/{owner}/{name}/predictions", create),
    Operation("replicate", "create", "POST", "/v1/predictions", create),
    Operation("replicate", "list", "GET", "/v1/predictions", list_),
    Operation("replicate", "get", "GET", "/v1/predictions/{id}", get),
    Operation("replicate", "cancel", "POST", "/v1/predictions/{id}/cancel", cancel),
    Operation("replicate", "upload", "POST", "/v1/files", upload),
    Operation("replicate", "file", "GET", "/v1/files/{id}", file),
    Operation("replicate", "model", "GET", "/v1/models/{owner}/{name}", model),
    Operation("replicate", "account", "GET", "/v1/account", account),
    Operation("replicate", "secret", "GET", "/v1/webhooks/default/secret", secret),
]
