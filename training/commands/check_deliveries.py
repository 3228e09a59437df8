"""Compare a delivery with an earlier one of the same cohort: a page, data, and a list for the center."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from rich.console import Console

from features.cohort import Cohort
from features.corrections.decisions import as_text
from features.files.output_files import Outputs
from features.files.typed_text import canonical_text
from features.problems import counted
from features.read_cohort import read_cohort
from training.comparison.deliveries import Deliveries, EventChange, FieldChange, changed_cells
from training.comparison.deliveries import compare_deliveries as compared_with
from training.console.screen import print_line
from training.pages.deliveries.page import deliveries_json, deliveries_page

if TYPE_CHECKING:
    from training.commands.check import Earlier

HEADINGS = ("patient_id", "infusion_number", "column", "earlier_row", "later_row", "earlier", "later")


def compare_deliveries(
    later: Cohort, earlier: Earlier, outputs: Outputs, screen: Console, *, small_counts: bool
) -> None:
    """Print what differs, and write the files.

    Parameters
    ----------
    later : Cohort
        The delivery that was checked.
    earlier : Earlier
        The one before, and the files to write.
    outputs : Outputs
        Those files.
    screen : Console
        Where the summary goes.
    small_counts : bool
        Whether page and data show counts of fewer than five; the terminal of the center always does.

    Raises
    ------
    DataError
        If the earlier file has problems, or a file cannot be written.
    """
    compared = compared_with(read_cohort(earlier.file, mapping=earlier.mapping), later)
    contents: dict[object, str] = {
        earlier.html: deliveries_page(compared, small_counts=small_counts),
        earlier.json: deliveries_json(compared, small_counts=small_counts),
        earlier.changes: changes_csv(compared),
    }
    outputs.write({file.path: contents[file.path] for file in outputs.files})
    for line in _summary(compared):
        print_line(screen, line)
    if earlier.html is not None:
        print_line(screen, f"{earlier.html.name}: comparison of the deliveries")
    if earlier.json is not None:
        print_line(screen, f"{earlier.json.name}: comparison of the deliveries as data")
    if earlier.changes is not None:
        words = "changed cells with identifiers and values; keep it in the center"
        print_line(screen, f"{earlier.changes.name}: {words}")


def changes_csv(compared: Deliveries) -> str:
    """Write the list of changed cells, with identifiers and values.

    Parameters
    ----------
    compared : Deliveries

    Returns
    -------
    csv : str
        A cell that a spreadsheet would run as a formula starts with an apostrophe.
    """
    content = io.StringIO()
    writer = csv.writer(content, lineterminator="\n")
    writer.writerow(HEADINGS)
    for patient, *numbers, before, after in changed_cells(compared):
        values = [as_text(canonical_text(each)) for each in (before, after)]
        writer.writerow([as_text(str(patient)), *numbers, *values])
    return content.getvalue()


def _summary(compared: Deliveries) -> list[str]:
    added, removed = (counted(len(each), "infusion") for each in (compared.added, compared.removed))
    lines = [
        f"compared with {compared.earlier.name}: {added} added, {removed} removed, "
        f"{compared.changed_infusions} of {len(compared.pairs)} in both changed"
    ]
    if compared.respelled:
        again = counted(compared.respelled, "removed infusion")
        lines.append(f"  {again} may be added again under another spelling of patient_id")
    lines += [_field_words(each) for each in compared.fields if each.differs]
    return [*lines, *(_event_words(each) for each in compared.events if each.differs)]


def _field_words(change: FieldChange) -> str:
    ordered = change.higher or change.lower
    ways = f" ({change.higher} higher, {change.lower} lower)" if ordered else ""
    changed = f"{counted(change.changed, 'cell')} changed{ways}"
    known = f"{change.became_blank} became blank, {change.became_known} became known"
    return f"  {change.field}: {changed}, {known}"


def _event_words(change: EventChange) -> str:
    return (
        f"  {change.outcome}: {change.earlier} to {counted(change.later, 'event')}; in both deliveries "
        f"{change.gained} gained, {change.lost} lost; {change.of_added} of added and {change.of_removed} of "
        "removed infusions"
    )
