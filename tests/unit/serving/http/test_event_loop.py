"""The loop of the service accepts few connections in one step."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket

import pytest
import uvicorn

from serving.http import event_loop
from serving.http.event_loop import ACCEPTED_AT_ONCE, EventLoop

CLIENTS = 10 * ACCEPTED_AT_ONCE


def test_a_flood_is_accepted_in_small_parts_and_none_is_lost() -> None:
    """All connect at once, since the queue is long; between two parts the loop does other things."""
    opened: list[asyncio.BaseTransport] = []

    class Opened(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            opened.append(transport)

    async def parts() -> list[int]:
        server = await asyncio.get_running_loop().create_server(Opened, "127.0.0.1", 0, backlog=2048)
        address, numbers = server.sockets[0].getsockname(), [0]
        with contextlib.ExitStack() as clients:
            for _ in range(CLIENTS):
                clients.enter_context(socket.create_connection(address, timeout=5))
            while len(opened) < CLIENTS:
                await asyncio.sleep(0)
                numbers.append(len(opened))
        for transport in opened:
            transport.close()
        server.close()
        await server.wait_closed()
        return numbers

    with asyncio.Runner(loop_factory=EventLoop) as runner:
        numbers = runner.run(asyncio.wait_for(parts(), 20))
    steps = [after - before for before, after in itertools.pairwise(numbers)]
    assert 0 < max(steps) <= ACCEPTED_AT_ONCE


def test_every_server_of_this_process_uses_this_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    """BentoML leaves the choice to uvicorn."""
    monkeypatch.setattr(uvicorn.config, "LOOP_FACTORIES", dict(uvicorn.config.LOOP_FACTORIES))
    event_loop.use_for_every_loop()
    assert uvicorn.Config("serving:app", log_config=None).get_loop_factory() is EventLoop


def test_beside_other_processes_it_takes_one_connection_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """The others of the queue are left to whichever process is free."""
    monkeypatch.setattr(EventLoop, "accepted_at_once", ACCEPTED_AT_ONCE)
    event_loop.accept_one_at_a_time()
    assert EventLoop.accepted_at_once == 1
