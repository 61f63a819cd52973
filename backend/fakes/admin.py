"""The endpoints that script the fakes and tell what happened: /_script, /_log, /_reset, /_clock, /_resend.

Mounted by fakes/app.py. Tests: tests/test_fakes/test_admin.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from pydantic import Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from fakes.media import mark_of
from fakes.scenarios import SCENARIOS
from fakes.script import Rule, Script, Settings, Strict, Webhook
from fakes.webhooks import send
from fakes.world import World, token_hash


class Wanted(Strict):
    """What `POST /_script` takes. Rules replace the ones in force, or go behind them with `append`."""

    rules: list[Rule] | None = None
    append: bool = False
    settings: dict[str, Any] = Field(default_factory=dict)


class Move(Strict):
    """What `POST /_clock` takes: a date to go to, seconds to jump ahead, and how fast to run from now on."""

    at: datetime | None = None
    advance: float = 0.0
    rate: float | None = Field(None, ge=0)


class Resend(Strict):
    """What `POST /_resend` takes: an event of a prediction, delivered now, in any way."""

    prediction: str
    event: str = "completed"
    webhook: Webhook = Webhook()


def routes(world: World) -> list[Route]:
    """Return the admin endpoints."""

    async def script(request: Request) -> Response:
        wanted = Wanted.model_validate_json(await request.body())
        settings = Settings(**{**world.script.settings.model_dump(), **wanted.settings})
        before = world.script.rules
        rules = before if wanted.rules is None else [*(before if wanted.append else []), *wanted.rules]
        world.script = Script(rules, settings)
        if "answers" in wanted.settings:
            world.taken = {}
        return JSONResponse({"rules": len(rules), "scenarios": sorted(SCENARIOS)})

    async def log(request: Request) -> Response:
        return JSONResponse(_log(world))

    async def reset(request: Request) -> Response:
        world.reset()
        return JSONResponse({})

    async def clock(request: Request) -> Response:
        move = Move.model_validate_json(await request.body())
        world.clock.move(move.advance, move.rate, move.at.timestamp() if move.at else None)
        return JSONResponse({"now": world.clock.now()})

    async def resend(request: Request) -> Response:
        wanted = Resend.model_validate_json(await request.body())
        prediction = world.shelf.predictions.get(wanted.prediction)
        if prediction is None or wanted.event not in prediction.events:
            return JSONResponse({"detail": "no such prediction, or it did not ask for this event"}, 404)
        await send(world, prediction, wanted.event, wanted.webhook)
        return JSONResponse(world.deliveries[-1])

    posts = {"/_script": script, "/_reset": reset, "/_clock": clock, "/_resend": resend}
    return [
        Route("/_log", log, methods=["GET"]),
        *(Route(path, _checked(handler), methods=["POST"]) for path, handler in posts.items()),
    ]


Handler = Callable[[Request], Awaitable[Response]]


def _checked(handler: Handler) -> Handler:
    async def answer(request: Request) -> Response:
        try:
            return await handler(request)
        except ValidationError as error:
            return _refused(error)

    return answer


def _refused(error: ValidationError) -> Response:
    faults = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": "the script is not understood", "faults": faults}, 422)


def _log(world: World) -> dict[str, Any]:
    """Everything that was asked, made and sold since the last reset."""
    now, shelf = world.clock.now(), world.shelf
    paid = [_paid(world, prediction.id, now) for prediction in shelf.predictions.values()]
    leaks = [entry.call.headers["authorization"] for entry in world.entries if _leaked(entry.call)]
    return {
        "now": now,
        "requests": [entry.view() for entry in world.entries],
        "predictions": {
            "paid": paid,
            "created": len(paid),
            "charged": sum(one["charged"] for one in paid),
            "in_flight": len(shelf.in_flight(now)),
            "peak": shelf.peak,
            "peak_by_model": shelf.peak_by_model,
        },
        "chats": world.chats,
        "deliveries": world.deliveries,
        "tokens_at_output_host": [token_hash(leak) for leak in leaks],
    }


def _leaked(call: Any) -> bool:
    return call.protocol == "media" and "authorization" in call.headers


def _paid(world: World, identity: str, now: float) -> dict[str, Any]:
    prediction = world.shelf.predictions[identity]
    settled = prediction.settled
    return {
        "id": identity,
        "model": prediction.model.name,
        "kind": prediction.model.kind,
        "status": prediction.phase(now).status,
        "charged": prediction.charged(now),
        "mark": mark_of(prediction.prompt),
        "prompt": prediction.prompt,
        "created_at": prediction.created,
        "seconds": settled.get("duration"),
        "resolution": settled.get("resolution"),
        "audio": settled.get("generate_audio"),
    }
