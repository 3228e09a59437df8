"""How a page is looked at: widths of screens and colour schemes."""

from __future__ import annotations

from itertools import cycle, product

import pytest

WIDTHS = (360, 768, 1440)
"""A telephone, a tablet, a desk; CSS pixels."""

HEIGHTS = {360: 740, 768: 1024, 1440: 900}
SCHEMES = ("light", "dark")

EVERY_WIDTH = pytest.mark.parametrize("width", WIDTHS)
EVERY_LOOK = pytest.mark.parametrize(
    ("width", "scheme"),
    [pytest.param(*look, id="-".join(map(str, look))) for look in product(WIDTHS, SCHEMES)],
)
"""Marks for a test that takes ``width``, or ``width`` and ``scheme``, and hands them to `open_page`."""

IN_TURN = list(zip(WIDTHS, cycle(SCHEMES)))
"""Every width, and every scheme: for a test that takes long."""

LANGUAGES = ("en-GB", "ru-RU")
EVERY_LOOK_IN_TURN = pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    [
        pytest.param(width, scheme, locale, id=f"{width}-{scheme}-{locale}")
        for locale, schemes in zip(LANGUAGES, (SCHEMES, SCHEMES[::-1]), strict=True)
        for width, scheme in zip(WIDTHS, cycle(schemes))
    ],
)
"""Mark for a test that takes ``locale`` too, and long: every look, and every width in every language.
A screen is light in one language and dark in the other."""
