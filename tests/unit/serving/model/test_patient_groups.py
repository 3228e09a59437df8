"""Profiles: four columns, each cut into groups that are told by words and by code."""

from __future__ import annotations

from typing import Any

import pytest

from features.field import specs
from features.predictors import predictors
from features.schema import Patient
from serving.model.patient_groups import (
    ALIKE_ROUNDED_TO,
    DIMENSIONS,
    FEWEST_ALIKE,
    Group,
    n_alike,
    profile_key,
    profiles,
)
from tests.bundles import PATIENT


def groups(**values: Any) -> tuple[Group, ...] | None:
    """Find the groups of the patient of the tests with other values."""
    (found,) = profiles(predictors([PATIENT | values]))
    return found


def codes(**values: Any) -> list[str]:
    """Codes of these groups."""
    found = groups(**values)
    assert found is not None
    return [group.code for group in found]


def test_the_patient_of_the_tests_is_in_four_groups() -> None:
    """31 years, three lines, 62.5 % blasts, CD19."""
    found = groups()
    assert found is not None
    assert [group.words for group in found] == ["5 % or more", "18 to 39", "CD19", "3 or more"]
    assert profile_key(found) == "high/young_adult/cd19/many"


@pytest.mark.parametrize(
    ("values", "place", "code"),
    [
        ({"marrow_blasts_pct": 4.99}, 0, "low"),
        ({"marrow_blasts_pct": 5.0}, 0, "high"),
        ({"age_years": 17.9}, 1, "child"),
        ({"age_years": 18.0}, 1, "young_adult"),
        ({"age_years": 39.9}, 1, "young_adult"),
        ({"age_years": 40.0}, 1, "older_adult"),
        ({"target_antigen": "cd19_cd22"}, 2, "cd19_cd22"),
        ({"prior_lines": 2}, 3, "few"),
        ({"prior_lines": 3}, 3, "many"),
    ],
)
def test_a_group_begins_at_its_cut(values: dict[str, Any], place: int, code: str) -> None:
    """The cut itself belongs to the group above."""
    assert codes(**values)[place] == code


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.field)
def test_a_column_without_a_value_leaves_no_profile(dimension: Any) -> None:
    """Whichever it is: the patient is like nobody."""
    assert groups(**{dimension.field: None}) is None


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.field)
def test_every_value_has_one_group(dimension: Any) -> None:
    """One more than cuts, or one an option of the schema in its order; codes and words are different."""
    field = specs(Patient)[dimension.field]
    assert dimension.title == field.title
    if field.kind == "choice":
        assert tuple(group.code for group in dimension.groups) == field.options
    else:
        assert len(dimension.groups) == len(dimension.cuts) + 1
        assert list(dimension.cuts) == sorted(dimension.cuts)
    for told in ({group.code for group in dimension.groups}, {group.words for group in dimension.groups}):
        assert len(told) == len(dimension.groups)
        assert not any("/" in words for words in told)


def test_a_profile_that_is_not_counted_is_nought() -> None:
    """Fewer than five and none are the same; rounding never makes a count of one that is hidden."""
    found = groups()
    assert found is not None
    assert n_alike({profile_key(found): 15}, found) == 15
    assert n_alike({"low/young_adult/cd19/few": 15}, found) == 0
    assert FEWEST_ALIKE // ALIKE_ROUNDED_TO * ALIKE_ROUNDED_TO == FEWEST_ALIKE
