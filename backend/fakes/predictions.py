"""Predictions and their files: what each is at any moment follows from its plan and the clock, so nothing runs.

Kept in a `Shelf` for fakes/replicate.py. Tests: tests/test_fakes/test_replicate.py.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from fakes.catalogue import Model
from fakes.clock import stamp
from fakes.script import Do, Settings

KEPT_S = 3600.0
"""Inputs, outputs, logs and files of predictions made through the API are removed after an hour."""
TERMINAL = frozenset({"succeeded", "failed", "canceled", "aborted"})


@dataclass(frozen=True)
class Phase:
    """Where a prediction stands."""

    status: str
    started: float | None = None
    completed: float | None = None

    @property
    def over(self) -> bool:
        return self.status in TERMINAL


@dataclass
class Prediction:
    """One paid job. `given` is the input as sent, `settled` with the model's defaults filled in."""

    id: str
    model: Model
    given: dict[str, Any]
    created: float
    do: Do
    start_s: float
    run_s: float
    deadline: float | None = None
    canceled: float | None = None
    webhook: str | None = None
    events: tuple[str, ...] = ()
    listings: int = 0
    settled: dict[str, Any] = field(default_factory=dict)

    @property
    def prompt(self) -> str:
        return str(self.given.get("prompt", ""))

    @property
    def outcome(self) -> str:
        return self.do.prediction.outcome if self.do.prediction else "succeeded"

    def phase(self, now: float) -> Phase:
        """Return where it stands at `now`."""
        start, finish = self.created + self.start_s, self.created + self.start_s + self.run_s
        stops = [moment for moment in (self.canceled, self.deadline) if moment is not None]
        stop = min(stops) if stops else None
        if stop is not None and stop <= now and stop < finish:
            if stop >= start:
                return Phase("canceled", start, stop)
            return Phase("canceled" if stop == self.canceled else "aborted", None, stop)
        if now < start:
            return Phase("starting")
        if self.outcome == "aborted":
            return Phase("aborted", None, start)
        return Phase(self.outcome, start, finish) if now >= finish else Phase("processing", start)

    def next_change(self, now: float) -> float | None:
        """Return the next moment at which it may stand elsewhere; None when it is over."""
        if self.phase(now).over:
            return None
        moments = [self.created + self.start_s, self.created + self.start_s + self.run_s, self.deadline]
        return min(moment for moment in moments if moment is not None and moment > now)

    def removed(self, now: float) -> bool:
        """Whether its data is gone."""
        completed = self.phase(now).completed
        return completed is not None and now >= completed + KEPT_S

    @property
    def file_name(self) -> str:
        kind = "mp4" if self.model.kind == "video" else str(self.settled["output_format"])
        return f"output.{kind}"

    def charged(self, now: float) -> bool:
        """Whether it costs money: aborted ones do not, by the documentation; failed ones are taken not to."""
        return self.phase(now).status not in ("aborted", "failed")

    def view(self, now: float, api: str, media: str) -> dict[str, Any]:
        """Return it as the API shows it."""
        phase, removed = self.phase(now), self.removed(now)
        view = {
            "id": self.id,
            "model": self.model.name,
            "version": "hidden",
            "input": {} if removed else self.given,
            "logs": "" if removed else self._logs(now, phase),
            "output": None if removed else self._output(phase, media),
            "data_removed": removed,
            "error": self._error(phase),
            "source": "api",
            "status": phase.status,
            "created_at": stamp(self.created),
            "started_at": stamp(phase.started) if phase.started is not None else None,
            "completed_at": stamp(phase.completed) if phase.completed is not None else None,
            "metrics": self._metrics(phase),
            "urls": {
                "web": f"{api}/p/{self.id}",
                "get": f"{api}/v1/predictions/{self.id}",
                "cancel": f"{api}/v1/predictions/{self.id}/cancel",
            },
        }
        return view if self.deadline is None else {**view, "deadline": stamp(self.deadline)}

    def _output(self, phase: Phase, media: str) -> Any:
        shown = self.do.output
        if phase.status != "succeeded" or (shown and shown.empty):
            return None
        address = f"{media}/{self.id}/{self.file_name}"
        return [address] if shown and shown.listed else address

    def _error(self, phase: Phase) -> str | None:
        if phase.status != "failed":
            return None
        return (self.do.prediction.error if self.do.prediction else None) or "Prediction failed."

    def _metrics(self, phase: Phase) -> dict[str, float]:
        if phase.completed is None:
            return {}
        total = {"total_time": phase.completed - self.created}
        return {"predict_time": phase.completed - phase.started, **total} if phase.started is not None else total

    def _logs(self, now: float, phase: Phase) -> str:
        if phase.started is None or not (self.do.prediction and self.do.prediction.tqdm):
            return ""
        spent = min(now, phase.completed or now) - phase.started
        done = min(10, int(10 * spent / self.run_s)) if self.run_s else 10
        return "\n".join(
            f"{step * 10:3d}%|{'█' * step:<10}| {step}/10 [{self.run_s * step / 10:05.2f}<00:00,  1.00it/s]"
            for step in range(done + 1)
        )


@dataclass(frozen=True)
class Upload:
    """A file sent to `POST /v1/files`."""

    id: str
    name: str
    content_type: str
    content: bytes
    metadata: Any
    created: float


@dataclass
class Shelf:
    """Everything made since the last reset, newest last, and the most predictions that were ever under way at once."""

    predictions: dict[str, Prediction] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    peak: int = 0
    peak_by_model: dict[str, int] = field(default_factory=dict)

    def add(self, prediction: Prediction, now: float) -> None:
        """Keep a new prediction and count how many are under way with it."""
        self.predictions[prediction.id] = prediction
        running = self.in_flight(now)
        self.peak = max(self.peak, len(running))
        name = prediction.model.name
        same = sum(other.model.name == name for other in running)
        self.peak_by_model[name] = max(self.peak_by_model.get(name, 0), same)

    def in_flight(self, now: float) -> list[Prediction]:
        """Return what is not over at `now`."""
        return [prediction for prediction in self.predictions.values() if not prediction.phase(now).over]


def new_prediction(model: Model, given: dict[str, Any], now: float, do: Do, settings: Settings) -> Prediction:
    """Return a prediction as a script and the settings want it to go."""
    plan = do.prediction
    usual = settings.video_s if model.kind == "video" else settings.image_s
    return Prediction(
        id=secrets.token_hex(13),
        model=model,
        given=given,
        settled={**model.defaults(), **given},
        created=now,
        do=do,
        start_s=plan.start_s if plan and plan.start_s is not None else settings.start_s,
        run_s=plan.run_s if plan and plan.run_s is not None else usual,
    )
