"""What is said of a bundle that is refused."""

from __future__ import annotations

from features.problems import Refused


class BundleError(Refused):
    """A bundle that is refused; says what is wrong and how to mend it."""
