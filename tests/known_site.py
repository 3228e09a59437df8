"""A service in this process that knows its callers: keys, an issuer, a proxy; and what its logs say."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.http.outer_middleware import methods_by_path
from serving.identity.identity import IDENTITY_VARIABLE, KEYS_VARIABLE
from serving.model.write_bundle import write_bundle
from tests.bundles import PATIENT, make_bundle
from tests.callers import PROXY_USER, SUBJECT, new_key_in, site
from tests.served_here import served_here

PROXY = "10.0.0.5"


class Site:
    """A service that knows callers, and what they hold."""

    def __init__(self, client: TestClient, folder: Path, key: str, read_key: str) -> None:
        self.client, self.folder, self.key, self.read_key = client, folder, key, read_key

    def ask(self, credentials: str | None = None, *, path: str = "/risk", **headers: str) -> Any:
        """Ask about a patient, or for a document."""
        sent = dict(headers)
        if credentials is not None:
            sent["authorization"] = f"Bearer {credentials}"
        if "POST" in methods_by_path()[path.partition("?")[0]]:
            return self.client.post(path, json=PATIENT, headers=sent)
        return self.client.get(path, headers=sent)

    def proxy(self, peer: str = PROXY) -> TestClient:
        """Ask from another address, such as the proxy's; the service is running already."""
        return TestClient(self.client.app, client=(peer, 40000), raise_server_exceptions=False)

    def counted(self, reason: str) -> float:
        """Read how often callers were refused for a reason."""
        metrics = self.ask(self.read_key, path="/metrics").text
        name = f'cart_outcomes_callers_refused_total{{reason="{reason}"}} '
        return sum(float(line.removeprefix(name)) for line in metrics.splitlines() if line.startswith(name))

    def assert_silent(self, text: str, *secrets: str) -> None:
        """No secret is in a text, nor any part of 20 characters of one; nor a person's name."""
        for secret in (*secrets, self.key, self.read_key):
            parts = {secret[at : at + 20] for at in range(14, max(15, len(secret) - 19))}
            assert not [part for part in parts if len(part) == 20 and part in text]
        names = (SUBJECT, PROXY_USER, "CANARY", "Ivanova")
        assert not [name for name in names if name.lower() in text.lower()]


@contextmanager
def known_site(folder: Path, *, more: str = "") -> Iterator[Site]:
    """Run the service; ``more`` is added to its settings."""
    key, read_key = (new_key_in(folder / "keys.json", *scopes) for scopes in (("predict", "read"), ("read",)))
    write_bundle(make_bundle(), folder / "bundle")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(KEYS_VARIABLE, str(folder / "keys.json"))
        patch.setenv(IDENTITY_VARIABLE, str(site(folder, more=more)))
        with served_here(folder / "bundle", raise_server_exceptions=False) as client:
            yield Site(client, folder, key, read_key)


def own_records(caplog: pytest.LogCaptureFixture) -> str:
    """Join what the service has logged, with the arguments; the test's own client logs addresses too."""
    ours = (record for record in caplog.records if not record.name.startswith("httpx"))
    assert logging.getLogger("cart_outcomes").isEnabledFor(logging.DEBUG)
    return "\n".join(f"{record.getMessage()} | {record.args} {record.exc_info}" for record in ours)
