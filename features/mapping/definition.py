"""What a mapping file says: how a site's table becomes the schema's columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from features.files.read_table import FileFormat
from features.mapping.date_rules import DateRules, SplitDate
from features.mapping.linked_definition import LinkedTable, OverTime
from features.mapping.number_format import NumberFormat
from features.mapping.redcap_definition import RedcapLayout
from features.mapping.site_values import Condition
from features.schema import all_fields

Take = Literal["first", "sum", "min", "max"]
BeyondLimit = Literal["limit", "blank"]
BelongsTo = Literal["preceding_infusion", "every_preceding_infusion", "first_infusion", "last_infusion"]


@dataclass(frozen=True)
class SiteDates:
    """What a mapping file says of all dates of a table.

    Parameters
    ----------
    rules : DateRules
        How they are read.
    infusion : str, optional
        Column with the date of the infusion.
    """

    rules: DateRules = DateRules()
    infusion: str | None = None


@dataclass(frozen=True)
class WhenRule:
    """One rule of a field: a condition on columns and the value that follows.

    Parameters
    ----------
    condition : Condition
        On the site's columns.
    then : str
        Value of the schema; blank for unknown.
    """

    condition: Condition
    then: str


@dataclass(frozen=True)
class FieldMapping:
    """How one field of the schema is made.

    Parameters
    ----------
    field : str
        Column of the schema.
    columns : tuple of str
        The site's columns that it is read from, one as a rule.
    take : Take
        Which of several columns: the first that has a value, or their sum, least or greatest.
    constant : str, optional
        The same value in every row.
    when : tuple of WhenRule
        The first rule that holds gives the value.
    otherwise : str, optional
        The value where no rule holds; without it such a row is a problem.
    codes : mapping of str to str
        The site's value to the schema's.
    missing : tuple of str
        Codes for a missing value, besides those of the whole table.
    pattern : str, optional
        Regular expression that a cell must match as a whole; its one group is what is read.
    subtract : str, optional
        A column whose number is subtracted, in the site's unit.
    factor, offset : float
        The schema's value is (site's value - subtracted + offset) x factor.
    multiply_by, divide_by : str, optional
        A column whose number the value is multiplied or divided by.
    whole : bool
        Round to a whole number.
    days_since, months_since, years_since : str, optional
        A column with an earlier date: the value is the time from it to the date in the field's own column.
    dates : DateRules
        How this field's dates are read.
    beyond_limit : BeyondLimit, optional
        What ``<5`` becomes: its limit 5, or blank.
    count_by : str, optional
        Number a patient's rows in the order of this column.
    until_next : str, optional
        Days from this column's date to that of the same patient's next row.
    missing_in : mapping of str to tuple of str, optional
        Codes for a missing value that other entries state of the columns with another number.
    only_if : Condition, optional
        Where it does not hold, the field is blank.
    belongs_to : BelongsTo, optional
        Which of a patient's infusions an outcome belongs to, where several could have it.
    event_date : str, optional
        Column with the date of an outcome that is no day itself, for `belongs_to`.
    infusion_date : str, optional
        Column with the date of the infusion, for `belongs_to`.
    over_time : OverTime, optional
        Which value of a further table is taken; what the entry says of columns then means that table's.
    alternatives : tuple of FieldMapping
        Ways to make the field, the first that gives a value counts.
    """

    field: str
    columns: tuple[str, ...] = ()
    take: Take = "first"
    constant: str | None = None
    when: tuple[WhenRule, ...] = ()
    otherwise: str | None = None
    codes: Mapping[str, str] | None = None
    missing: tuple[str, ...] = ()
    pattern: str | None = None
    subtract: str | None = None
    factor: float = 1.0
    offset: float = 0.0
    multiply_by: str | None = None
    divide_by: str | None = None
    whole: bool = False
    days_since: str | None = None
    months_since: str | None = None
    years_since: str | None = None
    dates: DateRules = DateRules()
    beyond_limit: BeyondLimit | None = None
    count_by: str | None = None
    until_next: str | None = None
    missing_in: Mapping[str, tuple[str, ...]] | None = None
    only_if: Condition | None = None
    belongs_to: BelongsTo | None = None
    event_date: str | None = None
    infusion_date: str | None = None
    over_time: OverTime | None = None
    alternatives: tuple[FieldMapping, ...] = ()

    @property
    def since(self) -> str | None:
        """Column with the earlier date, where the field is the time from it to another date."""
        return self.days_since or self.months_since or self.years_since

    @property
    def ordered_by(self) -> str | None:
        """Column that puts a patient's rows in order, where the field is made of their order."""
        return self.count_by or self.until_next

    @property
    def rule(self) -> BelongsTo | None:
        """By which rule an outcome is given to one of a patient's infusions, in any of the ways."""
        ways = self.alternatives or (self,)
        return next((way.belongs_to for way in ways if way.belongs_to), None)

    @property
    def dated(self) -> bool:
        """Whether the field is made of dates."""
        own = self.since or self.ordered_by
        timed = self.over_time is not None and self.over_time.is_day
        return bool(own) or timed or any(way.dated for way in self.alternatives)

    @property
    def date_columns(self) -> tuple[str, ...]:
        """Columns that are read as dates."""
        if self.over_time:
            return tuple(dict.fromkeys(filter(None, (self.over_time.anchor, self.infusion_date))))
        own = self.columns[:1] if self.since else ()
        compared = self.infusion_date if self.event_date else None
        others = (self.since, self.ordered_by, self.event_date, compared)
        return tuple(dict.fromkeys([*own, *(column for column in others if column)]))

    @property
    def number_columns(self) -> tuple[str, ...]:
        """Columns with another number, by which the value is changed."""
        return tuple(filter(None, (self.subtract, self.multiply_by, self.divide_by)))

    @property
    def used(self) -> tuple[str, ...]:
        """Columns of the site's table that the field uses."""
        if self.over_time:
            return (self.over_time.anchor,)
        single = (*self.number_columns, self.since, self.ordered_by, self.event_date)
        tested = [column for rule in self.when for column in rule.condition.columns]
        tested += self.only_if.columns if self.only_if else ()
        tested += [column for way in self.alternatives for column in way.used]
        return tuple(dict.fromkeys([*self.columns, *tested, *(column for column in single if column)]))

    @property
    def ways(self) -> tuple[FieldMapping, ...]:
        """The entries of the field, one as a rule."""
        return self.alternatives or (self,)

    @property
    def source(self) -> str:
        """Where the field is from, for messages."""
        if self.over_time:
            return self.over_time.words
        if any(way.over_time for way in self.alternatives):
            return ", ".join(dict.fromkeys(way.source for way in self.alternatives))
        return ", ".join(self.used)


