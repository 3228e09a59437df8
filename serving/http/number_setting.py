"""A whole number that a variable of the environment sets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass


class NumberSettingError(ValueError):
    """A number that cannot be used; says what is allowed."""


@dataclass(frozen=True)
class NumberSetting:
    """What a variable of the environment may say.

    Attributes
    ----------
    variable : str
        Its name.
    least, most : int
        Smallest and largest number that can be used.
    default : int
        Where the variable is missing or empty.
    """

    variable: str
    least: int
    most: int
    default: int

    def read(self, environment: Mapping[str, str] = os.environ) -> int:
        """Read the number.

        Parameters
        ----------
        environment : mapping of str to str
            Of this process by default.

        Returns
        -------
        number : int
            From `least` to `most`; `default` where the variable is missing or empty.

        Raises
        ------
        NumberSettingError
            If the variable says anything else.

        Examples
        --------
        >>> doors = NumberSetting("DOORS", least=1, most=4, default=2)
        >>> doors.read({"DOORS": "3"}), doors.read({})
        (3, 2)
        >>> doors.read({"DOORS": "5"})
        Traceback (most recent call last):
            ...
        serving.http.number_setting.NumberSettingError: DOORS must be a whole number from 1 to 4
        """
        stated = environment.get(self.variable, "").strip() or str(self.default)
        if not (stated.isascii() and stated.isdigit() and self.least <= int(stated) <= self.most):
            message = f"{self.variable} must be a whole number from {self.least} to {self.most}"
            raise NumberSettingError(message)
        return int(stated)
