"""The name of a product that is not listed: which names are allowed, and which belong to a listed product."""

from __future__ import annotations

import re
from collections.abc import Mapping

from features.products import PRODUCTS

PRODUCT_NAME = "product_name"
NAMED_OPTIONS = ("other", "academic")
"""Options of ``product`` whose product may have a name of its own."""

MOST_CHARACTERS = 40
NAME_PATTERN = r"(?=.*[A-Za-z])[A-Za-z0-9](?:[A-Za-z0-9 -]*[A-Za-z0-9])?"
NAME_RULE = "must be letters, digits, spaces and hyphens, with at least one letter"
"""No sentence, date or number fits: the name is free text that others may read."""

LISTED_NAMES: Mapping[str, str] = {
    name: product.name for product in PRODUCTS.values() for name in (product.name, *product.other_names)
}
"""Option of ``product`` by each of its names: the option itself, generic and trade names, abbreviations."""


def listed_product(name: str) -> str | None:
    """Find the listed product that a name means.

    Parameters
    ----------
    name : str
        As written; case, spaces and signs do not matter.

    Returns
    -------
    product : str or None
        Option of ``product``; None where no listed product has the name.

    Examples
    --------
    >>> listed_product("Kymriah"), listed_product("brexu-cel"), listed_product("CART22-65s")
    ('tisagenlecleucel', 'brexucabtagene', None)
    """
    return _BY_PLAIN_NAME.get(_plain(name))


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())


_BY_PLAIN_NAME: Mapping[str, str] = {_plain(name): product for name, product in LISTED_NAMES.items()}
