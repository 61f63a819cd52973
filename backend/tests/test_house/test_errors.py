"""app/core/errors.py: the tree in its docstring is the real one, and every error survives a process border."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from app.core import errors
from app.core.errors import AdMintError, RateLimited, TooManyRequests
from tools.pages.errors import error_classes

CLASSES = error_classes()


def make(cls: type[AdMintError]) -> AdMintError:
    """An error of this class with every argument it takes."""
    given = {
        name: "x" for name in ("hint", "provider", "model", "remote_id") if name in inspect.signature(cls).parameters
    }
    return (
        cls("It broke.", retry_after=1.5, **given)
        if issubclass(cls, RateLimited | TooManyRequests)
        else cls("It broke.", **given)
    )


def test_the_drawn_tree_is_the_real_tree() -> None:
    drawn = re.findall(r"^[│├└─ ]*(\w+)  ", errors.__doc__ or "", re.MULTILINE)
    assert drawn == [cls.__name__ for cls in CLASSES]


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_survives_pickling(cls: type[AdMintError]) -> None:
    before = make(cls)
    after = pickle.loads(pickle.dumps(before))  # noqa: S301
    assert type(after) is cls
    assert vars(after) == vars(before)
    assert str(after) == str(before)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_error_has_a_status_an_exit_code_and_a_docstring(cls: type[AdMintError]) -> None:
    assert 400 <= cls.http_status <= 599
    assert 1 <= cls.exit_code <= 130
    assert cls.__doc__


def test_codes_are_unique() -> None:
    assert len({cls.code for cls in CLASSES}) == len(CLASSES)


def test_str_is_message_and_hint() -> None:
    assert str(AdMintError("It broke.", hint="Mend it.")) == "It broke. Mend it."
    assert str(AdMintError("It broke.")) == "It broke."
