"""Every text can be printed, in whatever encoding the terminal has."""

from __future__ import annotations

import io
import sys

import pytest

from training.console.screen import any_text_can_be_printed, print_document

TEXT = "creatinine 80 µmol/L ≥ 0.9 – José Ж \udce9"


@pytest.mark.parametrize(
    ("encoding", "printed"),
    [
        ("ascii", "creatinine 80 umol/L >= 0.9 - Jose \\u0416 \\udce9"),
        ("cp1252", "creatinine 80 µmol/L >= 0.9 – José \\u0416 \\udce9"),
        ("cp1251", "creatinine 80 µmol/L >= 0.9 – Jose Ж \\udce9"),
        ("utf-8", "creatinine 80 µmol/L ≥ 0.9 – José Ж \\udce9"),
    ],
)
def test_what_an_encoding_lacks_is_written_in_ascii(encoding, printed, monkeypatch) -> None:
    """Also the bytes of a file name that is no text."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, errors="strict"))
    any_text_can_be_printed()
    sys.stdout.write(TEXT)
    sys.stdout.flush()
    assert raw.getvalue().decode(encoding) == printed
    monkeypatch.undo()


def test_documents_are_utf8_in_every_terminal(monkeypatch) -> None:
    """A file made by redirection is what its readers expect."""
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="cp1252"))
    print_document("µ Ж")
    assert raw.getvalue().decode("utf-8") == "µ Ж"
    monkeypatch.undo()
