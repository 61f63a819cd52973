"""What a language model costs: our list, the endpoint on this machine, or what the user says; never a guess."""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.core.errors import ConfigError
from app.providers.openai_chat.prices import Rate, catalogue, host_of, is_loopback, rate_for

OPENAI = "https://api.openai.com/v1"


def test_a_listed_model_costs_its_list_price() -> None:
    rate = rate_for("gpt-6-luna", OPENAI, "auto")
    assert (rate.input, rate.output, rate.source) == (Decimal("0.2"), Decimal("0.75"), "list_price")
    assert rate.cost(1000, 200) == Decimal("0.00035")
    assert not rate.free


@pytest.mark.parametrize("url", ["http://localhost:11434/v1", "http://127.0.0.1:8080/v1", "http://[::1]:1234/v1"])
def test_this_machine_is_free_unless_told_otherwise(url: str) -> None:
    assert rate_for("anything", url, "auto") == Rate(Decimal(0), Decimal(0), source="free")
    assert not rate_for("gpt-6-sol", url, "list").free
    assert rate_for("anything", url, "1/2").cost(10**6, 10**6) == 3


@pytest.mark.parametrize("url", [OPENAI, "http://192.168.1.9:11434/v1", "http://127.0.0.1.evil.example/v1"])
def test_an_unknown_model_elsewhere_has_no_price(url: str) -> None:
    assert not is_loopback(url)
    with pytest.raises(ConfigError, match="gpt-6-luna") as caught:
        rate_for("anything", url, "auto")
    assert "OPENAI_PRICE" in caught.value.hint
    assert rate_for("anything", url, "0/0").free


def test_a_cost_is_never_rounded_down() -> None:
    assert Rate(Decimal("0.20"), Decimal(0)).cost(1, 0) == Decimal("0.000001")
    assert Rate(Decimal("0.20"), Decimal(0)).cost(0, 5) == 0


def test_every_price_is_dated_and_says_where_it_was_read() -> None:
    listed = catalogue()
    assert listed.checked.year >= 2026
    assert all(row.source and row.output >= row.input > 0 for row in listed.models.values())


def test_an_address_is_shown_by_its_host_alone() -> None:
    assert host_of("https://user:secret@models.example:8443/path?key=1") == "models.example"
