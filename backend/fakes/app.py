"""The two hosts as one ASGI app: the vendors' APIs with the admin endpoints on one port, outputs on the other.

Served by fakes/__main__.py. Tests: tests/test_fakes/.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from fakes import admin, chat, delivery, replicate
from fakes.faults import break_answer
from fakes.script import Call, Do, Fault
from fakes.world import Operation, Refused, World, problem


def create_app(world: World, media_port: int) -> ASGIApp:
    """Return the app; requests on `media_port` go to the output host."""
    api = Starlette(routes=[*_routes(world, [*chat.OPERATIONS, *replicate.OPERATIONS]), *admin.routes(world)])
    outputs = Router(routes=_routes(world, delivery.OPERATIONS))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        host = outputs if scope["type"] == "http" and scope["server"][1] == media_port else api
        await host(scope, receive, send)

    return app


def _routes(world: World, operations: list[Operation]) -> list[Route]:
    return [Route(one.path, _endpoint(world, one), methods=[one.method]) for one in operations]


def _endpoint(world: World, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        call = await _call(world, request, operation)
        entry = world.begin(call)
        entry.rule, do = world.script.decide(call)
        response = await _respond(world, operation, call, do)
        entry.status = response.status_code
        return response

    return answer


async def _call(world: World, request: Request, operation: Operation) -> Call:
    body = await request.body()
    call = Call(
        operation.protocol,
        operation.name,
        request.method,
        request.url.path,
        dict(request.query_params),
        dict(request.headers),
        body,
        _parsed(body, request.headers.get("content-type", "")),
    )
    _note_subject(world, call)
    return call


def _parsed(body: bytes, content_type: str) -> Any:
    if not body or not content_type.startswith("application/json"):
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None


def _note_subject(world: World, call: Call) -> None:
    """Note which model and prompt a request is about, so that rules can tell predictions apart at every step."""
    payload = call.payload if isinstance(call.payload, dict) else {}
    if call.protocol == "openai":
        call.model, call.prompt = str(payload.get("model", "")), chat.text_of(payload)
        return
    about = call.path.split("/")[1] if call.protocol == "media" else replicate.prediction_id(call)
    prediction = world.shelf.predictions.get(about)
    if prediction is not None:
        call.model, call.prompt = prediction.model.name, prediction.prompt
    else:
        given = payload.get("input")
        call.model = replicate.model_name(call)
        call.prompt = str(given.get("prompt", "")) if isinstance(given, dict) else ""


async def _respond(world: World, operation: Operation, call: Call, do: Do) -> Response:
    if do.delay_s:
        await asyncio.sleep(do.delay_s)
    fault = do.fault
    try:
        if operation.needs_token:
            _check_token(world, call)
        if fault is not None and not fault.accepted:
            return _broken(fault, None, call)
        response = await operation.handler(world, call, do)
    except Refused as refused:
        return refused.response
    return response if fault is None else _broken(fault, response, call)


def _broken(fault: Fault, whole: Response | None, call: Call) -> Response:
    if fault.kind == "status" and fault.body is None and call.protocol == "openai":
        error = {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
        fault = fault.model_copy(update={"body": {"error": error}})
    return break_answer(fault, whole)


def _check_token(world: World, call: Call) -> None:
    scheme, _, token = call.headers.get("authorization", "").partition(" ")
    accepted = world.script.settings.tokens
    if scheme.lower() in ("bearer", "token") and token and (not accepted or token in accepted):
        return
    if call.protocol == "openai":
        raise chat.refusal(401, "Incorrect API key provided.", "invalid_api_key")
    raise Refused(problem(401, "Unauthenticated", "You did not pass a valid authentication token"))
