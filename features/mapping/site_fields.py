"""One field of one infusion, made of the site's cells as a mapping says."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from features.advice import plain
from features.checking.parse_cell import PERCENTAGE, CellError
from features.field import FieldSpec
from features.files.stored_numbers import StoredPercent
from features.files.typed_text import canonical_text
from features.mapping.definition import FieldMapping
from features.mapping.number_advice import CORRECT, Beyond, number_advice
from features.mapping.number_format import NumberFormat
from features.mapping.patterns import matched_part
from features.mapping.redcap_layout import SiteRow
from features.mapping.site_dates import time_since
from features.mapping.site_values import ANY, Condition, is_missing, matching_code
from features.problem_codes import Code

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
    return _Way(how, spec, row, numbers, (*missing, *how.missing), missing).text()


def way_taken(
    how: FieldMapping, spec: FieldSpec, row: SiteRow, *, numbers: NumberFormat, missing: Sequence[str]
) -> FieldMapping:
    """Find which of several ways gives the field of a row.

    Parameters
    ----------
    how, spec, row, numbers, missing
        As for `field_text`.

    Returns
    -------
    way : FieldMapping
        The first that gives a value, else the first.
    """
    ways = how.alternatives or (how,)
    giving = (way for way in ways if field_text(way, spec, row, numbers=numbers, missing=missing))
    return ways[0] if len(ways) == 1 else next(giving, ways[0])


@dataclass(frozen=True)
class _Way:
    """One way to make a field, in one row."""

    how: FieldMapping
    spec: FieldSpec
    row: SiteRow
    numbers: NumberFormat
    missing: Sequence[str]
    missing_everywhere: Sequence[str]

    def text(self) -> str:
        how = self.how
        if how.over_time:
            chosen = self.row.over_time.get(how.over_time.key)
            return chosen.cell if chosen else ""
        if how.only_if and not self._holds(how.only_if, self.missing_everywhere):
            return ""
        if how.constant is not None:
            return how.constant
        if how.when:
            return self._by_rules()
        if len(how.columns) == 1:
            return self._of_cell(self.row.cells[how.columns[0]])
        given = [cell for column in how.columns if not self._unknown(cell := self.row.cells[column])]
        if not given or (how.take == "sum" and len(given) < len(how.columns)):
            return ""
        if how.take == "first":
            return self._of_cell(given[0])
        values = [value for cell in given if (value := self._number(cell)) is not None]
        return self._converted(_taken(how, values)) if values else ""

    def _holds(self, condition: Condition, missing: Sequence[str]) -> bool:
        return condition.holds(self.row.cells, missing=missing, numbers=self.numbers)

    def _unknown(self, cell: str) -> bool:
        return is_missing(cell, self.missing, self.numbers)

    def _by_rules(self) -> str:
        for rule in self.how.when:
            if self._holds(rule.condition, self.missing):
                return rule.then
        if self.how.otherwise is not None:
            return self.how.otherwise
        if all(self._unknown(self.row.cells[column]) for column in self.how.used):
            return ""
        rule_missing = "matches no rule of when"
        raise CellError(Code.NO_RULE_APPLIES, rule_missing, plain("add a rule, or otherwise"))

    def _of_cell(self, cell: str) -> str:
        how, codes = self.how, self.how.codes or {}
        named = [code for code in codes if code not in (ANY, "")]
        code = matching_code(cell, named, self.numbers) if cell else None
        if code is None and self._unknown(cell):
            return codes.get("", "")
        if code is None and how.pattern is not None:
            cell = matched_part(how.pattern, cell)
            code = matching_code(cell, named, self.numbers)
        if code is not None:
            return codes[code]
        if ANY in codes:
            return codes[ANY]
        if how.since:
            return time_since(how, self.row, cell, self._unknown)
        if self.spec.kind in ("number", "integer"):
            value = self._number(cell, matched=True)
            return "" if value is None else self._converted(value)
        if how.codes is not None:
            _refuse_code(self.spec, cell, named)
        return cell

    def _number(self, cell: str, *, matched: bool = False) -> float | None:
        """Read the number of a cell; None where it is beyond a limit and such values become blank."""
        how = self.how
        if not matched:
            cell = matched_part(how.pattern, cell)
        if isinstance(cell, StoredPercent) and self.spec.unit == "%" and how.factor == 1:
            raise CellError(
                Code.STORED_PERCENT,
                PERCENTAGE,
                plain('set unit = "fraction"'),
                value_text=f"{cell}, shown as {cell.shown}",
            )
        beyond = _LIMIT.fullmatch(cell)
        if beyond and how.beyond_limit == "blank":
            return None
        value = self.numbers.read(beyond[1] if beyond and how.beyond_limit else cell)
        if value is None:
            limit: Beyond = "" if not beyond else "unread" if how.beyond_limit else "unset"
            raise CellError(
                Code.NOT_A_NUMBER, self.spec.rule, number_advice(cell, self.spec, self.numbers, beyond=limit)
            )
        return value

    def _converted(self, value: float) -> str:
        how = self.how
        others: dict[str, float] = {}
        for column in how.number_columns:
            missing = (*self.missing, *(how.missing_in or {}).get(column, ()))
            if is_missing(self.row.cells[column], missing, self.numbers):
                return ""
            others[column] = self._other_number(column)
        result = (value - others.get(how.subtract or "", 0.0) + how.offset) * how.factor
        result *= others.get(how.multiply_by or "", 1.0)
        result /= others.get(how.divide_by or "", 1.0)
        if not math.isfinite(result):
            raise CellError(Code.OUTSIDE_LIMITS, self.spec.rule, plain("correct the cell"))
        if how.whole:
            result = math.floor(result + 0.5)
        return canonical_text(float(f"{result:.{SIGNIFICANT_DIGITS}g}"))

    def _other_number(self, column: str) -> float:
        value = self.numbers.read(self.row.cells[column])
        if value is None or (column == self.how.divide_by and value == 0):
            rule = "must be a number" + (" other than 0" if column == self.how.divide_by else "")
            raise CellError(Code.NOT_A_NUMBER, rule, CORRECT, column=column)
        return value


def _taken(how: FieldMapping, values: Sequence[float]) -> float:
    if how.take == "sum":
        return math.fsum(values)
    return min(values) if how.take == "min" else max(values)


def _refuse_code(spec: FieldSpec, cell: str, named: Sequence[str]) -> None:
    rule = "has no code for this value in the mapping file"
    if named and all(re.fullmatch(r"-?[0-9]+", code) for code in named) and re.search(r"[^\W\d_]", cell):
        raise CellError(
            Code.LABEL_INSTEAD_OF_CODE, rule, plain("is it a label instead of a code? Export raw data")
        )
    raise CellError(Code.UNEXPLAINED_CODE, rule, plain(f"add it to fields.{spec.name}.codes, or to missing"))
