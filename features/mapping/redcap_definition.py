"""What a mapping file says of a REDCap raw export: which rows are infusions, and which are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class RedcapLayout:
    """How rows of a REDCap raw export come together to infusions.

    Parameters
    ----------
    infusion_instrument : str, optional
        Repeating instrument whose repeats are the infusions.
    infusion_events : tuple of str
        Events of a longitudinal project that are infusions.
    ignore_instruments, ignore_events : tuple of str
        Repeating instruments and events that are left out.
    from_record, from_infusion : tuple of str
        Columns with values in both kinds of row, and which of the two is meant.
    from_event : mapping of str to str, or to a mapping of str to str
        Column to the event whose rows of the record give it, where several events have it; or to a mapping
        from the event of an infusion to that event.
    linked_instruments : tuple of str
        Repeating instruments whose rows are a table of values over time.
    """

    infusion_instrument: str | None = None
    infusion_events: tuple[str, ...] = ()
    ignore_instruments: tuple[str, ...] = ()
    ignore_events: tuple[str, ...] = ()
    from_record: tuple[str, ...] = ()
    from_infusion: tuple[str, ...] = ()
    from_event: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    linked_instruments: tuple[str, ...] = ()
