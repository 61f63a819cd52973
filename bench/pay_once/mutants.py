"""Bench: does the suite notice? One safeguard of paying once is taken out at a time, in a copy, and the tests are run.

First the quick suite (tests/test_services/test_billing.py), then the one with real kills (test_pay_once.py), until one
fails. The suites must pass unchanged first; a mutant that takes five times as long, and ten minutes, is ended with its
whole process group and counts as noticed. Aim: none survives.
Run: `.venv/bin/python bench/pay_once/mutants.py [--only WORD] [--both]`; `--both` runs the second suite even when the
first has failed. Each line is kept in bench/results/pay_once_mutants.json as it lands.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SUITES = ("tests/test_services/test_billing.py", "tests/test_integration/test_pay_once.py")
JOBS = "app/services/billing/paid_jobs.py"
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", "*.pyc", "web")


@dataclass(frozen=True)
class Mutant:
    """One change of the source: `old`, which stands there once, becomes `new`."""

    name: str
    file: str
    old: str
    new: str


MUTANTS = (
    Mutant(
        "the intent is not written down before the order",
        JOBS,
        "won = await provider_calls.order(entry.session, call.call_key, at=at, input_hash=sent)",
        "won = bool(sent)",
    ),
    Mutant(
        "any number of orders may be won from one row",
        "app/db/repositories/provider_calls.py",
        "            ProviderCall.ordered_at.is_(None),\n",
        "",
    ),
    Mutant(
        "the order's id is not stored",
        JOBS,
        "await provider_calls.submitted(entry.session, call.call_key, job)",
        "assert job",
    ),
    Mutant(
        "an order without an answer is not looked for",
        JOBS,
        "        assert call.ordered_at is not None\n        rules, context =",
        "        return None\n        rules, context =",
    ),
    Mutant(
        "what is not found counts as never sent",
        JOBS,
        'return "unclear"',
        "return None",
    ),
    Mutant(
        "what was sent and is not found is ordered again",
        JOBS,
        "never_sent = job is None and not sent",
        "never_sent = not isinstance(job, RemoteJob)",
    ),
    Mutant(
        "nobody asks the user",
        JOBS,
        "        raise await self._ledger.say_unknown(call)\n\n    # -- the end",
        "        await self._ledger.count_as_spent(call, '')\n\n    # -- the end",
    ),
    Mutant(
        "a finished job's file is not remembered",
        JOBS,
        'outcome={"key": key} if key else None',
        "outcome=None",
    ),
    Mutant(
        "an order that may have been taken counts as refused",
        JOBS,
        "except (AmbiguousSubmit, TimeoutError) as error:",
        "except TimeoutError as error:",
    ),
    Mutant(
        "the caps are not held",
        "app/services/billing/ledger.py",
        "if not verdict.admitted:",
        "if False:",
    ),
)


@dataclass(frozen=True)
class Result:
    """What became of a mutant: by which suite it was noticed, and how."""

    mutant: str
    noticed_by: list[str]
    how: str
    seconds: float

    @property
    def survived(self) -> bool:
        return not self.noticed_by


def main() -> None:
    """Print one line a mutant as it ends, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="Only mutants whose name holds this.")
    parser.add_argument("--both", action="store_true", help="Run the second suite too when the first has noticed.")
    options = parser.parse_args()
    target = ROOT / "bench" / "results" / "pay_once_mutants.json"
    target.parent.mkdir(exist_ok=True)
    patience, results = _patience(), []
    for mutant in MUTANTS:
        if options.only in mutant.name:
            results.append(_try(mutant, patience, both=options.both))
            target.write_text(json.dumps([asdict(each) for each in results], indent=2) + "\n", encoding="utf-8")
            _print(results[-1])
    survivors = [each for each in results if each.survived]
    print(f"{len(results)} mutants, {len(survivors)} survived")
    sys.exit(1 if survivors else 0)


def _patience() -> dict[str, float]:
    """Run the suites as they are; return how many seconds a mutant may take in each."""
    patience = {}
    for suite in SUITES:
        began = time.monotonic()
        if (end := _run(ROOT / "backend", suite, 3600)) is not None:
            raise SystemExit(f"{suite} fails without any change: {end}")
        took = time.monotonic() - began
        patience[suite] = max(600, 5 * took)
        print(f"{suite} passes unchanged in {took:.0f} s", flush=True)
    return patience


def _try(mutant: Mutant, patience: dict[str, float], *, both: bool) -> Result:
    began, noticed, how = time.monotonic(), [], "survived"
    with tempfile.TemporaryDirectory(prefix="admint-mutant-") as folder:
        backend = Path(folder) / "backend"
        shutil.copytree(ROOT / "backend", backend, ignore=LEFT_OUT)
        _change(backend / mutant.file, mutant)
        for suite in SUITES:
            if noticed and not both:
                break
            if (end := _run(backend, suite, patience[suite])) is not None:
                noticed.append(suite.rpartition("/")[2])
                how = end if len(noticed) == 1 else f"{how}; {end}"
    return Result(mutant.name, noticed, how, time.monotonic() - began)


def _change(path: Path, mutant: Mutant) -> None:
    source = path.read_text(encoding="utf-8")
    if source.count(mutant.old) != 1:
        raise SystemExit(f"{mutant.name}: its line stands {source.count(mutant.old)} times in {mutant.file}, not once")
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")


def _run(backend: Path, suite: str, patience_s: float) -> str | None:
    """Run one suite until its first failure; return how it failed, null when it passed."""
    command = [sys.executable, "-m", "pytest", suite, "-x", "-q", "-p", "no:cacheprovider", "--tb=line"]
    process = subprocess.Popen(
        [*command, "--no-header"],
        cwd=backend,
        env={**os.environ, "PYTHONPATH": str(backend), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        said, _ = process.communicate(timeout=patience_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return f"never ended ({patience_s:.0f} s)"
    if process.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) \S*::(\w+)", said, re.MULTILINE)
    return failed[1] if failed else said.strip().splitlines()[-1]


def _print(result: Result) -> None:
    verdict = "SURVIVED" if result.survived else "noticed"
    print(f"{result.mutant:52} {verdict:8} {result.seconds:5.0f} s  {result.how}", flush=True)


if __name__ == "__main__":
    main()
