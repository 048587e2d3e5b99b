"""Which client speaks for a channel row. Only `jobs.delivery` asks."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from urllib.parse import urlsplit

import httpx

from channels.base import Sender
from channels.console.sender import ConsoleSender
from channels.whatsapp.cloud.sender import DEFAULT_BASE_URL, CloudSender
from channels.whatsapp.evolution.sender import EvolutionSender
from kit.errors import Invalid


class ChannelKind(StrEnum):
    EVOLUTION = "evolution"
    CLOUD = "cloud"
    CONSOLE = "console"


class BadChannel(Invalid):
    """A channel's kind or credentials cannot make a sender. The message names fields, never their values."""

    code = "bad_channel"


def sender_for(kind: str, credentials: Mapping[str, str], http: httpx.AsyncClient) -> Sender:
    """The sender of one channel, over a client that outlives it.

    Credentials: evolution `base_url`, `instance`, `api_key` and optionally `media_host` (`host` or `host:port` of the bucket
    it keeps files in); cloud `phone_number_id`, `access_token` and optionally
    `base_url`; console none. Raises BadChannel.
    """
    match kind:
        case ChannelKind.EVOLUTION:
            return EvolutionSender(
                http,
                base_url=_url(_required(credentials, "base_url")),
                instance=_required(credentials, "instance"),
                api_key=_secret(credentials, "api_key"),
                media_host=credentials.get("media_host", "").strip().lower(),
            )
        case ChannelKind.CLOUD:
            return CloudSender(
                http,
                phone_number_id=_required(credentials, "phone_number_id"),
                access_token=_secret(credentials, "access_token"),
                base_url=_url(credentials.get("base_url") or DEFAULT_BASE_URL),
            )
        case ChannelKind.CONSOLE:
            return ConsoleSender()
        case _:
            raise BadChannel("unknown channel kind")


def _required(credentials: Mapping[str, str], field: str) -> str:
    value = credentials.get(field, "").strip()
    if not value:
        raise BadChannel(f"credential {field} is missing")
    return value


def _secret(credentials: Mapping[str, str], field: str) -> str:
    value = _required(credentials, field)
    if not value.isascii() or not value.isprintable():
        raise BadChannel(f"credential {field} has characters a header cannot carry")
    return value


def _url(value: str) -> str:
    try:
        httpx.URL(value)
        url = urlsplit(value)
    except (httpx.InvalidURL, ValueError):
        raise BadChannel("credential base_url is not a URL") from None
    if url.scheme not in ("http", "https") or not url.hostname:
        raise BadChannel("credential base_url must be an http(s) URL")
    return value
