"""Files from other people's addresses, taken only from hosts we know and never from inside our own network.

The address comes in a provider's answer or webhook: it is checked before anything connects, the name is resolved once,
and the connection goes to the very address that was checked. Redirects are followed by the same rules.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from channels.base import Fetched, MediaGone, MediaTooLarge
from kit.errors import Unavailable

TIMEOUT = httpx.Timeout(connect=5.0, write=10.0, read=30.0, pool=5.0)
_REDIRECTS = 3
_GONE = frozenset({403, 404, 410})  # presigned addresses expire with 403
_PORTS = {"https": 443, "http": 80}

Origin = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """`own` is the provider's configured origin: wherever it is, even this machine. `named` origins may be in a private
    network but not on this machine. `public` hosts are reached by https alone, whose certificate proves them."""

    own: Origin
    named: frozenset[Origin] = frozenset()
    public: frozenset[str] = frozenset()

    def admits(self, url: str) -> bool:
        """Whether an address may be asked at all."""
        where = origin(url)
        if where is None:
            return False
        return where in self.named | {self.own} or (
            urlsplit(url).scheme == "https" and where in {(h, 443) for h in self.public}
        )


def origin(url: str) -> Origin | None:
    """Host and port of an http(s) address without user or password; None for anything else."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return None
    if parts.scheme not in _PORTS or not host or parts.username is not None or parts.password is not None:
        return None
    return host, port or _PORTS[parts.scheme]


async def download(
    http: httpx.AsyncClient, url: str, *, allowed: Allowed, headers: Mapping[str, str], most: int, sha256: str | None
) -> Fetched:
    """The bytes at this address, at most `most`, whose SHA-256 is the hex given. Raises MediaGone, MediaTooLarge, Unavailable.

    `headers` (a key) go to admitted hosts only, redirects included.
    """
    for _ in range(_REDIRECTS + 1):
        if not allowed.admits(url):
            raise MediaGone("the address is not allowed")
        request = await _pinned(http, url, allowed, headers)
        try:
            response = await http.send(request, stream=True, follow_redirects=False)
            try:
                if response.is_redirect:
                    url = urljoin(url, response.headers.get("Location", ""))
                    continue
                return await _taken(response, most, sha256)
            finally:
                await response.aclose()
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unavailable(f"media download: {type(error).__name__}") from None
    raise MediaGone("too many redirects")


async def _taken(response: httpx.Response, most: int, sha256: str | None) -> Fetched:
    if response.status_code in _GONE:
        raise MediaGone(f"HTTP {response.status_code}")
    if response.status_code != 200:
        raise Unavailable(f"media download: HTTP {response.status_code}")
    data = await read(response, most)
    check(data, sha256)
    return Fetched(data=data, media_type=response.headers.get("Content-Type", "application/octet-stream"))


async def read(response: httpx.Response, most: int) -> bytes:
    """The body, stopped as soon as it is more than `most` bytes. Raises MediaTooLarge."""
    length = response.headers.get("Content-Length", "")
    if length.isascii() and length.isdigit() and int(length) > most:
        raise MediaTooLarge
    data = bytearray()
    async for piece in response.aiter_bytes():
        data += piece
        if len(data) > most:
            raise MediaTooLarge
    return bytes(data)


def check(data: bytes, sha256: str | None) -> None:
    """Raises Unavailable when these are not the bytes that were meant: another try may bring them whole."""
    if not data:
        raise Unavailable("media download: empty")
    if sha256 and not hmac.compare_digest(hashlib.sha256(data).hexdigest(), sha256.lower()):
        raise Unavailable("media download: other bytes than announced")


async def _pinned(http: httpx.AsyncClient, url: str, allowed: Allowed, headers: Mapping[str, str]) -> httpx.Request:
    """A request that connects to the address we checked, whatever the name resolves to a moment later."""
    where = origin(url)
    assert where is not None  # admitted
    if where == allowed.own or where not in allowed.named:  # as configured; or proved by its certificate
        return http.build_request("GET", url, headers=dict(headers), timeout=TIMEOUT)
    host, port = where
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError:
        raise Unavailable("media download: the host is not known") from None
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(_fit(address) for address in addresses):
        raise MediaGone("the address is not allowed")
    request = http.build_request("GET", url, headers=dict(headers), timeout=TIMEOUT)
    request.url = request.url.copy_with(host=str(addresses[0]))
    request.extensions = {**request.extensions, "sni_hostname": host}
    return request  # its Host header still has the name


def _fit(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not (
        address.is_loopback or address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    )
