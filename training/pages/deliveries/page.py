"""Two deliveries of a cohort side by side, as a page and as data: counts, never an identifier."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from features.cohort import Cohort
from features.columns import Values
from features.field import FieldSpec
from features.outcomes import OUTCOMES
from features.schema import all_fields
from features.small_counts import MASKED, NOTE, Shown, count_cell, shown_counts
from training.comparison.deliveries import Deliveries
from training.pages.deliveries.masked_deliveries import ShownDeliveries, ShownField, shown_deliveries
from training.pages.html import Chart, Table, code, render
from training.pages.quality.distributions import side_by_side
from training.pages.svg import paired

FORMAT = 1
SYNTHETIC = "Synthetic patients: for trying the software."


@dataclass(frozen=True)
class FieldView:
    """The distribution of one changed column in both deliveries."""

    title: str
    name: str
    chart: Chart


def deliveries_page(compared: Deliveries, *, small_counts: bool = False) -> str:
    """Write the page.

    Parameters
    ----------
    compared : Deliveries
    small_counts : bool
        Whether counts of fewer than five are shown.

    Returns
    -------
    html : str
        A self-contained page: no script, nothing loaded from elsewhere, no identifier.
    """
    shown = shown_deliveries(compared, small_counts=small_counts)
    changed = {each.field for each in shown.fields}
    specs = [spec for name, spec in all_fields().items() if name in changed]
    return render(
        "deliveries.html",
        earlier=compared.earlier,
        later=compared.later,
        notice=SYNTHETIC if compared.later.synthetic else "",
        note="" if small_counts else NOTE,
        sizes=_sizes(shown),
        columns_added=compared.columns_added,
        columns_removed=compared.columns_removed,
        fields=_fields(shown.fields),
        unchanged=shown.unchanged,
        events=_events(shown),
        views=[_view(spec, compared, small_counts=small_counts) for spec in specs],
    )


def deliveries_json(compared: Deliveries, *, small_counts: bool = False) -> str:
    """Write the same counts as JSON; a masked count is null.

    Parameters
    ----------
    compared : Deliveries
    small_counts : bool
        Whether counts of fewer than five are shown.

    Returns
    -------
    json : str
    """
    shown = shown_deliveries(compared, small_counts=small_counts)
    content = {
        "format": FORMAT,
        "earlier": {"name": compared.earlier.name, "sha256": compared.earlier.sha256},
        "later": {"name": compared.later.name, "sha256": compared.later.sha256},
        "small_counts_masked": not small_counts,
        "columns_added": list(compared.columns_added),
        "columns_removed": list(compared.columns_removed),
        **asdict(shown),
    }
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def _sizes(shown: ShownDeliveries) -> Table:
    rows: list[list[object]] = [
        ["infusions in the earlier delivery", shown.n_earlier],
        ["infusions in the later delivery", shown.n_later],
        ["infusions in both", count_cell(shown.matched)],
        ["of these with any difference", count_cell(shown.changed_infusions)],
        ["infusions added", count_cell(shown.added)],
        ["infusions removed", count_cell(shown.removed)],
        ["of these added again under another spelling of patient_id", count_cell(shown.respelled)],
    ]
    return Table(["", "Count"], rows, caption="Infusions, matched by patient_id and infusion_number")


def _fields(fields: Sequence[ShownField]) -> Table:
    headings = [
        "Column",
        "Same",
        "Changed",
        "Higher",
        "Lower",
        "Became blank",
        "Became known",
        "Blank in both",
    ]
    rows: list[list[object]] = [
        [
            code(each.field),
            *map(count_cell, (each.same, each.changed, each.higher, each.lower)),
            *map(count_cell, (each.became_blank, each.became_known, each.blank)),
        ]
        for each in fields
    ]
    return Table(headings, rows, caption="Cells of infusions in both deliveries; columns with a difference")


def _events(shown: ShownDeliveries) -> Table:
    headings = ["Outcome", "Earlier", "Later", "Gained", "Lost", "Of added infusions", "Of removed infusions"]
    rows: list[list[object]] = [
        [
            OUTCOMES[each.outcome].title,
            *map(count_cell, (each.earlier, each.later, each.gained, each.lost)),
            *map(count_cell, (each.of_added, each.of_removed)),
        ]
        for each in shown.events
    ]
    return Table(headings, rows, caption="Events, whatever their day")


def _view(spec: FieldSpec, compared: Deliveries, *, small_counts: bool) -> FieldView:
    first, second = (_values(each, spec.name) for each in (compared.earlier, compared.later))
    labels, *counts = side_by_side(spec, first, second)
    sides = [
        _with_missing(each, len(values), small_counts=small_counts)
        for each, values in zip(counts, (first, second), strict=True)
    ]
    names = [*labels, "missing"]
    title = f"{spec.title}{f', {spec.unit}' if spec.unit else ''}: earlier and later delivery"
    pairs = list(zip(*sides, strict=True))
    drawn = paired(
        names,
        [(one or 0, other or 0) for one, other in pairs],
        [(_words(one), _words(other)) for one, other in pairs],
        title=title,
    )
    rows = [[name, *map(count_cell, pair)] for name, pair in zip(names, pairs, strict=True)]
    behind = Table(["Class", "Earlier", "Later"], rows, caption=title)
    return FieldView(spec.title, spec.name, Chart(drawn, behind))


def _with_missing(counts: Sequence[int], total: int, *, small_counts: bool) -> list[Shown]:
    return shown_counts([*counts, total - sum(counts)], small_counts=small_counts)


def _values(cohort: Cohort, name: str) -> Values:
    in_patients = name in cohort.patients.values
    return cohort.patients[name] if in_patients else cohort.follow_up[name]


def _words(count: Shown) -> str:
    return MASKED if count is None else str(count)
