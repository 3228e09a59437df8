"""A draft of a mapping file, as text for a person to finish."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from features.advice import plain
from features.checking.identifiers import LooksLike, not_pseudonymous
from features.drafting.date_lines import date_lines
from features.drafting.entries import OPEN
from features.drafting.guesses import Guess, Guesses, guesses_of
from features.drafting.headings import NameMatch
from features.drafting.joined_draft import joined_lines, joined_tables, with_joined
from features.drafting.linked_draft import linked_lines
from features.drafting.number_marks import Marks
from features.drafting.repeats import FurtherTable, infusion_instrument, repeats_of, without_repeats
from features.drafting.row_lines import named_rows, redcap_lines, unnamed_row_lines
from features.drafting.split_columns import SplitGuess, split_guesses, with_dates
from features.drafting.toml_text import key, quoted
from features.drafting.unused import Unused
from features.drafting.values import Values
from features.field import FieldSpec, specs
from features.files.raw_table import RawTable
from features.files.read_table import FileFormat
from features.mapping.blank_forms import STATUS
from features.mapping.file import mapping_of
from features.mapping.number_format import NumberFormat
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
from features.redcap.data_dictionary import DataDictionary
from features.schema import FollowUp, Patient, all_fields

CHECK = "# check:"
"""What every guess is marked with."""


@dataclass(frozen=True)
class Draft:
    """A draft, and what is in it.

    Attributes
    ----------
    text : str
        TOML.
    guessed, uncertain, unused, not_found : int
        Fields in the mapping, fields written as comments, columns that no field uses, fields that every
        request needs and nothing in the table is like.
    """

    text: str
    guessed: int
    uncertain: int
    unused: int
    not_found: int


def draft_mapping(
    table: RawTable,
    file_format: FileFormat | None = None,
    dictionary: DataDictionary | None = None,
    *,
    further: Sequence[FurtherTable] = (),
) -> Draft:
    """Draft a mapping file for a site's table.

    Parameters
    ----------
    table : RawTable
        Of the site.
    file_format : FileFormat, optional
        How the file was read, where its content does not show it.
    dictionary : DataDictionary, optional
        Of the REDCap project that the table was exported from.
    further : sequence of FurtherTable
        Further tables: joined ones, and values over time. Those of repeating instruments are drafted too.

    Returns
    -------
    draft : Draft
        The mapping reader accepts its text; guesses that are not certain are comments in it.

    Raises
    ------
    DataError
        If no heading is like any field: then the first row may not be one of headings.

    Examples
    --------
    >>> table = RawTable("t.csv", "00", ("Code", "Hb g/L"), (("a", "88"), ("b", "104")), (2, 3))
    >>> print(*[line for line in draft_mapping(table).text.splitlines() if line.startswith("hemo")])
    hemoglobin_g_dl = { column = "Hb g/L", unit = "g/L" }  # check: the heading says g/L
    """
    split = split_guesses(table)
    first = with_dates(table, split)
    patient = _identifier(guesses_of(first, dictionary)) if further else None
    joined = joined_tables(first, patient, further) if patient else []
    whole = with_joined(first, joined)
    every_row = guesses_of(whole, dictionary)
    repeats = repeats_of(whole, every_row.infusion_date)
    guesses, apart = _without(repeats, whole, every_row, dictionary)
    over_time = [each for each in further if all(each is not one.further for one in joined)]
    known = [guess for guess in guesses.fields if guess.field not in ("patient_id", "infusion_number")]
    if not known:
        fix = "is the heading missing, or in another row? See --heading-row, --delimiter"
        raise DataError(
            [Problem(Code.NO_KNOWN_COLUMN, "no heading is like a field of the schema", advice=plain(fix))],
            source=table.name,
        )
    missing = _not_found(guesses)
    unused = [each for each in guesses.unused if each.column in first.columns]
    lines = [
        *_preamble(table, dictionary),
        *_table(guesses, file_format or FileFormat()),
        *([] if repeats else unnamed_row_lines(table, _identifier(guesses), CHECK)),
        *_ignored([*unused, *apart], split),
        *_split_dates(split, {each.column for each in unused}),
        *redcap_lines(first, guesses.infusion_date, CHECK),
        *_fields(guesses.fields),
        *missing,
        *joined_lines(joined, len(table.rows), CHECK),
        *_further(first, guesses, [*over_time, *repeats], every_row.matches),
    ]
    text = "\n".join(lines) + "\n"
    # A draft that the reader refused would be of no use to anybody.
    mapping_of(tomllib.loads(text), name=f"draft for {table.name}")
    active = sum(guess.entry.certain for guess in guesses.fields)
    needed = sum(spec.in_every_request for spec in _absent(guesses, specs(Patient).values()))
    unnamed = all(guess.field != "patient_id" for guess in guesses.fields)
    return Draft(text, active, len(guesses.fields) - active, len(unused) + len(apart), needed + unnamed)


def _preamble(table: RawTable, dictionary: DataDictionary | None) -> list[str]:
    size = f"{counted(len(table.rows), 'row')}, {counted(len(table.columns), 'column')}"
    return [
        f"# A draft of a mapping file for a table of {size}, guessed from headings and values"
        f"{', and from the data dictionary' if dictionary else ''}.",
        f"# Every guess is marked `{CHECK}`: confirm or correct it, then remove the mark. Guesses that",
        "# are not certain are comments, and `check` reports a column that is not used",
        "# until you use or ignore it. The keys are described in docs/mapping.md.",
        "",
    ]


def _without(
    repeats: Sequence[FurtherTable], table: RawTable, every_row: Guesses, dictionary: DataDictionary | None
) -> tuple[Guesses, list[Unused]]:
    """Guess by the rows of infusions and records alone, where it is known which rows are others."""
    if not repeats:
        rest = named_rows(table, _identifier(every_row))
        return (every_row if rest is table else guesses_of(rest, dictionary)), []
    if not (every_row.infusion_date or infusion_instrument(table, None)):
        return every_row, []
    rest, names = without_repeats(table, repeats)
    apart = [
        Unused(column, f"in the rows of {name}: a further table?", column.endswith(STATUS))
        for column, name in names.items()
    ]
    return guesses_of(rest, dictionary), apart


def _further(
    table: RawTable,
    guesses: Guesses,
    further: Sequence[FurtherTable],
    matches: Mapping[str, Sequence[NameMatch]],
) -> list[str]:
    record = _identifier(guesses)
    patients = table.column(record) if record else []
    return linked_lines(guesses, patients, further, matches)


def _identifier(guesses: Guesses) -> str | None:
    return next((guess.column for guess in guesses.fields if guess.field == "patient_id"), None)


def _table(guesses: Guesses, how: FileFormat) -> list[str]:
    stated = {"sheet": how.sheet, "encoding": how.encoding, "delimiter": how.delimiter}
    lines = ["[table]", *(f"{name} = {quoted(text)}" for name, text in stated.items() if text)]
    if how.heading_row > 1:
        lines.append(f"heading_row = {how.heading_row}  {CHECK} the rows above are left out")
    if how.heading_rows > 1:
        lines.append(f"heading_rows = {how.heading_rows}  {CHECK} are all of these rows headings?")
    if how.skip_blank_rows:
        lines.append(f"skip_blank_rows = true  {CHECK} there are blank rows between rows with data")
    used = [guesses.values[guess.column] for guess in guesses.fields]
    lines += _number_format(used, guesses.number_format)
    lines += date_lines([guesses.values[name] for name in guesses.dated], mark=CHECK)
    missing = sorted({word for values in used for word in values.missing})
    if missing:
        lines.append(f"missing = [{', '.join(map(quoted, missing))}]  {CHECK} do all of them mean unknown?")
    return lines


def _number_format(used: Sequence[Values], written: NumberFormat | None) -> list[str]:
    """State marks of numbers: those of the whole table, or else those of the columns that are used."""
    marks = Marks().with_those_of(values.marks for values in used if values.is_numeric)
    comma = "," in marks.decimal or "." in marks.thousands
    decimal, separators = (",", marks.thousands - {","}) if comma else (".", marks.thousands - {"."})
    if written:
        decimal, separators = written.decimal, frozenset(filter(None, [written.thousands]))
    lines = []
    if decimal == ",":
        lines.append(
            f'decimal = ","  {CHECK} some numbers are written with a comma, or thousands with a point'
        )
    if len(separators) == 1:
        lines.append(f"thousands = {quoted(*separators)}  {CHECK} it separates groups of three digits")
    if any(values.is_unclear for values in used):
        lines.append(f"# thousands = {quoted(OPEN)}  {CHECK} is 1.234 a thousand, or a number with decimals?")
    return lines


def _ignored(unused: Iterable[Unused], split: Sequence[SplitGuess]) -> list[str]:
    lines = [f"ignore = [  {CHECK} columns that no guess uses"]
    parts = {guess.split.name: guess.split.columns for guess in split}
    columns = [
        replace(each, column=name) for each in unused for name in parts.get(each.column, (each.column,))
    ]
    for each in columns:
        shown = _shown(each.column)
        if shown is None:
            lines.append("    # a heading that looks like a person's own data: is it the row of headings?")
        else:
            lines.append(f"    {'' if each.certain else '# '}{shown},  {CHECK} {each.reason}")
    return [*lines, "]", ""]


def _shown(column: str) -> str | None:
    """Write a heading, unless it looks like data: then the row of headings may be missing."""
    looks_like = not_pseudonymous(column)
    personal = looks_like in (LooksLike.DATE, LooksLike.EMAIL) or re.search(r"[0-9]{5,}", column)
    return None if personal else quoted(column)


def _split_dates(split: Sequence[SplitGuess], unused: Collection[str]) -> list[str]:
    """Write the dates that are made of several columns; those that no field uses are comments."""
    lines = [
        f"{'# ' if guess.split.name in unused else ''}{guess.line}  {CHECK} {guess.reason}" for guess in split
    ]
    return ["[split_dates]", *lines, ""] if lines else []


def _fields(guesses: Iterable[Guess]) -> list[str]:
    guess_by_field = {guess.field: guess for guess in guesses}
    lines = ["[fields]"]
    if "patient_id" not in guess_by_field:
        lines.append(
            f"patient_id = {quoted(OPEN)}  {CHECK} no heading is like it: name the column of pseudonyms"
        )
    for field, guess in guess_by_field.items():
        line = f"{key(field)} = {guess.entry.toml}  {CHECK} {guess.entry.reason}"
        is_active = guess.entry.certain or field == "patient_id"
        lines.append(line if is_active else f"# {line}")
    return [*lines, ""]


def _not_found(guesses: Guesses) -> list[str]:
    """List the fields that nothing in the table is like, those first that are needed."""
    needed = [spec for spec in _absent(guesses, specs(Patient).values()) if spec.in_every_request]
    trained = [spec for spec in _absent(guesses, specs(FollowUp).values()) if spec.required != "no"]
    others = [spec for spec in _absent(guesses, all_fields().values()) if spec.required == "no"]
    return [
        *_listed(f"{CHECK} not found, and every request needs them:", needed),
        *_listed(f"{CHECK} not found, and training an outcome needs them:", trained),
        *_same_everywhere(guesses, trained),
        *_listed("# Not found, and may stay out:", others),
    ]


def _absent(guesses: Guesses, fields: Iterable[FieldSpec]) -> list[FieldSpec]:
    guessed = {guess.field for guess in guesses.fields}
    by_parts = {"dose_total_1e6", "weight_kg"} <= guessed
    return [
        spec
        for spec in fields
        if spec.name not in guessed and not (by_parts and spec.name == "dose_1e6_per_kg")
    ]


def _same_everywhere(guesses: Guesses, fields: Iterable[FieldSpec]) -> list[str]:
    """Show how a scale that no column states is written: once for all rows that have a grade."""
    columns = {guess.field: guess.column for guess in guesses.fields}
    return [
        f"# {spec.name} = {{ value = {quoted(OPEN)}, only_if = {{ {key(columns[other])} = {quoted('*')} }} }}"
        f"  {CHECK} if it is one of {', '.join(spec.options)} in every row"
        for spec in fields
        if (other := spec.required.removeprefix("with ")) in columns
    ]


def _listed(title: str, fields: Iterable[FieldSpec]) -> list[str]:
    lines = [f"#   {spec.name}: {spec.title}{f', {spec.unit}' if spec.unit else ''}" for spec in fields]
    return [title, *lines] if lines else []
