"""What the record could not do: reasons without a value of a patient or of a key."""

from __future__ import annotations


class RecordError(Exception):
    """The record could not be written or read; says why and how to fix it."""


class UnknownPredictionError(RecordError):
    """The record has no answer of this prediction id."""
