"""A site's table and its mapping, as texts: imported or checked as the command line does it."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import pytest
from rich.console import Console

from features.problems import DataError
from training.commands.check import check
from training.commands.import_table import import_table
from training.commands.map_table import map_table


@dataclass(frozen=True)
class SiteCase:
    """A table and its mapping in a folder of their own."""

    table: Path
    mapping: Path

    def imported(self) -> tuple[list[dict[str, str]], list[str]]:
        """Import the table: the rows of the cohort, and what the command printed."""
        out, screen = self.table.with_name("cohort.csv"), io.StringIO()
        import_table(self.table, self.mapping, out, console=Console(file=screen))
        rows = list(csv.DictReader(io.StringIO(out.read_text(encoding="utf-8"))))
        out.unlink()
        return rows, screen.getvalue().splitlines()

    def columns(self, *names: str) -> list[tuple[str, ...]]:
        """Import the table: some columns of the cohort, row by row."""
        return [tuple(row[name] for name in names) for row in self.imported()[0]]

    def refused(self) -> list[str]:
        """Say why `import` and `check` refuse the table: both for the same reasons."""
        with pytest.raises(DataError) as refusal:
            self.imported()
        with pytest.raises(DataError) as also:
            check(self.table, self.mapping, console=Console(quiet=True))
        told = [str(problem) for problem in refusal.value.problems]
        assert [str(problem) for problem in also.value.problems] == told
        return told

    def checked(self) -> list[str]:
        """Check the table: the lines that the command printed."""
        return self._checked(self.mapping)

    def checked_without_mapping(self) -> list[str]:
        """Check the table as an export that needs no mapping: the lines that the command printed."""
        return self._checked(None)

    def _checked(self, mapping: Path | None) -> list[str]:
        screen = io.StringIO()
        check(self.table, mapping, console=Console(file=screen, width=200))
        return screen.getvalue().splitlines()

    def drafted(self) -> list[str]:
        """Draft a mapping of the table: its lines."""
        out = self.table.with_name("draft.toml")
        map_table(self.table, out, overwrite=True, console=Console(quiet=True))
        return out.read_text(encoding="utf-8").splitlines()


def site_case(folder: Path, table: str, mapping: str = "") -> SiteCase:
    """Write a table and its mapping.

    Parameters
    ----------
    folder : Path
        Where to.
    table : str
        CSV; a line is indented as it stands in a test.
    mapping : str
        TOML.

    Returns
    -------
    case : SiteCase
    """
    case = SiteCase(folder / "export.csv", folder / "site.toml")
    lines = [line.strip() for line in table.strip().splitlines()]
    case.table.write_text("\n".join(lines) + "\n", encoding="utf-8")
    case.mapping.write_text(mapping, encoding="utf-8")
    return case
