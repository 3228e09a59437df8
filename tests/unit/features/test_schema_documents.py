"""The schema as documents says what the models say."""

from __future__ import annotations

import json
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from features.field import specs
from features.product_names import PRODUCT_NAME
from features.schema import FollowUp, Patient, RowId, all_fields, schema_digest
from features.schema_documents import DOSE_RULES, dictionary, json_schema
from features.synthetic.simulation import simulate, synthetic_patients

SMALLEST = {
    "age_years": 31,
    "prior_lines": 3,
    "prior_blinatumomab": "none",
    "prior_inotuzumab": False,
    "marrow_blasts_pct": 40.5,
    "target_antigen": "cd19",
    "dose_1e6_per_kg": 1.0,
}
VALUES = (
    *(None, True, False, -1, 0, 1, 3.0, 3.5, 40, 1e9, [], {}),
    *("", "cd19", "cd22", "cd28", "4_1bb", "none", "cns3", "tisagenlecleucel", "responder", "1", "x" * 65),
)
# Both dose columns together may break a rule that joins values, which the document leaves to `x-rules`.
FIELDS = tuple(name for name in specs(Patient) if name != "weight_kg")


@cache
def document():
    return Draft202012Validator(json_schema())


def accepts(body):
    return document().is_valid(body)


def pydantic_accepts(body):
    try:
        Patient(**body)
    except ValidationError:
        return False
    return True


def test_the_document_is_a_json_schema():
    """Draft 2020-12 itself finds nothing wrong, and it survives being written."""
    Draft202012Validator.check_schema(json_schema())
    assert json.loads(json.dumps(json_schema())) == json_schema()


@settings(max_examples=300, database=None, deadline=None)
@given(
    changed=st.dictionaries(
        st.sampled_from([*FIELDS, "patient_id", "crs_grade"]), st.sampled_from(VALUES), max_size=3
    ),
    dropped=st.sets(st.sampled_from(list(SMALLEST)), max_size=1),
)
def test_the_document_accepts_exactly_what_the_model_accepts(changed, dropped):
    """Any body, changed and shortened at will, is judged alike by both."""
    body = {name: value for name, value in {**SMALLEST, **changed}.items() if name not in dropped}
    assert accepts(body) == pydantic_accepts(body)


@pytest.mark.parametrize(
    ("changed", "good"),
    [
        ({}, True),
        ({"sex": None}, True),
        ({"prior_lines": 3.0}, True),
        ({"prior_lines": 3.5}, False),
        ({"age_years": True}, False),
        ({"age_years": "31"}, False),
        ({"age_years": 101}, False),
        ({"target_antigen": "cd20"}, False),
        ({"cns_status": "CNS3"}, False),
        ({"crs_grade": 3}, False),
        ({"patient_id": "a"}, False),
        ({"dose_1e6_per_kg": None}, False),
        ({"dose_1e6_per_kg": None, "dose_total_1e6": 70}, False),
        ({"dose_1e6_per_kg": None, "dose_total_1e6": 70, "weight_kg": 70}, True),
        ({"ldh_u_l": 9.99}, False),
        ({"ldh_u_l": 10}, True),
        ({"months_from_hsct_to_relapse": 0}, False),
        ({"months_from_hsct_to_relapse": 0, "prior_allo_hsct": False}, False),
        ({"months_from_hsct_to_relapse": 0, "prior_allo_hsct": True}, True),
        ({"inotuzumab_response": "responder"}, False),
        ({"inotuzumab_response": "responder", "prior_inotuzumab": True}, True),
        ({"inotuzumab_response": None}, True),
        ({"split_dose": True}, False),
        ({"split_dose": True, "dose_total_1e6": 410}, True),
        ({"split_dose": False}, True),
        ({"product": "tisagenlecleucel", "costimulatory_domain": "cd28"}, False),
        ({"product": "tisagenlecleucel", "costimulatory_domain": "4_1bb"}, True),
        ({"product": "tisagenlecleucel", "target_antigen": "cd22"}, False),
        ({"product": "other", "costimulatory_domain": "cd28"}, True),
    ],
)
def test_named_bodies_are_judged_alike(changed, good):
    """The traps by name: booleans as numbers, text as numbers, follow-up in a request, no dose."""
    body = {**SMALLEST, **changed}
    assert accepts(body) is good
    assert pydantic_accepts(body) is good


@pytest.mark.parametrize(
    "changed",
    [
        {"dose_total_1e6": 700, "weight_kg": 70},
        {"dose_1e6_per_kg": None, "dose_total_1e6": 5000, "weight_kg": 2},
    ],
)
def test_rules_that_join_values_are_said_in_words(changed):
    """The only bodies the document accepts and the model refuses break one of ``x-rules``."""
    body = {**SMALLEST, **changed}
    assert accepts(body)
    assert not pydantic_accepts(body)
    assert json_schema()["x-rules"] == list(DOSE_RULES)


def test_synthetic_patients_are_accepted():
    """Real-looking bodies pass."""
    assert all(accepts(body) for body in synthetic_patients(40, rng=np.random.default_rng(1)))


def test_rows_of_a_cohort_are_accepted_group_by_group():
    """The groups under ``$defs`` describe rows of a cohort."""
    definitions = json_schema()["$defs"]
    for row in simulate(30, rng=np.random.default_rng(2)).rows:
        for model in (RowId, FollowUp):
            part = {name: row[name] for name in specs(model) if name != PRODUCT_NAME}
            assert Draft202012Validator(definitions[model.__name__]).is_valid(part)


def test_every_column_is_in_the_document_with_its_facts():
    """Title, unit and limits are those of the schema; the digest names it."""
    document = json_schema()
    parts = [document, *document["$defs"].values()]
    stated = {name: facts for part in parts for name, facts in part["properties"].items()}
    assert set(stated) == set(all_fields())
    for name, field in all_fields().items():
        assert stated[name]["title"] == field.title
        assert stated[name].get("x-unit", "") == field.unit
        assert (stated[name].get("minimum"), stated[name].get("maximum")) == (field.low, field.high)
        assert tuple(option for option in stated[name].get("enum", ()) if option) == field.options
    assert document["x-schema-digest"] == schema_digest()


def test_the_dictionary_has_one_line_for_each_column():
    """In schema order, ten cells each."""
    lines = [line for line in dictionary().splitlines() if line.startswith("| `")]
    assert [line.split("`")[1] for line in lines] == list(all_fields())
    assert {line.count(" | ") for line in lines} == {9}


def test_the_dictionary_states_units_limits_and_other_units():
    """A line as people read it."""
    line = next(line for line in dictionary().splitlines() if line.startswith("| `creatinine_mg_dl`"))
    assert line == (
        "| `creatinine_mg_dl` | Serum creatinine | number | mg/dL | 0.05 to 20 |  | no | "
        "before lymphodepletion | umol/L divided by 88.42 | umol/L divided by 88.42; mmol/L "
        "times 11.309658 |"
    )
