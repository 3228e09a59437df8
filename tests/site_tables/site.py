"""A table as a site would keep it, drawn at random from a cohort, with its mapping and its truth."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
import pandas as pd

from features.checking.dates import years_between
from features.drafting.toml_text import inline, quoted
from features.field import FieldSpec
from features.known_units import units_of
from features.redcap.data_dictionary import Choice, DictionaryField
from features.schema import all_fields
from features.synthetic.simulation import simulate
from features.synthetic.tables import simulation_table
from tests.site_tables.columns import Column, Stored, mark
from tests.site_tables.dates import COMPLETED
from tests.site_tables.drawn import Drawn
from tests.site_tables.files import SiteTable
from tests.site_tables.further import with_laboratory
from tests.site_tables.numbers import SPELLED, UNIT_WORDS, WITH_A_UNIT_BESIDE
from tests.site_tables.together import put_together
from tests.site_tables.words import HEADINGS, WORDS

DATED = ("relapse_day", "death_day", "last_contact_day")
UNITS_SHOWN, UNITS_BESIDE = 0.7, 0.3
BLANK = ("", "", "n.d.", "-99")
COUNTED = ("infusion_number", "next_infusion_day")


class _Drawing(Drawn):
    """Draws the columns of one table."""

    def table(self) -> SiteTable:
        self.heading("patient_id")  # The first question of a project is the identifier.
        over_time = with_laboratory(self)
        for field in HEADINGS[self.language]:
            if field in self.cohort and field not in over_time and (field != "center" or self.by_center):
                self._field(all_fields()[field])
        self._grading()
        if self.by_birth or self.outcomes_dated or self.repeats or over_time:
            self.date("infusion", list(self.infusions))
        if self.repeats:
            self._counted()
        return put_together(self)

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
            self._text(spec, cells)
        else:
            self._number(spec, cells)

    def _counted(self) -> None:
        """Count the infusions of a patient, and state the next one."""
        infusion = quoted(self.mark_of("infusion"))
        keys = ("count_by", "until_next")
        for field, key in zip(COUNTED, keys, strict=True):
            self.fields[field] = inline([(key, infusion)])
            self.truth[field] = [str(cell) for cell in self.cohort[field]]

    def _grading(self) -> None:
        """State the scale of the grades once."""
        known = inline([(mark(self.heading("crs_grade")), quoted("*"))])
        self.fields["crs_grading_system"] = inline([("value", quoted("astct_2019")), ("only_if", known)])
        self.truth["crs_grading_system"] = ["astct_2019" if cell else "" for cell in self.truth["crs_grade"]]

    def _text(self, spec: FieldSpec, cells: list[str]) -> None:
        """Write a text; of rows that belong together, only in the first."""
        filled = (spec.name == "patient_id" and self.repeats) or spec.name == "center"
        shown = [
            "" if filled and above == cell else cell
            for above, cell in zip([None, *cells], cells, strict=False)
        ]
        name = self.heading(spec.name)
        self.add(spec.name, Column(name, shown))
        self.fields[spec.name] = quoted(mark(name))
        if shown != cells:
            (self.filled_groups if spec.name == "center" else self.filled_down).append(name)

    def _age(self, cells: Sequence[str]) -> None:
        births: dict[str, datetime.date] = {}
        dated = zip(self.cohort["patient_id"], cells, self.infusions, strict=True)
        for patient, age, infusion in dated:
            days = round(float(age) * 365.25)
            births.setdefault(patient, infusion - datetime.timedelta(days=days))
        written = [births[patient] for patient in self.cohort["patient_id"]]
        self.truth["age_years"] = [
            f"{years_between(birth, infusion):g}"
            for birth, infusion in zip(written, self.infusions, strict=True)
        ]
        self.date("birth", list(written))
        infusion, birth = (quoted(self.mark_of(each)) for each in ("infusion", "birth"))
        self.fields["age_years"] = inline([("column", infusion), ("years_since", birth)])

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
        self.date(field, dates, [text for _, text in known])
        since = [("column", quoted(self.mark_of(field))), ("days_since", quoted(self.mark_of("infusion")))]
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

    def _coded(self, spec: FieldSpec, cells: list[str]) -> None:
        name, options = self.heading(spec.name), spec.options or ("true", "false")
        texts = [self.words[cell] if cell else self._blank() for cell in cells]
        stored: list[Stored] = [int(text) if text.isdecimal() else text for text in texts]
        self.add(spec.name, Column(name, texts, stored=stored))
        codes = [(self.words[option], quoted(option) if spec.options else option) for option in options]
        self.fields[spec.name] = inline([("column", quoted(mark(name))), ("codes", inline(codes))])
        if self.is_redcap:
            labels = WORDS[self.language]
            choices = tuple(Choice(self.words[option], labels[option]) for option in options)
            label = HEADINGS[self.language][spec.name]
            self.asked[name] = DictionaryField(name, "baseline", "radio", label, choices=choices)

    def _number(self, spec: FieldSpec, cells: list[str]) -> None:
        beside = WITH_A_UNIT_BESIDE.get(spec.name)
        if beside and not self.is_redcap and self.rng.random() < UNITS_BESIDE:
            self._with_units_beside(spec, cells, beside)
            return
        units = {unit: factor for unit, factor in units_of(spec).items() if " of " not in unit}
        unit = str(self.rng.choice(list(units))) if units else spec.unit
        unit = spec.unit if spec.kind == "integer" and spec.unit != "days" else unit
        shown = bool(unit) and spec.kind != "integer" and self.rng.random() < UNITS_SHOWN
        name = self.heading(spec.name)
        self._add_numbers(spec.name, name, cells, [units.get(unit, 1.0)] * len(cells), unit if shown else "")
        pairs = [("column", quoted(mark(name)))]
        pairs += [("unit", quoted(unit))] if unit != spec.unit else []
        pairs += [("round", "true")] if spec.kind == "integer" and unit != spec.unit else []
        self.fields[spec.name] = inline(pairs)

    def _with_units_beside(self, spec: FieldSpec, cells: list[str], units: tuple[str, ...]) -> None:
        """Write each row in one of the units, and state it in the next column."""
        name = self.heading(spec.name)
        of_rows = [str(unit) for unit in self.rng.choice(units, size=len(cells))]
        self._add_numbers(spec.name, name, cells, [units_of(spec)[unit] for unit in of_rows])
        spelled = {unit: self._spelled(unit) for unit in units}
        beside = UNIT_WORDS.get(self.language, "{} unit").format(name)
        self.add(spec.name, Column(beside, [spelled[unit] for unit in of_rows], beside=name))
        entries = [
            [("column", quoted(mark(name))), ("unit", quoted(unit))]
            + [("only_if", inline([(mark(beside), quoted(spelled[unit]))]))]
            for unit in units
        ]
        self.fields[spec.name] = f"[{', '.join(map(inline, entries))}]"

    def _add_numbers(
        self, field: str, name: str, cells: Sequence[str], factors: Sequence[float], unit: str = ""
    ) -> None:
        values = [float(cell) / factor if cell else None for cell, factor in zip(cells, factors, strict=True)]
        texts = [self._blank() if value is None else self.numbers.write(value) for value in values]
        stored: list[Stored] = [
            text if value is None else float(f"{value:.12g}")
            for value, text in zip(values, texts, strict=True)
        ]
        shown = self._spelled(unit) if unit else ""
        if self.is_redcap and unit:
            label = HEADINGS[self.language][field]
            self.asked[name] = DictionaryField(name, "baseline", label=label, note=shown)
        self.add(field, Column(name, texts, "" if self.is_redcap else shown, stored=stored))

    def _spelled(self, unit: str) -> str:
        """Spell a unit as the site does, in letters that its file has."""
        ways = [way for way in (unit, *SPELLED.get(unit, ())) if self._is_written(way)]
        return str(self.rng.choice(ways))

    def _is_written(self, text: str) -> bool:
        russian = any("а" <= letter <= "я" for letter in text.lower())
        encodable = text.encode(self.encoding, errors="replace").decode(self.encoding) == text
        return encodable and (not russian or self.language == "russian")

    def _blank(self) -> str:
        return "" if self.is_redcap else str(self.rng.choice(BLANK))


def known_cohort(seed: int, patients: int = 200) -> pd.DataFrame:
    """Simulate infusions of patients who are followed up beyond the assessment of every response.

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
    followed = cohort["last_contact_day"].map(lambda cell: int(cell or 0)) >= 120
    return cohort[followed.groupby(cohort["patient_id"]).transform("all")].reset_index(drop=True)


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
