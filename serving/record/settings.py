"""The settings of the record: a TOML file, with the files that it names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from serving.identity.private_file import SettingsError, read_toml

if TYPE_CHECKING:
    from serving.record.recorder import Recorder

RECORD_VARIABLE = "CART_OUTCOMES_RECORD"
"""Path of the TOML file; answers are not recorded where it is not set."""

POSTGRESQL = "postgresql+pg8000://"
"""Start of the address of a database server; every other address is the path of an SQLite file."""

Policy = Literal["refuse", "answer_and_alarm"]
"""What the service does where the record cannot be written."""


def _address(stated: str) -> str:
    if "://" not in stated:
        return stated
    user, _, server = stated.removeprefix(POSTGRESQL).partition("@")
    if not stated.startswith(POSTGRESQL) or not (user and server):
        message = f"must be the path of an SQLite file, or {POSTGRESQL}USER@HOST/DATABASE"
        raise ValueError(message)
    if "?" in server:
        message = "must end with the name of the database; a parameter after it could be a password"
        raise ValueError(message)
    if ":" in user:
        message = "must not have the password; write it to a file of its own and name it as password_file"
        raise ValueError(message)
    return stated


Words = Annotated[str, Field(min_length=1, max_length=300, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Without control characters, which no path has."""


class RecordSettings(BaseModel):
    """The record as a site states it; paths are relative to the file.

    Attributes
    ----------
    address : str
        Path of an SQLite file, or the address of a PostgreSQL database without its password.
    keys : tuple of str
        Files of the keys that chain the rows; the last is the current one.
    password_file : str or None
        File of the database user's password.
    tls_ca : str or None
        PEM file of the authorities whose certificate the database server must have; None leaves encryption to
        the server.
    policy : str
        Whether an answer that cannot be recorded is refused, or given with an alarm.
    shadow : bool
        Whether answers are recorded and not shown.
    retention_days : int or None
        Days for which rows are kept; None for all.
    checkpoints : str or None
        Folder of the daily checkpoints, on another disk or machine.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    address: Annotated[Words, AfterValidator(_address)]
    keys: Annotated[tuple[Words, ...], Field(min_length=1)]
    password_file: Words | None = None
    tls_ca: Words | None = None
    policy: Policy = "refuse"
    shadow: bool = False
    retention_days: Annotated[int, Field(ge=1, le=36500)] | None = None
    checkpoints: Words | None = None
    folder: Annotated[Path, Field(exclude=True)] = Path()
    """Where the file is: paths are relative to it."""

    @property
    def on_server(self) -> bool:
        """Whether the record is in PostgreSQL."""
        return self.address.startswith(POSTGRESQL)


def read_settings(path: Path) -> RecordSettings:
    """Read the settings.

    Parameters
    ----------
    path : Path
        TOML file.

    Raises
    ------
    SettingsError
        With every mistake by its place in the file, and without the values.
    """
    return checked_settings(read_toml(path), path)


def checked_settings(stated: Mapping[str, Any], path: Path) -> RecordSettings:
    """Check the settings of a file.

    Parameters
    ----------
    stated : mapping
        As TOML states them.
    path : Path
        Of the file.

    Raises
    ------
    SettingsError
        With every mistake.

    Examples
    --------
    >>> checked_settings({"adress": "record.db", "keys": ["a.key"]}, Path("record.toml"))
    Traceback (most recent call last):
        ...
    serving.identity.private_file.SettingsError: record.toml: address: Field required; \
adress: Extra inputs are not permitted
    """
    try:
        if "folder" in stated:
            message = f"{path.name}: folder: Extra inputs are not permitted"
            raise SettingsError(message)
        return RecordSettings.model_validate({**stated, "folder": path.parent})
    except ValidationError as error:
        mistakes = map(_problem, error.errors(include_input=False, include_url=False))
        message = f"{path.name}: {'; '.join(dict.fromkeys(mistakes))}"
        raise SettingsError(message) from None


def environment_recorder(environment: Mapping[str, str] = os.environ) -> Recorder | None:
    """Make the recorder that the environment describes, with its tables.

    A database that does not answer now is opened with the first row: the service starts, and the policy
    applies.

    Parameters
    ----------
    environment : mapping of str to str
        Of this process by default.

    Returns
    -------
    recorder : Recorder or None
        None where answers are not recorded.

    Raises
    ------
    SettingsError
        If the settings or a file that they name cannot be used: the service does not start without a
        record instead.
    """
    stated = environment.get(RECORD_VARIABLE, "")
    if not stated:
        return None
    # SQLAlchemy takes a part of a second to import, and a service without a record needs none of it.
    from serving.record.recorder import Recorder

    recorder = Recorder(read_settings(Path(stated)))
    recorder.prepare_if_possible()
    return recorder


def _problem(mistake: Mapping[str, Any]) -> str:
    located = (str(part + 1) if isinstance(part, int) else str(part) for part in mistake["loc"])
    return f"{' '.join(located)}: {mistake.get('ctx', {}).get('error', mistake['msg'])}"
