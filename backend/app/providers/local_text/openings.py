"""Openings: the n-th best first scene for an ad that is otherwise settled, and the way back to an earlier one.

Called by story_writer.py and revision.py. Tests: tests/test_providers/test_local_text/test_hooks.py
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

from app.providers.local_text.candidates import SUPPORT_MAX, Line
from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import MUST
from app.providers.local_text.plan import Plan
from app.providers.local_text.remarks import remark, said_in
from app.providers.local_text.search import Ad, AdSearch
from app.providers.local_text.words import bare, sentence, straight, words
from app.schemas.story import Copy, Story, Tone

_REMEMBERED = 4
_BEATS = re.compile(r"(?<=[.?!]) ")


def opening_text(copy: Copy) -> str:
    """An opening in one line, as the notes quote it."""
    return " / ".join(part for part in (copy.headline, copy.support) if part)


def opening_copy(text: str) -> Copy:
    """The opening that `opening_text` made; three short sentences are beats again."""
    headline, _, support = text.partition(" / ")
    beats = _BEATS.split(headline)
    return Copy(headline=headline, support=support or None, items=beats if 3 <= len(beats) <= 5 else [])


def earlier_openings(story: Story, data: CopyData) -> list[str]:
    """Openings of the drafts before this one, oldest first, by its notes."""
    return said_in(story.notes, data, "opening_was")


def opening_notes(previous: Story | None, now: Copy, data: CopyData) -> list[str]:
    """Notes of all openings before the present one."""
    if previous is None:
        return []
    earlier, last = earlier_openings(previous, data), opening_text(previous.scenes[0].copy_text)
    if last != opening_text(now):
        earlier = [*(text for text in earlier if text != last), last]
    return [remark(data, "opening_was", text) for text in earlier[-_REMEMBERED:]]


def with_opening(data: CopyData, plan: Plan, ad: Ad, number: int) -> Ad:
    """The ad with its `number`-th best opening (0 is its own); all other lines stay.

    When there are fewer openings, they start again from the first, and the plan's notes say so.
    """
    others = _others(data, plan, ad, number) if number and len(ad.lines) > 1 else []
    chosen = number % (len(others) + 1)
    if number > len(others):
        plan.notes.append(remark(data, "few_openings", number=len(others) + 1, which=chosen + 1))
    if chosen == 0:
        return ad
    line = others[chosen - 1]
    return replace(ad, lines=(line, *ad.lines[1:]), used=frozenset().union(line.uses, *(x.uses for x in ad.lines[1:])))


def _others(data: CopyData, plan: Plan, ad: Ad, wanted: int) -> list[Line]:
    """Openings in the ad's own tone first, then, while too few, those written for other tones."""
    rest = frozenset().union(*(line.uses for line in ad.lines[1:]))
    shown = {_key(line.headline) for line in ad.lines}
    found: list[Line] = []
    for tone in dict.fromkeys((plan.tone, *get_args(Tone))):
        if len(found) >= wanted:
            break
        for other in AdSearch(data, _settled(plan, ad, tone)).openings():
            line = _carrying(data, plan, ad, other.lines[0])
            if line and not line.uses & rest and _key(line.headline) not in shown:
                shown.add(_key(line.headline))
                found.append(line)
    return found


def _settled(plan: Plan, ad: Ad, tone: Tone) -> Plan:
    copies = {
        index: Copy(headline=line.headline, support=line.support, items=list(line.items))
        for index, line in enumerate(ad.lines)
        if index
    }
    banned = plan.banned_lines | {_key(ad.lines[0].headline)}
    return replace(plan, settled=copies, keep={}, fixed_tones={0: tone}, banned_lines=banned)


def _carrying(data: CopyData, plan: Plan, ad: Ad, line: Line) -> Line | None:
    """The line with the facts that the first opening told; None when a price, a date or an offer would be lost."""
    lost = [span for span in plan.facts.spans if span.id in ad.lines[0].uses - line.uses]
    if not lost or (len(lost) > 1 and any(span.type in MUST for span in lost)):
        return None if lost else line
    span = lost[0]
    room = plan.durations[0] * data.rules.limits["words_per_second"] - len(words(line.text))
    if not line.support and not line.items and len(words(span.text)) <= min(room, SUPPORT_MAX):
        return replace(line, support=sentence(span.text), uses=line.uses | {span.id})
    return None if span.type in MUST else line


def _key(headline: str) -> str:
    return straight(bare(headline)).lower()
