"""JSON whose text is mostly prepared: titles and sources are written once, numbers are filled in.

Most of an answer is the same for every patient. All text is made by `pydantic_core.to_json`, piece by piece.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pydantic_core import to_json

SLOT = object()
"""Stands for a value of a `Template` that is filled in later."""

NULL = b"null"


class Template:
    """A JSON object with slots for what differs from patient to patient.

    Parameters
    ----------
    members : mapping of str to object
        In the order in which they are written; `SLOT` where a value is filled in later.

    Examples
    --------
    >>> template = Template({"field": "age_years", "risk": SLOT, "share": "5 %"})
    >>> template.filled(b"0.25")
    b'{"field":"age_years","risk":0.25,"share":"5 %"}'
    """

    def __init__(self, members: Mapping[str, object]) -> None:
        written = [
            _literal(to_json(name)) + b":" + (b"%b" if value is SLOT else _literal(to_json(value)))
            for name, value in members.items()
        ]
        self.text = b"{" + b",".join(written) + b"}"
        """With ``%b`` for each slot."""

    def filled(self, *values: bytes) -> bytes:
        """Fill the slots, in their order, with JSON."""
        return self.text % values


def array(items: Iterable[bytes]) -> bytes:
    """Write an array of values that are JSON already.

    Examples
    --------
    >>> array([b"1", b"true"])
    b'[1,true]'
    """
    return b"[" + b",".join(items) + b"]"


def number_texts(numbers: Sequence[float]) -> list[bytes]:
    """Write numbers, all at once.

    Parameters
    ----------
    numbers : sequence of float

    Returns
    -------
    texts : list of bytes
        As many as numbers; each is read back as the same float.

    Examples
    --------
    >>> number_texts([0.1, 2.0]), number_texts([])
    ([b'0.1', b'2.0'], [])
    """
    return to_json(numbers)[1:-1].split(b",") if numbers else []


def value_texts(values: Mapping[str, object]) -> dict[str, bytes]:
    """Write each of the values by itself.

    Examples
    --------
    >>> value_texts({"age_years": 31.0, "product": None, "sex": "male"})
    {'age_years': b'31.0', 'product': b'null', 'sex': b'"male"'}
    """
    return {name: NULL if value is None else to_json(value) for name, value in values.items()}


def _literal(text: bytes) -> bytes:
    return text.replace(b"%", b"%%")
