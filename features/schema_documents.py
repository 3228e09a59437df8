"""The schema as documents: JSON Schema for programs, a data dictionary for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from features.field import FieldSpec, OtherUnit, specs
from features.products import CONSTRUCT, PRODUCTS
from features.rules import DOSE_TOLERANCE, FACTS_OF_A_TREATMENT
from features.schema import GROUPS, FollowUp, Patient, RowId, schema_digest

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DOSE_RULES = (
    f"dose_1e6_per_kg and dose_total_1e6 / weight_kg must agree within {DOSE_TOLERANCE:.0%}",
    "dose_total_1e6 / weight_kg must be within the limits of dose_1e6_per_kg",
)
"""What JSON Schema cannot say of a `Patient`: it computes with values."""

GROUP_TITLES = {
    "id": "Identifiers (cohorts only), and the name of the product",
    "pre": "Known before the infusion (the predictors, and the body of a request)",
    "post": "Known after the infusion (the outcomes; never a predictor)",
}

_JSON_TYPES = {
    "text": "string",
    "number": "number",
    "integer": "integer",
    "boolean": "boolean",
    "choice": "string",
}


def json_schema() -> dict[str, Any]:
    """Describe the body of a request, and under ``$defs`` the other columns of a cohort.

    Returns
    -------
    document : dict
        JSON Schema, draft 2020-12. It accepts what `Patient` accepts, except ``x-rules``, which
        computes with values. What a column has beyond the standard starts with ``x-``: ``x-unit``,
        ``x-known-when``, ``x-required``, ``x-other-units``.

    Examples
    --------
    >>> document = json_schema()
    >>> document["properties"]["ldh_u_l"]["x-unit"], document["properties"]["ldh_u_l"]["maximum"]
    ('U/L', 30000)
    >>> document["anyOf"][0]["required"], document["anyOf"][1]["required"]
    (['dose_1e6_per_kg'], ['dose_total_1e6', 'weight_kg'])
    """
    return {
        "$schema": DIALECT,
        **_object(Patient),
        "anyOf": [_given("dose_1e6_per_kg"), _given("dose_total_1e6", "weight_kg")],
        "allOf": [*_facts_of_a_treatment(), _total_of_a_split_dose(), *_constructs()],
        "x-rules": list(DOSE_RULES),
        "x-schema-digest": schema_digest(),
        "$defs": {model.__name__: _object(model) for model in (RowId, FollowUp)},
    }


def dictionary() -> str:
    """Write the data dictionary: a Markdown table for each group of columns.

    Returns
    -------
    text : str
        Ends with a line break.

    Examples
    --------
    >>> [line for line in dictionary().splitlines() if line.startswith("| `ecog`")]
    ['| `ecog` | ECOG performance status | integer |  | 0 to 4 |  | no | baseline |  |  |']
    """
    parts = [
        "# Data dictionary",
        "A row of a cohort is one infusion. Days are whole days from infusion (day 0). In a cohort any "
        "predictor may be blank, or its column absent; `required` is the minimum that a request must bring. "
        "A value outside the limits is refused.",
        f"Schema digest: `{schema_digest()}`. Made from the schema by `cart-outcomes schema --write`.",
    ]
    for group, model in GROUPS.items():
        parts += [f"## {GROUP_TITLES[group]}", _table(specs(model))]
    return "\n\n".join(parts) + "\n"


def _object(model: type[BaseModel]) -> dict[str, Any]:
    fields = specs(model)
    return {
        "title": model.__name__,
        "description": model.__doc__,
        "type": "object",
        "properties": {name: _property(field) for name, field in fields.items()},
        "required": [name for name, field in fields.items() if field.required == "yes"],
        "additionalProperties": False,
    }


def _property(field: FieldSpec) -> dict[str, Any]:
    """Describe one column; one that may be missing may also be null."""
    nullable = field.required != "yes"
    kind = _JSON_TYPES[field.kind]
    stated: dict[str, Any] = {"title": field.title}
    if field.notes:
        stated["description"] = field.notes
    stated["type"] = [kind, "null"] if nullable else kind
    if field.options:
        stated["enum"] = [*field.options, *([None] if nullable else [])]
    if field.kind == "text":
        stated |= _text_lengths(field.name)
    if field.low is not None:
        stated["minimum"] = field.low
    if field.high is not None:
        stated["maximum"] = field.high
    return stated | _remarks(field)


def _text_lengths(name: str) -> dict[str, int]:
    """Read the lengths of a text from the model itself."""
    keys = {"min_length": "minLength", "max_length": "maxLength"}
    return {
        keys[key]: getattr(item, key)
        for item in RowId.model_fields[name].metadata
        for key in keys
        if hasattr(item, key)
    }


def _remarks(field: FieldSpec) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "x-unit": field.unit,
        "x-known-when": field.known_when,
        "x-required": field.required,
        "x-other-units": [{"name": other.name, "factor": other.factor} for other in field.other_units],
        "x-slips": [{"name": other.name, "factor": other.factor} for other in field.slips],
        "x-usual": list(field.usual or ()),
    }
    return {key: value for key, value in facts.items() if value}


def _given(*names: str) -> dict[str, Any]:
    """Ask that columns are there and not null."""
    return {"required": list(names), "properties": {name: {"type": "number"} for name in names}}


def _facts_of_a_treatment() -> list[dict[str, Any]]:
    """Ask for the treatment of every fact that describes one."""
    return [{"if": _stated(fact), "then": _equal(given, True)} for fact, given, _code in FACTS_OF_A_TREATMENT]


def _total_of_a_split_dose() -> dict[str, Any]:
    return {"if": _equal("split_dose", True), "then": _given("dose_total_1e6")}


def _constructs() -> list[dict[str, Any]]:
    """Ask that a listed product has its own construct, where one is stated."""
    return [
        {
            "if": _equal("product", name),
            "then": {
                "properties": {column: {"enum": [getattr(product, column), None]} for column in CONSTRUCT}
            },
        }
        for name, product in PRODUCTS.items()
    ]


def _stated(name: str) -> dict[str, Any]:
    """Hold where a column is there and not null."""
    return {"required": [name], "properties": {name: {"not": {"type": "null"}}}}


def _equal(name: str, value: str | bool) -> dict[str, Any]:
    """Hold where a column is there and has a value."""
    return {"required": [name], "properties": {name: {"const": value}}}


def _table(fields: Mapping[str, FieldSpec]) -> str:
    heading = (
        "column",
        "title",
        "type",
        "unit",
        "limits",
        "options",
        "required",
        "known when",
        "notes",
        "other units",
    )
    lines = [_line(heading), _line(["---"] * len(heading))]
    return "\n".join(lines + [_line(_cells(field)) for field in fields.values()])


def _cells(field: FieldSpec) -> list[str]:
    return [
        f"`{field.name}`",
        field.title,
        field.kind,
        field.unit,
        _limits(field),
        ", ".join(f"`{option}`" for option in field.options),
        field.required,
        field.known_when.replace("_", " "),
        field.notes,
        "; ".join(_other_unit(other) for other in field.other_units),
    ]


def _limits(field: FieldSpec) -> str:
    if field.low is None or field.high is None:
        return ""
    return f"{_plain(field.low)} to {_plain(field.high)}"


def _other_unit(other: OtherUnit) -> str:
    """Say what to do with a value in the other unit, as the rounder of factor and divisor."""
    if other.factor >= 1:
        return f"{other.name} times {_plain(other.factor)}"
    return f"{other.name} divided by {_plain(round(1 / other.factor, 6))}"


def _plain(number: float) -> str:
    return f"{number:.6f}".rstrip("0").rstrip(".")


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"
