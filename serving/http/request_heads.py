"""The head of a request: what h11 refuses and httptools does not, and why something is no HTTP."""

from __future__ import annotations

import re

import httptools

Headers = list[tuple[bytes, bytes]]
"""Names, in lower case, and values."""

VERSIONS = ("1.1", "1.0")

NOT_HTTP = "the request is not valid HTTP/1.1"
TWO_LENGTHS = "the request has two Content-Length headers; send one"
LENGTH_AND_CODING = "the request has Content-Length and Transfer-Encoding; send one of them"
NO_PATH = "the target of the request must be a path, or an http address with a path"
OTHER_HOST = "the target and the Host header must name the same host"

ADDRESS = re.compile(rb"http://(?P<host>[^/?#]*)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
"""A target in absolute form."""

END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
LENGTH = re.compile(rb"(?im)^content-length[ \t]*:(.*)$")
CODING = re.compile(rb"(?im)^transfer-encoding[ \t]*:")
OTHER_METHOD = re.compile(rb"(?!(?:GET|HEAD|OPTIONS|POST) )[!-~]+ /[!-~]* HTTP/1\.[01]\r\n")


UNACCEPTED_METHOD = b"PATCH"
"""A method that the parser knows, and no path accepts."""


class BadRequestError(Exception):
    """A request that is refused before it is answered; says why, without repeating any of it."""


def check_head(headers: Headers, *, version: str, method: bytes, target: bytes) -> None:
    """Refuse a head that h11 would refuse, and httptools does not.

    Parameters
    ----------
    headers : list of (bytes, bytes)
    version : str
        Of HTTP.
    method, target : bytes

    Raises
    ------
    BadRequestError
        Without a host in HTTP/1.1, with two, with a transfer coding other than one ``chunked``, with a target
        that is not a path, or to make a tunnel.

    Examples
    --------
    >>> host, coding = (b"host", b"localhost"), (b"transfer-encoding", b"Chunked")
    >>> check_head([host, coding], version="1.1", method=b"POST", target=b"/risk")
    >>> check_head([], version="1.1", method=b"GET", target=b"/")
    Traceback (most recent call last):
        ...
    serving.http.request_heads.BadRequestError: the request is not valid HTTP/1.1
    """
    codings = [value.lower() for name, value in headers if name == b"transfer-encoding"]
    hosts = [name for name, _ in headers].count(b"host")
    if hosts > 1 or (hosts == 0 and version == "1.1") or codings not in ([], [b"chunked"]):
        raise BadRequestError(NOT_HTTP)
    if version not in VERSIONS or method == b"CONNECT":
        raise BadRequestError(NOT_HTTP)
    if not target.startswith(b"/") or b"#" in target:
        raise BadRequestError(NO_PATH)


def path_of_target(target: bytes, headers: Headers) -> bytes:
    """Take the path and the query out of a target in absolute form, as RFC 9112 has every server accept it.

    Which hosts are allowed is decided by the ``Host`` header, so the target must name the same one: RFC 9112
    requires that of clients, and a proxy could go by either of them.

    Parameters
    ----------
    target : bytes
    headers : list of (bytes, bytes)

    Returns
    -------
    target : bytes
        As it is, where it is not in absolute form.

    Raises
    ------
    BadRequestError
        If the target does not name the host of the ``Host`` header.

    References
    ----------
    RFC 9112, sections 3.2 and 3.2.2, https://www.rfc-editor.org/rfc/rfc9112

    Examples
    --------
    >>> path_of_target(b"http://LOCALHOST:3000/livez", [(b"host", b"localhost:3000")])
    b'/livez'
    >>> path_of_target(b"http://localhost?a=1", [(b"host", b"localhost")]), path_of_target(b"/livez", [])
    (b'/?a=1', b'/livez')
    >>> path_of_target(b"http://localhost/livez", [(b"host", b"other.example")])
    Traceback (most recent call last):
        ...
    serving.http.request_heads.BadRequestError: the target and the Host header must name the same host
    """
    address = ADDRESS.fullmatch(target)
    if address is None:
        return target
    if [value.lower() for name, value in headers if name == b"host"] != [address["host"].lower()]:
        raise BadRequestError(OTHER_HOST)
    return address["rest"] if address["rest"].startswith(b"/") else b"/" + address["rest"]


def head_without_offer(headers: Headers, *, version: str, method: bytes, target: bytes) -> bytes:
    r"""Write the head of a request again, without the offer to speak another protocol.

    Examples
    --------
    >>> headers = [(b"host", b"localhost"), (b"upgrade", b"h2c")]
    >>> head_without_offer(headers, version="1.1", method=b"GET", target=b"/")
    b'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'
    """
    lines = b"".join(b"%b: %b\r\n" % header for header in headers if header[0] != b"upgrade")
    return b"%b %b HTTP/%b\r\n%b\r\n" % (method, target, version.encode(), lines)


def head_of_other_method(data: bytes) -> bytes | None:
    r"""Write the head of a request whose method the parser does not know with `UNACCEPTED_METHOD`.

    It is then answered, and logged, as any request with a method that its path does not accept.

    Returns
    -------
    data : bytes or None
        None where the data do not begin with such a head.

    Examples
    --------
    >>> head_of_other_method(b"BREW /risk HTTP/1.1\r\n")
    b'PATCH /risk HTTP/1.1\r\n'
    >>> head_of_other_method(b"noise\r\n")
    """
    return UNACCEPTED_METHOD + data[data.index(b" ") :] if OTHER_METHOD.match(data) else None


def has_two_lengths(head: bytes) -> bool:
    r"""Say whether the head of a request gives the length of its body more than once.

    Examples
    --------
    >>> has_two_lengths(b"POST /risk HTTP/1.1\r\nContent-Length: 2\r\ncontent-length: 2\r\n\r\n{}")
    True
    """
    lengths = LENGTH.findall(END_OF_HEAD.split(head, maxsplit=1)[0])
    return len(lengths) > 1 or any(b"," in length for length in lengths)


def why_no_http(error: Exception, data: bytes) -> str:
    """Say why a request is refused.

    Parameters
    ----------
    error : Exception
        Of the parser, or a `BadRequestError`, also one that was raised while the parser read.
    data : bytes
        What was read.

    Returns
    -------
    reason : str
        In words, without any part of the data.
    """
    cause = error.__context__ if isinstance(error, httptools.HttpParserCallbackError) else error
    if isinstance(cause, BadRequestError):
        return str(cause)
    if has_two_lengths(data):
        return TWO_LENGTHS
    head = END_OF_HEAD.split(data, maxsplit=1)[0]
    return LENGTH_AND_CODING if LENGTH.search(head) and CODING.search(head) else NOT_HTTP
