"""How a mapping file says that a site's dates are read: formats, time zone, years, unknown days, columns."""

from __future__ import annotations

import datetime
from collections.abc import Collection
from dataclasses import dataclass

from features.advice import plain
from features.checking.date_advice import PARTIAL, TWO_READINGS, date_advice
from features.checking.dates import ISO_DATE, is_date_format, read_date, shape
from features.checking.moments import Moment, second_of_day
from features.checking.parse_cell import CellError
from features.checking.partial_dates import Partial, PartialDate, read_partial
from features.checking.serial_dates import SERIALS, serial_date
from features.checking.time_zones import REMEDY, TimeZoneMissing, without_time
from features.problem_codes import Code

NO_TIME_ZONE = "states a time zone, so the date at the center may be another"


@dataclass(frozen=True)
class SplitDate:
    """A date whose year, month and day are columns of their own.

    Parameters
    ----------
    name : str
        By which the mapping uses it as a column.
    year, month, day : str or None
        Columns; None where the site records no month or no day.
    missing : tuple of str
        Codes for an unknown part, besides those of the whole table.
    """

    name: str
    year: str
    month: str | None = None
    day: str | None = None
    missing: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Its columns, those that there are."""
        return tuple(column for column in (self.year, self.month, self.day) if column)


@dataclass(frozen=True)
class DateRules:
    """What a mapping file says of dates.

    Parameters
    ----------
    written : tuple of str
        Formats, and names of `SERIALS` for dates that are stored as numbers.
    time_zone : str, optional
        Of the site, for times that state a time zone of their own.
    partial : Partial, optional
        Day that a date without a day gets; None where such a date is a problem.
    two_digit_years : int, optional
        Last year of 2000 to 2099 that two digits mean.
    """

    written: tuple[str, ...] = (ISO_DATE,)
    time_zone: str | None = None
    partial: Partial | None = None
    two_digit_years: int | None = None

    @property
    def shown(self) -> str:
        """The formats, for messages."""
        return " or ".join(self.written)

    def date(self, cell: str, column: str | None = None) -> datetime.date | None:
        """Read a date.

        Parameters
        ----------
        cell : str
            Text of the cell.
        column : str, optional
            Where it is, for messages.

        Returns
        -------
        date : date or None
            None for an unknown day that the rule leaves out, and for a cell that is no date at all.

        Raises
        ------
        CellError
            If the cell states a time zone and the site's is not known, if its day is unknown and there is no
            rule, or if two of the formats read different dates.

        Examples
        --------
        >>> DateRules(("DD.MM.YYYY",), partial="middle").date("03.2021")
        datetime.date(2021, 3, 15)
        >>> DateRules(("DD/MM/YYYY", "MM/DD/YYYY")).date("03/04/2021")
        Traceback (most recent call last):
            ...
        features.checking.parse_cell.CellError: DD/MM/YYYY and MM/DD/YYYY read different dates
        """
        dates = self._readings(cell)
        if len(set(dates.values())) > 1:
            rule = f"{' and '.join(dates)} read different dates"
            raise CellError(Code.WRONG_DATE, rule, plain(TWO_READINGS), value_text=shape(cell), column=column)
        self._refuse_years(cell, dates, column)
        if dates:
            return next(iter(dates.values()))
        partial = self.partial_date(cell)
        if partial is None:
            return None
        if self.partial is None:
            advice = plain(PARTIAL)
            raise CellError(Code.WRONG_DATE, self._rule(), advice, value_text=shape(cell), column=column)
        return partial.completed(self.partial)

    def required_date(self, cell: str, column: str) -> datetime.date | None:
        """Read the date of a cell that must be one; None only where the rule leaves an unknown day out.

        Raises
        ------
        CellError
            As `date`, and if the cell is not a date, with advice.
        """
        date = self.date(cell, column)
        if date is None and self.partial_date(cell) is None:
            advice = date_advice(cell, self.written[0] if is_date_format(self.written[0]) else ISO_DATE)
            raise CellError(Code.WRONG_DATE, self._rule(), advice, value_text=shape(cell), column=column)
        return date

    def required_moment(self, cell: str, column: str) -> Moment | None:
        """Read the day, and the time of day, of a cell that must have a date, as `required_date` does.

        Examples
        --------
        >>> DateRules(time_zone="Europe/Berlin").required_moment("2021-03-04T22:30:00Z", "drawn").second
        84600
        """
        try:
            date = self.required_date(cell, column)
        except CellError as error:
            raise CellError(
                error.code, error.rule, error.advice, value_text=error.value_text, column=column
            ) from None
        written = None if date is None else self.date(without_time(cell))
        if date is None or written is None:
            return None if date is None else Moment(date.toordinal())
        return Moment(date.toordinal(), second_of_day(cell, written, self.time_zone))

    def partial_date(self, cell: str) -> PartialDate | None:
        """Read a date without a day; None for a complete date and for anything else."""
        partials = [read_partial(cell, written, self.two_digit_years) for written in self._formats()]
        return None if self._readings(cell) else next(filter(None, partials), None)

    def _refuse_years(self, cell: str, dates: Collection[str], column: str | None) -> None:
        """Refuse 1990 where it may be a year without a day, or days that a program counts."""
        programs = [written for written in dates if written in SERIALS]
        if programs and len(self.written) > len(programs) and read_partial(cell, ISO_DATE):
            rule = f"may be a year without a day, or a date as {programs[0]} counts"
            raise CellError(Code.WRONG_DATE, rule, plain(TWO_READINGS), value_text=shape(cell), column=column)

    def _readings(self, cell: str) -> dict[str, datetime.date]:
        """Read a complete date by each format."""
        dates = {written: self._read(cell, written) for written in self.written}
        return {written: date for written, date in dates.items() if date is not None}

    def _read(self, cell: str, written: str) -> datetime.date | None:
        if written in SERIALS and (date := serial_date(cell, written)):
            return date
        own = ISO_DATE if written in SERIALS else written
        try:
            return read_date(cell, own, self.time_zone, pivot=self.two_digit_years)
        except TimeZoneMissing:
            raise CellError(Code.NO_TIME_ZONE, NO_TIME_ZONE, plain(REMEDY), value_text=shape(cell)) from None

    def _formats(self) -> list[str]:
        return [written for written in self.written if written not in SERIALS] or [ISO_DATE]

    def _rule(self) -> str:
        return f"must be a date written {self.shown}"
