"""Text that XML can hold."""

from __future__ import annotations

import re

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 does not allow."""


def xml_text(words: str) -> str:
    r"""Leave out the characters that XML cannot hold; it escapes the others itself.

    Examples
    --------
    >>> xml_text("a\x00 <b>")
    'a <b>'
    """
    return NOT_XML.sub("", words)
