"""For each column of a site's table a guess of the field of the schema that it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from features.drafting.boxes import columns_in, matches_of
from features.drafting.described import Described
from features.drafting.entries import Entry, entry_of
from features.drafting.headings import SURE, NameMatch
from features.drafting.number_marks import Marks
from features.drafting.repeats import infusion_events, infusion_instrument
from features.drafting.shared_dates import with_rule
from features.drafting.toml_text import inline, quoted
from features.drafting.unit_columns import by_unit, unit_column_of, weight_column
from features.drafting.unused import Unused, unused
from features.drafting.values import Values, values_of
from features.drafting.words import BIRTH_DATE, INFUSION_DATE
from features.files.raw_table import RawTable
from features.mapping.number_format import NumberFormat
from features.mapping.redcap_layout import INSTANCE, SYSTEM_COLUMNS
from features.redcap.data_dictionary import DataDictionary
from features.schema import all_fields
from features.short_repr import ShortRepr


@dataclass(frozen=True)
class Guess:
    """A field, the column that it is probably read from, and why.

    Attributes
    ----------
    field, column : str
        Of the schema, and of the site.
    entry : Entry
        What the draft writes.
    """

    field: str
    column: str
    entry: Entry


@dataclass(frozen=True, repr=False)
class Guesses(ShortRepr):
    """What is guessed of a table.

    Attributes
    ----------
    fields : tuple of Guess
        In schema order.
    unused : tuple of Unused
        In the order of the table.
    values : mapping of str to Values
        By column.
    dated : tuple of str
        Columns whose dates are read.
    matches : mapping of str to list of NameMatch
        Fields that each column may name, by its heading and the data dictionary.
    number_format : NumberFormat or None
        How the table writes numbers; None if its columns contradict each other, or no cell decides.
    """

    fields: tuple[Guess, ...]
    unused: tuple[Unused, ...]
    values: Mapping[str, Values]
    dated: tuple[str, ...]
    matches: Mapping[str, Sequence[NameMatch]]
    number_format: NumberFormat | None = None

    @property
    def infusion_date(self) -> str | None:
        """Name the one column with the dates of the infusions; None where none is, or several are."""
        return _date_column(INFUSION_DATE, self.matches, self.values)


def guesses_of(table: RawTable, dictionary: DataDictionary | None = None) -> Guesses:
    """Guess what the columns of a site's table are.

    Parameters
    ----------
    table : RawTable
        Of the site.
    dictionary : DataDictionary, optional
        Of the REDCap project that the table was exported from.

    Returns
    -------
    guesses : Guesses
        Each field from one column, each column for one field.

    Examples
    --------
    >>> rows = (("a", "300", ""), ("b", "250", ""))
    >>> table = RawTable("t.csv", "00", ("Code", "LDH", "Remark"), rows, (2, 3))
    >>> found = guesses_of(table)
    >>> [(guess.field, guess.column) for guess in found.fields], [each.column for each in found.unused]
    ([('patient_id', 'Code'), ('ldh_u_l', 'LDH')], ['Remark'])
    """
    columns = [column for column in table.columns if column not in SYSTEM_COLUMNS]
    patients = _patients(table, {column: matches_of(column, table.columns) for column in columns})
    values, number_format = _values(table, patients)
    described = Described(table.columns, dictionary)
    matches = {column: described.matches(column, values[column]) for column in columns}
    infusion, birth = (_date_column(name, matches, values) for name in (INFUSION_DATE, BIRTH_DATE))
    taken = _assigned(matches, values, infusion, described)
    taken = {name: _by_unit(guess, table.columns, values) for name, guess in taken.items()}
    for name, guess in taken.items():
        entry = with_rule(
            guess.entry, all_fields()[name], guess.column, table, infusion=infusion, patients=patients
        )
        taken[name] = replace(guess, entry=entry)
    if INSTANCE in table.columns and values[INSTANCE].known:
        rows_are_known = infusion_instrument(table, infusion) or infusion_events(table, infusion)
        taken["infusion_number"] = _repeats(certain=bool(rows_are_known))
    if "age_years" not in taken and infusion and birth:
        taken["age_years"] = _age(infusion, birth)
    if "infusion_number" not in taken and infusion and len(set(patients)) < len(patients):
        entry = entry_of(
            all_fields()["infusion_number"], infusion, values[infusion], unit="", infusion_date=""
        )
        taken["infusion_number"] = Guess("infusion_number", infusion, entry)
    fields = tuple(taken[name] for name in all_fields() if name in taken)
    written = " ".join(guess.entry.toml for guess in fields)
    used = {guess.column for guess in fields}
    days = {guess.column for guess in fields if all_fields()[guess.field].unit == "days"}
    used |= {each for each in (infusion, birth) if each and quoted(each) in written}
    used |= {column for guess in fields for column in columns_in(guess.entry.toml)}
    left = [
        unused(
            name,
            values[name],
            matches[name],
            left_out=described.left_out(name, values[name]),
            label=described.label(name),
        )
        for name in table.columns
        if name not in (*used, *SYSTEM_COLUMNS)
    ]
    counted_from = {name for name in (infusion, birth) if name}
    dated = tuple(
        name
        for name in table.columns
        if name in used
        and (values[name].dates or (values[name].programs and (name in counted_from or name in days)))
    )
    return Guesses(fields, tuple(left), values, dated, matches, number_format)


def _values(table: RawTable, patients: Sequence[str]) -> tuple[dict[str, Values], NumberFormat | None]:
    """Look at every column; numbers that may be read in two ways, as the others of the table are written."""
    values = {column: values_of(table.column(column), patients) for column in table.columns}
    written = Marks().with_those_of(each.marks for each in values.values() if each.is_numeric).number_format
    for column, seen in values.items():
        if written and seen.marks.unclear:
            values[column] = values_of(table.column(column), patients, written=written)
    return values, written


def _patients(table: RawTable, matches: Mapping[str, Sequence[NameMatch]]) -> list[str]:
    """Identify rows of one patient by the column that names patients; else each row is a patient."""
    record = next((name for name, of in matches.items() if any(m.field == "patient_id" for m in of)), None)
    return table.column(record) if record else [str(row) for row in table.row_numbers]


def _date_column(
    name: str, matches: Mapping[str, Sequence[NameMatch]], values: Mapping[str, Values]
) -> str | None:
    """Find the one column that holds these dates; none where two might."""
    likely = [
        column
        for column, of in matches.items()
        if (values[column].dates or values[column].programs)
        and any(match.field == name and match.likeness >= SURE for match in of)
    ]
    return likely[0] if len(likely) == 1 else None


def _assigned(
    matches: Mapping[str, Sequence[NameMatch]],
    values: Mapping[str, Values],
    infusion: str | None,
    described: Described,
) -> dict[str, Guess]:
    """Give every field its likeliest column; a field that two columns fit equally is left open."""
    offers = []
    for column, of in matches.items():
        for match in of:
            if match.field in all_fields() and column != infusion:
                spec = all_fields()[match.field]
                entry = entry_of(spec, column, values[column], unit=match.unit, infusion_date=infusion)
                entry = described.entry(entry, spec, column, values[column])
                offers.append((match.likeness, entry.certain, match.field, column, entry))
    offers.sort(key=lambda offer: (not offer[4].fits, -offer[0], not offer[1]))
    taken: dict[str, Guess] = {}
    for likeness, certain, field, column, entry in offers:
        rivals = [
            other[3]
            for other in offers
            if other[2] == field
            and other[:2] == (likeness, certain)
            and other[4].fits == entry.fits
            and other[3] != column
        ]
        if field not in taken and column not in {guess.column for guess in taken.values()}:
            taken[field] = Guess(field, column, _weighed(entry, likeness, rivals))
    return taken


def _weighed(entry: Entry, likeness: float, rivals: Sequence[str]) -> Entry:
    """Take certainty away where the heading is only partly similar, or another column fits as well."""
    if rivals:
        also = f"{', '.join(map(quoted, rivals))} would fit as well; {entry.reason}"
        return replace(entry, reason=also, certain=False)
    if likeness < SURE:
        return replace(entry, reason=f"the heading is only partly similar; {entry.reason}", certain=False)
    return entry


def _by_unit(guess: Guess, columns: Sequence[str], values: Mapping[str, Values]) -> Guess:
    """Leave a column to a person where another one states the unit of each row."""
    spec = all_fields()[guess.field]
    stated = unit_column_of(guess.column, spec, columns, values)
    if stated is None or not values[guess.column].is_numeric:
        return guess
    entry = by_unit(guess.entry, spec, guess.column, stated, values[stated], weight_column(columns))
    return replace(guess, entry=entry)


def _repeats(*, certain: bool) -> Guess:
    """Take the number of the repeat, if it is known which repeats are infusions."""
    return Guess("infusion_number", INSTANCE, Entry(quoted(INSTANCE), "the number of the repeat", certain))


def _age(infusion: str, birth: str) -> Guess:
    entry = inline([("column", quoted(infusion)), ("years_since", quoted(birth))])
    return Guess("age_years", infusion, Entry(entry, "years from birth to infusion"))
