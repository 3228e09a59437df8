"""A table as a site would keep it, drawn at random from a cohort, with its mapping and its truth."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.drafting.toml_text import inline, key, quoted
from features.field import FieldSpec
from features.known_units import units_of
from features.redcap.data_dictionary import Choice, DictionaryField
from features.schema import all_fields
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.site_tables.dates import COMPLETED, FORMS, DateForm
from tests.site_tables.files import SiteTable, grouped_headings, title_above
from tests.site_tables.words import ENCODINGS, HEADINGS, WORDS

DATED = ("relapse_day", "death_day", "last_contact_day")
UNITS_SHOWN = 0.7
BLANK = ("", "", "n.d.", "-99")


class _Drawing:
    """Draws one table."""

    def __init__(self, cohort: pd.DataFrame, rng: np.random.Generator) -> None:
        self.rng = rng
        self.language = str(rng.choice(list(HEADINGS)))
        self.is_redcap = self.language != "codes" and bool(rng.random() < 0.2)
        forms = [name for name, form in FORMS.items() if form.language in ("", self.language)]
        self.form_name = "iso" if self.is_redcap else str(rng.choice(forms))
        self.form: DateForm = FORMS[self.form_name]
        self.decimal = "." if self.is_redcap else str(rng.choice([".", ","]))
        self.by_birth = bool(rng.random() < 0.5)
        self.outcomes_dated = bool(rng.random() < 0.8)
        self.rule = str(rng.choice(list(COMPLETED)))
        self.partial = bool(self.form.partial) and bool(rng.random() < 0.4)
        rows = rng.choice(len(cohort), size=int(rng.integers(20, 45)), replace=False)
        self.cohort = cohort.iloc[rows].reset_index(drop=True)
        days = rng.integers(0, 2000, size=len(self.cohort))
        self.infusions = [datetime.date(2012, 1, 1) + datetime.timedelta(days=int(day)) for day in days]
        self.words = WORDS["codes" if self.is_redcap else self.language]
        self.columns: dict[str, list[str]] = {}
        self.asked: dict[str, DictionaryField] = {}
        self.fields: dict[str, str] = {}
        self.truth: dict[str, list[str]] = {}
        self.split: dict[str, str] = {}

    def table(self) -> SiteTable:
        for field in HEADINGS[self.language]:
            if field not in ("infusion", "birth") and field in self.cohort:
                self._field(all_fields()[field])
        self._grading()
        if self.by_birth or self.outcomes_dated:
            self._date("infusion", list(self.infusions))
        first, *others = self.columns
        order = [first, *(others[place] for place in self.rng.permutation(len(others)))]
        headings = [*order, "Remark"]
        cells = [[*row, "ok"] for row in zip(*(self.columns[name] for name in order), strict=True)]
        encoding = str(self.rng.choice(ENCODINGS[self.language]))
        table = SiteTable(
            grid=[headings, *cells],
            mapping=self._mapping(encoding),
            truth=self.truth,
            delimiter=str(self.rng.choice([",", ";", "\t"])),
            encoding=encoding,
            name=f"{self.language}, {self.form_name}, {self.decimal}{', partial' if self.partial else ''}",
            fields=tuple(self.asked.values()) if self.is_redcap else (),
        )
        if self.is_redcap:
            return table
        table = grouped_headings(table) if self.rng.random() < 0.2 else table
        return title_above(table) if self.rng.random() < 0.1 else table

    def _mapping(self, encoding: str) -> str:
        keys = {"decimal": quoted(self.decimal), "missing": '["n.d.", -99]', **self.form.mapping}
        keys |= {"partial": quoted(self.rule)} if self.partial else {}
        keys |= {} if encoding.startswith("utf") else {"encoding": quoted(encoding)}
        lines = ["[table]", 'ignore = ["Remark"]', *(f"{name} = {value}" for name, value in keys.items())]
        if self.split:
            lines += ["[split_dates]", *(f"{key(name)} = {toml}" for name, toml in self.split.items())]
        return "\n".join([*lines, "[fields]", *(f"{name} = {toml}" for name, toml in self.fields.items())])

    def _heading(self, field: str) -> str:
        """Name the column: in a REDCap project by a number, and its label says what it asks."""
        label = HEADINGS[self.language][field]
        variable = f"v{list(HEADINGS[self.language]).index(field)}"
        if self.is_redcap:
            self.asked.setdefault(variable, DictionaryField(variable, "baseline", label=label))
        return variable if self.is_redcap else label

    def _field(self, spec: FieldSpec) -> None:
        cells = [str(cell) for cell in self.cohort[spec.name]]
        self.truth[spec.name] = cells
        if spec.name == "age_years" and self.by_birth:
            self._age(cells)
        elif spec.name in DATED and self.outcomes_dated:
            self._outcome(spec.name, cells)
        elif spec.kind in ("choice", "boolean"):
            self._coded(spec, cells)
        elif spec.kind == "text":
            self.columns[self._heading(spec.name)] = cells
            self.fields[spec.name] = quoted(self._heading(spec.name))
        else:
            self._number(spec, cells)

    def _grading(self) -> None:
        """State the scale of the grades once."""
        known = inline([(self._heading("crs_grade"), quoted("*"))])
        self.fields["crs_grading_system"] = inline([("value", quoted("astct_2019")), ("only_if", known)])
        self.truth["crs_grading_system"] = ["astct_2019" if cell else "" for cell in self.truth["crs_grade"]]

    def _age(self, cells: Sequence[str]) -> None:
        births = [
            infusion - datetime.timedelta(days=round(float(age) * 365.25))
            for age, infusion in zip(cells, self.infusions, strict=True)
        ]
        self._date("birth", list(births))
        infusion, birth = (self._name(each) for each in ("infusion", "birth"))
        self.fields["age_years"] = inline([("column", quoted(infusion)), ("years_since", quoted(birth))])

    def _outcome(self, field: str, cells: list[str]) -> None:
        dates = [
            infusion + datetime.timedelta(days=int(cell)) if cell else None
            for infusion, cell in zip(self.infusions, cells, strict=True)
        ]
        partial = field == "relapse_day" and self.partial
        known = [self._partial(date) if partial else (date, "") for date in dates]
        self.truth[field] = [
            "" if date is None else str((date - infusion).days)
            for (date, _), infusion in zip(known, self.infusions, strict=True)
        ]
        self._date(field, dates, [text for _, text in known])
        since = [("column", quoted(self._name(field))), ("days_since", quoted(self._name("infusion")))]
        self.fields[field] = inline(since)

    def _partial(self, date: datetime.date | None) -> tuple[datetime.date | None, str]:
        """Leave out the day, and perhaps the month, of some dates: give the completed one, and its text."""
        if date is None or self.rng.random() < 0.5:
            return date, ""
        day, month = COMPLETED[self.rule]
        completed = date.replace(day=day)
        if "m" not in self.form.partial:
            completed = datetime.date(date.year, month, 1)
        return completed, date.strftime(self.form.partial)

    def _name(self, field: str) -> str:
        return f"{self._heading(field)} joined" if self.form.split else self._heading(field)

    def _date(
        self, field: str, dates: Sequence[datetime.date | None], texts: Sequence[str] | None = None
    ) -> None:
        heading = self._heading(field)
        written = [
            text or ("" if date is None else self.form.write(date))
            for date, text in zip(dates, texts or [""] * len(dates), strict=True)
        ]
        if not self.form.split:
            self.columns[heading] = written
            return
        parts = [[*text.split("-"), "", "", ""][:3] for text in written]
        names = [f"{heading}_{letter}" for letter in "YMD"]
        for place, name in enumerate(names):
            self.columns[name] = [part[place].lstrip("0") for part in parts]
        pairs = zip(("year", "month", "day"), map(quoted, names), strict=True)
        self.split[self._name(field)] = inline(list(pairs))

    def _coded(self, spec: FieldSpec, cells: list[str]) -> None:
        heading, options = self._heading(spec.name), spec.options or ("true", "false")
        self.columns[heading] = [self.words[cell] if cell else self._blank() for cell in cells]
        codes = [(self.words[option], quoted(option) if spec.options else option) for option in options]
        self.fields[spec.name] = inline([("column", quoted(heading)), ("codes", inline(codes))])
        if self.is_redcap:
            labels = WORDS[self.language]
            choices = tuple(Choice(self.words[option], labels[option]) for option in options)
            label = HEADINGS[self.language][spec.name]
            self.asked[heading] = DictionaryField(heading, "baseline", "radio", label, choices=choices)

    def _number(self, spec: FieldSpec, cells: list[str]) -> None:
        units = {unit: factor for unit, factor in units_of(spec).items() if " of " not in unit}
        unit = str(self.rng.choice(list(units))) if units else spec.unit
        unit = spec.unit if spec.kind == "integer" and spec.unit != "days" else unit
        factor, heading = units.get(unit, 1.0), self._heading(spec.name)
        if unit and spec.kind != "integer" and self.rng.random() < UNITS_SHOWN:
            heading = self._with_unit(spec, heading, unit)
        self.columns[heading] = [
            self._written(float(cell) / factor) if cell else self._blank() for cell in cells
        ]
        pairs = [("column", quoted(heading))]
        pairs += [("unit", quoted(unit))] if unit != spec.unit else []
        pairs += [("round", "true")] if spec.kind == "integer" and unit != spec.unit else []
        self.fields[spec.name] = inline(pairs)

    def _with_unit(self, spec: FieldSpec, heading: str, unit: str) -> str:
        """State the unit in the heading, or in the note of the form."""
        if not self.is_redcap:
            return f"{heading} ({unit})"
        label = HEADINGS[self.language][spec.name]
        self.asked[heading] = DictionaryField(heading, "baseline", label=label, note=unit)
        return heading

    def _written(self, value: float) -> str:
        text = f"{value:.12g}" if "e" not in f"{value:.12g}" else f"{value:.15f}".rstrip("0").rstrip(".")
        return text.replace(".", self.decimal)

    def _blank(self) -> str:
        return "" if self.is_redcap else str(self.rng.choice(BLANK))


def known_cohort(seed: int, patients: int = 200) -> pd.DataFrame:
    """Simulate infusions, one for each patient, followed up beyond the assessment of the response.

    Parameters
    ----------
    seed : int
        Of the simulation.
    patients : int
        Before those with a short follow-up are left out.

    Returns
    -------
    cohort : DataFrame of str
        As `simulation_table` writes it.
    """
    cohort = simulation_table(simulate(patients, rng=np.random.default_rng(seed)))
    first = cohort.drop_duplicates("patient_id")
    return first[first["last_contact_day"].map(lambda cell: int(cell or 0)) >= 120].reset_index(drop=True)


def site_table(cohort: pd.DataFrame, rng: np.random.Generator) -> SiteTable:
    """Draw a site's table.

    Parameters
    ----------
    cohort : DataFrame of str
        From `known_cohort`.
    rng : Generator
        Of the table.

    Returns
    -------
    table : SiteTable
    """
    return _Drawing(cohort, rng).table()
