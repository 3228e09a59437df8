"""The parts of a figure are placed once, however often it is saved."""

from __future__ import annotations

from matplotlib.figure import Figure


def place_once(figure: Figure) -> None:
    """Place the parts of a figure now; they stay there.

    Saving a figure that has a layout engine draws all of it twice, the first time to place its parts.

    Parameters
    ----------
    figure : Figure
        Has no layout engine afterward; one that has none is left as it is.

    Examples
    --------
    >>> figure = Figure(layout="constrained")
    >>> axes = figure.subplots()
    >>> place_once(figure)
    >>> figure.get_layout_engine() is None
    True
    """
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.execute(figure)
        figure.set_layout_engine(None)
