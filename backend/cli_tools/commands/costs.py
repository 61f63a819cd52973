"""`admint costs`: one ad call by call, or all by day and provider. Tests: tests/test_cli/test_money.py"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cli_tools.border import guarded
from cli_tools.render import Format, Screen

_SOURCES = {"reported": "the bill", "list_price": "list price", "estimate": "estimate", "free": "free", None: ""}
_STATES = {"unused": "not needed"}


def run(generation: str | None, style: Format, server: str | None, token: str | None) -> int:
    """Show what was spent. Returns the exit code."""
    screen = Screen(style)
    return guarded(screen, lambda: _costs(screen, generation, (server, token)))


def _costs(screen: Screen, generation: str | None, named: tuple[str | None, str | None]) -> int:
    from cli_tools import remote_library
    from cli_tools.money_library import bill_here, costs_here

    door = remote_library.door_of(*named)
    if door is not None:
        facts = remote_library.at_server(door, lambda api: _asked(api, generation))
    else:
        facts = costs_here(generation) if generation else bill_here()
    screen.document(facts)
    if screen.style == "text":
        (_show_ad if generation else _show_bill)(screen, facts)
    return 0


async def _asked(api: Any, generation: str | None) -> dict[str, Any]:
    from cli_tools.remote_library import find_id

    path = f"/api/generations/{await find_id(api, generation)}/costs" if generation else "/api/costs"
    found: dict[str, Any] = await api.get(path)
    return found


def _show_ad(screen: Screen, facts: dict[str, Any]) -> None:
    from cli_tools.views import Views

    views = Views(screen)
    rows = [("Spent", _usd(facts["spent_usd"])), ("Cap", _usd(facts["cap_usd"]))]
    if Decimal(str(facts["reserved_usd"])):
        rows.insert(1, ("Reserved", _usd(facts["reserved_usd"])))
    rows.append(("Today", f"{_usd(facts['today_usd'])} of {_usd(facts['daily_cap_usd'])}"))
    screen.say(views.facts(rows))
    lines = [
        (
            each["what"],
            _STATES.get(each["state"], each["state"]),
            _price(each),
            _SOURCES[each["cost_source"]],
            each["id"] if each["state"] == "unknown" else "",
        )
        for each in facts["calls"]
    ]
    screen.say(views.listing(("Call", "State", "Cost", "By", ""), lines) if lines else "Nothing was bought.")


def _price(call: dict[str, Any]) -> str:
    """What it cost; what it may still cost; nothing, when it ended without a cost."""
    if call["cost_usd"] is not None:
        return _usd(call["cost_usd"])
    return _usd("0") if call["state"] in ("failed", "unused") else f"up to {_usd(call['up_to_usd'])}"


def _show_bill(screen: Screen, facts: dict[str, Any]) -> None:
    from cli_tools.views import Views

    views = Views(screen)
    rows = [("Today", f"{_usd(facts['today_usd'])} of {_usd(facts['daily_cap_usd'])}")]
    rows.append(("In all", _usd(facts["spent_usd"])))
    screen.say(views.facts(rows))
    if facts["days"]:
        days = [(str(each["day"]), _usd(each["spent_usd"]), str(each["calls"])) for each in facts["days"]]
        screen.say(views.listing(("Day", "Spent", "Calls"), days))
        by = [
            (each["provider"], each["model"], _usd(each["spent_usd"]), str(each["calls"]), _SOURCES[each["source"]])
            for each in facts["providers"]
        ]
        screen.say(views.listing(("Provider", "Model", "Spent", "Calls", "By"), by))


def _usd(amount: Any) -> str:
    from app.services.billing.words import usd

    return usd(Decimal(str(amount)))
