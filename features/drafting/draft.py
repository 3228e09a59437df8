"""A draft of a mapping file, as text for a person to finish."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.advice import plain
from features.checking.dates import ISO_DATE
from features.checking.identifiers import LooksLike, not_pseudonymous
from features.drafting.entries import OPEN
from features.drafting.guesses import Guess, Guesses, Unused, guesses_of
from features.drafting.toml_text import key, quoted
from features.drafting.values import Values
from features.field import FieldSpec, specs
from features.files.raw_table import RawTable
from features.files.read_table import FileFormat
from features.mapping.file import mapping_of
from features.mapping.redcap_layout import EVENT, INSTRUMENT
from features.problem_codes import Code
from features.problems import DataError, Problem, counted
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


def draft_mapping(table: RawTable, file_format: FileFormat | None = None) -> Draft:
    """Draft a mapping file for a site's table.

    Parameters
    ----------
    table : RawTable
        Of the site.
    file_format : FileFormat, optional
        How the file was read, where its content does not show it.

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
    guesses = guesses_of(table)
    known = [guess for guess in guesses.fields if guess.field not in ("patient_id", "infusion_number")]
    if not known:
        fix = "is the heading missing, or in another row? See --heading-row, --delimiter"
        raise DataError(
            [Problem(Code.NO_KNOWN_COLUMN, "no heading is like a field of the schema", advice=plain(fix))],
            source=table.name,
        )
    missing = _not_found(guesses)
    lines = [
        *_preamble(table),
        *_table(guesses, file_format or FileFormat()),
        *_ignored(guesses.unused),
        *_redcap(table),
        *_fields(guesses.fields),
        *missing,
    ]
    text = "\n".join(lines) + "\n"
    # A draft that the reader refused would be of no use to anybody.
    mapping_of(tomllib.loads(text), name=f"draft for {table.name}")
    active = sum(guess.entry.certain for guess in guesses.fields)
    needed = sum(spec.in_every_request for spec in _absent(guesses, specs(Patient).values()))
    unnamed = all(guess.field != "patient_id" for guess in guesses.fields)
    return Draft(text, active, len(guesses.fields) - active, len(guesses.unused), needed + unnamed)


def _preamble(table: RawTable) -> list[str]:
    size = f"{counted(len(table.rows), 'row')}, {counted(len(table.columns), 'column')}"
    return [
        f"# A draft of a mapping file for a table of {size}, guessed from headings and values.",
        f"# Every guess is marked `{CHECK}`: confirm or correct it, then remove the mark. Guesses that",
        "# are not certain are comments, and `check` reports a column that is not used",
        "# until you use or ignore it. The keys are described in docs/mapping.md.",
        "",
    ]


def _table(guesses: Guesses, how: FileFormat) -> list[str]:
    stated = {"sheet": how.sheet, "encoding": how.encoding, "delimiter": how.delimiter}
    lines = ["[table]", *(f"{name} = {quoted(text)}" for name, text in stated.items() if text)]
    lines += [f"heading_row = {how.heading_row}"] if how.heading_row > 1 else []
    used = [guesses.values[guess.column] for guess in guesses.fields]
    lines += _number_format(used)
    lines += _dates(guesses)
    lines += _time_zone(guesses)
    missing = sorted({word for values in used for word in values.missing})
    if missing:
        lines.append(f"missing = [{', '.join(map(quoted, missing))}]  {CHECK} do all of them mean unknown?")
    return lines


def _number_format(used: Sequence[Values]) -> list[str]:
    """State marks of numbers; a point between thousands leaves the comma for decimals."""
    separators = {values.thousands for values in used} - {""}
    lines, decimal = [], "."
    if any(values.has_decimal_comma for values in used) or "." in separators:
        decimal = ","
        lines.append(
            f'decimal = ","  {CHECK} some numbers are written with a comma, or thousands with a point'
        )
    if len(separators) == 1 and decimal not in separators:
        lines.append(f"thousands = {quoted(*separators)}  {CHECK} it separates groups of three digits")
    return lines


def _dates(guesses: Guesses) -> list[str]:
    """State how dates are written; where days and months cannot be distinguished, a person must."""
    ways = Counter(written for name in guesses.dated for written in guesses.values[name].dates)
    fitting = [written for written, count in ways.most_common() if count == len(guesses.dated)]
    if not guesses.dated or fitting[:1] == [ISO_DATE]:
        return []
    if len(fitting) == 1:
        return [f"dates = {quoted(fitting[0])}  {CHECK} all dates fit this format"]
    several = " or ".join(fitting or sorted(ways))
    return [f"# dates = {quoted(OPEN)}  {CHECK} {several}; say which, here or in the fields"]


def _time_zone(guesses: Guesses) -> list[str]:
    """Leave the time zone of the center open: the draft cannot know where it is."""
    if not any(guesses.values[name].has_time_zone for name in guesses.dated):
        return []
    why = 'some dates have a time with a time zone: name that of the center, as "Europe/Berlin", or "UTC"'
    return [f"# time_zone = {quoted(OPEN)}  {CHECK} {why}"]


def _ignored(unused: Iterable[Unused]) -> list[str]:
    lines = [f"ignore = [  {CHECK} columns that no guess uses"]
    for each in unused:
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


def _redcap(table: RawTable) -> list[str]:
    """Say which rows are infusions, where REDCap says what a row is."""
    kinds = {
        name: sorted(set(table.column(name)) - {""}) for name in (INSTRUMENT, EVENT) if name in table.columns
    }
    instruments, events = kinds.get(INSTRUMENT, []), kinds.get(EVENT, [])
    if not instruments and len(events) < 2:
        return []
    likely = [name for name in instruments if len(instruments) == 1 or "infusion" in name]
    lines = ["[redcap]"]
    if len(likely) == 1:
        lines.append(
            f"infusion_instrument = {quoted(likely[0])}  {CHECK} is each of its repeats an infusion?"
        )
    others = [quoted(name) for name in instruments if name not in likely[:1]]
    if others:
        lines.append(f"# ignore_instruments = [{', '.join(others)}]  {CHECK} is none of them needed?")
    if len(events) > 1:
        named = ", ".join(map(quoted, events))
        lines.append(
            f"# infusion_events = [{named}]  {CHECK} which events are infusions? See also ignore_events"
        )
    return [*lines, ""]


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
