"""The data dictionary of a REDCap project, made from the schema."""

from __future__ import annotations

import csv
import io
import re

import pytest

from features.redcap.dictionary import COLUMNS, SHOWN_ONLY_IF, redcap_dictionary
from features.redcap.forms import FORMS, project_fields
from features.redcap.labels import COMPLETE, LABELS
from features.redcap.missing_codes import MISSING_CODES
from features.rules import follow_up_contradictions
from features.schema import all_fields

HEADINGS = (
    '"Variable / Field Name","Form Name","Section Header","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number",'
    '"Text Validation Min","Text Validation Max",Identifier?,"Branching Logic (Show field only if...)",'
    '"Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name",'
    '"Matrix Ranking?","Field Annotation"'
)
"""Copied from a dictionary that REDCap wrote."""


@pytest.fixture
def lines() -> dict[str, dict[str, str]]:
    """Lines of the dictionary by variable."""
    read = csv.DictReader(io.StringIO(redcap_dictionary()))
    return {line["Variable / Field Name"]: line for line in read}


def test_headings_are_those_of_redcap():
    """Eighteen, in its order and spelling."""
    assert next(csv.reader([HEADINGS])) == list(COLUMNS)
    assert next(csv.reader(io.StringIO(redcap_dictionary()))) == list(COLUMNS)


def test_every_column_of_the_schema_is_asked_for_once(lines):
    """But for the number of the infusion, which is that of the repeat."""
    assert {"record_id" if name == "patient_id" else name for name in all_fields()} - {
        "infusion_number"
    } == set(lines)


def test_record_comes_first_and_is_an_identifier(lines):
    """REDCap takes the first field for the record's name."""
    first = next(iter(lines.values()))
    assert first["Variable / Field Name"] == "record_id"
    assert [name for name, line in lines.items() if line["Identifier?"]] == ["record_id"]


def test_forms_are_contiguous(lines):
    """REDCap refuses a dictionary whose forms are mixed."""
    forms = [line["Form Name"] for line in lines.values()]
    assert tuple(dict.fromkeys(forms)) == FORMS
    assert sorted(forms, key=FORMS.index) == forms


def test_variables_are_names_that_redcap_takes(lines):
    """Lower case, short (REDCap advises 26 characters and takes 100), and none that a form's status has."""
    assert all(re.fullmatch(r"[a-z][a-z0-9_]{0,26}", name) for name in lines)
    assert not {f"{form}_complete" for form in FORMS} & set(lines)


@pytest.mark.parametrize("spec", all_fields().values(), ids=lambda spec: spec.name)
def test_codes_limits_and_unit_are_those_of_the_schema(spec, lines):
    """Codes are options, so a raw export holds the schema's values."""
    if spec.name in ("patient_id", "infusion_number"):
        return
    line = lines[spec.name]
    choices = [
        part.partition(", ")[0] for part in line["Choices, Calculations, OR Slider Labels"].split(" | ")
    ]
    assert choices == (list(spec.options) or [""])
    low, high = line["Text Validation Min"], line["Text Validation Max"]
    assert [float(each) for each in (low, high) if each] == [
        each for each in (spec.low, spec.high) if each is not None
    ]
    assert line["Field Note"].startswith(spec.unit)
    assert (line["Field Type"] == "yesno") == (spec.kind == "boolean")


def test_required_is_what_every_request_needs(lines):
    """And the scale, which is asked for beside a grade only."""
    required = {name for name, line in lines.items() if line["Required Field?"]} - {"record_id"}
    assert required - {"crs_grading_system"} == {
        name for name, spec in all_fields().items() if spec.required == "yes" and name != "patient_id"
    }
    assert "crs_grading_system" in required


def test_what_is_hidden_would_be_a_contradiction():
    """Branching says what the rules of the schema say."""
    none_seen = {"crs_grade": 0, "crs_onset_day": 3}
    assert "crs_onset_day" in [found.column for found in follow_up_contradictions(none_seen)]
    assert follow_up_contradictions({"crs_grade": 1})[0].column == "crs_grading_system"
    assert follow_up_contradictions({"response_day": 30})[0].columns == ("response_day28", "response_day")
    for logic in SHOWN_ONLY_IF.values():
        assert set(re.findall(r"\[([a-z0-9_]+)\]", logic)) <= set(all_fields())


def test_labels_are_unambiguous():
    """So headings that are labels can be read back."""
    titles = [field.spec.title for field in project_fields()]
    assert len({*titles, *LABELS, COMPLETE}) == len(titles) + len(LABELS) + 1


def test_no_missing_code_is_a_value_of_the_schema():
    """A negative number lies outside every limit, a word is no option."""
    for spec in all_fields().values():
        assert not MISSING_CODES & set(spec.options)
        assert spec.low is None or spec.low >= 0


def test_the_name_of_a_product_is_asked_for_behind_the_product_and_only_if_it_is_not_listed():
    """Within the section of day 0, without a heading of its own."""
    lines = list(csv.DictReader(io.StringIO(redcap_dictionary())))
    names = [line["Variable / Field Name"] for line in lines]
    at = names.index("product_name")
    assert names[at - 1] == "product"
    assert lines[at]["Section Header"] == ""
    shown_if = lines[at]["Branching Logic (Show field only if...)"]
    assert shown_if == "[product] = 'other' or [product] = 'academic'"
