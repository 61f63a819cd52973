"""The doctor's look at Replicate over real HTTP: what is set up is tried, what has changed is told, nothing bought."""

from __future__ import annotations

import pytest

from app.core.settings import Settings
from cli_tools.checkup_replicate import replicate, replicate_models
from cli_tools.finding import Finding
from tests.fixtures.cli import Cli
from tests.fixtures.fakes import TOKEN, Fakes, rule


def _settings(url: str, token: str | None = TOKEN) -> Settings:
    return Settings.model_validate({"replicate_base_url": url, "replicate_api_token": token})


@pytest.mark.parametrize("token", [None, "  "])
def test_what_is_not_set_up_is_not_a_fault_and_is_not_asked(fakes: Fakes, token: str | None) -> None:
    found = replicate(_settings(fakes.url, token))

    assert (found.state, found.mend) == ("ok", "")
    assert replicate_models(_settings(fakes.url, token))[0].state == "warn"
    assert fakes.log().requests() == []


def test_a_good_token_is_proven_by_a_call(fakes: Fakes) -> None:
    assert replicate(_settings(fakes.url)) == Finding(
        "Replicate", "ok", "the token of fakes is accepted; its credit can't be asked for"
    )
    assert [one["operation"] for one in fakes.log().requests()] == ["account"]


def test_a_refused_token_is_a_fault_and_never_shown(fakes: Fakes) -> None:
    fakes.script(tokens=["r8_another"])

    found = replicate(_settings(fakes.url))

    assert found.state == "fail"
    assert "REPLICATE_API_TOKEN" in found.mend
    assert TOKEN not in f"{found}"


def test_live_tells_which_model_has_gone_and_which_has_changed(fakes: Fakes) -> None:
    schema = {"Input": {"required": ["prompt", "style"], "properties": {"prompt": {}, "style": {}}}}
    changed = {"latest_version": {"openapi_schema": {"components": {"schemas": schema}}}}
    fakes.script(
        rule("model_gone", operation="model", model="google/veo-3"),
        rule(operation="model", model="google/nano-banana", do={"fault": {"status": 200, "body": changed}}),
    )

    found = {each.name: each for each in replicate_models(_settings(fakes.url))}

    assert len(found) == 7
    assert (found["google/veo-3"].state, found["google/veo-3.1"].state) == ("warn", "ok")
    assert "no longer has it" in found["google/veo-3"].found
    assert "needs 'style'" in found["google/nano-banana"].found
    assert "no input 'image_input' any more" in found["google/nano-banana"].found
    assert fakes.log().created == 0


def test_the_command_asks_when_told_to(cli: Cli, fakes: Fakes) -> None:
    cli.environment |= {"REPLICATE_API_TOKEN": TOKEN, "REPLICATE_BASE_URL": fakes.url}

    done = cli.run("doctor", "--live")

    assert (done.code, done.err) == (0, "")
    assert "google/veo-3.1-fast there, and takes what the catalogue says" in done.out
    assert TOKEN not in done.out
