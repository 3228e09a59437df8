"""A recipe is checked as a whole, and no predictor is made of what is known later."""

from __future__ import annotations

import tomllib

import pytest

from features.problems import DataError
from training.omop.anchors import named_columns, near_infusion
from training.omop.project_data import RECIPE
from training.omop.recipe import ColumnRule, Source
from training.omop.recipe_file import recipe_of

INFUSIONS = '[infusions]\ntable = "drug_exposure"\nconcepts = "car_t"\n'
COLUMN = '[columns.ldh]\ntable = "measurement"\nconcepts = "ldh"\n'
FIELDS = '[fields]\npatient_id = "patient"\nldh_u_l = "ldh"\n'


def problems_of(text: str) -> list[str]:
    """List what is wrong with a recipe."""
    with pytest.raises(DataError) as refused:
        recipe_of(tomllib.loads(text), name="omop.toml")
    return [str(problem) for problem in refused.value.problems]


def test_the_recipe_of_the_project_has_no_mistake():
    """Although lines are left for the center."""
    recipe = recipe_of(tomllib.loads(RECIPE.read_text(encoding="utf-8")), name="omop.toml")
    assert recipe.parts_within_days == 14
    assert {rule.name for rule in recipe.columns} >= {"ldh", "crs", "hsct_after"}


def test_a_column_as_it_is_written():
    """With what is usual where the recipe says nothing."""
    recipe = recipe_of(tomllib.loads(INFUSIONS + COLUMN + "window = [-7, -1]\n" + FIELDS), name="omop.toml")
    assert recipe.columns == (ColumnRule("ldh", Source(("measurement",), ("ldh",)), (-7, -1)),)


@pytest.mark.parametrize("window", ["", "window = [0]", "window = [2, 1]", 'window = ["a", 1]', "window = 3"])
def test_windows_that_are_none(window):
    """First and last day, in this order."""
    (problem,) = problems_of(INFUSIONS + COLUMN + window + "\n" + FIELDS)
    assert problem.startswith("columns.ldh.window must be the first and the last day, as [-14, 0], got ")


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        (
            "window = [-7, 0]",
            "must end on day -1 from infusion or earlier, because ldh_u_l is known before lymphodepletion, "
            'got -7, 0: write window = [-7, -1], or from = "lymphodepletion" with a window that ends on day '
            "0 or earlier",
        ),
        (
            'from = "lymphodepletion"\nwindow = [-7, 1]',
            "must end on day 0 from lymphodepletion or earlier, because ldh_u_l is known before "
            "lymphodepletion, got -7, 1: write window = [-7, 0]",
        ),
    ],
)
def test_a_predictor_never_uses_what_is_known_later(keys, message):
    """Not even in a condition; the message says how far the window may reach, and from when."""
    (problem,) = problems_of(INFUSIONS + COLUMN + keys + "\n" + FIELDS)
    assert problem == f"columns.ldh.window {message}"
    conditional = FIELDS.replace('"ldh"', '{ value = 5, only_if = { ldh = "*" } }')
    assert problems_of(INFUSIONS + COLUMN + keys + "\n" + conditional) == [problem]


TRANSPLANT = '[columns.hsct]\ntable = "procedure_occurrence"\nconcepts = "allo_hsct"\n'
AFTER_TRANSPLANT = COLUMN + 'from = "hsct"\nwindow = [1, 9000]\n'


