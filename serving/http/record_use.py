"""What an answer is used for, as the page states it in a header: typing, copying, exporting, printing.

The page asks after every change of a value. These answers are no records: they would bury those that people
act on. A program with a key or a token could call its questions typing to evade the record. So typing counts
only without a key and a token: from a person who is signed on at the proxy, who reads these answers on the
page anyway, or where callers need not be known.
"""

from __future__ import annotations

from serving.http.error_response import Refusal
from serving.http.request_log import RequestRecord
from serving.record.answer_row import USES, Use

USE_HEADER = "x-cart-outcomes-use"

UNRECORDED: frozenset[Use] = frozenset({"typing"})
"""Uses of answers that are no records."""

PROGRAMS = frozenset({"key", "token"})
"""How programs are recognized; a person is recognized by the proxy."""


def stated_use(request: RequestRecord) -> Use | None:
    """Read what the answer to a request is used for.

    Parameters
    ----------
    request : RequestRecord

    Returns
    -------
    use : Use or None
        None where the request states nothing that counts.

    Raises
    ------
    Refusal
        400 if the use is not known.

    Examples
    --------
    >>> stated_use(RequestRecord(use="typing")), stated_use(RequestRecord(use="copied", kind="key"))
    ('typing', 'copied')
    >>> print(stated_use(RequestRecord(use="typing", kind="key")), stated_use(RequestRecord()))
    None None
    """
    if request.use is None:
        return None
    for use in USES:
        if request.use == use:
            return None if use in UNRECORDED and request.kind in PROGRAMS else use
    raise Refusal(400, f"the header {USE_HEADER} must be one of: {', '.join(USES)}")
