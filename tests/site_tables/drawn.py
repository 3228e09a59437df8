"""What is drawn of a site before its columns: languages, forms, and the rows of the cohort."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from features.drafting.toml_text import inline, quoted
from features.redcap.data_dictionary import DictionaryField
from tests.site_tables.columns import Column, Stored, mark
from tests.site_tables.dates import COMPLETED, FORMS, DateForm
from tests.site_tables.numbers import MARKS, NumberForm
from tests.site_tables.sections import section_of
from tests.site_tables.words import ENCODINGS, HEADINGS, WORDS

TEXT, WORKBOOK, REDCAP = "text", "workbook", "redcap"
KINDS, SHARES = (TEXT, WORKBOOK, REDCAP), (0.5, 0.3, 0.2)
CODES = ("codes", "research codes")


class Drawn:
    """Properties of one site, and the columns that its table has so far."""

    def __init__(self, cohort: pd.DataFrame, rng: np.random.Generator) -> None:
        self.rng = rng
        self.language = str(rng.choice(list(HEADINGS)))
        kind = str(rng.choice(KINDS, p=SHARES))
        self.kind = TEXT if kind == REDCAP and self.language in CODES else kind
        self.is_redcap = self.kind == REDCAP
        of_language = ("", self.language, *(["codes"] if self.language in CODES else []))
        forms = [name for name, form in FORMS.items() if form.language in of_language]
        self.form_name = "iso" if self.is_redcap else str(rng.choice(forms))
        self.form: DateForm = FORMS[self.form_name]
        self.numbers = NumberForm(".", "") if self.is_redcap else NumberForm(*rng.choice(MARKS))
        self.stores = self.kind == WORKBOOK and bool(rng.random() < 0.6)
        self.encoding = str(rng.choice(ENCODINGS[self.language])) if self.kind == TEXT else "utf-8"
        self.by_birth = bool(rng.random() < 0.5)
        self.outcomes_dated = bool(rng.random() < 0.8)
        self.rule = str(rng.choice(list(COMPLETED)))
        self.partial = bool(self.form.partial) and bool(rng.random() < 0.4)
        self.repeats = not self.is_redcap and bool(rng.random() < 0.2)
        self.by_center = not self.is_redcap and not self.repeats and bool(rng.random() < 0.2)
        self.over_time = not self.repeats and bool(rng.random() < 0.25)
        self.cohort = self._rows(cohort)
        self.infusions = self._infusions()
        self.words = WORDS["codes" if self.is_redcap else self.language]
        self.columns: list[tuple[str, Column]] = []
        self.asked: dict[str, DictionaryField] = {}
        self.fields: dict[str, str] = {}
        self.truth: dict[str, list[str]] = {}
        self.split: dict[str, str] = {}
        self.filled_down: list[str] = []
        self.filled_groups: list[str] = []
        self.parts: list[str] = []
        self.sheets: dict[str, list[list[Stored]]] = {}
        self.files: dict[str, bytes] = {}
        self.instrument: list[dict[str, str]] = []
        self.laboratory: dict[str, str] = {}

    def heading(self, field: str) -> str:
        """Name the column: in a REDCap project by a number, and its label says what it asks."""
        label = HEADINGS[self.language][field]
        variable = f"v{list(HEADINGS[self.language]).index(field)}"
        if self.is_redcap:
            self.asked.setdefault(variable, DictionaryField(variable, "baseline", label=label))
        return variable if self.is_redcap else label

    def mark_of(self, field: str) -> str:
        """Name a field's column in the mapping; a date of several columns by their own name."""
        name = self.heading(field)
        return f"{name} joined" if self.form.split else mark(name)

    def add(self, field: str, column: Column) -> None:
        """Add a column, to the section of its field."""
        self.columns.append((str(section_of(field)), column))

    def date(
        self, field: str, dates: Sequence[datetime.date | None], texts: Sequence[str] | None = None
    ) -> None:
        """Add dates as the site writes them: other texts where they are given, as for partial dates."""
        name, form = self.heading(field), self.form
        written = [
            text or ("" if date is None else form.write(date))
            for date, text in zip(dates, texts or [""] * len(dates), strict=True)
        ]
        if form.split:
            self._split(field, name, written, form.split)
            return
        stored: list[Stored] = [
            form.stored(date) if form.stored and date and text == form.write(date) else text
            for date, text in zip(dates, written, strict=True)
        ]
        self.add(field, Column(name, written, stored=stored))

    def _split(self, field: str, name: str, written: Sequence[str], headings: Sequence[str]) -> None:
        parts = [[*text.split(), "", "", ""][:3] for text in written]
        names = [heading.format(name) for heading in headings]
        for place, part_name in enumerate(names):
            cells = [part[place] if len(part[0]) == 2 else part[place].lstrip("0") for part in parts]
            stored: list[Stored] = [int(cell) if cell.isdecimal() else cell for cell in cells]
            self.add(field, Column(part_name, cells, stored=stored, beside=names[0] if place else ""))
        pairs = zip(("year", "month", "day"), (quoted(mark(each)) for each in names), strict=True)
        self.split[self.mark_of(field)] = inline(list(pairs))

    def _rows(self, cohort: pd.DataFrame) -> pd.DataFrame:
        """Draw patients: with all infusions, or with the first alone; those of a center together."""
        rows = cohort if self.repeats else cohort.drop_duplicates("patient_id")
        patients = list(rows["patient_id"].unique())
        several = [name for name in patients if (rows["patient_id"] == name).sum() > 1]
        size = int(self.rng.integers(20, 45))
        drawn = [*self.rng.choice(several, size=min(6, len(several)), replace=False)] if several else []
        drawn += [str(name) for name in self.rng.choice(patients, size=size, replace=False)]
        kept = rows[rows["patient_id"].isin(drawn)]
        order = list(dict.fromkeys(drawn))
        kept = kept.sort_values("patient_id", key=lambda names: names.map(order.index), kind="stable")
        kept = kept.sort_values("center", kind="stable") if self.by_center else kept
        return kept.reset_index(drop=True)

    def _infusions(self) -> list[datetime.date]:
        """Date the first infusion of each patient at random, and the next by its day."""
        first = [
            datetime.date(2012, 1, 1) + datetime.timedelta(days=int(day))
            for day in self.rng.integers(0, 2000, size=len(self.cohort))
        ]
        patients, nexts = list(self.cohort["patient_id"]), list(self.cohort["next_infusion_day"])
        for above, below in pairwise(range(len(patients))):
            if patients[above] == patients[below]:
                first[below] = first[above] + datetime.timedelta(days=int(nexts[above]))
        return first
