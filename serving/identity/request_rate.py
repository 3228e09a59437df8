"""How often a caller may ask: a sliding window, in this process or in a Redis server that workers share."""

from __future__ import annotations

import logging
import math
import time
from importlib.util import find_spec

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage, Storage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from serving.identity.caller import Caller
from serving.identity.denied import Denied, Reason
from serving.identity.private_file import SettingsError

log = logging.getLogger("cart_outcomes.identity")

DEFAULT_RATE = "1200/minute"
"""A page consists of about a hundred files, and asks again for each changed value."""

DEFAULT_STORAGE = "memory://"

STORAGES = ("memory://", "redis://", "rediss://", "redis+unix://")
"""Where requests can be counted: in this process, or in Redis."""

REDIS_WITHIN_SECONDS = 0.25
"""Time for an answer of Redis; then the request goes on uncounted."""

REDIS_OPTIONS: dict[str, float | str | bool] = {
    "implementation": "redispy",
    "socket_timeout": REDIS_WITHIN_SECONDS,
    "socket_connect_timeout": REDIS_WITHIN_SECONDS,
}

EXPIRES_EVERY_SECONDS = 1.0

COMPLAINS_EVERY_SECONDS = 60.0


class OwnMemory(MemoryStorage):
    """Counts in this process; looks for those that have expired once a second.

    limits 5.8 looks through all callers with every request, which takes as long as an answer with some
    thousands of them.
    """

    STORAGE_SCHEME = ["async+own-memory"]  # noqa: RUF012 - as the library states it

    def __init__(self) -> None:
        super().__init__()
        self._looked = -math.inf

    async def _MemoryStorage__schedule_expiry(self) -> None:  # noqa: N802 - the name that Python gives it
        now = time.monotonic()
        if now - self._looked >= EXPIRES_EVERY_SECONDS:
            self._looked = now
            await super()._MemoryStorage__schedule_expiry()  # type: ignore[misc]


class RequestRate:
    """Counts the requests of each caller.

    In memory, each worker counts for itself. In Redis, all workers and replicas count together. While Redis
    does not answer, requests are not limited, and the log says so once a minute: an answer matters more.

    Parameters
    ----------
    rate : RateLimitItem
        Requests within a time.
    storage : Storage
        Where they are counted.
    """

    def __init__(self, rate: RateLimitItem, storage: Storage) -> None:
        self._rate, self._window = rate, SlidingWindowCounterRateLimiter(storage)
        self._complained = -math.inf

    async def count(self, caller: Caller) -> None:
        """Count a request.

        Raises
        ------
        Denied
            429 if the caller has asked too often, with the seconds until it may ask again.
        """
        try:
            allowed = await self._window.hit(self._rate, caller.label)
            resets = None if allowed else (await self._window.get_window_stats(self._rate, caller.label))
        except Exception as error:  # whatever the library of a storage that is away raises
            self._complain(error)
            return
        if resets is not None:
            seconds = max(1, math.ceil(resets.reset_time - time.time()))
            raise Denied(Reason.TOO_MANY_REQUESTS, retry_after=seconds)

    def _complain(self, error: Exception) -> None:
        now = time.monotonic()
        if now - self._complained >= COMPLAINS_EVERY_SECONDS:
            self._complained = now
            log.error("requests are not limited: the storage of counts failed (%s)", type(error).__name__)


def request_rate(rate: str = DEFAULT_RATE, *, storage: str = DEFAULT_STORAGE) -> RequestRate:
    """Read a limit.

    Parameters
    ----------
    rate : str
        Such as ``"600/minute"`` or ``"20/second"``.
    storage : str
        ``memory://``, or the address of a Redis server, such as ``redis://:password@10.0.0.7:6379/0``.

    Raises
    ------
    SettingsError
        If it is no rate, or no such storage; the address may have a password and is not repeated.

    Examples
    --------
    >>> request_rate("many")
    Traceback (most recent call last):
        ...
    serving.identity.private_file.SettingsError: rate: 'many' is no rate; write for example "600/minute"
    """
    return RequestRate(_parsed_rate(rate), _opened(storage))


def _parsed_rate(rate: str) -> RateLimitItem:
    try:
        parsed = parse(rate)
    except ValueError:
        parsed = None
    if parsed is None or parsed.amount < 1:
        message = f'rate: {rate!r} is no rate; write for example "600/minute"'
        raise SettingsError(message)
    return parsed


def _opened(storage: str) -> Storage:
    if not storage.startswith(STORAGES):
        message = f"rate_storage: must begin with {' or '.join(STORAGES)}"
        raise SettingsError(message)
    if storage == DEFAULT_STORAGE:
        return OwnMemory()
    if find_spec("redis") is None:
        message = "rate_storage: Redis needs the package redis; install cart-outcomes[shared-limits]"
        raise SettingsError(message)
    try:
        opened = storage_from_string(f"async+{storage}", **REDIS_OPTIONS)
    except (ConfigurationError, ValueError):
        message = "rate_storage: is no address of a Redis server"
        raise SettingsError(message) from None
    assert isinstance(opened, Storage)
    return opened
