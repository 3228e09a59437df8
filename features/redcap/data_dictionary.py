"""The data dictionary of a site's REDCap project: what its variables ask, and what their codes mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from features.advice import plain
from features.files.raw_table import RawTable
from features.files.read_table import read_table
from features.mapping.blank_forms import CHECKBOX, STATUS
from features.problem_codes import Code
from features.problems import DataError, Problem
from features.redcap.dictionary import COLUMNS

NAMES_OF_THE_API = (
    *("field_name", "form_name", "section_header", "field_type", "field_label"),
    *("select_choices_or_calculations", "field_note", "text_validation_type_or_show_slider_number"),
    *("text_validation_min", "text_validation_max", "identifier", "branching_logic", "required_field"),
    *("custom_alignment", "question_number", "matrix_group_name", "matrix_ranking", "field_annotation"),
)
"""Headings of the same columns where the dictionary comes from REDCap's interface for programs."""

OF_KIND: Mapping[str, str] = {"yesno": "1, Yes | 0, No", "truefalse": "1, True | 0, False"}
"""Choices of the field types that have the same ones in every project."""

WITH_CHOICES = ("radio", "dropdown", "checkbox", *OF_KIND)

_TAG = re.compile(r"<[^<>]{0,500}>")
_REFERENCE = re.compile(r"\[([a-z0-9_]+)(?:\([^()\[\]]*\))?\]")


@dataclass(frozen=True)
class Choice:
    """An answer that a form offers.

    Parameters
    ----------
    code : str
        What a raw export holds.
    label : str
        What the form shows.
    """

    code: str
    label: str


@dataclass(frozen=True)
class DictionaryField:
    """A variable of a project.

    Parameters
    ----------
    variable, form, kind : str
        Its name, the name of its form, and its field type.
    label, note : str
        What the form shows, without markup.
    choices : tuple of Choice
        Of a field that has choices.
    calculation : str
        Formula of a calculated field; blank for any other.
    validation : str
        As ``date_ymd`` or ``integer``; blank for none.
    low, high : str
        Limits of the form, as written.
    is_identifier : bool
        Whether the project marks it as an identifier.
    branching : str
        Logic by which the form shows it; blank where it always does.
    """

    variable: str
    form: str = ""
    kind: str = "text"
    label: str = ""
    note: str = ""
    choices: tuple[Choice, ...] = ()
    calculation: str = ""
    validation: str = ""
    low: str = ""
    high: str = ""
    is_identifier: bool = False
    branching: str = ""

    @property
    def inputs(self) -> tuple[str, ...]:
        """Variables that a calculated field is made of."""
        return tuple(dict.fromkeys(_REFERENCE.findall(self.calculation)))

    @property
    def is_date(self) -> bool:
        """Whether the form accepts dates only."""
        return self.validation.startswith("date")


@dataclass(frozen=True)
class DataDictionary:
    """All variables of a project, in its order.

    Parameters
    ----------
    fields : tuple of DictionaryField
        The first is the record ID.
    """

    fields: tuple[DictionaryField, ...]

    def field(self, column: str) -> DictionaryField | None:
        """Give the variable of a column of the export; a box belongs to its question."""
        variable = column.partition(CHECKBOX)[0]
        return next((each for each in self.fields if each.variable == variable), None)

    def boxes(self, field: DictionaryField) -> dict[str, Choice]:
        """Give the columns of a question with boxes; a minus sign is exported as an underscore."""
        if field.kind != "checkbox":
            return {}
        return {
            f"{field.variable}{CHECKBOX}{choice.code.lower().replace('-', '_')}": choice
            for choice in field.choices
        }

    def status(self, field: DictionaryField) -> str:
        """Give the column with the status of a variable's form."""
        return f"{field.form}{STATUS}"


def read_data_dictionary(path: Path) -> DataDictionary:
    """Read a data dictionary, as REDCap downloads it or hands it to programs.

    Parameters
    ----------
    path : Path
        CSV file.

    Returns
    -------
    dictionary : DataDictionary

    Raises
    ------
    DataError
        If the file cannot be read, or is no data dictionary.
    """
    return dictionary_of(read_table(path))


def dictionary_of(table: RawTable) -> DataDictionary:
    """Understand the columns of a data dictionary.

    Parameters
    ----------
    table : RawTable
        With the headings of REDCap, or those of its interface for programs.

    Returns
    -------
    dictionary : DataDictionary

    Raises
    ------
    DataError
        If the columns with variables, types and labels are not there.

    Examples
    --------
    >>> columns = ("field_name", "field_type", "field_label", "select_choices_or_calculations")
    >>> rows = (("sex", "radio", "Sex <b>at birth</b>", "1, male | 2, female, not pregnant"),)
    >>> field = dictionary_of(RawTable("d.csv", "00", columns, rows, (2,))).fields[0]
    >>> field.label, field.choices[1]
    ('Sex at birth', Choice(code='2', label='female, not pregnant'))
    """
    heading_of = _headings(table)
    if not {"field_name", "field_type", "field_label"} <= set(heading_of):
        fix = "download it in REDCap: Data Dictionary, Download the current Data Dictionary"
        rule = f"the file has no columns {', '.join(COLUMNS[:1] + COLUMNS[3:5])}: it is no data dictionary"
        raise DataError([Problem(Code.MISSING_COLUMN, rule, advice=plain(fix))], source=table.name)
    return DataDictionary(tuple(_field(line) for line in _lines(table, heading_of)))


def _headings(table: RawTable) -> dict[str, str]:
    """Find the heading of each column, in either spelling."""
    spellings = {
        _letters(text): name
        for name, heading in zip(NAMES_OF_THE_API, COLUMNS, strict=True)
        for text in (name, heading)
    }
    return {
        spellings[_letters(heading)]: heading for heading in table.columns if _letters(heading) in spellings
    }


def _letters(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _lines(table: RawTable, heading_of: Mapping[str, str]) -> Iterator[dict[str, str]]:
    columns = {name: table.column(heading) for name, heading in heading_of.items()}
    for index in range(len(table.rows)):
        line = dict.fromkeys(NAMES_OF_THE_API, "")
        yield line | {name: cells[index] for name, cells in columns.items()}


def _field(line: Mapping[str, str]) -> DictionaryField:
    kind, details = line["field_type"].lower(), line["select_choices_or_calculations"]
    choices = OF_KIND.get(kind, details) if kind in WITH_CHOICES else ""
    return DictionaryField(
        variable=line["field_name"],
        form=line["form_name"],
        kind=kind,
        label=_shown(line["field_label"]),
        note=_shown(line["field_note"]),
        choices=_choices(choices),
        calculation=details if kind == "calc" else "",
        validation=line["text_validation_type_or_show_slider_number"],
        low=line["text_validation_min"],
        high=line["text_validation_max"],
        is_identifier=line["identifier"].lower() == "y",
        branching=line["branching_logic"],
    )


def _choices(text: str) -> tuple[Choice, ...]:
    """Part choices at the bars, and each at its first comma."""
    parts = [part.partition(",") for part in re.split(r"\||\n", text) if part.strip()]
    return tuple(Choice(code.strip(), _shown(label) or code.strip()) for code, _, label in parts)


def _shown(text: str) -> str:
    """Leave markup out."""
    return " ".join(unescape(_TAG.sub(" ", text)).split())
