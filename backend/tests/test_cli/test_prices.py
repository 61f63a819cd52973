"""The quote at a gate of the command line."""

from __future__ import annotations

from decimal import Decimal

from rich.console import Console

from app.schemas.unified_pipeline import Quote, QuoteItem
from cli_tools.prices import quote_view


def shown(quote: Quote) -> list[str]:
    console = Console(width=160, no_color=True)
    with console.capture() as capture:
        console.print(quote_view(quote, "Filming costs"))
    return capture.get().splitlines()


def item(clip_id: int, usd: str, **more: object) -> QuoteItem:
    return QuoteItem.model_validate(
        {"clip_id": clip_id, "provider": "replicate", "seconds": 4, "usd": usd, "model": "g/veo", **more}
    )


def test_each_clip_has_its_price_and_what_will_be_otherwise() -> None:
    notes = ["includes its opening picture, $0.15", "cut to 3 s"]
    items = [item(1, "0.40"), item(2, "0.55", notes=notes), item(3, "0", provider="local", model="")]
    assert shown(Quote(total_usd=Decimal("0.95"), worst_usd=Decimal("1.90"), items=items, digest="d")) == [
        "  Clip 1, 4 s: $0.40 by g/veo",
        "  Clip 2, 4 s: $0.55 by g/veo; includes its opening picture, $0.15; cut to 3 s",
        "Filming costs $0.95, at worst $1.90 if takes are refused and charged all the same. Enter accepts it.",
    ]


def test_where_nothing_can_be_added_the_worst_case_is_not_told() -> None:
    image = item(0, "0.15", seconds=0)
    assert shown(Quote(total_usd=Decimal("0.15"), worst_usd=Decimal("0.15"), items=[image], digest="d")) == [
        "  A reference image: $0.15 by g/veo",
        "Filming costs $0.15. Enter accepts it.",
    ]
