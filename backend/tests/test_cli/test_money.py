"""The command line's words about money: a price is accepted only by naming a cap that holds it."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import InvalidInput, OverCap
from cli_tools.admint import run_command
from cli_tools.backend import Purse
from cli_tools.commands.upgrade import scene_ids
from cli_tools.purse import upgrade_body

QUOTE: dict[str, Any] = {
    "total_usd": "1.20",
    "digest": "d" * 64,
    "items": [{}, {}],
    "standing": {"spent_usd": "0.50"},
}


def test_without_a_cap_the_price_is_said_and_nothing_is_ordered() -> None:
    with pytest.raises(OverCap, match=r"The clips cost up to \$1.20: nothing was bought") as caught:
        upgrade_body(QUOTE, Purse(provider="replicate", scenes=(1, 3)))
    assert caught.value.hint.endswith("add --cap 1.70")


def test_a_cap_accepts_exactly_this_quote() -> None:
    body = upgrade_body(QUOTE, Purse(cap=2, provider="replicate", scenes=(1, 3)))
    assert (body.scene_ids, body.quote_digest, body.cap_usd) == ([1, 3], QUOTE["digest"], 2)


def test_what_is_free_needs_no_cap() -> None:
    assert upgrade_body({**QUOTE, "total_usd": "0"}, Purse(provider="local", scenes=(1,))).cap_usd is None


def test_scenes_are_read_as_numbers() -> None:
    assert scene_ids("1, 3,1") == (1, 3)
    for nonsense in ("", "one", "0"):
        with pytest.raises(InvalidInput):
            scene_ids(nonsense)


def test_the_bill_of_who_bought_nothing_is_zero(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADMINT_HOME", str(tmp_path))
    assert run_command(["costs", "--format", "json"]) == 0
    bill = json.loads(capsys.readouterr().out)["data"]
    assert (Decimal(bill["spent_usd"]), bill["days"], Decimal(bill["daily_cap_usd"])) == (0, [], 20)
    assert run_command(["costs"]) == 0
    assert "$0.00 of $20.00" in capsys.readouterr().out


def test_a_charge_needs_one_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ADMINT_HOME", str(tmp_path))
    assert run_command(["charge", "some-ad", "some-call"]) == InvalidInput.exit_code
    assert "--retry" in capsys.readouterr().err
