"""The JSON body of every answer that is not one: an error in words, with the problems where there are any."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from starlette.responses import JSONResponse, Response

from serving.http.body_problems import RequestProblem


class Refusal(Exception):
    """A request that is refused.

    Parameters
    ----------
    status : int
        HTTP status code.
    error : str
        Why, in words without a value.
    problems : iterable of RequestProblem
        By field, where the body is a JSON document.
    headers : mapping of str to str, optional
        To be sent along.
    """

    def __init__(
        self,
        status: int,
        error: str,
        problems: Iterable[RequestProblem] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error)
        self.status = status
        self.error = error
        self.problems = tuple(problems)
        self.headers = headers

    def __reduce__(self) -> tuple[object, ...]:
        """Have a copy, such as one from another process, made from the same arguments."""
        return type(self), (self.status, self.error, self.problems, self.headers), vars(self)

    def response(self) -> Response:
        """Write it as HTTP.

        Examples
        --------
        >>> Refusal(413, "the body is larger than 1 MiB").response().body
        b'{"error":"the body is larger than 1 MiB"}'
        """
        content: dict[str, object] = {"error": self.error}
        if self.problems:
            content["problems"] = [_stated(problem) for problem in self.problems]
        return JSONResponse(content, status_code=self.status, headers=self.headers)


def _stated(problem: RequestProblem) -> dict[str, object]:
    """State a problem; without a hint or other columns it has no key for them."""
    return {key: value for key, value in asdict(problem).items() if value is not None}
