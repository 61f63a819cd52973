"""The admin endpoints: scripts are checked, the log tells all but secrets, a reset leaves nothing behind."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from tests.fixtures.fakes import TOKEN, Fakes, FakesError, rule, running_fakes
from tests.test_fakes.asking import VEO, ask, create
from tests.test_house.tree import BACKEND


def _refused(fakes: Fakes, body: object) -> str:
    with fakes.client() as client:
        response = client.post("/_script", json=body)
    assert response.status_code == 422
    return response.text


def test_a_misspelt_script_is_refused(fakes: Fakes) -> None:
    assert "rules.0.mtach" in _refused(fakes, {"rules": [{"mtach": {}}]})
    assert "no scenario is called 'rest'" in _refused(fakes, {"rules": [{"scenario": "rest"}]})
    assert "video" in _refused(fakes, {"settings": {"video": 3}})
    assert "fault.kind" in _refused(fakes, {"rules": [{"do": {"fault": {"kind": "explode"}}}]})


def test_the_log_tells_requests_in_order_without_secrets(fakes: Fakes) -> None:
    with fakes.client() as client:
        create(client, "a bottle")
        ask(client, "hello")
        client.get("/v1/predictions", params={"cursor": "0"})
    log = fakes.log()
    assert [one["operation"] for one in log.requests()] == ["create", "chat", "list"]
    first = log.requests("create")[0]
    assert (first["method"], first["path"], first["status"]) == ("POST", VEO, 201)
    assert first["body"] == {"input": {"prompt": "a bottle"}}
    assert first["headers"]["authorization"].startswith("sha256:")
    assert log.requests("list")[0]["query"] == {"cursor": "0"}
    assert TOKEN not in str(log.raw)
    assert (log.created, len(log.chats)) == (1, 1)


def test_rules_are_replaced_added_and_named_in_the_log(fakes: Fakes) -> None:
    fakes.script(rule("error_503", nth=1))
    fakes.script(rule("error_500", nth=2, name="second"), append=True)
    with fakes.client() as client:
        statuses = [client.post(VEO, json={"input": {"prompt": "x"}}).status_code for _ in range(3)]
        assert statuses == [503, 500, 201]
        assert [one["rule"] for one in fakes.log().requests()] == ["error_503", "second", ""]
        fakes.script()
        assert client.post(VEO, json={"input": {"prompt": "x"}}).status_code == 201


def test_a_delay_holds_the_answer_back(fakes: Fakes) -> None:
    fakes.script(rule(operation="account", do={"delay_s": 0.2}))
    with fakes.client() as client:
        assert client.get("/v1/account").elapsed.total_seconds() >= 0.2


def test_a_reset_leaves_nothing(fakes: Fakes) -> None:
    fakes.script("error_500", image_s=9)
    fakes.clock(1000)
    fakes.reset()
    with fakes.client() as client:
        assert client.get("/v1/predictions").json()["results"] == []
        create(client)
    assert [one["operation"] for one in fakes.log().requests()] == ["list", "create"]


def test_two_programs_keep_to_themselves(fakes: Fakes) -> None:
    with running_fakes() as other, other.client() as client:
        create(client)
        assert (other.log().created, fakes.log().created) == (1, 0)
        pid = other.pid
    assert pid != fakes.pid
    with pytest.raises(httpx.ConnectError):
        other.log()


def test_a_taken_port_is_told(fakes: Fakes) -> None:
    with pytest.raises(FakesError, match="is taken"), running_fakes("--port", fakes.url.rsplit(":", 1)[1]):
        pass


def test_it_tells_its_address_first_and_ends_with_its_owner() -> None:
    command = [sys.executable, "-m", "fakes", "--port", "0", "--until-eof"]
    run = subprocess.run(command, cwd=BACKEND, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith("http://127.0.0.1:")
