"""Backup by the commands of the page, while the service answers; then everything is lost and restored."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.identity.identity import IDENTITY_VARIABLE
from serving.model.released_bundle import BUNDLE_VARIABLE
from serving.model.write_bundle import write_bundle
from serving.record.checkpoint import read_checkpoints
from serving.record.settings import POSTGRESQL, RECORD_VARIABLE
from serving.record.verification import verify
from serving.release.public_keys import RELEASE_KEYS_VARIABLE
from tests.absent import absent
from tests.bundles import PATIENT, make_bundle
from tests.callers import new_key_in
from tests.debian import NotInstalledError, found_or_installed
from tests.e2e.documentation import DOCUMENTS, blocks
from tests.e2e.postgresql import USER, postgresql
from tests.e2e.workplace import PROJECT
from tests.kept_answers import KeptAnswers, kept_answers
from tests.releases import empty_store
from tests.signing import accepting, public, released, site_key
from training.release.answer_record import answer_record

pytestmark = pytest.mark.slow

MARK = "run in tests/e2e/test_backup_drill.py"
SQLITE, POSTGRES = "sqlite", "postgresql"
KEPT = ("backup", "backup-keys", "elsewhere")
"""Folders that are on other machines."""

DATABASE = "cart_record"
IDENTITY = 'keys = "keys.json"\ncaller_digest_key = "caller.key"\nrate = "100000/minute"\n'
CALLERS = 4
NO_VARIABLES: Mapping[str, str] = {}


@dataclass
class Site:
    """A site in a folder: settings, keys, a record and a signed release.

    Attributes
    ----------
    folder : Path
    key : str
        Of a caller.
    program : str
        Its database; the commands of the other one are left out.
    variables : mapping of str to str
        For the programs of the database.
    acknowledged : list of str
        Prediction ids of answers that came, in their order.
    """

    folder: Path
    key: str
    program: str
    variables: Mapping[str, str] = field(default_factory=dict)
    acknowledged: list[str] = field(default_factory=list)

    @property
    def kept(self) -> KeptAnswers:
        return KeptAnswers(self.folder / "record.toml")

    @contextmanager
    def serving(self) -> Iterator[TestClient]:
        """Run the service on what the folder has."""
        from serving.service import RiskService

        with pytest.MonkeyPatch.context() as patch:
            patch.delenv(BUNDLE_VARIABLE, raising=False)
            patch.setenv(RECORD_VARIABLE, str(self.kept.file))
            patch.setenv(IDENTITY_VARIABLE, str(self.folder / "identity.toml"))
            patch.setenv(RELEASE_KEYS_VARIABLE, str(self.folder / "release-keys.pem"))
            with TestClient(RiskService.to_asgi()) as client:
                yield client

    def ask(self, client: TestClient) -> Any:
        """Ask for an answer, which is recorded when it comes."""
        sent = client.post("/risk", json=PATIENT, headers={"authorization": f"Bearer {self.key}"})
        assert sent.status_code == 200, sent.text
        answer = sent.json()
        self.acknowledged.append(answer.pop("prediction_id"))
        return answer

    def run(self, part: str, *, status: int = 0) -> str:
        """Run the commands of a part of the page, but those of the other database; give what they print."""
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", commands(part, self.program)],
            cwd=self.folder,
            env=self._environment(),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert done.returncode == status, done.stdout + done.stderr
        return " ".join((done.stdout + done.stderr).split())

    def stored(self) -> list[str]:
        """Read the ids of the answers in the record, in their order."""
        query = "SELECT prediction_id FROM cart_outcomes_record WHERE kind = 'answer' ORDER BY sequence"
        return [name for (name,) in self.kept.rows(query)]

    def _environment(self) -> dict[str, str]:
        ours = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "PYTHONPATH": str(PROJECT)}
        return {**os.environ, **ours, **self.variables}


def commands(part: str, program: str) -> str:
    """Find the commands under a heading of the page, without those of the other database."""
    lines = (DOCUMENTS / "backup.md").read_text(encoding="utf-8").splitlines()
    headings = [number for number, line in enumerate(lines, 1) if line.startswith("##")]
    start = lines.index(part) + 1
    end = min([number for number in headings if number > start], default=len(lines))
    found = [
        block.text
        for block in blocks(DOCUMENTS / "backup.md")
        if block.mark == MARK and start < block.line < end and not _is_of_another(block.text, program)
    ]
    assert found
    return "".join(found)


def new_site(folder: Path, program: str, variables: Mapping[str, str] = NO_VARIABLES, **record: str) -> Site:
    """Make what a site has before its first answer."""
    (folder / "elsewhere").mkdir()
    (folder / "identity.toml").write_text(IDENTITY)
    (folder / "caller.key").write_text("k" * 32)
    (folder / "caller.key").chmod(0o600)
    kept_answers(folder, **record)
    empty_store()
    signing = site_key(folder)
    write_bundle(make_bundle(), folder / "bundle")
    with accepting(signing):
        released(folder / "bundle", "7", why="Board of 3 May")
    shutil.copy(public(signing), folder / "release-keys.pem")
    return Site(folder, new_key_in(folder / "keys.json", "predict"), program, variables)


@contextmanager
def under_load(site: Site, client: TestClient) -> Iterator[None]:
    """Have callers ask one question after the other."""
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            site.ask(client)

    with ThreadPoolExecutor(CALLERS) as callers:
        asking = [callers.submit(ask) for _ in range(CALLERS)]
        try:
            yield
        finally:
            ended.set()
        for each in asking:
            each.result()


def lose_everything(site: Site) -> None:
    """Delete all that is not kept elsewhere; the database is another machine's."""
    for each in site.folder.iterdir():
        if each.is_dir() and each.name not in KEPT:
            shutil.rmtree(each)
        elif each.is_file() and each.name != "password":
            each.unlink()
    empty_store()


