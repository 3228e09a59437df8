"""The columns of a site become a file and its mapping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from features.drafting.toml_text import key, quoted
from features.mapping.redcap_layout import INSTANCE, INSTRUMENT
from tests.site_tables.columns import Column, Stored, with_headings
from tests.site_tables.drawn import REDCAP, TEXT, WORKBOOK, Drawn
from tests.site_tables.files import SiteTable
from tests.site_tables.layouts import LAYOUTS, Layout, with_title
from tests.site_tables.sections import NAMES

REMARK = "Remark"
NOTES: list[list[Stored]] = [["Column", "Meaning"], ["CRS", "ASTCT"], ["-99", "unknown"]]
TITLED = 0.1


def put_together(drawn: Drawn) -> SiteTable:
    """Lay a site's columns out, and write its mapping."""
    names = NAMES.get(drawn.language) if drawn.rng.random() < 0.7 else None
    columns = [
        replace(column, section=(names or NAMES[""])[int(section)]) for section, column in drawn.columns
    ]
    chosen = str(drawn.rng.choice(list(LAYOUTS), p=(0.6, 0.2, 0.2)))
    chosen = "one row" if drawn.is_redcap else chosen
    columns = _ordered(columns, drawn, by_section=chosen != "one row")
    columns.append(Column(REMARK, ["ok"] * len(drawn.cohort), section=columns[-1].section))
    layout = LAYOUTS[chosen](columns)
    titled = not drawn.is_redcap and drawn.rng.random() < TITLED
    layout = with_title(layout) if titled else layout
    keys = _keys(drawn, layout)
    table = SiteTable(
        grid=[*layout.rows, *_cells(columns, stores=drawn.stores)],
        mapping=_mapping(drawn, layout, keys),
        truth=drawn.truth,
        name=_name(drawn, chosen, titled=titled),
        answers={
            **keys,
            "patient_id": with_headings(drawn.fields["patient_id"], layout.headings),
        },
        delimiter=str(drawn.rng.choice([",", ";", "\t"])),
        encoding=drawn.encoding,
        files=drawn.files,
        laboratory={name: with_headings(toml, layout.headings) for name, toml in drawn.laboratory.items()},
        fields=tuple(drawn.asked.values()) if drawn.is_redcap else (),
    )
    finish = {TEXT: _as_text, WORKBOOK: _as_workbook, REDCAP: _as_export}
    return finish[drawn.kind](table, drawn, layout)


def _as_text(table: SiteTable, drawn: Drawn, layout: Layout) -> SiteTable:
    return table


def _as_workbook(table: SiteTable, drawn: Drawn, layout: Layout) -> SiteTable:
    return replace(table, sheets=drawn.sheets, merged=layout.merged)


def _as_export(table: SiteTable, drawn: Drawn, layout: Layout) -> SiteTable:
    """Add the rows of a repeating instrument, which leave the columns of the record blank."""
    if not drawn.instrument:
        return table
    headings, *rows = table.grid
    record, *others = [str(heading) for heading in headings]
    own = [name for name in drawn.instrument[0] if name != record]
    wide = [[row[0], "", "", *row[1:], *[""] * len(own)] for row in rows]
    counts: dict[str, int] = {}
    for each in drawn.instrument:
        counts[each[record]] = counts.get(each[record], 0) + 1
        repeat: list[Stored] = [each[record], "labs", str(counts[each[record]])]
        wide.append([*repeat, *[""] * len(others), *(each[name] for name in own)])
    return replace(table, grid=[[record, INSTRUMENT, INSTANCE, *others, *own], *wide])


def _ordered(columns: Sequence[Column], drawn: Drawn, *, by_section: bool) -> list[Column]:
    """Shuffle the columns behind the identifier; what belongs beside another one stays there."""
    alone = [column for column in columns if not column.beside]
    shuffled = [alone[place] for place in drawn.rng.permutation(len(alone))]
    shuffled.sort(key=lambda column: column.name != drawn.heading("patient_id"))
    if by_section:
        sections = list(dict.fromkeys(sorted(column.section for column in columns)))
        first = shuffled[0].section
        shuffled.sort(key=lambda column: (column.section != first, sections.index(column.section)))
    return [
        each
        for column in shuffled
        for each in (column, *(other for other in columns if other.beside == column.name))
    ]


def _cells(columns: Sequence[Column], *, stores: bool) -> list[list[Stored]]:
    written = [column.stored if stores and column.stored else column.cells for column in columns]
    return [list(row) for row in zip(*written, strict=True)]


def _keys(drawn: Drawn, layout: Layout) -> dict[str, str]:
    """Write the keys of the table."""
    numbers, form = drawn.numbers, drawn.form
    keys = {"decimal": quoted(numbers.decimal), "missing": '["n.d.", -99]', **form.mapping, **layout.keys}
    keys |= {"thousands": quoted(numbers.thousands)} if numbers.thousands else {}
    keys |= {"partial": quoted(drawn.rule)} if drawn.partial else {}
    keys |= {} if drawn.encoding.startswith("utf-8") else {"encoding": quoted(drawn.encoding)}
    if drawn.kind == WORKBOOK and (drawn.sheets or drawn.rng.random() < 0.5):
        drawn.sheets["Notes"] = NOTES
        keys["sheet"] = quoted("Data")
    for name, filled in (("fill_down", drawn.filled_down), ("fill_down_groups", drawn.filled_groups)):
        keys |= {name: f"[{', '.join(quoted(layout.headings[each]) for each in filled)}]"} if filled else {}
    return keys


def _mapping(drawn: Drawn, layout: Layout, keys: dict[str, str]) -> str:
    lines = ["[table]", f"ignore = [{quoted(layout.headings[REMARK])}]"]
    lines += [f"{name} = {value}" for name, value in keys.items()]
    if drawn.parts:
        lines += [f"infusion_date = {quoted(drawn.mark_of('infusion'))}"]
    if drawn.split:
        lines += ["[split_dates]", *(f"{key(name)} = {toml}" for name, toml in drawn.split.items())]
    lines += [*drawn.parts, "[fields]", *(f"{name} = {toml}" for name, toml in drawn.fields.items())]
    return with_headings("\n".join(lines), layout.headings)


def _name(drawn: Drawn, layout: str, *, titled: bool) -> str:
    marks = {
        "partial": drawn.partial,
        "typed": drawn.stores,
        "infusions": drawn.repeats,
        "centers": drawn.by_center,
        "laboratory": bool(drawn.parts),
        "title": titled,
    }
    said = [drawn.language, drawn.kind, drawn.form_name, f"{drawn.numbers.decimal}{drawn.numbers.thousands}"]
    return ", ".join([*said, layout, *(name for name, is_so in marks.items() if is_so)])
