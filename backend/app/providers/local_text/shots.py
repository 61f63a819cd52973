"""What is seen in each scene of a story: the kind's pictures where certain enough, never the same one twice.

Called by story_writer.py. Tests: tests/test_providers/test_local_text/test_story_writer.py
"""

from __future__ import annotations

import random

from app.providers.local_text.data import CopyData
from app.providers.local_text.plan import Plan


class ShotChooser:
    """Chooses the pictures of one plan."""

    def __init__(self, data: CopyData, plan: Plan) -> None:
        facts = plan.facts
        self._plan = plan
        rows = data.kinds[facts.kind].shots if facts.kind else []
        self._rows = [_shot(row) for row in [*rows, *data.kinds["neutral"].shots]]
        self._name = facts.product.core if facts.product else facts.brand or "name"

    def choose(self, hook: int = 0) -> list[str]:
        """One picture a scene; settled scenes bring their own. `hook` moves the first scene on to another one."""
        plan = self._plan
        chooser, used = random.Random(plan.seed), set(plan.settled_visuals.values())
        chosen: list[str] = []
        for role in plan.roles:
            text = chooser.choice(self._fitting(role, used))
            used.add(text)
            chosen.append(text)
        if hook:
            others = [text for text in self._fitting(plan.roles[0], set(chosen)) if text not in chosen]
            chosen[0] = others[(hook - 1) % len(others)] if others else chosen[0]
        return chosen

    def _fitting(self, role: str, used: set[str]) -> list[str]:
        """Pictures of a role, those of the very level of certainty before the more general ones."""
        certainty = self._plan.facts.certainty
        fit = [row for row in self._rows if row[1] == role and row[0] <= certainty and self._named(row[2]) not in used]
        fit = fit or [row for row in self._rows if row[1] == "fact" and row[0] <= max(1, certainty)]
        first = [row for row in fit if row[0] == certainty]
        return [self._named(text) for _, _, text in first or fit]

    def _named(self, text: str) -> str:
        return text.replace("the {product}", f"the {self._name}").replace("{product}", self._name)


def _shot(row: str) -> tuple[int, str, str]:
    tags, _, text = row.partition("|")
    level, role = tags.split()
    return int(level), role, text.strip()
