"""The wheels we build on need nothing but the libc family from the system: a bare container can run them."""

from __future__ import annotations

import importlib.util
import re
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_house.tree import text_files

PACKAGES = {
    "av": "av",
    "cv2": "opencv_python_headless",
    "numpy": "numpy",
    "obstore": "obstore",
    "onnxruntime": "onnxruntime",
    "PIL": "pillow",
    "psycopg_binary": "psycopg_binary",
    "resvg_py": "resvg_py",
}
"""Module to the distribution whose `<name>.libs` folder bundles its libraries."""
# libz is no part of libc, but every Debian and Ubuntu base has it (dpkg needs it), and so does the manylinux promise.
SYSTEM = re.compile(
    r"^(libc|libm|libmvec|libpthread|libdl|librt|libutil|libresolv|libgcc_s|libstdc\+\+|ld-linux[\w-]*|libz)\.so(\.\d+)?$"
)
_LOAD, _DYNAMIC = 1, 2
_END, _NEEDED, _STRINGS = 0, 1, 5


def needed(data: bytes) -> list[str]:
    """The shared libraries a 64-bit little-endian ELF file asks for (DT_NEEDED); empty for other formats."""
    if data[:6] != b"\x7fELF\x02\x01":
        return []
    start, size, count = _header(data)
    segments = [struct.unpack_from("<IIQQQQ", data, start + size * number) for number in range(count)]
    dynamic = next(offset for kind, _, offset, *_ in segments if kind == _DYNAMIC)
    entries = list(_entries(data, dynamic))
    address = next(value for tag, value in entries if tag == _STRINGS)
    strings = next(
        address - virtual + offset
        for kind, _, offset, virtual, _, length in segments
        if kind == _LOAD and virtual <= address < virtual + length
    )
    return [_text(data, strings + value) for tag, value in entries if tag == _NEEDED]


def _header(data: bytes) -> tuple[int, int, int]:
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    return start, size, count


def _entries(data: bytes, offset: int) -> Iterator[tuple[int, int]]:
    while True:
        tag, value = struct.unpack_from("<QQ", data, offset)
        if tag == _END:
            return
        yield tag, value
        offset += 16


def _text(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode()


def shared_objects(package: str) -> list[Path]:
    """Shared objects of an installed package and of the `<name>.libs` folder beside it."""
    spec = importlib.util.find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    home = Path(spec.origin).parent
    bundle = home.parent / f"{PACKAGES[package]}.libs"
    return [path for folder in (home, bundle) for path in folder.rglob("*.so*")]


@pytest.mark.parametrize("package", PACKAGES)
def test_a_wheel_needs_only_the_libc_family(package: str) -> None:
    files = shared_objects(package)
    bundled = {path.name for path in files}
    asked = {path.name: needed(path.read_bytes()) for path in files}
    if sys.platform == "linux":
        assert any(asked.values())
    foreign = {
        name: [lib for lib in libs if lib not in bundled and not SYSTEM.match(lib)] for name, libs in asked.items()
    }
    assert {name: libs for name, libs in foreign.items() if libs} == {}


def test_the_pattern_refuses_other_libraries() -> None:
    assert [name for name in ("libGL.so.1", "libEGL.so.1", "libcairo.so.2", "libc10.so") if SYSTEM.match(name)] == []


def test_nobody_asks_pillow_for_raqm() -> None:
    """Pillow's raqm opens the system's FriBiDi at run time (not a DT_NEEDED entry): a bare container has none."""
    asking = re.compile(r"Layout\.RAQM|\bfeatures=\[|check\(.raqm.\)")
    ours = [
        (path, text) for path, text in text_files() if path.parts[:2] in {("backend", "app"), ("backend", "cli_tools")}
    ]
    assert [str(path) for path, text in ours if path.suffix == ".py" and asking.search(text)] == []
