"""Bench: does the API answer as fast while ten clips are being scored as it does when nothing is?

A real server makes an ad of ten clips and scores it; then the same requests are timed while it is idle and while it
scores all ten and the film again. Aim: p95 while scoring within 1.5 times the idle one, or below 50 ms. Run:
`.venv/bin/python bench/score_load/run.py`; about five minutes. Writes bench/results/score_load.json.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[2]
CLIPS = 10
ASKED = {"prompt": "Create a 30-second ad for an eco-friendly water bottle", "interactive": False}
CONFIG = {"overrides": {"scene_count": CLIPS, "duration_s": 30}}
IDLE_ROUNDS = 150
PATIENCE_S = 900


class Api:
    """One signed-in user of a server."""

    def __init__(self, origin: str) -> None:
        self._http = httpx.Client(base_url=origin, timeout=60, headers={"Origin": origin})

    def sign_in(self) -> None:
        """Wait for the server, then take the machine's own sign-in."""
        until = time.monotonic() + 120
        while True:
            try:
                self._http.post("/api/auth/local-session").raise_for_status()
                return
            except httpx.TransportError:
                assert time.monotonic() < until, "the server did not start"
                time.sleep(0.2)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Return what is answered."""
        answer = self._http.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json()

    def timed(self, method: str, path: str, body: Any = None) -> float:
        """Return the milliseconds an answer takes."""
        begun = time.perf_counter()
        self.call(method, path, body)
        return (time.perf_counter() - begun) * 1000


def main() -> None:
    """Measure, print, write."""
    with tempfile.TemporaryDirectory() as home, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [str(ROOT / ".venv/bin/admint"), "serve", "--no-open", "--port", str(port)]
        environment = {**os.environ, "ADMINT_HOME": home}
        server = subprocess.Popen(
            command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        try:
            results = _measure(Api(f"http://127.0.0.1:{port}"))
        finally:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(60)
    target = ROOT / "bench" / "results" / "score_load.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(results, indent=2), encoding="utf-8")
    idle, busy = results["idle"], results["scoring"]
    for name, row in (("idle", idle), ("scoring", busy)):
        print(f"{name:8} p50 {row['p50']:6.1f} ms   p95 {row['p95']:6.1f} ms   {row['requests']} requests")
    ratio = busy["p95"] / idle["p95"]
    print(f"{results['scores']} scores in {results['scoring_s']:.0f} s; p95 ratio {ratio:.2f}")
    sys.exit(0 if ratio <= 1.5 or busy["p95"] <= 50 else 1)


def _measure(api: Api) -> dict[str, Any]:
    api.sign_in()
    ad = api.call("POST", "/api/v2/generate", {**ASKED, "config": CONFIG})["data"]["generation_id"]
    _wait(lambda: api.call("GET", f"/api/generations/{ad}")["data"]["status"] == "completed")
    _wait(lambda: not _scores(api))
    idle = [one for _ in range(IDLE_ROUNDS) for one in _round(api, ad)]
    api.call("POST", f"/api/generations/{ad}/scores")
    begun, busy = time.monotonic(), list[float]()
    _wait(lambda: _scores(api) > 0)
    while _scores(api):
        busy += _round(api, ad)
        time.sleep(0.2)
    took = time.monotonic() - begun
    return {"idle": _spread(idle), "scoring": _spread(busy), "scoring_s": took, "scores": CLIPS + 1}


def _round(api: Api, ad: str) -> list[float]:
    """What a studio asks for: the list, one ad, the health, and a write."""
    return [
        api.timed("GET", "/api/generations"),
        api.timed("GET", f"/api/generations/{ad}"),
        api.timed("GET", "/health"),
        api.timed("PATCH", f"/api/generations/{ad}", {"favourite": True}),
    ]


def _scores(api: Api) -> int:
    tasks = api.call("GET", "/health")["checks"]["background_tasks"]
    return int(tasks["scores_pending_count"]) + int(tasks["scores_processing_count"])


def _wait(holds: Any) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.5)


def _spread(values: list[float]) -> dict[str, float]:
    return {
        "requests": len(values),
        "p50": statistics.median(values),
        "p95": statistics.quantiles(values, n=20)[-1],
        "max": max(values),
    }


if __name__ == "__main__":
    main()
