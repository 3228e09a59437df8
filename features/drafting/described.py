"""What is known of a column before its values: its heading, and its line in a data dictionary."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from features.checking.parse_cell import is_unknown_word
from features.drafting.boxes import WHERE, is_option, matches_of, where_answered
from features.drafting.branching import Tests, condition_of
from features.drafting.conditions import with_condition
from features.drafting.dictionary_codes import WORDS_FOR_UNKNOWN, coded_entry
from features.drafting.entries import Entry
from features.drafting.headings import SURE, NameMatch
from features.drafting.labels import label_matches
from features.drafting.values import Values
from features.drafting.yes_no import HIGHEST_GRADE
from features.field import FieldSpec
from features.mapping.checkboxes import FILLED_IN
from features.redcap.data_dictionary import DataDictionary, DictionaryField

FREE = ("notes", "file", "descriptive", "signature")
"""Field types that are no value of a cohort."""


@dataclass(frozen=True)
class Described:
    """The columns of a table, with what a data dictionary says of them.

    Parameters
    ----------
    columns : tuple of str
        Of the table.
    dictionary : DataDictionary, optional
        Of the project that the table was exported from.
    """

    columns: tuple[str, ...]
    dictionary: DataDictionary | None = None

    def field(self, column: str) -> DictionaryField | None:
        """Give the line of a column; None without a dictionary, and for a column that is not in it."""
        return self.dictionary.field(column) if self.dictionary else None

    def matches(self, column: str, values: Values) -> list[NameMatch]:
        """Find the fields that a column may hold.

        Parameters
        ----------
        column : str
            Of the table.
        values : Values
            Of the column.

        Returns
        -------
        matches : list of NameMatch
            Likeliest first. If the label names a field, the name of the variable counts for the same
            fields only.
        """
        own = matches_of(column, self.columns)
        line = self.field(column)
        if self.dictionary is None or line is None:
            return own
        if line.variable == self.dictionary.fields[0].variable:
            return [NameMatch("patient_id", 1.0)]
        if self.left_out(column, values):
            return []
        of_label = (
            self._of_box(column, line) if line.kind == "checkbox" else label_matches(line.label, line.note)
        )
        if line.kind == "checkbox":
            own = self._without_other_boxes(own, column, line)
        return _together(own, of_label)

    def left_out(self, column: str, values: Values) -> str | None:
        """Say why a column is not used, where the dictionary is the reason."""
        line = self.field(column)
        if line is None or self.dictionary is None or line == self.dictionary.fields[0]:
            return None
        is_date = line.is_date or bool(values.dates)
        if line.is_identifier and not is_date:
            return "the dictionary marks it as an identifier"
        if line.kind in FREE:
            return "free text, a file or a remark of the form"
        if line.inputs and all(name in self.columns for name in line.inputs):
            return f"calculated by the form from {', '.join(line.inputs)}"
        return None

    def entry(self, entry: Entry, spec: FieldSpec, column: str, values: Values) -> Entry:
        """Improve the entry of a field by what the dictionary says of its column.

        Parameters
        ----------
        entry : Entry
            By heading and values.
        spec : FieldSpec
            The field.
        column : str
            Of the table.
        values : Values
            Of the column.

        Returns
        -------
        entry : Entry
            With codes, and with the condition under which the form shows the question.
        """
        line = self.field(column)
        if line is None or self.dictionary is None:
            return where_answered(entry, column, self.columns)
        if line.kind == "checkbox":
            return with_condition(entry, column, self._answered(column, line, self.dictionary), WHERE)
        if line.choices and values.known:
            entry = coded_entry(spec, column, line.choices) or entry
        return self._where_shown(entry, spec, column, line)

    def label(self, column: str) -> str:
        """Give what the form asks; blank without a dictionary."""
        line = self.field(column)
        if line is None:
            return ""
        box = self._box_label(column, line)
        return f"{line.label}: {box}" if box else line.label

    def _where_shown(self, entry: Entry, spec: FieldSpec, column: str, line: DictionaryField) -> Entry:
        if not line.branching or spec.name == "patient_id":
            return entry
        tests = condition_of(line.branching)
        if tests is None or any(name not in self.columns for name in tests):
            return replace(entry, reason=f"{entry.reason}; the form shows it only if {line.branching}")
        return with_condition(entry, column, tests, self._meaning_of_hidden(spec, tests))

    def _meaning_of_hidden(self, spec: FieldSpec, tests: Tests) -> str:
        """Say what a grade may be where the form does not ask for it."""
        shown = "the form shows it only then"
        gates = [self.field(name) for name in tests]
        graded = spec.kind == "integer" and spec.high is not None and spec.high <= HIGHEST_GRADE
        if not (graded and len(gates) == 1 and gates[0] and gates[0].kind == "yesno"):
            return shown
        zero = f"{{ value = 0, only_if = {{ {gates[0].variable} = 0 }} }}"
        return f"{shown}; if no means grade 0, make it a list with {zero}"

    def _of_box(self, column: str, line: DictionaryField) -> list[NameMatch]:
        """Compare the label of one box, and its question, with yes and no and choices."""
        label = self._box_label(column, line)
        if not label or _is_unknown(label):
            return []
        matches = [*label_matches(label), *label_matches(f"{line.label} {label}")]
        return [match for match in matches if is_option(match)]

    def _without_other_boxes(
        self, own: Sequence[NameMatch], column: str, line: DictionaryField
    ) -> list[NameMatch]:
        """Leave out what the name of the question means, if the label of another box alone says it."""
        boxes = [box for box in (self.dictionary.boxes(line) if self.dictionary else {}) if box != column]
        others = {
            match.field
            for box in boxes
            for match in label_matches(self._box_label(box, line))
            if match.likeness >= SURE
        }
        return [match for match in own if match.field not in others]

    def _box_label(self, column: str, line: DictionaryField) -> str:
        boxes = self.dictionary.boxes(line) if self.dictionary else {}
        return boxes[column].label if column in boxes else ""

    def _answered(self, column: str, line: DictionaryField, dictionary: DataDictionary) -> Tests:
        """Name the status of the form and the boxes for unknown, which must not be ticked."""
        status = dictionary.status(line)
        unknown = [
            box
            for box, choice in dictionary.boxes(line).items()
            if box != column and box in self.columns and _is_unknown(choice.label, choice.code)
        ]
        of_form = {status: FILLED_IN} if status in self.columns else {}
        return {**of_form, **dict.fromkeys(unknown, ("0",))}


def _together(own: Sequence[NameMatch], of_label: Sequence[NameMatch]) -> list[NameMatch]:
    """Join the matches of a name and of a label, each field once."""
    named = {match.field for match in of_label if match.likeness >= SURE}
    matches = [match for match in own if not named or match.field in named]
    best: dict[str, NameMatch] = {}
    for match in [*of_label, *matches]:
        known = best.get(match.field, match)
        likeness = max(known.likeness, match.likeness)
        best[match.field] = replace(known, likeness=likeness, unit=known.unit or match.unit)
    return sorted(best.values(), key=lambda match: (-match.likeness, not match.unit))


def _is_unknown(label: str, code: str = "") -> bool:
    words = (label.strip().casefold(), code.strip().casefold())
    return any(word in WORDS_FOR_UNKNOWN or is_unknown_word(word) for word in words if word)
