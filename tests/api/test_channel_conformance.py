"""What every wire to WhatsApp must do with a text and with each way a send can end, whoever the provider is."""

from __future__ import annotations

import logging
import socket

import pytest

from channels.base import Echo, Inbound, SendOutcome, Status
from channels.whatsapp.cloud import signature
from channels.whatsapp.evolution.auth import authentic
from tests.api.channel_wires import NUMBER, SHORT, TEXT, Provider, Wire, message, send
from tests.emulators.cloud import CloudEmulator


def test_an_accepted_text_is_sent_once_and_verbatim(wire: Wire, provider: Provider) -> None:
    (result,) = send(wire, provider, message())
    assert result.outcome is SendOutcome.SENT
    assert [(sent.id, sent.text) for sent in provider.sent] == [(result.provider_id, TEXT)]


def test_each_text_gets_an_id_of_its_own(wire: Wire, provider: Provider) -> None:
    results = send(wire, provider, message("um"), message("dois"), message("três"))
    assert len({result.provider_id for result in results}) == 3
    assert [sent.text for sent in provider.sent] == ["um", "dois", "três"]


def test_the_longest_text_goes_and_a_longer_one_is_refused_before_the_network(wire: Wire, provider: Provider) -> None:
    fits, long, blank = send(wire, provider, message("ã" * 4096), message("ã" * 4097), message(" \n"))
    assert fits.outcome is SendOutcome.SENT
    assert (long.outcome, long.error_code) == (SendOutcome.FAILED, "too_long")
    assert (blank.outcome, blank.error_code) == (SendOutcome.FAILED, "empty_text")
    assert len(provider.calls) == 1


@pytest.mark.parametrize("address", ["", "somebody", "120363000000000001@g.us", "5531 98888-0001", "5531988880001/../x"])
def test_an_address_that_names_no_person_is_refused_before_the_network(wire: Wire, provider: Provider, address: str) -> None:
    (result,) = send(wire, provider, message(to=address))
    assert (result.outcome, result.error_code) == (SendOutcome.FAILED, "bad_address")
    assert provider.calls == ()


def test_a_text_no_encoding_holds_is_mended_not_raised(wire: Wire, provider: Provider) -> None:
    (result,) = send(wire, provider, message("meio\x00 emoji \ud83d"))
    assert result.outcome is SendOutcome.SENT
    assert provider.sent[0].text == "meio emoji \ufffd"


def test_nobody_listening_is_surely_not_sent(wire: Wire, provider: Provider) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        (result,) = send(wire, provider, message(), changes={"base_url": f"http://127.0.0.1:{unused.getsockname()[1]}"})
    assert (result.outcome, result.error_code) == (SendOutcome.RETRY, "unreachable")
    assert result.retry_after is not None


def test_a_name_that_does_not_resolve_is_surely_not_sent(wire: Wire, provider: Provider) -> None:
    (result,) = send(wire, provider, message(), changes={"base_url": "http://provedor.invalid"})
    assert (result.outcome, result.error_code) == (SendOutcome.RETRY, "unreachable")


def test_an_answer_that_never_comes_is_unknown_and_not_asked_again(wire: Wire, provider: Provider) -> None:
    provider.faults.hang()
    (result,) = send(wire, provider, message(), impatient=True)
    assert (result.outcome, result.error_code) == (SendOutcome.UNKNOWN, "no_answer")
    assert len(provider.calls) == len(provider.sent) == 1


@pytest.mark.parametrize("accepted", [True, False])
def test_a_connection_cut_after_the_request_is_unknown(wire: Wire, provider: Provider, accepted: bool) -> None:
    provider.faults.drop(accepted=accepted)
    (result,) = send(wire, provider, message())
    assert result.outcome is SendOutcome.UNKNOWN
    assert (len(provider.calls), len(provider.sent)) == (1, int(accepted))


def test_a_slow_answer_in_time_is_an_answer(wire: Wire, provider: Provider) -> None:
    provider.faults.delay(0.1)
    (result,) = send(wire, provider, message(), impatient=True)
    assert result.outcome is SendOutcome.SENT


@pytest.mark.parametrize("body", [b"", b"<html>ok</html>", b"[]", b'{"messages":[{}],"key":{}}', b"[" * 5000])
def test_success_without_an_id_is_unknown(wire: Wire, provider: Provider, body: bytes) -> None:
    provider.faults.respond(200, body)
    (result,) = send(wire, provider, message())
    assert (result.outcome, result.error_code) == (SendOutcome.UNKNOWN, "no_message_id")


