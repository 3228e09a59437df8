"""The head of an answer is written with its body: one call of the system, and the client wakes once."""

from __future__ import annotations

import asyncio
from typing import Any

SMALL = 4096
"""Bytes of a piece that waits for the next one."""


class JoinedWrites:
    """A connection on which a small piece waits for what is written in the same turn of the event loop.

    Parameters
    ----------
    transport : asyncio.Transport
        What is not about writing is left to it.
    loop : asyncio.AbstractEventLoop
    """

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._held = b""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Write a piece, or keep it until the next one or the next turn."""
        if self._held:
            held, self._held = self._held, b""
            self._transport.writelines((held, data))
        elif 0 < len(data) <= SMALL:
            self._held = bytes(data)
            self._loop.call_soon(self.flush)
        else:
            self._transport.write(data)

    def flush(self) -> None:
        """Write what is kept."""
        held, self._held = self._held, b""
        if held:
            self._transport.write(held)

    def get_write_buffer_size(self) -> int:
        """Count the bytes that are not sent, those that are kept among them."""
        return len(self._held) + self._transport.get_write_buffer_size()

    def close(self) -> None:
        """Close the connection once everything is sent."""
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        """Close the connection now."""
        self._held = b""
        self._transport.abort()
