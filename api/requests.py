"""What holds for every request: an id that follows it to the send, a cap on its body, headers that keep pages safe."""

from __future__ import annotations

import re
from time import monotonic

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import problem
from kit.ids import new_id
from kit.log import bound, get_logger

log = get_logger(__name__)

BODY_MOST = 65_536  # bytes, for our own API; webhooks and uploads have caps of their own
_LARGER = {"/api/evals/scenarios/import": 1 << 20}  # bytes: a clinic's scenarios, as one text
_UPLOADS = re.compile(r"/webhooks/.*|/api/knowledge/documents|/api/rehearsals/[^/]+/media")
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}", re.ASCII)
_PROBES = frozenset({"/health", "/ready"})
_SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Content-Security-Policy": (
        # Radix places menus and locks scrolling by styles of its own.
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; font-src 'self'; "
        "img-src 'self' data: blob:; media-src 'self' blob:; manifest-src 'self'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


class Envelope:
    """The outermost layer: request id (theirs when it is sane), one log line a request, safe headers."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _SANE_ID.fullmatch(given) else new_id().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started, status, begun = monotonic(), 500, False

        async def answer(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                status, begun = message["status"], True
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in _SAFE.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        with bound(request_id=request_id):
            try:
                await self._app(scope, receive, answer)
            except Exception as error:  # the last place where a defect can still become an honest answer
                log.error("request_broke", error=type(error).__name__, exc_info=True)
                if begun:
                    raise
                await problem(500, "broken", "Something broke on our side.")(scope, receive, answer)
            finally:
                route = getattr(scope.get("route"), "path", None)  # the pattern: real paths may name a wire
                millis = round((monotonic() - started) * 1000, 1)
                say = log.debug if route in _PROBES and status < 500 else log.info
                say("request", method=scope["method"], route=route, status=status, millis=millis)


class SmallBodies:
    """Refuses (413) a body over the cap before any handler reads it; webhooks and uploads read theirs bounded."""

    def __init__(self, app: ASGIApp, *, most: int = BODY_MOST) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _UPLOADS.fullmatch(scope["path"]):
            await self._app(scope, receive, send)
            return
        taken: list[Message] = []
        size, most = 0, _LARGER.get(scope["path"], self._most)
        declared = Headers(scope=scope).get("content-length", "0")
        over = declared.isdecimal() and int(declared) > most
        while not over:
            message = await receive()
            taken.append(message)
            size += len(message.get("body", b""))
            over = size > most
            if message["type"] != "http.request" or not message.get("more_body", False):
                break
        if over:
            await problem(413, "too_large", f"A body holds at most {most} bytes.")(scope, receive, send)
            return

        async def again() -> Message:
            return taken.pop(0) if taken else await receive()

        await self._app(scope, again, send)


def request_id_of(request: Request) -> str:
    """The id of this request, as given to the logs."""
    return str(request.state.request_id)
