"""A raw export of a project made from the dictionary becomes a table in the schema's columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.advice import plain
from features.checking.cell_provenance import Origin
from features.checking.heading_problems import MOST_MISTYPED
from features.checking.masking import masked
from features.files.raw_table import RawTable
from features.mapping.conversion import Mapped
from features.mapping.definition import proves_infusion
from features.mapping.redcap import infusion_rows
from features.mapping.redcap_definition import RedcapLayout
from features.mapping.redcap_layout import EVENT, GROUP, INSTANCE, INSTRUMENT, SiteRow
from features.mapping.sharing import Given, belongs_to_one, shared, sharing_problem
from features.problem_codes import Code
from features.problems import DataError, Problem, counted, grouped
from features.redcap.forms import INFUSION_FORM, RECORD
from features.redcap.missing_codes import without_missing_codes
from features.redcap.system_columns import OF_FORMS, OF_REDCAP
from features.rules import CORRECT_ONE
from features.schema import all_fields

OWN_PROJECT = (
    "a REDCap project that was not made from `cart-outcomes redcap dictionary` needs a mapping file "
    "(--mapping), which `cart-outcomes map` drafts"
)
NO_INFUSION = "no infusion is left: every form of an infusion is blank"
ON_INFUSION_FORM = (
    f"ask for it on the form {INFUSION_FORM}, which repeats, or map the export (--mapping) with belongs_to"
)
ADVICE = {
    Code.SEVERAL_VALUES: CORRECT_ONE,
    Code.ON_TWO_FORMS: plain("ask for it on one form only, and empty it on the other"),
}
"""Advice on problems of the rows in a project of the dictionary, by code; there is no mapping file."""


def infusions_of(table: RawTable) -> Mapped:
    """Put the rows of an export together, one for each infusion, in the schema's columns.

    Parameters
    ----------
    table : RawTable
        A raw export, see `is_redcap_export`.

    Returns
    -------
    mapped : Mapped
        Not checked yet; columns that the schema does not have are still there, to be refused by the check.

    Raises
    ------
    DataError
        If the rows are not those of a project made from the dictionary.

    Examples
    --------
    >>> table = RawTable("e.csv", "00", ("record_id", INSTRUMENT, INSTANCE, "sex", "age_years"),
    ...                  (("7", "", "", "female", ""), ("7", "infusion", "1", "", "31")), (2, 3))
    >>> mapped = infusions_of(table).table
    >>> mapped.columns, mapped.rows
    (('patient_id', 'infusion_number', 'age_years', 'sex'), (('7', '1', '31', 'female'),))
    """
    record = RECORD if RECORD in table.columns else "patient_id"
    _refuse(_foreign(table, record) or _layout_problems(table), table, record)
    cleaned, notes = without_missing_codes(table, kept=(record, "patient_id", "center"))
    repeats = INSTRUMENT in table.columns and any(table.column(INSTRUMENT))
    layout = RedcapLayout(infusion_instrument=INFUSION_FORM if repeats else None)
    answers = _answers(table, record)
    proof = [name for name in answers if name in all_fields() and proves_infusion(name)]
    site = infusion_rows(cleaned, layout, record=record, used=answers, proof=proof)
    shared_outcomes = _shared_outcomes(site.rows, record, answers)
    _refuse([*map(_without_mapping_file, site.problems), *shared_outcomes], table, record)
    if not site.rows:
        raise DataError(
            [Problem(Code.NO_ROWS, NO_INFUSION, advice=plain("fill in the forms, and export again"))],
            source=table.name,
        )
    infusions = counted(len(site.rows), "infusion")
    summary = f"read as a REDCap raw export: {infusions} in {counted(len(table.rows), 'row')}"
    columns = _columns(cleaned, record, repeats=repeats)
    all_notes = (*table.notes, summary, *site.notes, *notes, *_centers(cleaned, columns))
    return _mapped(cleaned, columns, site.rows, notes=all_notes)


@dataclass(frozen=True)
class _Column:
    """A column of the schema, or one to be refused, and where its cells are."""

    name: str
    source: str


def _columns(table: RawTable, record: str, *, repeats: bool) -> list[_Column]:
    """Give every column its place: those of the schema in its order, then what it does not know."""
    sources = {name: name for name in _answers(table, record)}
    sources.setdefault("patient_id", record)
    if repeats:
        sources.setdefault("infusion_number", INSTANCE)
    if GROUP in table.columns and not ("center" in sources and any(table.column("center"))):
        sources["center"] = GROUP
    order = list(all_fields())
    order_of = {name: order.index(name) if name in order else len(order) for name in sources}
    return [_Column(name, sources[name]) for name in sorted(sources, key=lambda name: order_of[name])]


def _centers(table: RawTable, columns: Sequence[_Column]) -> list[str]:
    """Report how the data access groups of REDCap are used as centers."""
    if GROUP not in table.columns:
        return []
    is_center = _Column("center", GROUP) in columns
    return [f"{GROUP} is taken as center" if is_center else f"{GROUP} left out: center is filled in"]


def _answers(table: RawTable, record: str) -> list[str]:
    """Name the columns that are filled in by people: neither the record's name nor what REDCap adds."""
    added = (*OF_REDCAP, *OF_FORMS, *([record] if record == RECORD else []))
    return [name for name in table.columns if name not in added]


