"""What a gate says about money before it is spent: each thing with its price, and the worst case. Pure.

Called by gates.py. Tests: tests/test_cli/test_prices.py
"""

from __future__ import annotations

from rich.console import Group
from rich.text import Text

from app.schemas.unified_pipeline import Quote, QuoteItem


def quote_view(quote: Quote, what: str) -> Group:
    """Return the lines of a quote; `what` costs it, with its verb: "Filming costs"."""
    last = f"{what} ${quote.total_usd:.2f}"
    if quote.worst_usd > quote.total_usd:
        last += f", at worst ${quote.worst_usd:.2f} if takes are refused and charged all the same"
    return Group(*(_line(item) for item in quote.items if item.usd), Text(f"{last}. Enter accepts it.", "bold"))


def _line(item: QuoteItem) -> Text:
    name = f"Clip {item.clip_id}, {item.seconds:g} s" if item.clip_id else "A reference image"
    remarks = "".join(f"; {note}" for note in item.notes)
    return Text.assemble(f"  {name}: ${item.usd:.2f} ", (f"by {item.model or item.provider}{remarks}", "dim"))
