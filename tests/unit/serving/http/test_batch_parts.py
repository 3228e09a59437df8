"""The answer of a batch leaves part by part, with its length, and others have their turn in between."""

from __future__ import annotations

import asyncio

from starlette.types import Message

from serving.http.batch_parts import whole_response
from serving.http.batches import BatchContent

PARTS = (b'{"answers":[1', b",2", b"]}")


def sent_and_turns() -> tuple[list[Message], list[int]]:
    """Send an answer; note after how many messages another task had a turn."""
    messages: list[Message] = []
    turns: list[int] = []

    async def another() -> None:
        while not messages or messages[-1].get("more_body", True):
            turns.append(len(messages))
            await asyncio.sleep(0)

    async def send(message: Message) -> None:
        messages.append(message)

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def both() -> None:
        beside = asyncio.create_task(another())
        scope = {"type": "http", "asgi": {"spec_version": "2.4"}}
        await whole_response(BatchContent(("a", "b"), PARTS))(scope, receive, send)
        await beside

    asyncio.run(both())
    return messages, turns


def test_the_length_is_known_and_the_parts_are_the_answer() -> None:
    """A client sees no difference to an answer in one piece."""
    messages, _ = sent_and_turns()
    assert (b"content-length", b"17") in messages[0]["headers"]
    assert (b"content-type", b"application/json") in messages[0]["headers"]
    assert b"".join(each.get("body", b"") for each in messages) == b'{"answers":[1,2]}'


def test_others_have_a_turn_after_each_part() -> None:
    """Between the head with the first part and the last one."""
    _, turns = sent_and_turns()
    assert {2, 3} <= set(turns)
