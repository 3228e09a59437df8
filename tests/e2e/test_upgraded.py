"""What the version before has left is used: a record in both databases, an unsigned release, settings."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from serving.identity.key_file import read_keys
from serving.identity.settings import checked_settings
from serving.model.read_bundle import read_bundle
from serving.model.released_bundle import BUNDLE_VARIABLE, model_folder, pointed_at, released_bundle
from serving.model.write_bundle import write_bundle
from serving.record import upgrade as upgrades
from serving.record.settings import POSTGRESQL
from serving.record.tables import HEAD, ROWS
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from serving.release.release_log import log_file, read_log
from tests.bundles import PATIENT, make_bundle
from tests.e2e.postgresql import DATABASE, USER, postgresql
from tests.kept_answers import KeptAnswers, answer, kept_answers, new_key, outcome
from tests.releases import empty_store, linear
from tests.signing import accepting, released, site_key
from training.commands.release import verify
from training.release.bento_store import store_bundle

pytestmark = pytest.mark.slow

LEFT = Path(__file__).parents[1] / "first_version"
FIRST = "0001"
ONE_MORE = f"""
from alembic import op
import sqlalchemy as sa

revision, down_revision = "9999", "HEAD"


def upgrade() -> None:
    op.add_column("{ROWS.name}", sa.Column("one_more", sa.Text))
"""
"""A change of the tables that is only the test's, after all that there are."""


@pytest.fixture(params=["sqlite", "postgresql"])
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[KeptAnswers]:
    """Make settings with two keys for a record in each kind of database."""
    new_key(tmp_path / "second.key", "22")
    if request.param == "sqlite":
        yield _with_both_keys(kept_answers(tmp_path))
        return
    with postgresql(request.getfixturevalue("postgresql_programs")) as server:
        (tmp_path / "password").write_text(server.password)
        (tmp_path / "password").chmod(0o600)
        address = f"{POSTGRESQL}{USER}@127.0.0.1:{server.port}/{DATABASE}"
        yield _with_both_keys(kept_answers(tmp_path, address=address, more='password_file = "password"\n'))


def left_behind(kept: KeptAnswers, scripts: ScriptDirectory) -> None:
    """Make the tables of the first version, and the rows that it wrote."""
    stored = json.loads((LEFT / "record.json").read_text())
    with pytest.MonkeyPatch.context() as patch, kept.database.connected() as connection:
        patch.setattr(upgrades, "_scripts", lambda: scripts)
        upgrades.upgrade(connection)
        with connection.begin():
            connection.execute(insert(ROWS), stored["rows"])
            connection.execute(update(HEAD), stored["head"])


def scripts_until_first(folder: Path) -> ScriptDirectory:
    """Have the first step alone."""
    _copy_scripts(folder)
    for file in (folder / "versions").glob("*.py"):
        if file.name not in ("__init__.py", "first_tables.py"):
            file.unlink()
    return ScriptDirectory(str(folder))


def scripts_and_one_more(folder: Path) -> ScriptDirectory:
    """Have all steps, and one that only the test has."""
    _copy_scripts(folder)
    head = ScriptDirectory(str(folder)).get_current_head()
    (folder / "versions" / "one_more.py").write_text(ONE_MORE.replace("HEAD", str(head)))
    return ScriptDirectory(str(folder))


def test_upgraded_from_the_version_before(
    kept: KeptAnswers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows of the first tables verify with their hashes; erasures, outcomes and new answers go on."""
    left_behind(kept, scripts_until_first(tmp_path / "first"))
    assert kept.rows(f"SELECT version_num FROM {ROWS.name}_version") == [(FIRST,)]
    changed = scripts_and_one_more(tmp_path / "more")
    monkeypatch.setattr(upgrades, "_scripts", lambda: changed)
    kept.keep(answer("p-4"), outcomes=[outcome("p-3")])
    assert kept.rows(f"SELECT version_num FROM {ROWS.name}_version") == [("9999",)]
    assert kept.rows(f"SELECT one_more FROM {ROWS.name} WHERE sequence = 1") == [(None,)]
    verification = kept.verified()
    assert (verification.broken, verification.first, verification.last) == (None, 1, 9)
    hashes = [digest for (digest,) in kept.rows(f"SELECT hash FROM {ROWS.name} ORDER BY sequence")]
    assert hashes[:7] == [row["hash"] for row in json.loads((LEFT / "record.json").read_text())["rows"]]


def test_an_unsigned_release_is_served_and_the_log_begins_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As stored before releases had a manifest: no log, no signature, no bill of materials."""
    from serving.service import RiskService

    empty_store()
    monkeypatch.delenv(BUNDLE_VARIABLE, raising=False)
    monkeypatch.delenv(RELEASE_KEYS_VARIABLE, raising=False)
    write_bundle(make_bundle(), tmp_path / "one")
    write_bundle(linear(), tmp_path / "two")
    store_bundle(tmp_path / "one", "1")
    before = pointed_at()
    assert not log_file().exists()
    assert not list(released_bundle().glob("manifest.json"))
    assert _answered(RiskService)["bundle"]["digest"] == read_bundle(tmp_path / "one").digest
    with accepting(site_key(tmp_path)):
        released(tmp_path / "two", "2", why="Board of 3 May")
        assert [line.entry.version for line in read_log()] == ["2"]
        assert _answered(RiskService)["bundle"]["digest"] == read_bundle(tmp_path / "two").digest
        verify()
    assert (model_folder() / before).is_dir()
    empty_store()


def test_keys_and_settings_of_callers_are_read(tmp_path: Path) -> None:
    """The files as they were."""
    shutil.copy(LEFT / "keys.json", tmp_path)
    (tmp_path / "keys.json").chmod(0o600)
    (key,) = read_keys(tmp_path / "keys.json")
    assert (key.label, key.scopes) == ("ward 3", ("predict", "read"))
    settings = checked_settings(tomllib.loads((LEFT / "identity.toml").read_text()), "identity.toml")
    assert (settings.keys, settings.rate) == ("keys.json", "1200/minute")
    assert settings.proxy is not None


def _with_both_keys(kept: KeptAnswers) -> KeptAnswers:
    text = kept.file.read_text()
    kept.file.write_text(text.replace('["record.key"]', '["record.key", "second.key"]'))
    return kept


def _copy_scripts(folder: Path) -> None:
    source = Path(upgrades.__file__).parent / "migrations"
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))


def _answered(service: Any) -> Any:
    with TestClient(service.to_asgi()) as client:
        sent = client.post("/risk", json=PATIENT)
    assert sent.status_code == 200
    return sent.json()
