"""Concept sets become concept ids, through the vocabulary of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import sqlalchemy as sa

from features.advice import plain
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from training.omop.cdm_tables import CONCEPT, CONCEPT_ANCESTOR, cdm_table
from training.omop.concept_sets import ConceptRow, ConceptSets
from training.omop.database import Database
from training.omop.project_data import unit_texts

MOST_IN_A_QUERY = 900
"""Values of one list in a query; SQLite takes 999 in its older versions."""


@dataclass(frozen=True)
class Resolved:
    """A concept set as the database has it.

    Parameters
    ----------
    values : mapping of int to str
        Each concept id of the set, and what a record of it says.
    codes : mapping of str to str
        The same by code of the source, without points and in capitals.
    """

    values: Mapping[int, str]
    codes: Mapping[str, str] = field(default_factory=dict)


class Vocabulary:
    """The vocabulary tables of a database, where it has them.

    Parameters
    ----------
    database : Database
        With the tables ``concept`` and, for descendants, ``concept_ancestor``.
    schema : str, optional
        Schema that has them.
    """

    def __init__(self, database: Database, schema: str | None) -> None:
        self._database = database
        self._concept = cdm_table("concept", CONCEPT, schema)
        self._ancestor = cdm_table("concept_ancestor", CONCEPT_ANCESTOR, schema)
        self._known = database.has(self._concept)
        self._descends = database.has(self._ancestor)
        self.notes: list[str] = []

    def resolved(self, sets: ConceptSets, name: str, *, by_text: bool = False) -> Resolved:
        """Find the concept ids of a set.

        Parameters
        ----------
        sets : mapping of str to tuple of ConceptRow
            All concept sets.
        name : str
            Of the set.
        by_text : bool
            Whether records are found by the source's own text too, so that the set may have no concept.

        Returns
        -------
        resolved : Resolved
            A concept that is named itself has its own value; a descendant has that of its ancestor.

        Raises
        ------
        DataError
            If no concept of the set is known and there is no other way to find records, or a
            descendant has ancestors with different values.
        """
        rows = sets[name]
        ids = self._ids(rows)
        missing = [str(row) for row in rows if row not in ids]
        if missing:
            where = "the vocabulary of the database" if self._known else "a database without vocabulary"
            self.notes.append(
                f"{name}: {counted(len(missing), 'code')} of {len(rows)} not in {where}: {', '.join(missing)}"
            )
        if not ids and not by_text:
            fix = "give rows of the site's own concept ids in the file named by concepts"
            rule = "has no concept that the database knows"
            raise DataError(
                [Problem(Code.CODE_NOT_IN_VOCABULARY, rule, name, advice=plain(fix))],
                source=self._database.name,
            )
        values = {**self._descendants(name, ids), **{ids[row]: row.value for row in rows if row in ids}}
        return Resolved(values, {plain_code(row.code): row.value for row in rows if row.code})

    def units(self, concept_ids: Iterable[int]) -> dict[int, str]:
        """Give the code of each unit concept, as UCUM writes it.

        Parameters
        ----------
        concept_ids : iterable of int
            Of units.

        Returns
        -------
        units : dict of int to str
            Those that are known.
        """
        known = dict(unit_texts())
        if self._known:
            table = self._concept
            query = sa.select(table.c.concept_id, table.c.concept_code)
            for part in parts(sorted(set(concept_ids))):
                rows = self._database.rows(query.where(table.c.concept_id.in_(part)), table.name)
                known |= {int(concept): str(code) for concept, code in rows}
        return known

    def _ids(self, rows: Sequence[ConceptRow]) -> dict[ConceptRow, int]:
        by_code = self._by_code({row.vocabulary for row in rows if row.code}, rows) if self._known else {}
        ids = {}
        for row in rows:
            concept_id = by_code.get((row.vocabulary, row.code))
            if concept_id is None and not (self._known and row.code):
                concept_id = row.concept_id
            if concept_id is not None:
                ids[row] = concept_id
        return ids

    def _by_code(self, vocabularies: set[str], rows: Sequence[ConceptRow]) -> dict[tuple[str, str], int]:
        table = self._concept
        query = sa.select(table.c.vocabulary_id, table.c.concept_code, table.c.concept_id)
        query = query.where(table.c.vocabulary_id.in_(sorted(vocabularies)))
        ids: dict[tuple[str, str], int] = {}
        for part in parts(sorted({row.code for row in rows if row.code})):
            known = self._database.rows(query.where(table.c.concept_code.in_(part)), table.name)
            ids |= {(str(each), str(code)): int(concept) for each, code, concept in known}
        return ids

    def _descendants(self, name: str, ids: Mapping[ConceptRow, int]) -> dict[int, str]:
        ancestors = {concept_id: row.value for row, concept_id in ids.items() if row.descendants}
        if not self._descends or not ancestors:
            return {}
        table = self._ancestor
        query = sa.select(table.c.descendant_concept_id, table.c.ancestor_concept_id)
        values: dict[int, set[str]] = {}
        for part in parts(sorted(ancestors)):
            known = self._database.rows(query.where(table.c.ancestor_concept_id.in_(part)), table.name)
            for descendant, ancestor in known:
                values.setdefault(int(descendant), set()).add(ancestors[int(ancestor)])
        named = set(ids.values())
        several = [concept for concept, each in values.items() if len(each) > 1 and concept not in named]
        if several:
            shown = ", ".join(map(str, several[:3]))
            rule = f"gives {counted(len(several), 'concept')} two values: {shown}"
            fix = plain("add a row for each of them, with its value")
            raise DataError(
                [Problem(Code.CONCEPT_AMBIGUOUS, rule, name, advice=fix)], source=self._database.name
            )
        return {concept: min(each) for concept, each in values.items()}


def plain_code(code: str) -> str:
    """Write a code without points and in capitals, as some sources do.

    Examples
    --------
    >>> plain_code("d89.833")
    'D89833'
    """
    return code.replace(".", "").strip().upper()


def parts(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Cut values into lists that a query may hold.

    Examples
    --------
    >>> [len(part) for part in parts(range(2000))]
    [900, 900, 200]
    """
    iterator = iter(values)
    while part := list(islice(iterator, MOST_IN_A_QUERY)):
        yield part
