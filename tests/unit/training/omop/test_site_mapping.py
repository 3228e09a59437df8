"""A number of another column counts as it is, so it must have one unit."""

from __future__ import annotations

import tomllib

import pytest

from features.problems import DataError
from training.omop.chosen_cell import Chosen, Status
from training.omop.recipe_file import recipe_of
from training.omop.site_mapping import site_mapping

RECIPE = """
[infusions]
table = "drug_exposure"
concepts = "car_t"
[columns.weight]
table = "measurement"
concepts = "weight"
window = [-30, 0]
units = {{ "[lb_us]" = "lb" }}
[fields]
patient_id = "patient"
weight_kg = "weight"
dose_1e6_per_kg = [{}]
"""
ENTRY = '{{ column = "infusion_quantity", factor = {}, divide_by = "weight"{} }}'
IN_POUNDS = ', only_if = { "weight unit" = "[lb_us]" }'
IN_KG = ', only_if = { "weight unit" = "kg" }'


def weights(*units: str) -> dict[str, list[Chosen]]:
    return {"weight": [Chosen("70", Status.USED, unit=unit) for unit in units]}


def mapped(*entries: str, units: tuple[str, ...]) -> list[str]:
    """Make the mapping: what is said of it."""
    recipe = recipe_of(tomllib.loads(RECIPE.format(", ".join(entries))), name="omop.toml")
    return site_mapping(recipe, weights(*units))[1]


@pytest.mark.parametrize(
    ("entries", "units"),
    [
        ([ENTRY.format("1.0", "")], ("kg", "kg")),
        ([ENTRY.format("1.0", IN_KG), ENTRY.format("2.2", IN_POUNDS)], ("kg", "[lb_us]")),
    ],
    ids=["one unit", "an entry for each"],
)
def test_a_dose_is_divided_by_weights_of_one_unit(entries, units):
    """The factor of the entry is for that unit."""
    converted = ["weight: 1 value in lb, converted to kg"] if "[lb_us]" in units else []
    assert mapped(*entries, units=units) == converted


def test_a_dose_divided_by_pounds_and_kilograms_is_refused():
    """The message gives the condition that tells them apart."""
    with pytest.raises(DataError) as refused:
        mapped(ENTRY.format("1.0", ""), units=("kg", "[lb_us]"))
    assert [str(each) for each in refused.value.problems] == [
        "fields.dose_1e6_per_kg.divide_by takes weight as it is, in 2 units, got [lb_us], kg: make an entry "
        'for each unit: only_if = { "weight unit" = "kg" }, with its factor'
    ]
