"""Every adapter in the registry can be built without a key; an unknown name is answered with the legal ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from app.core.errors import ConfigError
from app.core.settings import Settings
from app.providers.registry import ADAPTERS, FACES, ProviderDeps, build, face
from app.schemas.unified_pipeline import ProviderChoice
from app.storage.local import LocalStorage

BACKEND = Path(__file__).parents[2]


@pytest.fixture
def deps(tmp_path: Path) -> ProviderDeps:
    return ProviderDeps(LocalStorage(tmp_path / "media"), tmp_path / "work", 1, Settings(home=tmp_path))


@pytest.mark.parametrize(("modality", "name"), [(m, n) for m, names in ADAPTERS.items() for n in names])
def test_every_adapter_can_be_built(deps: ProviderDeps, modality: str, name: str) -> None:
    assert build(modality, name, deps) is not None


def test_every_task_of_the_pipeline_has_a_keyless_adapter() -> None:
    assert set(ADAPTERS) == set(ProviderChoice.model_fields)
    assert all("local" in names for names in ADAPTERS.values())


def test_every_provider_says_who_it_is_and_the_keyless_one_is_free() -> None:
    assert set(FACES) == {name for names in ADAPTERS.values() for name in names}
    assert (FACES["local"].local, FACES["local"].costs_money) == (True, False)


def test_a_language_model_on_this_machine_is_free() -> None:
    here = Settings(openai_base_url="http://127.0.0.1:11434/v1")
    assert (face("openai", here).local, face("openai", here).costs_money) == (True, False)
    for paid in (Settings(), here.model_copy(update={"openai_price": "list"})):
        assert (face("openai", paid).local, face("openai", paid).costs_money) == (False, True)
    assert face("local", here) == FACES["local"]


def test_choosing_a_language_model_loads_no_vendor_kit() -> None:
    code = (
        "import sys, app.providers.openai_text.adapter, app.providers.openai_vision.adapter\n"
        "print([name for name in ('openai', 'pydantic_ai') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=BACKEND)
    assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_answered_with_the_nearest_or_all_legal_ones(deps: ProviderDeps) -> None:
    with pytest.raises(ConfigError, match="'locl'") as caught:
        build("video", "locl", deps)
    assert "'local'" in caught.value.hint
