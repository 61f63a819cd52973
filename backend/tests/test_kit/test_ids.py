"""Ids sort by time; digests and seeds do not depend on key order."""

from __future__ import annotations

import uuid

from hypothesis import given
from hypothesis import strategies as st

from app.kit.ids import digest, new_id, seed_from


def test_ids_are_distinct_version_7_uuids() -> None:
    ids = [new_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert {uuid.UUID(each).version for each in ids} == {7}
    assert {uuid.UUID(each).variant for each in ids} == {uuid.RFC_4122}


@given(st.dictionaries(st.text(), st.integers()))
def test_a_digest_ignores_key_order(value: dict[str, int]) -> None:
    assert digest(value) == digest(dict(reversed(list(value.items()))))


def test_a_digest_tells_values_apart() -> None:
    assert digest({"a": 1}) != digest({"a": "1"})
    assert digest([1, 2]) != digest([2, 1])


@given(st.integers(), st.text())
def test_a_seed_is_stable_and_fits_32_bits(number: int, word: str) -> None:
    assert seed_from(number, word) == seed_from(number, word)
    assert 0 <= seed_from(number, word) < 2**32
