"""Options of the commands of the record of answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RecordFile = Annotated[
    Path | None,
    typer.Option(
        "--record",
        metavar="FILE",
        readable=False,
        help="TOML file of the record's settings (default: CART_OUTCOMES_RECORD)",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--checkpoints",
        metavar="FOLDER",
        readable=False,
        help="Folder of checkpoints (default: that of the settings)",
    ),
]
