"""Bench: start-up of `admint --help` over the start-up of a bare typer program, run in turn. Aim: ratio <= 1.5.

Run: `.venv/bin/python bench/cli/run.py [--rounds N]`. Writes bench/results/cli.json.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
AIM = 1.5
BARE = """\
import typer

app = typer.Typer()


@app.command()
def one(name: str = "") -> None:
    pass


@app.command()
def two(count: int = 1) -> None:
    pass


app()
"""


def seconds(command: list[str]) -> float:
    """Return the wall time of one run."""
    started = time.perf_counter()
    environment = {**os.environ, "COLUMNS": "80"}
    subprocess.run(command, cwd=ROOT / "backend", env=environment, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print the table and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE)
        commands = {
            "bare typer program": [sys.executable, str(bare), "--help"],
            "admint --help": [sys.executable, "-m", "cli_tools.admint", "--help"],
            "admint generate --help": [sys.executable, "-m", "cli_tools.admint", "generate", "--help"],
        }
        for command in commands.values():
            seconds(command)
        times: dict[str, list[float]] = {name: [] for name in commands}
        for _ in range(rounds):
            for name, command in commands.items():
                times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    ratios = {name: taken / medians["bare typer program"] for name, taken in medians.items()}
    for name, ratio in ratios.items():
        print(f"  {name:24} {medians[name] * 1000:6.0f} ms   ratio {ratio:.2f}")
    print(f"  aim: admint --help <= {AIM}")
    target = ROOT / "bench" / "results" / "cli.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps({"rounds": rounds, "ratios": ratios, "aim": AIM}, indent=2) + "\n")


if __name__ == "__main__":
    main()
