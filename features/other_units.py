"""Units and slips in which a number may be written beside the schema's own unit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OtherUnit:
    """A unit in clinical use beside the schema's own, or a slip that is written instead of it.

    Parameters
    ----------
    name : str
        How the unit is written.
    factor : float
        Multiply a value in this unit by it to get the schema's unit.
    """

    name: str
    factor: float


@dataclass(frozen=True)
class Writing:
    """How a number may be written other than in the schema's unit.

    Parameters
    ----------
    usual : tuple of two floats, optional
        Between which values, both included, nearly all patients lie, in the schema's unit. A value outside is
        questioned where another writing makes it usual; 0 never is.
    units : tuple of OtherUnit
        Units in clinical use beside the schema's own.
    slips : tuple of OtherUnit
        Written by mistake only: a fraction for a percentage, a daily dose for the total.
    """

    usual: tuple[float, float] | None = None
    units: tuple[OtherUnit, ...] = ()
    slips: tuple[OtherUnit, ...] = ()


def conversion(factor: float) -> str:
    """Say how to convert to the schema's unit, as a division where that is the rounder number.

    Examples
    --------
    >>> conversion(1 / 88.42), conversion(60.0)
    ('divide by 88.42', 'multiply by 60')
    """
    if factor >= 1:
        return f"multiply by {factor:.6g}"
    divisor = round(1 / factor, 10)
    return "divide by 1e6" if divisor == 1e6 else f"divide by {divisor:.6g}"
