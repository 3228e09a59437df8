"""One field of one infusion, made of the site's cells as a mapping says."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from features.field import FieldSpec
from features.intake.cells import CellError
from features.intake.dates import days_between, read_date, years_between
from features.intake.typed_tables import canonical_text
from features.mapping.definition import FieldMapping
from features.mapping.redcap import SiteRow
from features.mapping.site_values import ANY, NumberFormat, is_missing, matching_code

SIGNIFICANT_DIGITS = 12
"""Of a converted number: more would show the noise of binary fractions."""

_LIMIT = re.compile(r"[<>\u2264\u2265]=? *(.+)")


def field_text(
    how: FieldMapping, spec: FieldSpec, row: SiteRow, *, numbers: NumberFormat, missing: Sequence[str]
) -> str:
    """Make one cell of the canonical table.

    Parameters
    ----------
    how : FieldMapping
        What the mapping says of the field.
    spec : FieldSpec
        What the schema says of it.
    row : SiteRow
        The infusion in the site's columns.
    numbers : NumberFormat
        How the site writes numbers.
    missing : sequence of str
        Missing codes of the whole table.

    Returns
    -------
    cell : str
        In the schema's terms, blank where unknown. Its limits are checked later.

    Raises
    ------
    CellError
        If the mapping does not say what the site's cell means.

    Examples
    --------
    >>> spec = FieldSpec("crp_mg_l", "number", "C-reactive protein", "mg/L", 0, 700)
    >>> how = FieldMapping("crp_mg_l", columns=("crp",), factor=10)
    >>> field_text(how, spec, SiteRow(2, {"crp": "0.7"}), numbers=NumberFormat(), missing=["-99"])
    '7'
    """
    if how.alternatives:
        ways = (field_text(way, spec, row, numbers=numbers, missing=missing) for way in how.alternatives)
        return next((cell for cell in ways if cell), "")
    unknown = (*missing, *how.missing)
    if how.only_if and not how.only_if.holds(row.cells, missing=missing):
        return ""
    if how.constant is not None:
        return how.constant
    if how.when:
        return _by_rules(how, row, unknown)
    if len(how.columns) == 1:
        return _of_cell(how, spec, row, row.cells[how.columns[0]], numbers, unknown)
    given = [row.cells[column] for column in how.columns if not is_missing(row.cells[column], unknown)]
    if not given or (how.take == "sum" and len(given) < len(how.columns)):
        return ""
    if how.take == "first":
        return _of_cell(how, spec, row, given[0], numbers, unknown)
    values = [value for cell in given if (value := _number(how, spec, cell, numbers)) is not None]
    return _converted(how, spec, row, _taken(how, values), numbers, unknown) if values else ""


def _taken(how: FieldMapping, values: Sequence[float]) -> float:
    if how.take == "sum":
        return math.fsum(values)
    return min(values) if how.take == "min" else max(values)


def _by_rules(how: FieldMapping, row: SiteRow, missing: Sequence[str]) -> str:
    for rule in how.when:
        if rule.condition.holds(row.cells, missing=missing):
            return rule.then
    if how.otherwise is not None:
        return how.otherwise
    if all(is_missing(row.cells[column], missing) for column in how.used):
        return ""
    rule_missing = "is covered by no rule of when"
    raise CellError(rule_missing, "add a rule, or otherwise")


def _of_cell(
    how: FieldMapping, spec: FieldSpec, row: SiteRow, cell: str, numbers: NumberFormat, missing: Sequence[str]
) -> str:
    codes = how.codes or {}
    named = [code for code in codes if code not in (ANY, "")]
    code = matching_code(cell, named) if cell else None
    if code is not None:
        return codes[code]
    if is_missing(cell, missing):
        return codes.get("", "")
    if ANY in codes:
        return codes[ANY]
    if how.days_since or how.years_since:
        return _since(how, row, _matched(how, cell), missing)
    if spec.kind in ("number", "integer"):
        value = _number(how, spec, cell, numbers)
        return "" if value is None else _converted(how, spec, row, value, numbers, missing)
    if how.codes is not None:
        _refuse_code(how.field, cell, named)
    return _matched(how, cell)


def _refuse_code(name: str, cell: str, named: Sequence[str]) -> None:
    rule = "has no code for this value in the mapping file"
    if named and all(re.fullmatch(r"-?[0-9]+", code) for code in named) and re.search(r"[^\W\d_]", cell):
        raise CellError(rule, "a label instead of a code? export raw data")
    raise CellError(rule, f"add it to fields.{name}.codes, or to missing")


def _since(how: FieldMapping, row: SiteRow, cell: str, missing: Sequence[str]) -> str:
    earlier_column = how.days_since or how.years_since or ""
    earlier_cell = row.cells[earlier_column]
    if is_missing(earlier_cell, missing):
        return ""
    dates = []
    for column, text in ((how.columns[0], cell), (earlier_column, earlier_cell)):
        date = read_date(text, how.dates)
        if date is None:
            rule = f"needs dates written {how.dates} in {column}"
            raise CellError(rule, "set dates in the mapping file, or add the code to missing")
        dates.append(date)
    later, earlier = dates
    return canonical_text(days_between(earlier, later) if how.days_since else years_between(earlier, later))


def _number(how: FieldMapping, spec: FieldSpec, cell: str, numbers: NumberFormat) -> float | None:
    """Read the number of a cell; None where it lies beyond a limit and such values become blank."""
    cell = _matched(how, cell)
    beyond = _LIMIT.fullmatch(cell)
    if beyond and how.beyond_limit == "blank":
        return None
    value = numbers.read(beyond[1] if beyond and how.beyond_limit == "limit" else cell)
    if value is None:
        raise CellError(spec.rule, _number_fix(cell, numbers, beyond=beyond is not None))
    return value


def _number_fix(cell: str, numbers: NumberFormat, *, beyond: bool) -> str:
    if beyond:
        return 'say what it becomes: beyond_limit = "limit" or "blank"'
    if numbers.decimal == "." and re.fullmatch(r"[+-]?[0-9]+,[0-9]+", cell):
        return 'decimal comma? set decimal = "," under [table]'
    if numbers.decimal == "," and re.fullmatch(r"[+-]?[0-9]+\.[0-9]+", cell):
        return "decimal point, where the mapping says decimal comma"
    return "add it to missing or to codes, or correct the cell"


def _converted(
    how: FieldMapping,
    spec: FieldSpec,
    row: SiteRow,
    value: float,
    numbers: NumberFormat,
    missing: Sequence[str],
) -> str:
    others: dict[str, float] = {}
    for column in (how.subtract, how.multiply_by, how.divide_by):
        if column is not None and is_missing(row.cells[column], missing):
            return ""
        if column is not None:
            others[column] = _other_number(
                row.cells[column], column, numbers, divides=column == how.divide_by
            )
    result = (value - others.get(how.subtract or "", 0.0) + how.offset) * how.factor
    result *= others.get(how.multiply_by or "", 1.0)
    result /= others.get(how.divide_by or "", 1.0)
    if not math.isfinite(result):
        raise CellError(spec.rule)
    if how.whole:
        result = math.floor(result + 0.5)
    return canonical_text(float(f"{result:.{SIGNIFICANT_DIGITS}g}"))


def _other_number(cell: str, column: str, numbers: NumberFormat, *, divides: bool) -> float:
    value = numbers.read(cell)
    if value is None or (divides and value == 0):
        rule = f"needs a number{' above 0' if divides else ''} in {column}"
        raise CellError(rule)
    return value


def _matched(how: FieldMapping, cell: str) -> str:
    """Take the part of a cell that the field's pattern asks for."""
    if how.pattern is None:
        return cell
    found = re.fullmatch(how.pattern, cell)
    if found is None or found[1] is None:
        rule = f"must match the pattern {how.pattern}"
        raise CellError(rule, "correct the pattern, or add the cell to missing or to codes")
    return found[1].strip()
