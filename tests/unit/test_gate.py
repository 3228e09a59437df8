"""The gate counts what it reads, and keeps nothing of what it refuses."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest
from starlette.types import Message

from serving.gate import LARGEST_BODY, LARGEST_DISCARDED, checked_body
from serving.refusal import Refusal
from tests.bundles import PATIENT

RIGHT = json.dumps(PATIENT).encode()


class Client:
    """Sends a body in chunks, then goes away."""

    def __init__(self, chunks: Sequence[bytes], *, whole: bool = True) -> None:
        self.waiting = [
            {"type": "http.request", "body": chunk, "more_body": not whole or place < len(chunks) - 1}
            for place, chunk in enumerate(chunks)
        ]
        self.asked = 0

    async def receive(self) -> Message:
        """Give the next chunk."""
        self.asked += 1
        return self.waiting.pop(0) if self.waiting else {"type": "http.disconnect"}


def read(client: Client, **headers: str) -> bytes:
    stated = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    scope = {
        "type": "http",
        "path": "/risk",
        "headers": [(name.encode(), value.encode()) for name, value in stated.items()],
    }
    return asyncio.run(checked_body(scope, client.receive))


def refusal(client: Client, **headers: str) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        read(client, **headers)
    return caught.value.status, caught.value.error


def test_chunks_are_joined() -> None:
    """As they came, byte for byte."""
    assert read(Client([RIGHT[:5], b"", RIGHT[5:]])) == RIGHT


def test_a_body_that_grows_too_large_is_refused() -> None:
    """After it was read to its end, so that the client gets to read why."""
    client = Client([b" " * 1000] * (LARGEST_BODY // 1000 + 10))
    assert refusal(client) == (413, "the body is larger than 1 MiB")
    assert client.waiting == []


def test_a_flood_is_cut_off() -> None:
    """Nobody sends for ever."""
    client = Client([b" " * LARGEST_BODY] * 100, whole=False)
    assert refusal(client)[0] == 413
    assert client.asked == LARGEST_DISCARDED // LARGEST_BODY + 1


@pytest.mark.parametrize("length", ["1048577", "9" * 30])
def test_an_announced_length_is_believed(length: str) -> None:
    """Whatever then comes."""
    assert refusal(Client([b"{}"]), content_length=length) == (413, "the body is larger than 1 MiB")


@pytest.mark.parametrize("length", ["-1", "x", "", "\u0663"])
def test_a_length_that_is_no_number_is_counted(length: str) -> None:
    """The body is what counts."""
    assert read(Client([RIGHT]), content_length=length) == RIGHT


def test_a_client_that_leaves_is_refused() -> None:
    """The half it sent is not looked at."""
    assert refusal(Client([RIGHT[:20]], whole=False)) == (400, "the body ended before its end")


def test_two_content_types_are_refused() -> None:
    """Whoever reads the other one might read something else."""
    scope = {"type": "http", "path": "/risk", "headers": [(b"content-type", b"application/json")] * 2}
    with pytest.raises(Refusal) as caught:
        asyncio.run(checked_body(scope, Client([RIGHT]).receive))
    assert caught.value.status == 415
