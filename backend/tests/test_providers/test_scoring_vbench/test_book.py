"""The table of VBench's numbers is whole, and says which dimensions an advertisement may use."""

from __future__ import annotations

import pytest

from app.providers.scoring_vbench.book import Dimension, book, cpu_seconds
from tests.test_house.tree import REPOSITORY

FREE = ["subject_consistency", "background_consistency", "dynamic_degree", "aesthetic_quality"]
ALL = [*FREE[:2], "motion_smoothness", "dynamic_degree", "aesthetic_quality", "imaging_quality"]


def test_every_dimension_has_its_files_and_every_file_its_dimension() -> None:
    needed = {name for file in book().files.values() for name in file.needed_by}
    assert needed == set(book().dimensions) == set(ALL)
    assert [path for path, file in book().files.items() if file.source[:8] != "https://"] == []


def test_weights_that_bar_commercial_use_are_left_out_unless_they_are_asked_for() -> None:
    assert list(book().measured(noncommercial=True)) == ALL
    assert list(book().measured(noncommercial=False)) == FREE
    files = book().files_of(book().measured(noncommercial=False))
    assert all(file.commercial for file in files.values())
    assert {"amt_model/amt-s.pth", "pyiqa_model/musiq_spaq_ckpt-358bb6af.pth"} == set(book().files) - set(files)


def test_the_page_names_every_file_its_source_and_its_licence() -> None:
    page = (REPOSITORY / "docs/how-to/use-vbench.md").read_text(encoding="utf-8")
    for path, file in book().files.items():
        assert f"`{path}`" in page
        assert all(each in page for each in (file.source, file.licence, (file.sha256 or "")[:12])), path


def test_scores_of_other_dimensions_are_kept_under_another_version() -> None:
    versions = [book().version(noncommercial=choice) for choice in (False, True)]
    assert versions == ["0.1.5 (4 dimensions)", "0.1.5 (6 dimensions)"]


def test_a_value_is_normalised_over_its_range_and_cut() -> None:
    dimension = Dimension(low=0.2, high=0.7, weight=1, unit=1, cpu_s=1)
    assert [dimension.normalised(raw) for raw in (0.1, 0.2, 0.45, 0.7, 0.9)] == pytest.approx([0, 0, 0.5, 1, 1])


def test_without_a_gpu_a_clip_takes_the_better_part_of_an_hour() -> None:
    measured = book().measured(noncommercial=True)
    assert 50 * 60 < cpu_seconds(measured, 8) < 60 * 60
    small = cpu_seconds(measured, 8, 640 * 360)
    assert cpu_seconds(measured, 8) / 4 < small < cpu_seconds(measured, 8) / 2  # only some shrink pictures first
