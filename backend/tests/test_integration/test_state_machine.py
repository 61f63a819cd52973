"""Users do anything, in any order, while processes crash: the real pipeline never loses a word or gets stuck.

CI walks the same few paths each time. A long walk: `python -m tests.test_integration.test_state_machine 50`.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from app.core.errors import AdMintError, Conflict
from app.db.repositories import documents
from app.db.repositories.users import LOCAL_USER_ID as ME
from app.kit.ids import new_id
from app.schemas.api import FeedbackBody, SceneEdit, SceneRegenerate
from app.schemas.unified_pipeline import SceneChange
from app.services.unified_pipeline.states import allowed
from tests.fixtures.driver import Driver

ONWARD = {
    "pending": {"story", "failed"},
    "story": {"references", "failed"},
    "references": {"scenes", "failed"},
    "scenes": {"videos", "failed"},
    "videos": {"completed", "failed"},
    "completed": {"videos"},
    "failed": {"pending", "story", "references", "scenes", "videos"},
}
"""The spec's order; a later run goes back only from an end, to the stage it resumes."""
WORDS = frozenset({"approve", "refine", "regenerate"})
GATES = frozenset({"story", "scenes"})
Command = Callable[[Any], Any]
wait = st.booleans()
which = st.integers(0, 1)
scene = st.integers(1, 2)


