"""What a mapping file says of further tables: rows that stand beside an infusion, or values over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from features.checking.partial_dates import Partial
from features.files.read_table import FileFormat
from features.mapping.date_rules import DateRules, SplitDate
from features.mapping.number_format import NumberFormat
from features.mapping.site_values import Condition

Choice = Literal["last", "first", "nearest", "highest", "lowest"]
Tie = Literal["first", "last", "highest", "lowest", "mean"]


@dataclass(frozen=True)
class LinkedTable:
    """A further table of a site, whose rows belong to patients and days.

    Parameters
    ----------
    name : str
        By which fields name it.
    patient : str
        Column with the identifiers of the first table.
    date : str
        Column with the day, or day and time, of a row.
    infusion : str, optional
        Column with the day of the infusion that a row is about; without it, the time decides.
    join : tuple of (own, first)
        Columns by which one row belongs to a patient or an infusion, and the columns of the first table that
        hold the same; none for values over time.
    file : str, optional
        Beside the mapping file.
    instruments, events : tuple of str
        Of the REDCap export, whose rows are the table.
    named_by, value : str, optional
        Of a long table: columns with the name and the value of a row.
    unit : str, optional
        Column with the unit of a row.
    file_format : FileFormat
        How the file is written; its sheet alone names a sheet of the first table's workbook.
    numbers : NumberFormat
        How numbers are written.
    dates : DateRules
        How dates are read.
    split_dates : tuple of SplitDate
        Dates that are made of several columns of the file.
    missing : tuple of str
        Codes for a missing value.
    fill_down : tuple of str
        Columns in which a blank cell takes the value above it, within one patient.
    fill_down_groups : tuple of str
        Columns in which it does so beyond the patient.
    keep, drop : tuple of Condition
        A row is kept if any of `keep` holds (or there is none) and none of `drop`.
    ignore : tuple of str
        Columns that are not used.
    ignore_others : bool
        Leave out all columns that are not named.
    """

    name: str
    patient: str
    date: str
    infusion: str | None = None
    join: tuple[tuple[str, str], ...] = ()
    file: str | None = None
    instruments: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    named_by: str | None = None
    value: str | None = None
    unit: str | None = None
    file_format: FileFormat = FileFormat()
    numbers: NumberFormat = NumberFormat()
    dates: DateRules = DateRules()
    split_dates: tuple[SplitDate, ...] = ()
    missing: tuple[str, ...] = ()
    fill_down: tuple[str, ...] = ()
    fill_down_groups: tuple[str, ...] = ()
    keep: tuple[Condition, ...] = ()
    drop: tuple[Condition, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_others: bool = False

    @property
    def in_export(self) -> bool:
        """Whether its rows are rows of the first table."""
        return bool(self.instruments or self.events)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that the table itself names."""
        conditions = [column for test in (*self.keep, *self.drop) for column in test.columns]
        single = (self.patient, self.date, self.infusion, self.named_by, self.value, self.unit)
        filled = (*self.fill_down, *self.fill_down_groups, *(own for own, _ in self.join))
        return tuple(dict.fromkeys([*(column for column in single if column), *filled, *conditions]))


@dataclass(frozen=True)
class OverTime:
    """Which value of a further table a field takes.

    Parameters
    ----------
    key : str
        Of the entry, different for each.
    table : str
        Name of the further table.
    value : str or None
        Column with the value; None for the day of the row.
    anchor : str
        Column of the infusion's row with the date that the window is counted from.
    choose : Choice
        Which of the values in the window.
    low, high : float
        First and last day of the window, counted from the anchor; both belong to it.
    names : tuple of str
        Of a long table: names of the rows.
    tie : Tie, optional
        Which of different values of one moment; without it they are a problem.
    same_day : bool
        Whether a predictor may be of the day of infusion although no time of day shows that it is earlier.
    units : mapping of str to float, optional
        Units as the rows state them, and their factors; None where the field's own units are recognized.
    unit_column : str, optional
        Column with the unit of the value.
    is_day : bool
        Whether the value is the number of days from the infusion to a date.
    partial : Partial, optional
        Day that a date without a day gets, if it is another one than in the rest of the table.
    """

    key: str
    table: str
    value: str | None
    anchor: str
    choose: Choice
    low: float = -float("inf")
    high: float = float("inf")
    names: tuple[str, ...] = ()
    tie: Tie | None = None
    same_day: bool = False
    units: Mapping[str, float] | None = field(default=None)
    unit_column: str | None = None
    is_day: bool = False
    partial: Partial | None = None

    @property
    def choice(self) -> tuple[object, ...]:
        """What entries have in common that choose among the same rows."""
        window = (self.anchor, self.low, self.high, self.same_day)
        return (self.table, self.choose, self.tie, self.is_day, *window)

    @property
    def words(self) -> str:
        """Say where the values are from."""
        what = ", ".join(self.names) or self.value or "the date"
        return f"{what} of {self.table}"
