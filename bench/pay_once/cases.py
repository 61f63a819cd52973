"""The pay-once table's cases: what is bought, where the process is killed, how the vendor's list behaves.

Used by run.py.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

UNANSWERED = "accepted, not answered"
NOBODY = "nobody is killed"
LOST = ("answers 500 after accepting", "answers nothing after accepting", "resets after accepting")
FAULTS = dict(zip(LOST, ("accepted_500", "accepted_hang", "accepted_reset"), strict=True))
LISTS = {"on time": None, "late": "list_late_calls", "empty": "list_empty", "failing": "list_failing"}
CLIP_POINTS = (
    "clips.reserve:before",
    "clips.reserve:unrecorded",
    "clip.1.submit:before",
    "create:before",
    UNANSWERED,
    "create:after",
    "clip.1.submit:unrecorded",
    "clip.1.submitted:unrecorded",
    "get:before",
    "get:after",
    "download:before",
    "download:after",
    "clip.1.render:unrecorded",
    "clip.1.save:before",
    "clip.1.save:unrecorded",
    "clip.1.save:after",
)
IMAGE_POINTS = (
    "references.reserve:before",
    "references.reserve:unrecorded",
    "create:before",
    UNANSWERED,
    "create:after",
    "get:after",
    "picture:before",
    "picture:after",
    "reference.1.product:unrecorded",
    "reference.1.product:after",
)
KEYFRAME_POINTS = (
    "create:before",
    UNANSWERED,
    "create:after",
    "get:after",
    "picture:before",
    "picture:after",
    "clip.1.keyframe:unrecorded",
    "clip.1.submit:before",
)
CHAT_POINTS = ("chat:before", UNANSWERED, "chat:after", "chat:after:3", "scene.1.1.write.1:unrecorded")
LOOK_POINTS = ("chat:before", UNANSWERED, "chat:after", "reference.1.product:unrecorded")
CHAT_LOST = {"do": {"fault": {"kind": "hang", "accepted": True}}, "protocol": "openai", "operation": "chat", "nth": 1}


@dataclass(frozen=True)
class Goods:
    """What is bought in an ad: how many pieces, under which configuration, and where its buyer is killed."""

    wanted: int
    config: dict[str, Any]
    points: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    chats: bool = False

    def variables(self) -> dict[str, str]:
        """Return the environment of its buyer."""
        return {"PAID_CONFIG": json.dumps(self.config), "ADMINT_SCORER": "none", **self.environment}


UNWRITTEN = {"stages.story": False, "stages.scenes": False}
PLAIN = {**UNWRITTEN, "stages.reference_images": False}
"""What no purchase needs is left out: it only takes time."""
GOODS = {
    "clips": Goods(2, PLAIN, CLIP_POINTS),
    "pictures": Goods(3, {"providers.video": "local", "providers.image": "replicate"}, IMAGE_POINTS),
    "keyframes": Goods(4, {**UNWRITTEN, "models.consistency": "keyframe"}, KEYFRAME_POINTS),
    "texts": Goods(
        8, {"providers.video": "local", "providers.text": "openai"}, CHAT_POINTS, {"OPENAI_PRICE": "list"}, chats=True
    ),
    "looks": Goods(
        3, {"providers.video": "local", "providers.vision": "openai"}, LOOK_POINTS, {"OPENAI_PRICE": "list"}, chats=True
    ),
}


@dataclass(frozen=True)
class Case:
    """One line of the table to be."""

    goods: str
    point: str
    listing: str
    database: str

    @property
    def name(self) -> str:
        return f"{self.goods:9} {self.point:32} list {self.listing:8} {self.database:8}"


def cases(databases: tuple[str, ...]) -> list[Case]:
    """Return the whole table, the databases beside each other."""
    return [Case(*each, database) for each in _points() for database in databases]


def _points() -> list[tuple[str, str, str]]:
    found = [(name, point, "on time") for name, goods in GOODS.items() for point in (NOBODY, *goods.points)]
    for name in ("clips", "pictures"):
        found += [(name, UNANSWERED, listing) for listing in ("late", "empty", "failing")]
        found += [(name, "create:after", listing) for listing in ("empty", "failing")]
    found += [("keyframes", UNANSWERED, "empty"), ("keyframes", "create:after", "failing")]
    return found + [("clips", fault, listing) for fault in LOST for listing in LISTS]
