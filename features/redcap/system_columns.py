"""Columns that REDCap adds to an export: what a row is, whose it is, how far a form has come."""

from __future__ import annotations

from collections.abc import Sequence

from features.mapping.blank_forms import STATUS, TIME
from features.mapping.redcap_layout import GROUP, SURVEY, SYSTEM_COLUMNS
from features.redcap.forms import FORMS, RECORD

OF_FORMS = tuple(form + end for form in FORMS for end in (STATUS, TIME))
"""Status and time of the project's own forms."""

OF_REDCAP = (*SYSTEM_COLUMNS, GROUP, SURVEY)


def is_redcap_export(columns: Sequence[str]) -> bool:
    """Say whether headings are those of a REDCap raw export.

    Parameters
    ----------
    columns : sequence of str
        Headings of a file.

    Returns
    -------
    is_export : bool
        Where REDCap's own columns are there, or the record's identifier and the status of a form.

    Examples
    --------
    >>> is_redcap_export(["record_id", "sex", "patient_complete"]), is_redcap_export(["patient_id", "sex"])
    (True, False)
    """
    has_status = RECORD in columns and any(column.endswith(STATUS) for column in columns)
    return has_status or any(column in OF_REDCAP for column in columns)
