"""How to fix a problem: what to do, and whether saying so repeats what a patient's cell holds."""

from __future__ import annotations

from dataclasses import dataclass, replace

QUOTE = '"'


@dataclass(frozen=True)
class Advice:
    """How to fix a problem.

    Parameters
    ----------
    text : str
        In full, for the person who brought the file.
    quotes_cell : bool
        Whether the text repeats, or gives away, what a cell holds. Advice that is not marked otherwise is
        taken to do so: it is printed on the command line only.
    general : str
        The same advice without the cell, where ``text`` quotes it.
    as_option : str
        The same advice where options of the command line take the place of a mapping file; empty where no
        option does.

    Examples
    --------
    >>> advice = Advice("write 3.5", general="write a decimal point")
    >>> str(advice), str(advice.without_cell())
    ('write 3.5', 'write a decimal point')
    >>> Advice("write 3.5").without_cell() is None
    True
    """

    text: str
    quotes_cell: bool = True
    general: str = ""
    as_option: str = ""

    def __str__(self) -> str:
        return self.text

    def without_cell(self) -> Advice | None:
        """Give the advice for pages and logs, which must not show values; None if there is none."""
        if not self.quotes_cell:
            return self
        return plain(self.general) if self.general else None

    def for_options(self) -> Advice:
        """Give the advice for a command without a mapping file."""
        return replace(self, text=self.as_option) if self.as_option else self


def plain(text: str) -> Advice:
    """Give advice that repeats nothing of any cell: names of columns, keys, options and units only.

    Examples
    --------
    >>> plain("leave the cell blank").quotes_cell
    False
    """
    return Advice(text, quotes_cell=False)


def quoting(text: str, *, general: str = "") -> Advice:
    """Give advice that repeats, or gives away, what a cell holds.

    Examples
    --------
    >>> quoting("write female", general="write an option as the rule spells it").quotes_cell
    True
    """
    return Advice(text, general=general)


def table_setting(words: str, key: str, value: str) -> Advice:
    """Give advice to say how a table is written: by a key of the mapping file, or by an option.

    Parameters
    ----------
    words : str
        With ``{setting}`` where the setting is named.
    key : str
        Under ``[table]`` of a mapping file; the option is named like it.
    value : str
        As TOML writes it.

    Examples
    --------
    >>> advice = table_setting("save it as UTF-8, or {setting}", "encoding", '"cp1252"')
    >>> print(advice)
    save it as UTF-8, or set encoding = "cp1252" under [table] of a mapping file
    >>> print(advice.for_options())
    save it as UTF-8, or use --encoding cp1252
    """
    option = f"use --{key.replace('_', '-')} {value.strip(QUOTE)}".rstrip()
    in_file = f"set {key} = {value} under [table] of a mapping file"
    return Advice(words.format(setting=in_file), quotes_cell=False, as_option=words.format(setting=option))
