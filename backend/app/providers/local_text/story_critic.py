"""Judges a story against its brief: vetoes first, then five weighted criteria.

Called by adapter.py. Tests: tests/test_providers/test_local_text/test_story_critic.py
"""

from __future__ import annotations

from itertools import pairwise

from app.providers.local_text.checks import Checker, Fault, copy_parts
from app.providers.local_text.data import CopyData
from app.providers.local_text.facts import Facts
from app.providers.local_text.reader import BriefReader
from app.providers.local_text.remarks import holds, said_in
from app.providers.local_text.verdict import issue_of, verdict
from app.providers.local_text.words import bare, straight, words
from app.schemas.providers import StoryCriticInput
from app.schemas.story import Critique, Issue, Story, StoryScene


class StoryCritic:
    """The critic's craft; trusts nothing, re-reads the brief."""

    def __init__(self, data: CopyData) -> None:
        self._data = data
        self._reader = BriefReader(data)

    def judge(self, task: StoryCriticInput) -> Critique:
        """Score 0-10 with issues that quote the offending text."""
        facts = self._reader.read(task.brief)
        story = task.story
        check = Checker(self._data, facts, self._asked_for(story))
        issues = [issue for scene in story.scenes for issue in self._scene(scene, check, story)]
        issues += self._whole(story, facts, check)
        return verdict(self._data, issues, self._criteria(story, facts, check))

    def _asked_for(self, story: Story) -> str:
        """Words the user added after the brief reach the critic through the story's notes."""
        return " ".join(said_in(story.notes, self._data, "asked"))

    def _scene(self, scene: StoryScene, check: Checker, story: Story) -> list[Issue]:
        copy, limits = scene.copy_text, self._data.rules.limits
        issues = []
        for text in copy_parts(copy):
            if text != copy.url:
                issues += [issue_of(self._data, fault, scene.id) for fault in check.line(text)]
        if not copy_parts(copy) and not scene.visual.strip():
            issues.append(self._issue("empty_scene", "", scene.id))
        if len(words(copy.headline)) > limits["headline_words"]:
            issues.append(self._issue("long_headline", copy.headline, scene.id, "major", limit="7"))
        if copy.support and len(words(copy.support)) > limits["support_words"] + 1:
            issues.append(self._issue("long_support", copy.support, scene.id, "minor", limit="9"))
        count = sum(len(words(part)) for part in copy_parts(copy) if part not in (copy.url, copy.cta, copy.kicker))
        rate = count / scene.duration
        if rate > limits["words_per_second"] + 0.01 and count > 3:
            issues.append(self._issue("too_fast", copy.headline, scene.id, "veto", rate=f"{rate:.1f}"))
        if copy.cta and scene.id != story.scenes[-1].id:
            issues.append(self._issue("early_cta", copy.cta, scene.id, "major"))
        if not 1 <= scene.duration <= 15:
            issues.append(self._issue("duration", f"{scene.duration:g} s", scene.id, "major"))
        return issues

    def _whole(self, story: Story, facts: Facts, check: Checker) -> list[Issue]:
        issues = [*self._repeats(story, check), *self._missing(story, facts, check)]
        last = story.scenes[-1].copy_text
        if not (last.cta or "").strip():
            issues.append(self._issue("missing_cta", last.headline, story.scenes[-1].id))
        for scene in story.scenes:
            if scene.copy_text.url and scene.copy_text.url != facts.url:
                issues.append(self._issue("unstated_url", scene.copy_text.url, scene.id))
        issues += self._punctuation(story, facts)
        issues += self._wishes(story, facts)
        return issues

    def _repeats(self, story: Story, check: Checker) -> list[Issue]:
        """Words in neighbouring scenes; those the user put there by feedback or by a new order are forgiven."""
        issues = []
        inner = story.scenes[:-1]
        asked = check.content(self._asked_for(story))
        moved = holds(story.notes, self._data, "swapped", "moved")
        for first, second in pairwise(inner):
            for word in check.repeats(" ".join(copy_parts(first.copy_text)), " ".join(copy_parts(second.copy_text))):
                fill = {"scenes": f"{first.id} and {second.id}", "word": word}
                severity = "minor" if moved or word in asked else "veto"
                issues.append(self._issue("repeated_word", word, second.id, severity, **fill))
        seen: dict[str, int] = {}
        for scene in inner:
            key = straight(bare(scene.copy_text.headline)).lower()
            if key and key in seen:
                issues.append(self._issue("repeated_line", scene.copy_text.headline, scene.id, "major"))
            seen[key] = scene.id
        return issues

    def _missing(self, story: Story, facts: Facts, check: Checker) -> list[Issue]:
        """Every stated fact stands in the ad byte for byte, or in the notes as left out."""
        shown = " ".join(part for scene in story.scenes for part in copy_parts(scene.copy_text))
        plain, noted = straight(shown).lower(), straight(" ".join(_unquoted(story.notes, self._data))).lower()
        dropped = [straight(text).lower() for text in said_in(story.notes, self._data, "dropped")]
        issues = []
        for span in facts.spans:
            text = straight(span.text).lower()
            if any(word in text for word in dropped):
                continue
            if text in plain or text in noted or text in straight(story.product or "").lower():
                continue
            if span.type != "glued":
                severity = "veto" if span.type in ("offer", "price", "date", "mention", "venue") else "major"
                issues.append(self._issue("missing_fact", "", None, severity, fact=span.text))
        name = story.product or facts.brand
        if name and straight(name).lower() not in plain and not (facts.brand and facts.brand in shown):
            issues.append(self._issue("no_product", "", None, "major"))
        return issues

    def _punctuation(self, story: Story, facts: Facts) -> list[Issue]:
        asking = [s for s in story.scenes if "?" in " ".join(copy_parts(s.copy_text))]
        issues = []
        if len(asking) > self._data.rules.limits["questions"]:
            issues.append(self._issue("questions", asking[1].copy_text.headline, asking[1].id, "major"))
        if asking and "questions" in facts.constraints:
            issues.append(self._issue("question_unwanted", asking[0].copy_text.headline, asking[0].id))
        return issues

    def _wishes(self, story: Story, facts: Facts) -> list[Issue]:
        tags = {straight(bare(line.headline)).lower() for line in self._data.bank("neutral").role("tag")}
        if not facts.constraints & {
            "salesy",
            "cheesy",
            "jokes",
            "humour",
            "humor",
            "corny",
            "pushy",
            "gimmicky",
            "cringe",
        }:
            return []
        wish = ", ".join(sorted(facts.constraints))
        return [
            self._issue("constraint", scene.copy_text.support or "", scene.id, "veto", wish=f"not {wish}")
            for scene in story.scenes
            if straight(bare(scene.copy_text.support or "")).lower() in tags
        ]

    def _issue(self, code: str, quote: str, scene_id: int | None, severity: str = "veto", **fill: str) -> Issue:
        return issue_of(self._data, Fault(code, quote, severity, tuple(fill.items())), scene_id)

    def _criteria(self, story: Story, facts: Facts, check: Checker) -> dict[str, float]:
        shown = [" ".join(copy_parts(scene.copy_text)) for scene in story.scenes]
        return {
            "brief_words": self._brief_words(shown, facts, check),
            "stated": self._stated(" ".join(shown), facts, story),
            "rhythm": self._rhythm(story),
            "tone": self._tone(story),
            "freshness": 10.0 - 4.0 * sum(c in " ".join(shown).lower() for c in self._data.rules.cliches),
        }

    def _brief_words(self, shown: list[str], facts: Facts, check: Checker) -> float:
        """Scenes that hold at least one content word of the brief; full marks at 60 % of them."""
        brief = check.content(facts.prompt) | check.content(facts.brand or "")
        hits = sum(bool(check.content(text) & brief) for text in shown)
        return min(10.0, 10.0 * hits / max(1.0, 0.6 * len(shown)))

    def _stated(self, shown: str, facts: Facts, story: Story) -> float:
        wanted = [s.text for s in facts.spans if s.type != "glued"] + [
            t for t in (facts.brand, facts.url, facts.audience) if t
        ]
        plain = straight(f"{shown} {story.product or ''} {story.audience or ''}").lower()
        if not wanted:
            return 9.0
        room = max(1, min(len(wanted), 2 * len(story.scenes)))
        return min(10.0, 10.0 * sum(straight(text).lower() in plain for text in wanted) / room)

    def _rhythm(self, story: Story) -> float:
        score = 10.0
        lengths = [len(words(scene.copy_text.headline)) for scene in story.scenes[:-1]]
        score -= sum(1.5 for n in lengths if n > 5) + sum(1.0 for n in lengths if n == 0)
        score -= sum(0.7 for a, b in pairwise(lengths) if a == b and a > 4)
        return max(0.0, score)

    def _tone(self, story: Story) -> float:
        joined = " ".join(part for scene in story.scenes for part in copy_parts(scene.copy_text))
        score = 10.0 - 2.0 * joined.count("!")
        if story.tone in ("calm", "premium"):
            score -= 2.0 * joined.count("?")
        lengths = [len(words(scene.copy_text.headline)) for scene in story.scenes[:-1]] or [0]
        if story.tone in ("bold", "epic") and sum(lengths) / len(lengths) > 5:
            score -= 1.5
        return max(0.0, score)


def _unquoted(notes: list[str], data: CopyData) -> list[str]:
    """The notes without those that quote an earlier draft."""
    return [note for note in notes if not holds([note], data, "opening_was")]
