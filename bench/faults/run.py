"""Bench: every fault the fake vendors can play, through the whole pipeline: what the user sees, what it cost, is kept.

One tiny ad with two bought clips a fault; the fault meets the first order (or the first question to the language
model), or all of them where one would not show. Aim: no charge that is neither booked nor on hold, no clip paid
twice, and whatever was finished is kept. Run: `.venv/bin/python bench/faults/run.py [--only WORD]`; about fifteen
minutes. Writes bench/results/faults.json and the table of docs/explanation/faults.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "backend"))

from app.container import Container, open_container  # noqa: E402 - after the path
from app.core.errors import AdMintError  # noqa: E402
from app.core.settings import load_settings  # noqa: E402
from app.db.repositories import generations  # noqa: E402
from app.db.repositories.users import LOCAL_USER_ID, ensure_local_user  # noqa: E402
from app.schemas.unified_pipeline import GenerationRequest  # noqa: E402
from fakes.scenarios import SCENARIOS  # noqa: E402
from tests.fixtures.fakes import Fakes, rule, running_fakes  # noqa: E402
from tests.fixtures.paid_ad import CLIP, IMPATIENT, PAID, environment  # noqa: E402
from tests.fixtures.tiny_ad import PROMPT  # noqa: E402

PAGE = ROOT / "docs" / "explanation" / "faults.md"
BEGIN, END = "<!-- table: bench/faults -->", "<!-- end of table -->"
ALL_OF_THEM = ("list_", "webhook_")
QUIET = ("webhook_",)
"""A hint alone: an ad made on this machine has no public address, so no webhook is asked for."""
WITH_A_LOST_ORDER = ("list_",)
NEVER_ENDS = ("stuck",)


@dataclass(frozen=True)
class Row:
    """One line of the table. Money in US dollars: `sold` by the vendor's own count, `booked` by our ledger."""

    fault: str
    ended: str
    sees: str
    sold: int
    booked: str
    kept: str
    verdict: str


def main() -> None:
    """Play every fault and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Only faults that hold this word.")
    options = parser.parse_args()
    rows = []
    with running_fakes("--scale", "0.25") as fakes:
        for name in SCENARIOS:
            if options.only in name and not name.startswith(QUIET):
                rows.append(asyncio.run(_one(fakes, name)))
                print(" | ".join(str(value) for value in asdict(rows[-1]).values()), flush=True)
                if not options.only:
                    _publish(rows)
    target = ROOT / "bench" / "results" / "faults.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps([asdict(row) for row in rows], indent=2), encoding="utf-8")
    wrong = [row for row in rows if row.verdict != "ok"]
    print(f"{len(rows)} faults, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


async def _one(fakes: Fakes, name: str) -> Row:
    fakes.reset()
    chat = SCENARIOS[name].match.protocol == "openai"
    rules: list[Any] = [name] if name.startswith(ALL_OF_THEM) else [rule(name, nth=1)]
    if name.startswith(WITH_A_LOST_ORDER):
        rules.insert(0, rule("accepted_500", nth=1))
    fakes.script(*rules)
    with tempfile.TemporaryDirectory(prefix="faults-") as home:
        os.environ.update(environment(fakes, Path(home), **IMPATIENT))
        async with open_container(load_settings(), "run") as container:
            return await _played(container, fakes, name, chat=chat)


async def _played(container: Container, fakes: Fakes, name: str, *, chat: bool) -> Row:
    async with container.sessions.begin() as session:
        await ensure_local_user(session)
    limit_s = 30 if name in NEVER_ENDS else 300
    config = {**PAID, "timeouts.videos": limit_s, **({"providers.text": "openai"} if chat else {})}
    request = GenerationRequest(prompt=PROMPT, interactive=False, config=config)
    started = await container.orchestrator.generate(request)
    sees = ""
    try:
        await container.engine.wait(await container.latest_run(started.generation_id))
    except AdMintError as error:
        sees = f"{error.message} {error.hint}".strip()
    async with container.reads() as session:
        row = await generations.require(session, started.generation_id)
        clips, ended = list(row.video_clips or []), f"{row.status}, {row.substage}" if row.substage else row.status
    costs = await container.money.costs(LOCAL_USER_ID, started.generation_id)
    notes = [note for clip in clips for note in clip["notes"] if "refused" in note]
    done = [clip for clip in clips if clip["status"] == "complete"]
    charged = [one for one in fakes.log().paid if one["charged"]]
    asked = f", {len(costs.unknown)} asked about" if costs.unknown else ""
    held = f", ${costs.reserved_usd:.2f} on hold" if costs.reserved_usd else ""
    return Row(
        fault=name,
        ended=ended,
        sees=sees or " ".join(notes) or "Nothing: the ad is made.",
        sold=len(charged),
        booked=f"${costs.spent_usd:.2f}{held}{asked}",
        kept=f"{len(done)} of 2 clips" if clips else "nothing was begun",
        verdict=_verdict(charged, costs, len(done)),
    )


def _verdict(charged: list[Any], costs: Any, done: int) -> str:
    """Every charge is booked or on hold, no clip is paid twice, none is kept that is not booked."""
    clips = [call for call in costs.calls if call.kind == "clip"]
    booked = sum(1 for call in clips if call.cost_usd)
    held = sum(1 for call in clips if call.state in ("unknown", "running"))
    spent = sum((call.cost_usd or Decimal(0) for call in clips), Decimal(0))
    if len(charged) > booked + held:
        return "WRONG: a charge is neither booked nor on hold"
    if len(charged) > 2 or spent > 2 * CLIP:
        return "WRONG: a clip was paid twice"
    return "ok" if done <= booked else "WRONG: a clip is kept and not booked"


def _publish(rows: list[Row]) -> None:
    """Write the table between its marks."""
    lines = ["| Fault | The ad is then | The user is told | Sold | Booked | Kept |", "|---|---|---|---|---|---|"]
    lines += [f"| `{r.fault}` | {r.ended} | {r.sees} | {r.sold} | {r.booked} | {r.kept} |" for r in rows]
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n\n" + "\n".join(lines) + f"\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
