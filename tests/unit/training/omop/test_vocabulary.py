"""Codes become concept ids through the vocabulary of the database, or by confirmed ids."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from features.problems import DataError
from tests.omop_tables import VOCABULARY, OmopRows, written
from training.omop.concept_sets import ConceptRow
from training.omop.database import opened
from training.omop.vocabulary import Vocabulary

ATC = ConceptRow("ATC", "L01XL12", None, descendants=True, value="obecabtagene")
LOINC = ConceptRow("LOINC", "2532-0", 3_016_436, descendants=False, value="")
OTHER = ConceptRow("ATC", "L01XL04", None, descendants=True, value="tisagenlecleucel")


def database(folder: Path, concepts: list[tuple[int, str, str]], below: list[tuple[int, int]]) -> str:
    """Write a vocabulary; none of it if there are no concepts."""
    rows = OmopRows()
    for concept, vocabulary, code in concepts:
        rows.add("concept", concept_id=concept, vocabulary_id=vocabulary, concept_code=code)
    for ancestor, descendant in below:
        rows.add("concept_ancestor", ancestor_concept_id=ancestor, descendant_concept_id=descendant)
    engine = sa.create_engine(f"sqlite:///{folder / 'v.db'}")
    written(rows, engine, without=() if concepts else VOCABULARY)
    engine.dispose()
    return str(folder / "v.db")


def test_a_code_is_found_with_its_descendants(tmp_path):
    """Each has the value of the code; more of them than fit into a query, too."""
    below = [(1, concept) for concept in range(1, 2000)]
    with opened(database(tmp_path, [(1, "ATC", "L01XL12"), (2, "LOINC", "L01XL12")], below)) as known:
        resolved = Vocabulary(known, None).resolved({"car_t": (ATC,)}, "car_t")
    assert resolved.values == dict.fromkeys(range(1, 2000), "obecabtagene")
    assert resolved.codes == {"L01XL12": "obecabtagene"}


def test_the_vocabulary_decides_where_there_is_one(tmp_path):
    """An id of the project's is not used for a code that the database does not have."""
    with opened(database(tmp_path, [(1, "ATC", "L01XL12")], [])) as known:
        vocabulary = Vocabulary(known, None)
        with pytest.raises(DataError, match="ldh has no concept that the database knows: give rows"):
            vocabulary.resolved({"ldh": (LOINC,)}, "ldh")
        assert vocabulary.resolved({"ldh": (LOINC,)}, "ldh", by_text=True).values == {}
    assert vocabulary.notes[0] == "ldh: 1 code of 1 not in the vocabulary of the database: LOINC 2532-0"


def test_without_a_vocabulary_confirmed_ids_are_used(tmp_path):
    """The others are named."""
    with opened(database(tmp_path, [], [])) as known:
        vocabulary = Vocabulary(known, None)
        assert vocabulary.resolved({"x": (LOINC, ATC)}, "x").values == {3_016_436: ""}
        assert vocabulary.units([8840, 5])[8840] == "mg/dL"
    assert vocabulary.notes == ["x: 1 code of 2 not in a database without vocabulary: ATC L01XL12"]


def test_a_descendant_of_two_values_needs_a_row_of_its_own(tmp_path):
    """The row has the last word."""
    concepts = [(1, "ATC", "L01XL12"), (2, "ATC", "L01XL04"), (3, "ours", "both")]
    path = database(tmp_path, concepts, [(1, 3), (2, 3), (1, 1), (2, 2)])
    both = ConceptRow("ours", "both", None, descendants=False, value="other")
    with opened(path) as known:
        with pytest.raises(DataError, match="car_t gives 1 concept two values: 3: add a row"):
            Vocabulary(known, None).resolved({"car_t": (ATC, OTHER)}, "car_t")
        resolved = Vocabulary(known, None).resolved({"car_t": (ATC, OTHER, both)}, "car_t")
    assert resolved.values == {1: "obecabtagene", 2: "tisagenlecleucel", 3: "other"}
