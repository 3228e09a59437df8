"""Whether XML declares a document type, in whatever encoding: only there can entities be defined."""

from __future__ import annotations

from typing import IO
from xml.parsers import expat

CHUNK = 4_096


class _Declared(Exception):
    """The declaration was found."""


class _Begun(Exception):
    """The first element has come: no declaration can follow."""


def declares_document_type(file: IO[bytes]) -> bool:
    """Parse the head of an XML document, up to its first element.

    Parameters
    ----------
    file : binary file
        What is not XML declares nothing.

    Returns
    -------
    declared : bool

    Examples
    --------
    >>> import io
    >>> text = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    >>> [declares_document_type(io.BytesIO(text.encode(each))) for each in ("utf-8", "utf-16")]
    [True, True]
    >>> declares_document_type(io.BytesIO(b"<a><!-- <!DOCTYPE a> --></a>"))
    False
    """
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _declared
    parser.StartElementHandler = _begun
    try:
        while chunk := file.read(CHUNK):
            parser.Parse(chunk, False)
        # Since expat 2.6 the parser may wait with what it has until all is there.
        parser.Parse(b"", True)
    except _Declared:
        return True
    except (_Begun, expat.ExpatError, ValueError, LookupError):
        pass  # The parser that reads the values is this one, and ends here too.
    return False


def _declared(*_: object) -> None:
    raise _Declared


def _begun(*_: object) -> None:
    raise _Begun
