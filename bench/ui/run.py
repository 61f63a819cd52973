"""Bench: the studio in a real Chromium, against a real server: size, load, a flood of messages, memory.

Run: `.venv/bin/python bench/ui/run.py [--seconds S] [--ads N]`. Builds the studio first (npm). Aims: first-route
JavaScript <= 110 kB gzipped; first paint < 1.5 s and usable < 3 s; at 100 messages a second <= 12 commits a second, one
row a message, and at 4x CPU throttle >= 55 frames a second beside an idle control of the same run; a renderer below
500 MB after ten ads. Peers in the same run: a text file of the same server, an idle page, a blank page.
Writes bench/results/ui.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
WEB = ROOT / "backend" / "app" / "web"
PORT = 8391


def first_route_kb() -> float:
    """Return the gzipped size of the JavaScript that the first screen needs, in kB."""
    manifest: dict[str, dict[str, Any]] = json.loads((WEB / "manifest.json").read_text())
    wanted = [name for name, chunk in manifest.items() if chunk.get("isEntry")]
    files: set[str] = set()
    while wanted:
        chunk = manifest[wanted.pop()]
        if chunk["file"] not in files:
            files.add(chunk["file"])
            wanted += chunk.get("imports", [])
    return sum(len(gzip.compress((WEB / name).read_bytes(), 9)) for name in files) / 1000


def measured(seconds: float, ads: int) -> dict[str, Any]:
    """Serve from an empty folder, and let the browser measure."""
    url = f"http://127.0.0.1:{PORT}"
    with tempfile.TemporaryDirectory(prefix="admint-bench-") as home:
        command = [sys.executable, "-m", "tests.studio_server", "--port", str(PORT), "--home", home]
        server = subprocess.Popen(command, cwd=ROOT / "backend", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait()
            script = ["node", "e2e/measure.mjs", url, str(seconds), str(ads)]
            done = subprocess.run(script, cwd=ROOT / "frontend", check=True, capture_output=True, text=True)
        finally:
            server.terminate()
            server.wait()
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def _wait() -> None:
    deadline = time.monotonic() + 40
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", PORT), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SystemExit("The server did not come up.")


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="length of each sample of frames")
    parser.add_argument("--ads", type=int, default=10)
    args = parser.parse_args()
    subprocess.run(["npm", "run", "--silent", "bundle"], cwd=ROOT / "frontend", check=True, capture_output=True)
    size = first_route_kb()
    result = {"first_route_js_kb": size, **measured(args.seconds, args.ads)}
    load, flood, memory = result["load"], result["flood"], result["memory"]
    print(f"first-route JS      {size:7.1f} kB gz    (aim 110: {size / 110:.2f})")
    print(f"first paint         {load['firstPaintMs']:7.0f} ms       (a text file: {load['barePaintMs']:.0f} ms)")
    print(f"usable              {load['usableMs']:7.0f} ms       (aim 3000)")
    for name, case in flood.items():
        if isinstance(case, dict):
            commits = f"{case['commitsPerSecond']:5.1f} commits/s"
            print(f"{name:<12} {case['fps']:6.1f} fps, p95 frame {case['p95FrameMs']:5.1f} ms, {commits}")
    share = flood["100/s x4"]["fps"] / flood["idle x4"]["fps"]
    print(f"frames at 4x throttle, flooded / idle: {share:.2f}; rows changed by a message: {flood['rowsPerMessage']}")
    print(f"renderer after {memory['ads']} ads {memory['usedMb']:6.0f} MB       (blank page: {memory['blankMb']:.0f})")
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / "ui.json").write_text(json.dumps(result, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
