"""The worker, as it is, under another environment's Python: with packages there that look like torch and VBench.

What the real VBench does with it is shown by `make test-vbench`.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from app.core.errors import Transient
from app.providers.scoring_vbench.answers import Answer
from app.providers.scoring_vbench.process import WORKER, ask
from tests.fixtures.other_environment import install, make_environment
from tests.fixtures.vbench import gone, until
from tests.test_house.tree import BACKEND

RELEASE = "0.1.5"
HUB = "dino_model/dino_vitbase16_pretrain.pth"
TORCH = """
__version__ = "2.14.1"
device = str
class cuda:
    is_available = staticmethod(lambda: {gpu})
    get_device_name = staticmethod(lambda number: "A GPU")
"""
VBENCH = """
import json, os, socket, subprocess, urllib.request
class VBench:
    def __init__(self, device, full_info_dir, output_path):
        self.device, self.output = device, output_path
        os.makedirs(output_path)
    def evaluate(self, videos_path, name, **given):
        print("Evaluation meta data saved")
        subprocess.run(["true"], check=True)
        {extra}
        hub = os.path.join(os.environ["TORCH_HOME"], "hub/checkpoints/dino_vitbase16_pretrain.pth")
        seen = [self.device, os.environ["VBENCH_CACHE_DIR"], open(hub).read(), open(videos_path).read(), given]
        json.dump(seen, open(os.path.join(os.environ["VBENCH_CACHE_DIR"], "seen"), "w"))
        result = {{"subject_consistency": [0.9, [{{"video_path": videos_path, "video_results": 0.9}}]]}}
        json.dump(result, open(os.path.join(self.output, name + "_eval_results.json"), "w"))
        print("Evaluation results saved")
"""


class Environment:
    """Another environment, weights and a video."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.weights = folder, folder / "weights"
        self.python = make_environment(folder / "venv")
        (self.weights / HUB).parent.mkdir(parents=True)
        (self.weights / HUB).write_text("dino")
        (folder / "film.MOV").write_text("pictures")

    def with_packages(self, *, gpu: bool = True, release: str = RELEASE, extra: str = "pass") -> Environment:
        install(self.folder / "venv", "torch", "2.14.1", TORCH.format(gpu=gpu))
        install(self.folder / "venv", "vbench", release, VBENCH.format(extra=extra))
        install(self.folder / "venv", "clip", "1.0", "")
        return self

    def request(self, do: str, *, cpu: bool = False) -> dict[str, Any]:
        request = {"do": do, "package": RELEASE, "weights": str(self.weights), "cpu": cpu}
        return {**request, "video": f"{self.folder}/film.MOV", "dimensions": ["subject_consistency"]}

    async def ask(self, do: str = "measure", *, cpu: bool = False) -> Answer:
        return await ask(self.python, self.folder / "work", self.request(do, cpu=cpu))

    @property
    def seen(self) -> Any:
        return json.loads((self.weights / "seen").read_text())


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path)


async def test_vbench_is_asked_for_its_custom_input_with_everything_staged(environment: Environment) -> None:
    answer = await environment.with_packages().ask()
    assert answer.results is not None
    assert answer.results["subject_consistency"][0] == 0.9
    device, cache, hub, video, given = environment.seen
    assert (device, cache, hub, video) == ("cuda", str(environment.weights), "dino", "pictures")
    assert given == {
        "dimension_list": ["subject_consistency"],
        "local": True,
        "mode": "custom_input",
        "imaging_quality_preprocessing_mode": "longer",
    }


async def test_without_a_gpu_it_measures_only_when_it_may(environment: Environment) -> None:
    answer = await environment.with_packages(gpu=False).ask()
    assert answer.refusal is not None
    assert (answer.refusal.kind, answer.refusal.detail) == ("no_gpu", "torch 2.14.1 sees none")
    assert not (environment.weights / "seen").exists()
    assert (await environment.ask(cpu=True)).results is not None
    assert environment.seen[0] == "cpu"


@pytest.mark.parametrize(
    "fetches",
    [
        'subprocess.run(["wget", "https://a.example/weights.pth"], check=True)',
        'subprocess.run(["/usr/bin/git", "clone", "https://a.example/dino"], check=True)',
        'urllib.request.urlretrieve("https://a.example/weights.pth", "weights.pth")',
        'socket.create_connection(("a.example", 443))',
        'socket.socket().connect(("127.0.0.1", 9))',
    ],
)
async def test_nothing_can_be_downloaded(environment: Environment, fetches: str) -> None:
    answer = await environment.with_packages(extra=fetches).ask()
    assert answer.refusal is not None
    assert answer.refusal.kind == "download"
    assert "a.example" in answer.refusal.detail or answer.refusal.detail == "127.0.0.1"


async def test_what_vbench_raises_is_the_reason(environment: Environment) -> None:
    with pytest.raises(Transient, match="exit code 1") as caught:
        await environment.with_packages(extra='raise RuntimeError("CUDA out of memory")').ask()
    assert caught.value.hint == "It said: RuntimeError: CUDA out of memory"


async def test_it_says_what_is_installed_or_what_is_not(environment: Environment) -> None:
    nothing = await environment.ask("look")
    assert nothing.refusal is not None
    assert (nothing.refusal.kind, "no package vbench" in nothing.refusal.detail) == ("not_installed", True)
    answer = await environment.with_packages().ask("look")
    assert answer.installed is not None
    assert answer.installed.model_dump() == {"package": RELEASE, "torch": "2.14.1", "device": "A GPU"}


async def test_another_release_is_refused(environment: Environment) -> None:
    answer = await environment.with_packages(release="0.1.6").ask()
    assert answer.refusal is not None
    assert (answer.refusal.kind, answer.refusal.detail) == ("other_version", "0.1.6")


ASKS = """
import asyncio, json, sys
from pathlib import Path
from app.providers.scoring_vbench.process import ask
asyncio.run(ask(Path(sys.argv[1]), Path(sys.argv[2]), json.loads(sys.argv[3])))
"""
SLEEPS = 'open(os.environ["VBENCH_CACHE_DIR"] + "/pid", "w").write(f"{os.getpid()} "); import time; time.sleep(600)'


async def test_it_dies_with_the_process_that_asked(environment: Environment) -> None:
    request = json.dumps(environment.with_packages(extra=SLEEPS).request("measure"))
    command = [sys.executable, "-c", ASKS, str(environment.python), str(environment.folder / "work"), request]
    asks, pid = await asyncio.create_subprocess_exec(*command, cwd=BACKEND), environment.weights / "pid"
    await until(lambda: pid.exists() and pid.read_text().endswith(" "))
    asks.kill()
    await asks.wait()
    await until(lambda: gone(int(pid.read_text())))


def test_it_needs_nothing_of_ours() -> None:
    assert "app" not in {line.split()[1].split(".")[0] for line in WORKER.read_text().splitlines() if "import " in line}
