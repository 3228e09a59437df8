"""How many infusions have a value over time, and why the others have none."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from features.problems import counted


@dataclass(frozen=True)
class TimedCount:
    """Counts of one entry of a mapping file.

    Parameters
    ----------
    field : str
        Of the schema.
    source : str
        Table, and names or column.
    values : int
        Values of the table's patients, of that name or column.
    used : int
        Infusions that have a value.
    other_unit : int
        Those whose value was in another unit.
    untimed : int
        Those whose value is of the day that the window ends on, where a time of day is unknown.
    earlier_infusion : int
        Infusions whose patient has values in the window only up to the infusion before.
    too_early, too_late, both_sides : int
        Infusions whose patient has values only before the window, only after it, or on both sides of it.
    without_date : int
        Infusions without the date that the window is counted from.
    none : int
        Infusions whose patient has no such value at all.
    refused : int
        Infusions with a problem.
    """

    field: str
    source: str
    values: int
    used: int
    other_unit: int = 0
    untimed: int = 0
    earlier_infusion: int = 0
    too_early: int = 0
    too_late: int = 0
    both_sides: int = 0
    without_date: int = 0
    none: int = 0
    refused: int = 0

    @property
    def infusions(self) -> int:
        """All infusions."""
        outside = self.earlier_infusion + self.too_early + self.too_late + self.both_sides
        return self.used + outside + self.without_date + self.none + self.refused

    def __str__(self) -> str:
        """State the counts, those that are 0 left out.

        Examples
        --------
        >>> print(TimedCount("ldh_u_l", "LDH of labs", 90, 41, other_unit=12, too_early=9, none=7))
        ldh_u_l: from LDH of labs (90 values) for 41 of 57 infusions, in another unit for 12; not for 9 with \
values only before the window, 7 without a value
        """
        words = (
            f"{self.field}: from {self.source} ({counted(self.values, 'value')}) for {self.used} of "
            f"{counted(self.infusions, 'infusion')}"
        )
        words += f", in another unit for {self.other_unit}" if self.other_unit else ""
        words += f", of the last day at an unknown time for {self.untimed}" if self.untimed else ""
        reasons = {
            "with values only from before the previous infusion": self.earlier_infusion,
            "with values only before the window": self.too_early,
            "with values only after the window": self.too_late,
            "with values before and after the window, and none in it": self.both_sides,
            "without a date to count from": self.without_date,
            "without a value": self.none,
        }
        listed = [f"{count} {reason}" for reason, count in reasons.items() if count]
        return f"{words}; not for {', '.join(listed)}" if listed else words


def reason_of(sides: Counter[str]) -> str:
    """Say why there is no value, by the name of the count.

    Parameters
    ----------
    sides : Counter of str
        Values of the patient by their side of the window.

    Examples
    --------
    >>> reason_of(Counter(too_early=2)), reason_of(Counter(too_early=2, too_late=1)), reason_of(Counter())
    ('too_early', 'both_sides', 'none')
    """
    if sides["inside"]:
        return "none"
    if sides["earlier_infusion"]:
        return "earlier_infusion"
    if sides["too_early"] and sides["too_late"]:
        return "both_sides"
    return next((side for side in ("too_early", "too_late") if sides[side]), "none")


@dataclass
class RowCounts:
    """Rows of a further table that no field uses, and why.

    Parameters
    ----------
    rows : int
        All rows.
    filtered : int
        Left out by keep and drop.
    other_patients : int
        Of patients without an infusion.
    without_patient : int
        Without an identifier of a patient.
    other_names : int
        With a name that no field uses.
    undated : int
        Without a date.
    other_infusions : int
        That state no infusion of the first table.
    partial : int
        Dates of rows without a day.
    zoned, moved : int
        With a time that states its time zone, and those of another date at the site.
    """

    rows: int = 0
    filtered: int = 0
    other_patients: int = 0
    without_patient: int = 0
    other_names: int = 0
    undated: int = 0
    other_infusions: int = 0
    partial: int = 0
    zoned: int = 0
    moved: int = 0

    def words(self, name: str, patients: int, names: int) -> str:
        """State the counts, those that are 0 left out.

        Parameters
        ----------
        name : str
            Of the table.
        patients, names : int
            Different patients and names of the rows that were left out.

        Examples
        --------
        >>> RowCounts(rows=90, other_patients=12).words("labs", 3, 0)
        'labs: 90 rows; left out: 12 of 3 patients without an infusion'
        """
        reasons = {
            "by keep and drop": self.filtered,
            "without an identifier of a patient": self.without_patient,
            f"of {counted(patients, 'patient')} without an infusion": self.other_patients,
            f"of {counted(names, 'name')} that no field uses": self.other_names,
            "without a date": self.undated,
        }
        listed = [f"{count} {reason}" for reason, count in reasons.items() if count]
        words = f"{name}: {counted(self.rows, 'row')}"
        if self.other_infusions:
            other = "about no infusion of the first table: only days count, by their dates"
            words += f", {self.other_infusions} {other}"
        return f"{words}; left out: {', '.join(listed)}" if listed else words
