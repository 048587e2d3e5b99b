from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from channels.whatsapp.cloud import signature
from channels.whatsapp.evolution.auth import authentic

SECRET = "um-segredo-bem-comprido"
NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def jwt(expires: datetime, *, secret: str = SECRET, alg: str = "HS256") -> str:
    claims = {"iat": int(expires.timestamp()) - 600, "exp": int(expires.timestamp()), "app": "evolution", "action": "webhook"}
    head = f"{segment({'alg': alg, 'typ': 'JWT'})}.{segment(claims)}"
    mac = hmac.new(secret.encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


# Vector of RFC 4231, test case 2.
def test_meta_signature_is_hmac_sha256_of_the_raw_bytes() -> None:
    header = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    raw = b"what do ya want for nothing?"
    assert signature.verify(raw, header, "Jefe")
    assert signature.sign(raw, "Jefe") == header


def test_meta_signature_holds_for_the_bytes_sent_and_not_for_the_json_rewritten() -> None:
    raw = json.dumps({"text": "Olá 😊"}).encode()
    header = signature.sign(raw, SECRET)
    assert signature.verify(raw, header, SECRET)
    assert not signature.verify(json.dumps({"text": "Olá 😊"}, ensure_ascii=False).encode(), header, SECRET)


@pytest.mark.parametrize("header", [None, "", "sha256=", "sha1=abc", "sha256=" + "0" * 64, "sha256=é", "sha256=\ud800"])
def test_meta_signature_missing_or_wrong_is_refused(header: str | None) -> None:
    assert not signature.verify(b"{}", header, SECRET)


def test_an_empty_app_secret_admits_nobody() -> None:
    assert not signature.verify(b"{}", signature.sign(b"{}", ""), "")


def test_subscription_challenge() -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "ficha", "hub.challenge": "1158201444"}
    assert signature.challenge(asked, "ficha") == "1158201444"
    assert signature.challenge(asked, "outra") is None
    assert signature.challenge(asked | {"hub.verify_token": "ficé"}, "ficha") is None
    assert signature.challenge(asked | {"hub.mode": "unsubscribe"}, "ficha") is None
    assert signature.challenge({"hub.mode": "subscribe", "hub.challenge": "1"}, "") is None


def test_evolution_static_bearer_in_any_header_case() -> None:
    assert authentic({"Authorization": f"Bearer {SECRET}"}, SECRET, now=NOW)
    assert authentic({"AUTHORIZATION": f"bearer  {SECRET}"}, SECRET, now=NOW)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": SECRET},
        bearer(""),
        bearer(SECRET + "x"),
        bearer("é"),
        {"apikey": SECRET},
        bearer("a.b.c"),
        bearer(".."),
    ],
)
def test_evolution_without_the_right_bearer_is_refused(headers: dict[str, str]) -> None:
    assert not authentic(headers, SECRET, now=NOW)


def test_evolution_with_an_empty_secret_admits_nobody() -> None:
    assert not authentic(bearer(""), "", now=NOW)
    assert not authentic(bearer(jwt(NOW, secret="")), "", now=NOW)


def test_evolution_jwt_is_good_for_as_long_as_a_webhook_may_be_retried() -> None:
    assert authentic(bearer(jwt(NOW + timedelta(minutes=10))), SECRET, now=NOW)
    assert authentic(bearer(jwt(NOW - timedelta(minutes=34))), SECRET, now=NOW)
    assert not authentic(bearer(jwt(NOW - timedelta(minutes=36))), SECRET, now=NOW)


def test_evolution_jwt_signed_otherwise_or_tampered_is_refused() -> None:
    good = jwt(NOW + timedelta(minutes=10))
    head, claims, mac = good.split(".")
    assert not authentic(bearer(jwt(NOW + timedelta(minutes=10), secret="outro")), SECRET, now=NOW)
    assert not authentic(bearer(jwt(NOW + timedelta(minutes=10), alg="none")), SECRET, now=NOW)
    assert not authentic(bearer(jwt(NOW + timedelta(minutes=10), alg="RS256")), SECRET, now=NOW)
    assert not authentic(bearer(f"{segment({'alg': 'none'})}.{claims}."), SECRET, now=NOW)
    assert not authentic(bearer(f"{head}.{segment({'exp': 9999999999})}.{mac}"), SECRET, now=NOW)
    assert not authentic(bearer(f"{head}.{claims}."), SECRET, now=NOW)
