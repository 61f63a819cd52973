"""What the reader found in a brief: plain values, verbatim spans, and how sure it is.

Made by reader.py; used by the writer and the critics. Tests: tests/test_providers/test_local_text/test_reader.py
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from app.schemas.story import Certainty, Framework, Tone
from app.schemas.unified_pipeline import AspectRatio

SpanType = Literal[
    "verb",  # "fits in a hatchback": the subject dropped
    "prep",  # "from one orchard": stands alone
    "glued",  # "for hurdy-gurdies": only after its noun
    "participle",  # "made in small tins"
    "fragment",  # "same day"
    "clause",  # "we open at five", "bring your broken toaster"
    "negative",  # "not bitter"
    "modifier",  # "hand-stitched"
    "offer",
    "price",
    "date",
    "problem",
    "venue",
    "quote",  # the user's own line for the screen
    "mention",  # what the user asked to mention afterwards
]
MUST = frozenset({"offer", "price", "date", "mention", "venue", "quote"})


@dataclass(frozen=True)
class Span:
    """A piece of the brief, byte for byte."""

    id: str
    type: SpanType
    text: str


@dataclass(frozen=True)
class Product:
    """The product phrase in the user's words and what is known of its head noun."""

    phrase: str
    core: str
    head: str
    number: Literal["count", "mass", "plural", "unknown"] = "unknown"
    kind: str | None = None
    certainty: Certainty = 1
    names: frozenset[str] = frozenset()
    """The head noun in its stored forms; line banks are keyed by them."""


@dataclass(frozen=True)
class Facts:
    """All the copywriter may use; whatever is None was not said."""

    prompt: str
    product: Product | None = None
    brand: str | None = None
    audience: str | None = None
    audience_kind: Literal["for", "without", "label"] = "for"
    url: str | None = None
    cta: str | None = None
    duration_s: float | None = None
    aspect_ratio: AspectRatio | None = None
    framework: Framework | None = None
    tone: Tone = "neutral"
    tone_said: bool = False
    deadpan: bool = False
    language: str = "en"
    constraints: frozenset[str] = frozenset()
    spans: tuple[Span, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def certainty(self) -> Certainty:
        return self.product.certainty if self.product else 0

    @property
    def kind(self) -> str | None:
        return self.product.kind if self.product else None

    def of_type(self, *types: SpanType) -> tuple[Span, ...]:
        """Spans of the given types, in the brief's order."""
        return tuple(span for span in self.spans if span.type in types)

    def with_changes(self, **changes: object) -> Facts:
        """A copy with some fields replaced."""
        return replace(self, **changes)  # type: ignore[arg-type]
