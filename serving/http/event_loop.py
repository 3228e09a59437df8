"""The event loop of the service: it accepts few connections at a time, so that requests go on under a flood.

asyncio accepts as many connections in one step as its queue holds, 2,048 here. A request needs some twenty
steps; under a flood, each of them then lasts seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, ClassVar

import uvicorn.config

ACCEPTED_AT_ONCE = 16
"""Connections accepted in one step of the loop; the others wait in the queue of the kernel."""

FACTORY = "serving.http.event_loop:event_loop_factory"


class EventLoop(asyncio.SelectorEventLoop):
    """asyncio's loop, whose servers accept `accepted_at_once` connections in one step."""

    accepted_at_once: ClassVar[int] = ACCEPTED_AT_ONCE

    async def create_server(self, *arguments: Any, backlog: int = 100, **settings: Any) -> asyncio.Server:
        """Make a server whose queue is `backlog` long, and is taken in small parts."""
        part = min(backlog, self.accepted_at_once)
        server = await super().create_server(*arguments, backlog=part, **settings)
        for listening in server.sockets:
            # asyncio has one number for the queue and for the part; the queue is set again.
            with listening.dup() as socket:
                socket.listen(backlog)
        return server


def event_loop_factory(use_subprocess: bool = False) -> Callable[[], asyncio.AbstractEventLoop]:
    """Get what makes the loop, as uvicorn does.

    Parameters
    ----------
    use_subprocess : bool, default=False
        Without effect here.

    Examples
    --------
    >>> event_loop_factory()
    <class 'serving.http.event_loop.EventLoop'>
    """
    return EventLoop


def use_for_every_loop() -> None:
    """Have uvicorn make this kind of loop in this process, however the server is started."""
    uvicorn.config.LOOP_FACTORIES["auto"] = FACTORY


def accept_one_at_a_time() -> None:
    """Have the loops of this process leave connections to other processes that listen on the same socket."""
    EventLoop.accepted_at_once = 1
