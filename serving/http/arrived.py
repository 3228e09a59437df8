"""What a connection knows of a request: whether all of it has arrived, and whether it is the only one.

Both only save time. A scope of another server says neither, and then the layers wait as long as they may.
"""

from __future__ import annotations

from collections.abc import Collection

from starlette.types import Scope

WHOLE, IN_WORK = "cart_outcomes.whole", "cart_outcomes.in_work"
"""Keys of a scope."""


def note_in_work(scope: Scope, tasks: Collection[object]) -> None:
    """Note the tasks of all requests in work, those that are read later included."""
    scope[IN_WORK] = tasks


def note_whole(scope: Scope) -> None:
    """Note that the body has arrived."""
    scope[WHOLE] = True


def is_whole(scope: Scope) -> bool:
    """Say whether the body is known to have arrived, so that nothing is waited for.

    Examples
    --------
    >>> scope = {"type": "http"}
    >>> note_whole(scope)
    >>> is_whole(scope), is_whole({"type": "http"})
    (True, False)
    """
    return WHOLE in scope


def is_alone(scope: Scope) -> bool:
    """Say whether no other request is in work, on any connection of this process.

    Examples
    --------
    >>> scope, tasks = {"type": "http"}, {"this one"}
    >>> note_in_work(scope, tasks)
    >>> is_alone(scope), is_alone({"type": "http"})
    (True, False)
    >>> tasks.add("another one")
    >>> is_alone(scope)
    False
    """
    return len(scope.get(IN_WORK, ())) == 1