class PipelineMachine(RuleBasedStateMachine):
    """A user with up to two ads in one session, on a machine that crashes. `failure` is the first one of a walk."""

    failure: ClassVar[AssertionError | None] = None

    def __init__(self) -> None:
        super().__init__()
        self.home = Path(tempfile.mkdtemp(prefix="admint-machine-"))
        self.driver = Driver(self.home)
        self.ids: list[str] = []
        self.session_id = ""
        self.settled: set[str] = set()
        self.moves: list[str] = []

    # -- moves ------------------------------------------------------------------------------------------------------

    @initialize(interactive=wait, settle=wait)
    def begin(self, *, interactive: bool, settle: bool) -> None:
        self._start(interactive=interactive, settle=settle)

    @precondition(lambda self: len(self.ids) == 1)
    @rule(interactive=wait, settle=wait)
    def begin_another(self, *, interactive: bool, settle: bool) -> None:
        self._start(interactive=interactive, settle=settle)

    @rule(n=which, settle=wait)
    def approve(self, *, n: int, settle: bool) -> None:
        self._say(n, "approve", "", settle=settle)

    @rule(n=which, settle=wait)
    def refine(self, *, n: int, settle: bool) -> None:
        self._say(n, "refine", "make it funnier", settle=settle)

    @rule(n=which, settle=wait)
    def regenerate(self, *, n: int, settle: bool) -> None:
        self._say(n, "regenerate", "", settle=settle)

    @rule(n=which, number=scene, headline=st.sampled_from(["Fixed by Friday", "Cold all day"]), settle=wait)
    def edit_scene(self, *, n: int, number: int, headline: str, settle: bool) -> None:
        body = SceneEdit(change=SceneChange(headline=headline))
        self._do(n, "edit_scene", lambda gid: self.driver.commands.edit_scene(ME, gid, number, body), settle=settle)

    @rule(n=which, number=scene, wish=st.sampled_from(["", "make it calmer"]), settle=wait)
    def regenerate_scene(self, *, n: int, number: int, wish: str, settle: bool) -> None:
        body, commands = SceneRegenerate(instructions=wish), self.driver.commands
        self._do(n, "regenerate_scene", lambda gid: commands.regenerate_scene(ME, gid, number, body), settle=settle)

    @rule(n=which, order=st.permutations([1, 2]), settle=wait)
    def reorder(self, *, n: int, order: list[int], settle: bool) -> None:
        self._do(n, "reorder_scenes", lambda gid: self.driver.commands.reorder_scenes(ME, gid, order), settle=settle)

    @rule(n=which, number=scene, new_take=wait, settle=wait)
    def retry_clip(self, *, n: int, number: int, new_take: bool, settle: bool) -> None:
        commands = self.driver.commands
        self._do(n, "retry_clip", lambda gid: commands.retry_clip(ME, gid, number, new_take=new_take), settle=settle)

    @rule(n=which, verb=st.sampled_from(["pause", "cancel", "resume", "resume"]), settle=wait)
    def steer(self, *, n: int, verb: str, settle: bool) -> None:
        self._do(n, verb, lambda gid: getattr(self.driver.commands, verb)(ME, gid), settle=settle)

    @rule(kind=st.sampled_from(["server", "server", "run"]), settle=wait)
    def crash(self, *, kind: Any, settle: bool) -> None:
        self.moves.append(f"crash, {kind}, settle={settle}")
        self.driver.crash()
        self.driver.open(kind)
        self._after(settle=settle)

    # -- how a move is made and judged -----------------------------------------------------------------------------

    def _start(self, *, interactive: bool, settle: bool) -> None:
        generation_id, self.session_id = self.driver.start(self.session_id or None, interactive=interactive)
        self.ids.append(generation_id)
        self.moves.append(f"start, interactive={interactive}, settle={settle}")
        self._after(settle=settle)

    def _say(self, n: int, action: str, message: str, *, settle: bool) -> None:
        row = self.driver.row(self._id(n))
        stage = row.current_stage if row.current_stage in GATES else "story"
        word = FeedbackBody.model_validate({"id": new_id(), "stage": stage, "action": action, "message": message})
        self._do(n, action, lambda gid: self.driver.commands.say(ME, gid, word), settle=settle)

    def _do(self, n: int, action: str, command: Command, *, settle: bool) -> None:
        gid = self._id(n)
        quiet, before = gid in self.settled, self._all_of(gid)
        row = self.driver.row(gid)
        may = action in allowed(row.status, row.substage, row.current_stage, row.control)
        self.settled.discard(gid)
        refusal = self._refusal(command(gid))
        place = f"{row.status}/{row.substage}/{row.current_stage}/{row.control}"
        self.moves.append(f"{n} {action} at {place}: {refusal or 'done'}, settle={settle}")
        if quiet and refusal:
            assert not may or "is fine" in refusal, f"{action} was allowed, yet: {refusal}"
            assert self._all_of(gid) == before
        if quiet and not refusal:
            assert may or (action in WORDS and _hears(row)), f"{action} worked, though not allowed"
        self._after(settle=settle)

    def _refusal(self, command: Any) -> str:
        try:
            self.driver.run(command)
        except Conflict as error:
            return str(error)
        return ""

    def _after(self, *, settle: bool) -> None:
        self.settled.clear()
        if settle:
            for generation_id in self.ids:
                self.driver.settle(generation_id)
            self.settled.update(self.ids)

    def _id(self, n: int) -> str:
        return self.ids[n % len(self.ids)]

    def _all_of(self, gid: str) -> tuple[Any, ...]:
        row = self.driver.row(gid)
        state = (row.status, row.substage, row.current_stage, row.control, row.run, row.gate, row.scenes, row.version)
        told = [each for each in self.driver.events(self.session_id) if each.generation_id == gid]
        return (*state, row.video_clips, len(told), self.driver.inbox(gid))

    # -- what always holds ---------------------------------------------------------------------------------------

    @invariant()
    def statuses_follow_the_spec(self) -> None:
        for gid in self.ids:
            states = self.driver.history(gid)
            assert states[0][0] == "pending"
            for (old, _), (new, substage) in pairwise(states):
                assert old == new or new in ONWARD[old], f"{old} went to {new}: {states}"
                assert substage != "awaiting_approval" or new in GATES

    @invariant()
    def events_are_numbered_without_a_gap(self) -> None:
        if self.session_id:
            events = self.driver.events(self.session_id)
            assert [each.seq for each in events] == list(range(1, len(events) + 1))

    @invariant()
    def every_word_is_heard_once(self) -> None:
        if not self.ids:
            return
        events = self.driver.events(self.session_id)
        answers = Counter(e.payload.message_id for e in events if e.type == "feedback_acknowledged")
        for gid in self.ids:
            words = self.driver.inbox(gid)
            done = gid in self.settled and self.driver.row(gid).status == "completed"
            for word in words:
                assert answers[word.id] <= 1
                assert not done or (word.outcome and answers[word.id] == 1), f"nobody read {word}"

    @invariant()
    def what_is_finished_is_there(self) -> None:
        for gid in self.settled:
            view = self.driver.view(gid)
            fresh = [clip for clip in view.video_clips if clip.freshness == "current"]
            assert all(clip.url and self.driver.exists(clip.url) for clip in fresh)
            if view.status == "completed":
                assert view.final_video_url
                assert self.driver.exists(view.final_video_url)
                assert len(fresh) == len(view.scenes) == 2

    def teardown(self) -> None:
        """Whatever was done to it, approving and resuming finishes every ad."""
        failed = sys.exc_info()[1]
        try:
            if failed is not None:
                return
            for gid in self.ids:
                self._finish(gid)
            self.settled.update(self.ids)
            for check in (self.statuses_follow_the_spec, self.events_are_numbered_without_a_gap):
                check()
            for check in (self.every_word_is_heard_once, self.what_is_finished_is_there):
                check()
        except AssertionError as error:
            failed = error
            raise
        finally:
            if isinstance(failed, AssertionError | AdMintError):
                self._keep(failed)
            self.driver.close()
            shutil.rmtree(self.home, ignore_errors=True)

    def _keep(self, failed: Exception) -> None:
        """Note how it came to the first failure: threads are no part of a path, so a second walk may miss it."""
        if type(self).failure is None:
            type(self).failure = AssertionError("\n".join([*self.moves, str(failed)]))
            type(self).failure.__cause__ = failed

    def _finish(self, gid: str) -> None:
        for _ in range(12):
            row = self.driver.settle(gid)
            if row.status == "completed":
                return
            if row.substage == "awaiting_approval":
                word = FeedbackBody(id=new_id(), stage=row.current_stage, action="approve")
                self.driver.run(self.driver.commands.say(ME, gid, word))
            else:
                self.driver.run(self.driver.commands.resume(ME, gid))
        raise AssertionError(f"resumed and approved 12 times, and still {row.status}/{row.substage}")


def _hears(row: Any) -> bool:
    """True when a word is taken though no gate stands open: it opens the one that was left."""
    left = row.substage in {"cancelled", "expired"} and row.current_stage in GATES
    return documents.gate_of(row) is not None or (left and documents.request_of(row).interactive)


def walk(examples: int, steps: int, *, same_each_time: bool = True) -> None:
    """Walk so many paths of so many moves."""
    profile = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        derandomize=same_each_time,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    PipelineMachine.failure = None
    try:
        run_state_machine_as_test(PipelineMachine, settings=profile)
    finally:
        if PipelineMachine.failure is not None:
            raise PipelineMachine.failure


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_any_order_of_commands_and_crashes_ends_well() -> None:
    walk(examples=5, steps=9)


if __name__ == "__main__":
    walk(examples=int(sys.argv[1]), steps=25, same_each_time=False)
