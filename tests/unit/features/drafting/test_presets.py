"""Presets are data: every note names its source, no code is made up, and the reader accepts the draft."""

from __future__ import annotations

import tomllib

import pytest

from features.drafting.draft import Draft
from features.drafting.presets import (
    NAMES,
    PRESETS,
    Preset,
    Question,
    read_preset,
    with_preset,
    with_questions,
)
from features.files.raw_table import RawTable
from features.mapping.file import mapping_of
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.schema import all_fields

TABLE = RawTable("export.csv", "00", ("crid", "bdate", "weight"), (("1", "1990-01-02", "70"),), (2,))


def drafted(fields: str) -> Draft:
    """Give a draft with fields."""
    return Draft(f"[table]\n\n[fields]\n{fields}", guessed=1, uncertain=0, unused=0, not_found=0)


@pytest.mark.parametrize("name", NAMES)
def test_every_question_is_of_a_field_and_has_a_source(name):
    """And an entry that the mapping reader accepts once the center has replaced the question marks."""
    for question in read_preset(name).questions:
        assert question.field in all_fields()
        assert question.question
        assert question.source
        entry = tomllib.loads(f"{question.field} = {question.entry}")
        identifier = {} if question.field == "patient_id" else {"patient_id": "id"}
        if '"?" = ' not in question.entry and 'value = "?"' not in question.entry:
            mapping_of({"fields": {**identifier, **entry}}, name=name)


@pytest.mark.parametrize("name", NAMES)
def test_no_code_of_an_answer_is_made_up(name):
    """No source has any: the left side of codes is for the center."""
    text = (PRESETS / f"{name}.toml").read_text(encoding="utf-8")
    assert text.count("codes = {") == text.count('codes = { "?" = ')


def test_an_entry_is_used_if_the_table_has_its_columns():
    """The guess stays as a comment."""
    draft = with_questions(lambda: drafted('patient_id = "id"\n'), TABLE, preset="cibmtr")
    assert '\npatient_id = "crid"\n# guessed: patient_id = "id"\n' in draft.text
    assert mapping_of(tomllib.loads(draft.text), name="draft").record == "crid"


def test_an_entry_has_the_columns_as_the_table_writes_them():
    """A program may write all headings in capitals."""
    text = with_preset('[fields]\npatient_id = "?"\n', read_preset("cibmtr"), ["CRID"], name="t.toml")
    assert '\npatient_id = "CRID"\n' in text


def test_a_guess_that_the_center_must_decide_is_a_comment():
    """Weights are in kilograms or pounds, by a column of their own."""
    draft = with_questions(
        lambda: drafted('patient_id = "id"\nweight_kg = "weight"\n# dose_total_1e6 = "cells"\n'),
        TABLE,
        preset="cibmtr",
    )
    assert '\n# weight_kg = "weight"\n' in draft.text
    assert '\n# dose_total_1e6 = "cells"\n' in draft.text


def test_a_guess_that_nothing_contradicts_stays():
    """With the note before it."""
    draft = with_questions(lambda: drafted('patient_id = "id"\nicans_grade = "g"\n'), TABLE, preset="ebmt")
    note = draft.text.partition('\nicans_grade = "g"\n')[0].splitlines()
    assert note[-2].startswith("# icans_grade: form of Day 100, ICANS: highest grade")


def test_headings_that_are_like_no_field():
    """The questions are there all the same."""

    def refused() -> Draft:
        raise DataError([Problem(Code.NO_KNOWN_COLUMN, "no heading is like a field")])

    draft = with_questions(refused, TABLE, preset="cibmtr")
    assert (draft.guessed, draft.unused) == (0, 3)
    assert '\npatient_id = "crid"\n' in draft.text


def test_a_table_that_cannot_be_drafted_is_refused():
    """A preset repairs nothing else."""

    def refused() -> Draft:
        raise DataError([Problem(Code.EMPTY_FILE, "the file is empty")])

    with pytest.raises(DataError, match="the file is empty"):
        with_questions(refused, TABLE, preset="cibmtr")


def test_an_unknown_preset_is_refused():
    """With the names of those that there are."""
    with pytest.raises(DataError, match="the preset must be one of cibmtr, ebmt, got nmdp"):
        with_questions(lambda: drafted(""), TABLE, preset="nmdp")


def test_no_preset_adds_nothing():
    """The draft is the same."""
    draft = drafted('patient_id = "id"\n')
    assert with_questions(lambda: draft, TABLE, preset="") is draft


def test_long_notes_are_wrapped():
    """As comments."""
    long = Preset("X", ("word " * 60,), (Question("icans_grade", "word " * 60, "source", '"?"'),))
    text = with_preset(drafted('patient_id = "id"\n').text, long, [], name="t.csv")
    assert max(map(len, text.splitlines())) <= 120
