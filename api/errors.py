"""Errors as HTTP says them: problem+json (RFC 9457), with our stable code. The only translator of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from kit.errors import CarolError, Conflict, Forbidden, Invalid, NotFound, Unavailable
from kit.log import get_logger

log = get_logger(__name__)

_STATUS: Mapping[type[CarolError], int] = {NotFound: 404, Conflict: 409, Forbidden: 403, Invalid: 422, Unavailable: 503}
_TITLES = {
    400: "Bad request",
    401: "Not signed in",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not acceptable",
    429: "Too many attempts",
    500: "Our fault",
    503: "Unavailable",
}


def problem(status: int, code: str, detail: str, *, headers: Mapping[str, str] | None = None, **more: object) -> Response:
    """A problem+json response. `code` is stable; `detail` is for people and holds nothing personal."""
    body = {"type": "about:blank", "title": _TITLES.get(status, "Error"), "status": status, "code": code, "detail": detail}
    return JSONResponse(body | more, status, dict(headers or {}), media_type="application/problem+json")


def of(error: CarolError) -> Response:
    """The problem an error of ours becomes."""
    status = next((number for kind, number in _STATUS.items() if isinstance(error, kind)), 500)
    retry = {"Retry-After": "5"} if status == 503 else None
    # What a part we depend on said of itself is for the logs, not for whoever asked.
    detail = (type(error).__doc__ or error.code).strip() if status >= 500 else str(error)
    return problem(status, error.code, detail, headers=retry, **error.told)


def install(app: FastAPI) -> None:
    """Every error of this app becomes a problem."""

    async def ours(request: Request, error: Exception) -> Response:
        assert isinstance(error, CarolError)
        if isinstance(error, Unavailable):
            log.warning("unavailable", reason=str(error))
        return of(error)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        # Places and reasons only: what was given may be a patient's words.
        found = [{"at": ".".join(map(str, e["loc"])), "reason": e["type"]} for e in error.errors()]
        return problem(422, "invalid", "Some fields cannot be accepted.", errors=found)

    async def plain(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _TITLES.get(error.status_code, "error").lower().replace(" ", "_")
        return problem(error.status_code, code, str(error.detail), headers=error.headers)

    app.add_exception_handler(CarolError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, plain)
