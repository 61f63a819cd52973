"""Runs VBench, under the Python of another environment: one JSON request on stdin, one JSON answer on stdout.

It imports nothing of AdMint, and VBench and torch only when asked to; all that they print goes to stderr. Nothing can
be downloaded: the caches point at the staged weights, and any program or connection that would fetch something is
refused. Dies with its parent. Started by process.py as `python -I worker.py`.
Tests: tests/test_providers/test_scoring_vbench/test_worker.py; with the real package: `make test-vbench`.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import os
import signal
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1
_NICER = 10
_FETCHERS = {"wget", "curl", "git", "aria2c"}
_CALLS = {"socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"}
_HUB_FILE = "dino_model/dino_vitbase16_pretrain.pth"
_NAME = "clip"


class Refused(Exception):
    """Nothing is measured; `kind` is one of answers.Refusal's."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail


def main() -> int:
    """Answer one request. What VBench itself raises ends the process with its traceback on stderr."""
    request = json.loads(sys.stdin.buffer.read())
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    _die_with_parent(request["parent"])
    os.nice(_NICER)
    try:
        answer = {"look": _look, "measure": _measure}[request["do"]](request)
    except Refused as refused:
        answer = {"refusal": {"kind": refused.kind, "detail": refused.detail}}
    json.dump(answer, answers)
    answers.flush()
    return 0


def _die_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _look(request: dict[str, Any]) -> dict[str, Any]:
    """Say what is installed here."""
    _prepare(request)
    package = _package(request)
    torch = _load("torch")
    for name in ("clip", "vbench"):
        _load(name)
    return {"installed": {"package": package, "torch": str(torch.__version__), "device": _gpu(torch) or "cpu"}}


def _measure(request: dict[str, Any]) -> dict[str, Any]:
    """Return VBench's result file over one video, as it is."""
    scratch = _prepare(request)
    _package(request)
    torch = _load("torch")
    gpu = _gpu(torch)
    if gpu is None and not request["cpu"]:
        raise Refused("no_gpu", f"torch {torch.__version__} sees none")
    clip = scratch / f"{_NAME}.mp4"  # the only suffix that every dimension takes
    clip.symlink_to(Path(request["video"]).resolve())
    vbench, results = _load("vbench"), scratch / "results"
    suite = Path(vbench.__file__).with_name("VBench_full_info.json")
    scorer = vbench.VBench(torch.device("cpu" if gpu is None else "cuda"), str(suite), str(results))
    scorer.evaluate(
        videos_path=str(clip),
        name=_NAME,
        dimension_list=request["dimensions"],
        local=True,
        mode="custom_input",
        imaging_quality_preprocessing_mode="longer",
    )
    return {"results": json.loads((results / f"{_NAME}_eval_results.json").read_text(encoding="utf-8"))}


def _prepare(request: dict[str, Any]) -> Path:
    """Point every cache at what is staged, and shut the ways out. Returns the folder for files of this run."""
    scratch, weights = Path(request["scratch"]), Path(request["weights"])
    hub = scratch / "torch" / "hub" / "checkpoints"
    hub.mkdir(parents=True)
    # DINO's own code asks torch.hub for its weights, whatever VBench says.
    (hub / Path(_HUB_FILE).name).symlink_to((weights / _HUB_FILE).resolve())
    os.environ.update(
        VBENCH_CACHE_DIR=str(weights),
        TORCH_HOME=str(scratch / "torch"),
        HF_HOME=str(scratch / "hf"),
        MPLCONFIGDIR=str(scratch / "matplotlib"),
        HF_HUB_OFFLINE="1",
        TRANSFORMERS_OFFLINE="1",
        TORCH_FORCE_WEIGHTS_ONLY_LOAD="1",
    )
    sys.addaudithook(_refuse_to_fetch)
    return scratch


def _refuse_to_fetch(event: str, arguments: tuple[Any, ...]) -> None:
    wanted = None
    if event == "subprocess.Popen" and Path(os.fsdecode(arguments[0])).name in _FETCHERS:
        wanted = " ".join(str(each) for each in arguments[1])
    elif event in _CALLS:
        wanted = str(arguments[0])
    elif event == "socket.connect" and isinstance(arguments[1], tuple):
        wanted = str(arguments[1][0])
    if wanted is not None:
        raise Refused("download", wanted)


def _package(request: dict[str, Any]) -> str:
    """Return the release of VBench that is installed here."""
    try:
        found = metadata.version("vbench")
    except metadata.PackageNotFoundError:
        raise Refused("not_installed", f"there is no package vbench beside {sys.executable}") from None
    if found != request["package"]:
        raise Refused("other_version", found)
    return found


def _load(name: str) -> Any:
    # By name: no linter of AdMint's knows these packages, and nothing loads them before the ways out are shut.
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Refused("not_installed", f"{name}: {error}") from error


def _gpu(torch: Any) -> str | None:
    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else None


if __name__ == "__main__":
    sys.exit(main())
