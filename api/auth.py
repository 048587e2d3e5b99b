"""The operator's door, until accounts come: one password for pages and API, by HTTP Basic or a signed session cookie.

Whether a password is asked for is decided by where the server listens, never by what a request says of itself. On the
loopback without a password a page from elsewhere could still aim at us, hence the check of the Host header.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections import deque
from collections.abc import Callable
from time import monotonic
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import problem
from kit.clock import utc_now
from kit.ids import new_token
from kit.log import get_logger
from kit.settings import Settings

log = get_logger(__name__)

COOKIE = "carol_session"
SESSION_SECONDS = 12 * 3600
OPEN = ("/webhooks/", "/health", "/ready", "/api/session")
_LOCKED = ("/api/", "/openapi.json", "/metrics")  # everything else that is read is the console's shell: nothing secret
_WINDOW, _PER_ADDRESS, _IN_ALL = 60.0, 5, 30  # wrong passwords allowed: seconds, from one address, from all


class Attempts:
    """Wrong passwords of the last minute."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._wrong: deque[tuple[float, str]] = deque(maxlen=1000)

    def wait(self, address: str) -> float:
        """Seconds this address must wait before its next try; 0 when it may."""
        now = self._clock()
        while self._wrong and now - self._wrong[0][0] >= _WINDOW:
            self._wrong.popleft()
        own = [at for at, who in self._wrong if who == address]
        if len(own) >= _PER_ADDRESS:
            return _WINDOW - (now - own[-_PER_ADDRESS])
        return _WINDOW - (now - self._wrong[-_IN_ALL][0]) if len(self._wrong) >= _IN_ALL else 0.0

    def note_wrong(self, address: str) -> None:
        self._wrong.append((self._clock(), address))


class Door:
    """Who may come in."""

    def __init__(self, settings: Settings, *, clock: Callable[[], float] = monotonic) -> None:
        secret = settings.operator_password
        self._password = secret.get_secret_value().encode() if secret else None
        # A new password ends every session: the key that signs them is made of it.
        self._key = hashlib.sha256(b"carol session\x00" + (self._password or b"")).digest()
        self._secure = bool(settings.public_url and settings.public_url.startswith("https://"))
        self._hosts = {"localhost", "127.0.0.1", "::1", settings.host, urlsplit(settings.base_url).hostname or ""}
        self._attempts = Attempts(clock)
        self.locked = self._password is not None or not settings.on_loopback

    def host_is_ours(self, host: str) -> bool:
        """Whether a Host header names this machine (a rebound DNS name does not)."""
        try:
            return (urlsplit(f"//{host}").hostname or "") in self._hosts
        except ValueError:
            return False

    def wait(self, address: str) -> float:
        """Seconds before this address may try a password again."""
        return self._attempts.wait(address)

    def knows(self, password: str, address: str) -> bool:
        """Whether this is the password; a wrong one is counted."""
        given = hashlib.sha256(password.encode("utf-8", "replace")).digest()
        if self._password is not None and hmac.compare_digest(given, hashlib.sha256(self._password).digest()):
            return True
        self._attempts.note_wrong(address)
        log.warning("wrong_password")
        return False

    def session(self) -> str:
        """A new session, `expiry.nonce.signature`."""
        body = f"{int(utc_now().timestamp()) + SESSION_SECONDS}.{new_token().hex}"
        return f"{body}.{self._sign(body)}"

    def admits(self, session: str) -> bool:
        """Whether a session is ours and still runs."""
        body, _, signature = session.rpartition(".")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(body).encode()):
            return False
        expiry = body.partition(".")[0]
        return expiry.isdecimal() and int(expiry) > utc_now().timestamp()

    def set_cookie(self, response: Response) -> None:
        response.set_cookie(
            COOKIE, self.session(), max_age=SESSION_SECONDS, httponly=True, samesite="strict", secure=self._secure, path="/"
        )

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


class Guard:
    """In front of every path that is not open."""

    def __init__(self, app: ASGIApp, *, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"], scope["method"]):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(Request(scope))
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, request: Request) -> Response | None:
        if request.method == "POST" and _could_be_a_form(request):
            # All that a page of another site may send without asking us first, and we let no other site in.
            return problem(415, "not_json", "Send application/json, or a file with its own type.")
        if not self._door.locked:
            if self._door.host_is_ours(request.headers.get("host", "")):
                return None
            return problem(403, "other_host", "This address does not serve that host.")
        if self._door.admits(request.cookies.get(COOKIE, "")):
            return None
        return self._by_password(request)

    def _by_password(self, request: Request) -> Response | None:
        address = _address(request)
        given = _basic(request.headers.get("authorization", ""))
        if given is not None:
            if (wait := self._door.wait(address)) > 0:
                return too_many(wait)
            if self._door.knows(given, address):
                return None
        challenge = {"WWW-Authenticate": 'Basic realm="Carol", charset="UTF-8"'} if given is not None else {}
        return problem(401, "not_signed_in", "The operator password is needed.", headers=challenge)


def too_many(wait: float) -> Response:
    """429 with how long to wait."""
    return problem(429, "too_many_attempts", "Too many wrong passwords.", headers={"Retry-After": str(int(wait) + 1)})


def _is_open(path: str, method: str) -> bool:
    if any(path == one or (one.endswith("/") and path.startswith(one)) for one in OPEN):
        return True
    return method in ("GET", "HEAD") and not any(path == one or path.startswith(one.rstrip("/") + "/") for one in _LOCKED)


def _is_json(request: Request) -> bool:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower() == "application/json"


def _could_be_a_form(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind in ("", "application/x-www-form-urlencoded", "multipart/form-data", "text/plain")


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


def _basic(header: str) -> str | None:
    """The password of a Basic header (any user name), or None when there is none."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(token.strip(), validate=True).decode("utf-8", "replace").partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


class SessionOut(BaseModel):
    """`locked`: a password is asked for; `signed_in`: this browser has given it, or none is asked for."""

    locked: bool
    signed_in: bool


class Password(BaseModel):
    """The operator's password."""

    password: Annotated[str, Field(max_length=1000)]


def router(door: Door) -> APIRouter:
    """`/api/session`: POST {password} begins it, DELETE ends it in this browser, GET tells."""
    routes = APIRouter(prefix="/api/session", tags=["session"])

    @routes.get("")
    async def session(request: Request) -> SessionOut:
        """Whether a password is asked for, and whether this browser has given it."""
        return SessionOut(locked=door.locked, signed_in=not door.locked or door.admits(request.cookies.get(COOKIE, "")))

    @routes.post("", status_code=204)
    async def sign_in(request: Request, given: Password) -> Response:
        """Begins a session. 401 for another password, 429 after too many."""
        if not _is_json(request):
            return problem(415, "not_json", "Send application/json.")
        address = _address(request)
        if (wait := door.wait(address)) > 0:
            return too_many(wait)
        if not door.knows(given.password, address):
            return problem(401, "wrong_password", "That is not the password.")
        response = Response(status_code=204)
        door.set_cookie(response)
        return response

    @routes.delete("", status_code=204)
    async def sign_out() -> Response:
        """Ends the session in this browser."""
        response = Response(status_code=204)
        response.delete_cookie(COOKIE, path="/")
        return response

    return routes