def drill(site: Site, delete_database: Callable[[], None]) -> None:
    """Back up under load, lose everything, restore, verify, report what is lost, go on."""
    with site.serving() as client:
        before = site.ask(client)
        with under_load(site, client):
            due = list(site.acknowledged)
            site.run("## Back up")
        assert len(site.acknowledged) > len(due)
        site.ask(client)
    assert set(site.stored()) == set(site.acknowledged)
    answer_record(site.kept.file).write_checkpoint(site.folder / "elsewhere")
    lose_everything(site)
    delete_database()

    said = site.run("## Restore", status=1)
    assert "verified; lines of the log: 1, stored releases: 1" in said
    assert "are missing at the end: a checkpoint of" in said
    assert site.kept.verified().broken is None
    restored = site.stored()
    assert set(due) <= set(restored) < set(site.acknowledged)
    said = site.run("### Answers that are lost")
    assert said.count("reports the restore; at least the rows up to") == 1
    assert said.endswith("reports a restore from a backup")
    with site.serving() as client:
        assert client.get("/readyz").status_code == 200
        assert site.ask(client) == before
    with site.kept.database.snapshot() as connection:
        checkpoints = list(read_checkpoints(site.folder / "elsewhere", site.kept.ring))
        verification = verify(connection, site.kept.ring, checkpoints)
    assert (verification.broken, len(verification.restores)) == (None, 1)
    assert site.stored() == [*restored, site.acknowledged[-1]]


def test_restored_on_sqlite(tmp_path: Path) -> None:
    """All answers that came before the backup are there; later ones are reported as lost."""
    try:
        found_or_installed(lambda: shutil.which("sqlite3"), ("sqlite3",), missing="no sqlite3 on the PATH")
    except NotInstalledError as missing:
        absent(f"no sqlite3: {missing}")
    drill(new_site(tmp_path, SQLITE), lambda: None)


def test_restored_on_postgresql(postgresql_programs: Path, tmp_path: Path) -> None:
    """As on SQLite, into a database that is made by the page's command."""
    with postgresql(postgresql_programs) as server:
        server.execute(f"CREATE DATABASE {DATABASE}")
        (tmp_path / "password").write_text(server.password)
        (tmp_path / "password").chmod(0o600)
        variables = {
            "PATH": f"{Path(sys.executable).parent}:{postgresql_programs}:{os.environ['PATH']}",
            **{"PGHOST": "127.0.0.1", "PGPORT": str(server.port), "PGUSER": USER},
            "PGPASSWORD": server.password,
        }
        address = f"{POSTGRESQL}{USER}@127.0.0.1:{server.port}/{DATABASE}"
        record = {"address": address, "more": 'password_file = "password"\n'}
        site = new_site(tmp_path, POSTGRES, variables, **record)
        drill(site, lambda: server.execute(f"DROP DATABASE {DATABASE}"))


def _is_of_another(text: str, program: str) -> bool:
    """Say whether a block is for a database that is not the site's, by the program's words."""
    others = {SQLITE: ("pg_", "createdb"), POSTGRES: ("record.db", "sqlite3")}
    return any(word in text for word in others[program])
