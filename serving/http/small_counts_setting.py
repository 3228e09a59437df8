"""Whether the service states small counts of its training cohort: one setting of the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping

SMALL_COUNTS_VARIABLE = "CART_OUTCOMES_SHOW_SMALL_COUNTS"
"""1 where the model card and answers may state counts of fewer than five infusions."""


class SmallCountsError(ValueError):
    """A setting that cannot be used; says what is allowed."""


def environment_small_counts(environment: Mapping[str, str] = os.environ) -> bool:
    """Read whether small counts are shown.

    Parameters
    ----------
    environment : mapping of str to str
        Of this process by default.

    Returns
    -------
    shown : bool
        False where `SMALL_COUNTS_VARIABLE` is missing or empty. A bundle that was written without small
        counts has none to show.

    Raises
    ------
    SmallCountsError
        If it is neither 0 nor 1.

    Examples
    --------
    >>> environment_small_counts({"CART_OUTCOMES_SHOW_SMALL_COUNTS": "1"}), environment_small_counts({})
    (True, False)
    >>> environment_small_counts({"CART_OUTCOMES_SHOW_SMALL_COUNTS": "all"})
    Traceback (most recent call last):
        ...
    serving.http.small_counts_setting.SmallCountsError: CART_OUTCOMES_SHOW_SMALL_COUNTS must be 0 or 1
    """
    stated = environment.get(SMALL_COUNTS_VARIABLE, "").strip() or "0"
    if stated not in ("0", "1"):
        message = f"{SMALL_COUNTS_VARIABLE} must be 0 or 1"
        raise SmallCountsError(message)
    return stated == "1"