@pytest.mark.parametrize(
    ("status", "outcome", "alarm"),
    [
        (301, SendOutcome.RETRY, True),
        (401, SendOutcome.RETRY, True),
        (403, SendOutcome.RETRY, True),
        (404, SendOutcome.RETRY, True),
        (413, SendOutcome.FAILED, False),
        (429, SendOutcome.RETRY, False),
        (500, SendOutcome.UNKNOWN, False),
        (502, SendOutcome.UNKNOWN, False),
        (503, SendOutcome.RETRY, False),
        (504, SendOutcome.UNKNOWN, False),
    ],
)
def test_a_proxy_speaking_for_the_provider(
    wire: Wire, provider: Provider, status: int, outcome: SendOutcome, alarm: bool
) -> None:
    provider.faults.respond(status, b"<html>proxy</html>", headers={"Location": "http://127.0.0.1:9/"})
    (result,) = send(wire, provider, message())
    assert (result.outcome, result.alarm) == (outcome, alarm)
    assert (result.retry_after is not None) == (outcome is SendOutcome.RETRY)
    assert len(provider.calls) == 1


def test_the_wait_the_provider_asks_for_is_respected(wire: Wire, provider: Provider) -> None:
    provider.faults.respond(429, {}, headers={"Retry-After": "17"})
    provider.faults.respond(429, {}, headers={"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})
    asked, dated = send(wire, provider, message(), message())
    assert asked.retry_after == 17
    assert dated.retry_after is not None


def test_a_wrong_key_is_an_operators_matter(wire: Wire, provider: Provider) -> None:
    (result,) = send(wire, provider, message(), changes={wire.secret_field: "chave-errada"})
    assert (result.outcome, result.alarm) == (SendOutcome.RETRY, True)
    assert provider.sent == ()


def test_a_number_unknown_in_one_form_is_tried_in_the_other(wire: Wire, provider: Provider) -> None:
    provider.absent = {NUMBER}
    (result,) = send(wire, provider, message())
    assert result.outcome is SendOutcome.SENT
    assert len(provider.calls) == 2


def test_a_number_unknown_in_both_forms_fails_after_two_requests(wire: Wire, provider: Provider) -> None:
    provider.absent = {NUMBER, SHORT, "553133334444"}
    mobile, landline = send(wire, provider, message(), message(to="553133334444"))
    assert (mobile.outcome, landline.outcome) == (SendOutcome.FAILED, SendOutcome.FAILED)
    assert len(provider.calls) == 3


def test_results_and_logs_tell_no_text_number_or_key(wire: Wire, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
    provider.absent = {NUMBER, SHORT}
    secret = provider.credentials[wire.secret_field]
    leaky = {"error": {"code": 131000, "message": f"{NUMBER} {TEXT}"}, "response": {"message": [f"{NUMBER} {TEXT} {secret}"]}}
    provider.faults.respond(400, leaky)
    provider.faults.hang()
    with caplog.at_level(logging.INFO):
        results = send(wire, provider, message(), message(), message(), impatient=True)
    said = repr(results) + caplog.text
    for private in (TEXT, "limpeza", NUMBER, SHORT, secret):
        assert private not in said


def test_what_the_provider_posts_can_be_answered_and_followed(wire: Wire, provider: Provider) -> None:
    (arrived,) = wire.parse(provider.inbound("oi, tem horário?", number=SHORT))
    assert isinstance(arrived, Inbound)
    assert (arrived.text, arrived.aliases[0].value) == ("oi, tem horário?", f"+{NUMBER}")
    (result,) = send(wire, provider, message(to=arrived.reply_to))
    (sent,) = provider.sent
    (status,) = wire.parse(provider.status(sent.id, wire.delivered, number=SHORT))
    assert isinstance(status, Status)
    assert (status.provider_id, status.status.value) == (result.provider_id, "delivered")
    assert status.reference == ("0198-saida-1" if wire.kind == "cloud" else None)
    (echo,) = wire.parse(provider.staff_reply("aqui é a Ana", number=SHORT))
    assert isinstance(echo, Echo)
    assert echo.aliases == arrived.aliases
    assert echo.provider_id != result.provider_id


def test_posted_webhooks_are_authentic_and_forgeries_are_not(wire: Wire, provider: Provider) -> None:
    raw, headers = provider.signed(provider.inbound("Olá 😊", number=SHORT))
    if isinstance(provider, CloudEmulator):
        header = headers[signature.HEADER]
        assert signature.verify(raw, header, provider.app_secret)
        assert not signature.verify(raw + b" ", header, provider.app_secret)
        assert not signature.verify(raw, header, "outro")
    else:
        assert authentic(headers, provider.secret)
        assert not authentic(headers, "outro")
