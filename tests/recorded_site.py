"""A service in this process that records its answers, with or without callers that it knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.http.record_use import USE_HEADER
from serving.model.write_bundle import write_bundle
from serving.record.settings import RECORD_VARIABLE
from tests.bundles import make_bundle
from tests.kept_answers import KeptAnswers, kept_answers
from tests.served_here import served_here


class RecordedSite:
    """A service and its record."""

    def __init__(self, client: TestClient, kept: KeptAnswers) -> None:
        self.client, self.kept = client, kept

    def ask(self, path: str, body: Any, *, use: str | None = None, **headers: str) -> Any:
        """Send a body, with what the answer is used for."""
        stated = {} if use is None else {USE_HEADER: use}
        return self.client.post(path, json=body, headers={**stated, **headers})

    def rows(self, kind: str = "answer") -> list[dict[str, Any]]:
        """Read the rows of a kind, in their order."""
        return read_rows(self.kept, kind)

    def counted(self, name: str) -> float:
        """Read a counter."""
        lines = self.client.get("/metrics").text.splitlines()
        return sum(float(line.split()[-1]) for line in lines if line.startswith(f"{name} "))


@contextmanager
def recorded_site(folder: Path, *, address: str = "record.db", more: str = "") -> Iterator[RecordedSite]:
    """Run the service with a record; ``more`` is added to its settings."""
    kept = kept_answers(folder, address=address, more=more)
    write_bundle(make_bundle(), folder / "bundle")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(RECORD_VARIABLE, str(kept.file))
        with served_here(folder / "bundle", raise_server_exceptions=False) as client:
            yield RecordedSite(client, kept)


def read_rows(kept: KeptAnswers, kind: str = "answer") -> list[dict[str, Any]]:
    """Read the rows of a kind: what is fixed and what can be erased, in one."""
    query = "SELECT prediction_id, record_key, fixed, content FROM cart_outcomes_record "
    found = kept.rows(f"{query} WHERE kind = '{kind}' ORDER BY sequence")
    return [
        {"prediction_id": prediction_id, "record_key": key, **json.loads(fixed), **json.loads(content)}
        for prediction_id, key, fixed, content in found
    ]