def _mapped(
    table: RawTable, columns: Sequence[_Column], rows: Sequence[SiteRow], *, notes: tuple[str, ...]
) -> Mapped:
    origin = Origin(
        columns={column.name: column.source for column in columns if column.name in all_fields()},
        rows={
            (position, column.name): row.row_of(column.source)
            for position, row in enumerate(rows)
            for column in columns
        },
        identifiers=frozenset(
            row.cells[column.source] for row in rows for column in columns if column.name == "patient_id"
        ).union(row.cells.get(RECORD, "") for row in rows),
        by_mapping_file=False,
    )
    in_schema = replace(
        table,
        columns=tuple(column.name for column in columns),
        rows=tuple(tuple(row.cells[column.source] for column in columns) for row in rows),
        row_numbers=tuple(row.number for row in rows),
    )
    return Mapped(in_schema, origin, notes)


def _refuse(problems: Sequence[Problem], table: RawTable, record: str) -> None:
    if problems:
        identifiers = frozenset(table.column(record) if record in table.columns else ())
        raise DataError(grouped(masked(problems, identifiers)), source=table.name)


def _foreign(table: RawTable, record: str) -> list[Problem]:
    """Report a project that was not made from the dictionary, and an export without record IDs."""
    unknown = [name for name in _answers(table, record) if name not in all_fields()]
    if len(unknown) > MOST_MISTYPED:
        words = f"columns are not in the schema: {', '.join(unknown)}"
        return [Problem(Code.UNKNOWN_COLUMNS, words, advice=plain(OWN_PROJECT))]
    if record not in table.columns:
        fix = "export the record ID too; it may be hashed"
        return [
            Problem(
                Code.MISSING_COLUMN, "is required: the export has no such column", RECORD, advice=plain(fix)
            )
        ]
    return []


def _layout_problems(table: RawTable) -> list[Problem]:
    return [*_several_events(table), *_other_instruments(table), *_repeated_events(table)]


def _several_events(table: RawTable) -> list[Problem]:
    events = _distinct(table, EVENT)
    if len(events) < 2:
        return []
    fix = "a longitudinal project needs a mapping file (--mapping)"
    return [
        Problem(
            Code.SEVERAL_EVENTS,
            "has rows of several events",
            EVENT,
            value_text=", ".join(events),
            advice=plain(fix),
        )
    ]


def _other_instruments(table: RawTable) -> list[Problem]:
    others = [name for name in _distinct(table, INSTRUMENT) if name != INFUSION_FORM]
    rule = f"must be blank or {INFUSION_FORM}: no other form of the dictionary repeats"
    fix = "export the project's own forms alone, or map the export (--mapping)"
    return (
        [
            Problem(
                Code.UNEXPLAINED_INSTRUMENTS,
                rule,
                INSTRUMENT,
                value_text=", ".join(others),
                advice=plain(fix),
            )
        ]
        if others
        else []
    )


def _repeated_events(table: RawTable) -> list[Problem]:
    """Find rows that repeat although no form of theirs does."""
    if INSTANCE not in table.columns:
        return []
    forms = table.column(INSTRUMENT) if INSTRUMENT in table.columns else [""] * len(table.rows)
    numbered = zip(table.row_numbers, forms, table.column(INSTANCE), strict=True)
    fix = f"let the form {INFUSION_FORM} repeat, not the event, or map the export (--mapping)"
    return [
        Problem(
            Code.REPEATED_EVENT,
            f"must be blank where {INSTRUMENT} is",
            INSTANCE,
            row=row,
            value_text=instance,
            advice=plain(fix),
        )
        for row, form, instance in numbered
        if instance and not form
    ]


def _shared_outcomes(rows: Sequence[SiteRow], record: str, answers: Sequence[str]) -> list[Problem]:
    """Find outcomes on the patient's form that several infusions share."""
    problems = []
    for spec in (all_fields()[name] for name in answers if name in all_fields()):
        given = [
            Given(row.cells[spec.name], row.cells[record], row.number, (row.row_of(spec.name),))
            for row in rows
        ]
        groups = shared(spec, given) if belongs_to_one(spec) else []
        if groups:
            problems.append(
                replace(sharing_problem(spec, given, groups, spec.name), advice=plain(ON_INFUSION_FORM))
            )
    return problems


def _distinct(table: RawTable, name: str) -> list[str]:
    return sorted(set(table.column(name)) - {""}) if name in table.columns else []


def _without_mapping_file(problem: Problem) -> Problem:
    """Replace advice that names keys of a mapping file."""
    return replace(problem, advice=ADVICE.get(problem.code, problem.advice))
