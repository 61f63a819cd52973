"""schemathesis over the whole OpenAPI document, legal and illegal input alike: no failure of any of its checks.

The server runs in a thread of its own and takes requests without working on them. Every second legal request that
names an id gets one that exists, so that answers beyond "not found" are seen too.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app.core.settings import Settings
from app.db.repositories import groups, users
from app.kit.ids import digest, new_id
from tests.fixtures.db import SESSION_ID, add_generation
from tests.fixtures.server import SECRET, Served, serve

STARTS = ("POST", "/api/v2/generate")
ENDS_SIGN_IN, DELETES_ALL = ("POST", "/api/auth/logout"), ("DELETE", "/api/generations")


@dataclass
class Target:
    """The running server, its loop, and what is stored in it."""

    served: Served
    loop: asyncio.AbstractEventLoop
    token: str
    ids: dict[str, str]

    def other_token(self) -> str:
        """Return a token of a person of no importance."""
        person = asyncio.run_coroutine_threadsafe(self.served.person(), self.loop).result(30)
        return person.token


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    """A server in a thread, with one generation of everything."""
    home = tmp_path_factory.mktemp("schema") / "home"
    ready: list[Target] = []
    begun, end = threading.Event(), asyncio.Event()

    async def run() -> None:
        async with serve(Settings(home=home, secret=SECRET, queue_poll_s=1)) as served:
            served.container.engine.enqueue = _queue_nothing  # type: ignore[method-assign]
            ready.append(await _stored(served))
            begun.set()
            await end.wait()
            await _forget(served)

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    assert begun.wait(60)
    with ExitStack() as stack:
        stack.callback(thread.join, 60)
        stack.callback(ready[0].loop.call_soon_threadsafe, end.set)
        yield ready[0]


async def _queue_nothing(*_: Any, **__: Any) -> None:
    return None


async def _stored(served: Served) -> Target:
    me = await served.local_person()
    group_id = new_id()
    async with served.container.sessions.begin() as session:
        generation_id = await add_generation(session, status="completed")
        await groups.create(session, group_id, users.LOCAL_USER_ID, title="x")
    ids = {"generation_id": generation_id, "session_id": SESSION_ID, "group_id": group_id}
    return Target(served, asyncio.get_running_loop(), me.token, ids)


async def _forget(served: Served) -> None:
    """Delete what was taken in, so that nothing seems to be under way."""
    me = await served.local_person()
    await me.client.delete("/api/generations")


@pytest.fixture(scope="module")
def api_schema(target: Target) -> Any:
    """The document as the server gives it."""
    return schemathesis.openapi.from_url(f"{target.served.url}/openapi.json")


CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
"""No crash, and every answer as documented. That illegal input is refused is proved route by route in the other files:
in a query everything is text, so schemathesis takes legal text for an illegal object. Sign-ins: test_ownership.py."""
SETTINGS = settings(
    max_examples=8,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.filterwarnings("ignore:Do not use the `random` module")  # the server's thread draws numbers meanwhile
@pytest.mark.parametrize("mode", list(GenerationMode))
def test_every_answer_is_as_documented(target: Target, api_schema: Any, mode: GenerationMode) -> None:
    operations = [found.ok() for found in api_schema.get_all_operations()]
    assert len(operations) > 25
    failures, checked = {}, 0
    for operation in operations:
        try:
            _check(operation, target, mode)
            checked += 1
        except Unsatisfiable:  # a route that takes nothing, or any text at all: nothing to send it is illegal
            assert mode is GenerationMode.NEGATIVE
        except (FailureGroup, ExceptionGroup) as failure:
            failures[operation.label] = f"{failure} {failure.exceptions}"
    assert checked > 15
    assert not failures, "\n\n".join(failures.values())


def _check(operation: Any, target: Target, mode: GenerationMode) -> None:
    answers: set[int] = set()
    place = (operation.method.upper(), operation.path)

    # A request for an ad has many fields; few drawn ones are legal in all of them.
    @settings(SETTINGS, max_examples=60 if place == STARTS else SETTINGS.max_examples)
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        if mode is GenerationMode.POSITIVE and _heads(case):
            known = {name: value for name, value in target.ids.items() if name in (case.path_parameters or {})}
            case.path_parameters = {**(case.path_parameters or {}), **known}
        token = target.other_token() if place in {ENDS_SIGN_IN, DELETES_ALL} else target.token
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}
        response = case.call_and_validate(checks=CHECKS)
        answers.add(response.status_code)

    check()
    # Rules that JSON Schema can't say (a cursor of ours, one of two fields, 2.0 is no whole number) are answered with
    # 400 as well, so schemathesis' own check of legal requests is too strict; each route must still take some.
    if mode is GenerationMode.POSITIVE and operation.path != "/api/assets/upload":
        assert answers - {400}, operation.label


def _heads(case: Any) -> bool:
    return digest([case.path_parameters, str(case.query), str(case.body)])[0] in "01234567"