def test_a_column_counts_from_a_date_above_it():
    """A predictor says when the window ends; what is no date, or is below, is refused."""
    dated = INFUSIONS + TRANSPLANT + 'window = [-9000, -1]\ngive = "date"\n'
    recipe = recipe_of(
        tomllib.loads(dated + AFTER_TRANSPLANT + 'until = "infusion"\n' + FIELDS), name="omop.toml"
    )
    assert (recipe.columns[1].anchor, recipe.columns[1].until) == ("hsct", "infusion")
    assert problems_of(dated + AFTER_TRANSPLANT + FIELDS) == [
        'columns.ldh.window needs until = "lymphodepletion", because ldh_u_l is known before '
        'lymphodepletion, got 1, 9000: add until = "lymphodepletion": the window then ends on the day before'
    ]
    undated = INFUSIONS + TRANSPLANT + 'window = [-9000, -1]\ngive = "yes"\notherwise = ""\n'
    (problem, _) = problems_of(undated + AFTER_TRANSPLANT + FIELDS)
    assert problem == (
        'columns.ldh.from must be infusion, lymphodepletion or a column above with give = "date", got hsct: '
        "here one of infusion, lymphodepletion"
    )


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ('give = "answer"', 'codes is required where give is "answer"'),
        (
            'table = "condition_occurrence"\ngive = "answer"\ncodes = { 1 = true }',
            'give is "answer" only of measurement and observation',
        ),
        ("codes = { 9191 = true }", 'codes is for give = "answer"'),
        ('give = "date"\ntake = "sum"', 'take is "sum" only of numbers'),
        ("same_day = true", "same_day is for windows that end on day 0"),
    ],
)
def test_keys_that_do_not_go_together(keys, message):
    """None is left out silently."""
    table = "" if "table" in keys else 'table = "measurement"\n'
    column = COLUMN.replace('table = "measurement"\n', table) + "window = [-7, -1]\n"
    (problem,) = problems_of(INFUSIONS + column + keys + "\n" + FIELDS)
    assert problem.startswith(f"columns.ldh.{message}")


def test_a_window_from_the_infusion_may_be_of_lymphodepletion():
    """The output says so, unless the window counts from lymphodepletion."""
    recipe = recipe_of(tomllib.loads(INFUSIONS + COLUMN + "window = [-7, -1]\n" + FIELDS), name="omop.toml")
    assert near_infusion(recipe) == [
        "ldh: counts from the infusion, and ldh_u_l is a value before lymphodepletion: set from = "
        '"lymphodepletion", or end the window before it'
    ]
    from_start = 'from = "lymphodepletion"\nwindow = [-7, 0]\n'
    assert not near_infusion(
        recipe_of(tomllib.loads(INFUSIONS + COLUMN + from_start + FIELDS), name="o.toml")
    )


def test_a_column_of_dates_has_a_name_of_its_own():
    """Otherwise two days would have one name."""
    column = COLUMN.replace("columns.ldh", "columns.infusion") + 'window = [-7, -1]\ngive = "date"\n'
    (problem,) = problems_of(INFUSIONS + column + FIELDS)
    assert problem.startswith("columns.infusion.give is not for a column infusion: from =")


def test_an_outcome_may_use_what_is_known_later():
    """Death, response and others."""
    fields = '[fields]\npatient_id = "patient"\nicans_grade = "ldh"\n'
    recipe_of(tomllib.loads(INFUSIONS + COLUMN + "window = [0, 30]\n" + fields), name="omop.toml")


def test_every_mistake_is_reported():
    """At once."""
    text = """
    [database]
    schema = "a; DROP TABLE person"
    schemas = 1
    [infusions]
    table = "drug"
    parts_within_days = 1.5
    [lymphodepletion]
    table = "drug_exposure"
    concepts = "lymphodepletion"
    within_days = -1
    [persons]
    concepts = "b_all"
    [person]
    birth = "first"
    [columns.patient]
    table = "measurement"
    concepts = "ldh"
    window = [-1, -1]
    give = "yes"
    [fields]
    """
    found = " | ".join(problems_of(text))
    for expected in (
        "database.schema must be a name of letters, digits and _, or two of them with a point between",
        "database.schemas is not a key of a mapping file: did you mean schema?",
        "infusions.table must be a table of events, got drug",
        "infusions.concepts is required",
        "infusions.parts_within_days must be a whole number, 0 to 400, got 1.5",
        "lymphodepletion.within_days must be a whole number, 0 to 400, got -1",
        "persons.table is required",
        "person.birth must be one of exact, middle, got first",
        "columns.patient is a column that every recipe gives",
        'columns.patient.otherwise is required where give is "yes"',
        "fields must name at least patient_id and its column",
    ):
        assert expected in found


def test_columns_of_an_entry():
    """Those of conditions and alternatives too."""
    entry = [{"column": "a", "only_if": {"b": 1}}, {"when": [{"if": {"c": 2}, "then": "d"}]}]
    assert named_columns(entry) >= {"a", "b", "c"}