@dataclass(frozen=True)
class SiteMapping:
    """All that a mapping file says.

    Parameters
    ----------
    name : str
        Of the mapping file.
    fields : tuple of FieldMapping
        In schema order.
    file_format : FileFormat
        How the table is written.
    numbers : NumberFormat
        How its numbers are written.
    missing : tuple of str
        Codes for a missing value.
    dates : DateRules
        How dates are read, unless a field says otherwise.
    infusion_date : str, optional
        Column with the date of the infusion.
    split_dates : tuple of SplitDate
        Dates that are made of several columns.
    two_digit_years : int, optional
        Last year of 2000 to 2099 that two digits mean, for those dates.
    fill_down : tuple of str
        Columns in which a blank cell takes the value above it, within one patient.
    fill_down_groups : tuple of str
        Columns in which it does so beyond the patient.
    keep, drop : tuple of Condition
        A row is kept if any of `keep` holds (or there is none) and none of `drop`.
    ignore : tuple of str
        Columns that are not used; ``*`` matches any characters.
    ignore_others : bool
        Leave out all columns that are not named.
    redcap : RedcapLayout, optional
        For a REDCap raw export.
    tables : tuple of LinkedTable
        Further tables: joined ones, and values over time.
    folder : Path, optional
        Of the mapping file; the files of further tables are there.
    """

    name: str
    fields: tuple[FieldMapping, ...]
    file_format: FileFormat = FileFormat()
    numbers: NumberFormat = NumberFormat()
    missing: tuple[str, ...] = ()
    dates: DateRules = DateRules()
    infusion_date: str | None = None
    split_dates: tuple[SplitDate, ...] = ()
    two_digit_years: int | None = None
    fill_down: tuple[str, ...] = ()
    fill_down_groups: tuple[str, ...] = ()
    keep: tuple[Condition, ...] = ()
    drop: tuple[Condition, ...] = ()
    ignore: tuple[str, ...] = ()
    ignore_others: bool = False
    redcap: RedcapLayout | None = None
    tables: tuple[LinkedTable, ...] = ()
    folder: Path | None = None

    @property
    def record(self) -> str:
        """Column of the patient's identifier."""
        return next(how.columns[0] for how in self.fields if how.field == "patient_id")

    @property
    def proof(self) -> frozenset[str]:
        """Columns whose values show that an infusion was given, followed up or prepared."""
        dates = [column for how in self.fields for column in how.date_columns]
        values = [column for how in self.fields if proves_infusion(how.field) for column in how.used]
        return frozenset([*dates, *values, *([self.infusion_date] if self.infusion_date else [])])


def proves_infusion(field: str) -> bool:
    """Say whether a value of a field shows that there was an infusion.

    A choice or an age can be a default of a form, or calculated by it; a measured value or an outcome cannot.

    Examples
    --------
    >>> [proves_infusion(name) for name in ("ldh_u_l", "response_day28", "target_antigen", "age_years")]
    [True, True, False, False]
    """
    spec = all_fields()[field]
    if spec.known_when == "follow_up":
        return not spec.required.startswith("with ")
    return spec.kind in ("number", "integer") and spec.known_when != "" and spec.unit != "years"
