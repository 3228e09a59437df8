"""A body is received in time, in size and within the memory budget, before anything else happens."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

import pytest
from starlette.types import Message

from serving.http import body_reading as bodies
from serving.http.arrived import note_whole
from serving.http.body_reading import LARGEST_BODY, LARGEST_DISCARDED, Body, refused_by_headers
from serving.http.budgets import BODY_BUDGET, FREE_BODY_BYTES, MOST_BODY_BYTES
from serving.http.error_response import Refusal
from tests import virtual_time
from tests.bundles import PATIENT

RIGHT = json.dumps(PATIENT).encode()
LATE = "the body did not arrive in time; send all of it at once, 0.05 s for the first 64 KiB"


class Client:
    """Sends a body in chunks, then goes away, or waits."""

    def __init__(self, chunks: Sequence[bytes], *, whole: bool = True, waits: bool = False) -> None:
        self.waiting = [
            {"type": "http.request", "body": chunk, "more_body": not whole or place < len(chunks) - 1}
            for place, chunk in enumerate(chunks)
        ]
        self.waits = waits
        self.asked = 0

    async def receive(self) -> Message:
        """Give the next chunk."""
        self.asked += 1
        if not self.waiting and self.waits:
            await asyncio.Event().wait()
        return self.waiting.pop(0) if self.waiting else {"type": "http.disconnect"}


class Trickle:
    """Sends a byte at a time, without end."""

    async def receive(self) -> Message:
        """Give a byte."""
        await asyncio.sleep(0.001)
        return {"type": "http.request", "body": b" ", "more_body": True}


def scope_with(**headers: str) -> dict[str, object]:
    stated = {"content-type": "application/json"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return {
        "type": "http",
        "method": "POST",
        "path": "/risk",
        "headers": [(name.encode(), value.encode()) for name, value in stated.items()],
    }


async def received(client: Client | Trickle, **headers: str) -> bytes:
    body = Body(scope_with(**headers), client.receive)
    try:
        receive = await body.receive_all()
        raw: bytes = (await receive())["body"]
        return raw
    finally:
        body.release()


def read(client: Client | Trickle, **headers: str) -> bytes:
    return virtual_time.run(received(client, **headers))


def refusal(client: Client | Trickle, **headers: str) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        read(client, **headers)
    return caught.value.status, caught.value.error


@pytest.fixture
def short_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for bodies only briefly."""
    monkeypatch.setattr(bodies, "BODY_WITHIN_SECONDS", 0.05)


def test_chunks_are_joined() -> None:
    """As they came, byte for byte."""
    assert read(Client([RIGHT[:5], b"", RIGHT[5:]])) == RIGHT


def test_after_the_body_comes_what_the_client_does() -> None:
    """The layers inside can see that it leaves."""

    async def both() -> list[str]:
        body = Body(scope_with(), Client([RIGHT]).receive)
        receive = await body.receive_all()
        return [(await receive())["type"] for _ in range(2)]

    assert virtual_time.run(both()) == ["http.request", "http.disconnect"]


def test_a_body_that_grows_too_large_is_refused() -> None:
    """After it was read to its end, so that the client gets to read why."""
    client = Client([b" " * 1000] * (LARGEST_BODY // 1000 + 10))
    assert refusal(client) == (413, "the body is larger than 1 MiB")
    assert client.waiting == []


def test_a_flood_is_cut_off() -> None:
    """Only so much is thrown away."""
    client = Client([b" " * LARGEST_BODY] * 100, whole=False)
    assert refusal(client)[0] == 413
    assert client.asked == LARGEST_DISCARDED // LARGEST_BODY + 1


@pytest.mark.parametrize("length", ["1048577", "9" * 20])
def test_an_announced_length_is_believed(length: str) -> None:
    """Whatever then comes."""
    assert refusal(Client([b"{}"]), content_length=length) == (413, "the body is larger than 1 MiB")


@pytest.mark.parametrize("length", [LARGEST_DISCARDED + 1, 99_999_999])
def test_a_body_that_would_not_be_read_whole_is_not_waited_for(length: int) -> None:
    """The refusal comes at once, and the connection is closed, because the body is not whole."""

    async def both() -> tuple[float, int]:
        started = asyncio.get_running_loop().time()
        client = Client([], waits=True)
        body = Body(scope_with(content_length=str(length)), client.receive)
        receive = await body.receive_all()
        with pytest.raises(Refusal, match="larger than 1 MiB") as caught:
            await receive()
        assert (caught.value.status, body.whole, body.abandoned) == (413, False, False)
        return asyncio.get_running_loop().time() - started, client.asked

    assert virtual_time.run(both()) == (0.0, 0)


@pytest.mark.usefixtures("short_time")
def test_a_large_body_that_could_be_read_whole_is_waited_for() -> None:
    """A client that is still sending gets to read why it is refused."""
    client = Client([], waits=True)
    assert refusal(client, content_length=str(LARGEST_DISCARDED)) == (408, LATE)


def test_a_client_that_leaves_is_refused() -> None:
    """The half it sent is not looked at."""
    assert refusal(Client([RIGHT[:20]], whole=False)) == (400, "the body is incomplete; send all of it")


def test_two_content_types_are_refused() -> None:
    """A proxy that looks at the other one might read something else."""
    scope = scope_with()
    scope["headers"] = [(b"content-type", b"application/json")] * 2
    found = refused_by_headers(scope)
    assert found is not None
    assert found.status == 415


@pytest.mark.usefixtures("short_time")
@pytest.mark.parametrize("chunks", [[], [b"{"], [RIGHT[:20], RIGHT[20:40]]], ids=["none", "first", "half"])
def test_a_body_that_stops_arriving_is_late(chunks: list[bytes]) -> None:
    """Whatever part of it has come."""
    assert refusal(Client(chunks, whole=False, waits=True)) == (408, LATE)


@pytest.mark.usefixtures("short_time")
def test_a_body_that_trickles_is_late() -> None:
    """Each byte prolongs the time by as little as it is; a body without length never ends."""
    assert refusal(Trickle()) == (408, LATE)


@pytest.mark.usefixtures("short_time")
def test_a_refused_body_is_not_waited_for_longer() -> None:
    """What is thrown away must come in time too."""
    client = Client([b"x"], whole=False, waits=True)
    assert refusal(client, content_type="text/plain")[0] == 408


@pytest.mark.usefixtures("short_time")
def test_a_body_that_keeps_coming_has_longer() -> None:
    """As long as a slow line needs for it."""

    async def slow() -> bytes:
        client = Client([b" " * 2**16] * 4)

        async def receive() -> Message:
            await asyncio.sleep(0.03)
            return await client.receive()

        body = Body(scope_with(), receive)
        raw: bytes = (await (await body.receive_all())())["body"]
        body.release()
        return raw

    assert len(virtual_time.run(slow())) == 2**18


def test_nothing_prolongs_the_time_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even a body that comes fast."""
    monkeypatch.setattr(bodies, "BODY_AT_MOST_SECONDS", 0.05)
    monkeypatch.setattr(bodies, "LARGEST_DISCARDED", 10**9)
    assert refusal(Trickle())[0] == 408


def test_memory_is_given_back() -> None:
    """When the request has been answered, or refused."""
    large = b" " * (FREE_BODY_BYTES + 1000)
    assert read(Client([large])) == large
    refusal(Client([large], whole=False))
    assert BODY_BUDGET.taken == 0


def test_large_bodies_wait_for_memory_and_small_ones_do_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """A patient is read while the budget is used up; a large batch is told to come again."""
    monkeypatch.setattr(BODY_BUDGET, "taken", MOST_BODY_BYTES)
    assert read(Client([RIGHT])) == RIGHT
    assert refusal(Client([b" " * (FREE_BODY_BYTES + 1)])) == (
        503,
        "too many large bodies at once; try again in a few seconds",
    )
    assert BODY_BUDGET.taken == MOST_BODY_BYTES


def test_a_body_that_has_arrived_is_not_waited_for() -> None:
    """The connection says so; no timer is set."""

    async def read() -> bytes:
        scope = scope_with()
        note_whole(scope)
        timers: list[object] = []
        asyncio.get_running_loop().call_at = lambda *each, **_: timers.append(each)  # type: ignore[method-assign, assignment, return-value]
        body = Body(scope, Client([RIGHT]).receive)
        raw: bytes = (await (await body.receive_all())())["body"]
        body.release()
        assert body.whole
        assert timers == []
        return raw

    assert asyncio.run(read()) == RIGHT
