"""What each provider alone says, and what becomes of the message."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from channels.base import Echo, Outgoing, SendOutcome, SendResult
from channels.console.sender import ConsoleSender
from channels.registry import BadChannel, sender_for
from channels.whatsapp.evolution.parse import parse as parse_evolution
from tests.emulators.cloud import CloudEmulator, graph_error
from tests.emulators.evolution import EvolutionEmulator

RETRY, FAILED, SENT, UNKNOWN = SendOutcome.RETRY, SendOutcome.FAILED, SendOutcome.SENT, SendOutcome.UNKNOWN
BSUID = "BR.1502500000000001"


@pytest.fixture
def evolution() -> Iterator[EvolutionEmulator]:
    with EvolutionEmulator() as running:
        yield running


@pytest.fixture
def cloud() -> Iterator[CloudEmulator]:
    with CloudEmulator() as running:
        yield running


def send(kind: str, provider: EvolutionEmulator | CloudEmulator, to: str = "5531988880001", **changes: str) -> SendResult:
    async def run() -> SendResult:
        async with httpx.AsyncClient(verify=False) as http:
            sender = sender_for(kind, {**provider.credentials, **changes}, http)
            return await sender.send(Outgoing(to=to, text="Até terça!", reference="0198-saida-1"))

    return asyncio.run(run())


# --- Evolution --------------------------------------------------------------------------------------------------------


def refused(message: Any, status: int) -> dict[str, Any]:
    return {"status": status, "error": "…", "response": {"message": message}}


@pytest.mark.parametrize(
    ("status", "complaint", "outcome", "code"),
    [
        (400, ["Error: Connection Closed"], RETRY, "session_down"),
        (500, "Connection Closed", RETRY, "session_down"),
        (500, ["Error: Connection Closed"], RETRY, "session_down"),
        (400, ["Error: Timed Out"], RETRY, "session_down"),
        (400, ["Error: Precondition Required"], RETRY, "session_down"),
        (400, [{"jid": "1@s.whatsapp.net", "exists": False, "number": "1"}], FAILED, "not_on_whatsapp"),
        (400, [['instance requires property "text"']], FAILED, "invalid_request"),
        (400, ["[object Object]"], FAILED, "invalid_request"),
        (401, "Unauthorized", RETRY, "unauthorized"),
        (404, ['The "clinica" instance does not exist'], RETRY, "instance_missing"),
        # Evolution reports its own failures after the send the same way: the text may be on the phone already.
        (400, ["PrismaClientKnownRequestError: Unique constraint failed"], UNKNOWN, "unclear_answer"),
        (500, ["TypeError: Cannot read properties of undefined"], UNKNOWN, "unclear_answer"),
    ],
)
def test_evolution_refusals(evolution: EvolutionEmulator, status: int, complaint: Any, outcome: SendOutcome, code: str) -> None:
    evolution.faults.respond(status, refused(complaint, status), times=2)
    result = send("evolution", evolution, to="553133334444")
    assert (result.outcome, result.error_code) == (outcome, code)
    assert result.alarm == (code in ("unauthorized", "instance_missing"))
    assert len(evolution.calls) == 1


def test_evolution_session_states(evolution: EvolutionEmulator) -> None:
    evolution.connected = False
    down = send("evolution", evolution)
    evolution.connected, evolution.licensed = True, False
    unlicensed = send("evolution", evolution)
    assert (down.outcome, down.error_code, down.alarm) == (RETRY, "session_down", False)
    assert (unlicensed.outcome, unlicensed.error_code, unlicensed.alarm) == (RETRY, "license_required", True)
    assert (unlicensed.retry_after or 0) >= 3600


def test_evolution_missing_instance_is_an_alarm(evolution: EvolutionEmulator) -> None:
    result = send("evolution", evolution, instance="outra / clínica")
    assert (result.outcome, result.error_code, result.alarm) == (RETRY, "instance_missing", True)
    assert evolution.calls[0].path == "/message/sendText/outra%20%2F%20cl%C3%ADnica"


def test_evolution_answers_a_hidden_id_by_its_whole_jid(evolution: EvolutionEmulator) -> None:
    result = send("evolution", evolution, to="700200100400800@lid")
    assert result.outcome is SENT
    assert evolution.calls[0].body == {"number": "700200100400800@lid", "text": "Até terça!", "linkPreview": False}


def test_evolution_own_send_comes_back_as_an_echo_with_the_same_id(evolution: EvolutionEmulator) -> None:
    result = send("evolution", evolution)
    (echo,) = parse_evolution(evolution.own_echo(evolution.sent[0]))
    assert isinstance(echo, Echo)
    assert (echo.provider_id, echo.text) == (result.provider_id, "Até terça!")


# --- Cloud API --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "status", "outcome", "alarm", "at_least"),
    [
        (4, 400, RETRY, False, 30),
        (80007, 400, RETRY, False, 30),
        (130429, 400, RETRY, False, 5),
        (131056, 400, RETRY, False, 6),
        (131000, 500, RETRY, False, 1),
        (131016, 503, RETRY, False, 1),
        (131057, 400, RETRY, False, 1),
        (1, 500, RETRY, False, 1),
        (2, 503, RETRY, False, 1),
        (190, 401, RETRY, True, 600),
        (0, 401, RETRY, True, 600),
        (10, 403, RETRY, True, 600),
        (200, 403, RETRY, True, 600),
        (131048, 400, RETRY, True, 600),
        (368, 403, RETRY, True, 600),
        (131031, 403, RETRY, True, 600),
        (131042, 400, RETRY, True, 600),
        (131047, 400, FAILED, False, None),
        (131049, 400, FAILED, False, None),
        (130472, 400, FAILED, False, None),
        (131050, 400, FAILED, False, None),
        (131008, 400, FAILED, False, None),
        (131009, 400, FAILED, False, None),
        (131062, 400, FAILED, False, None),
        (100, 400, FAILED, False, None),
        (131026, 400, FAILED, False, None),
        (131051, 400, FAILED, False, None),
        (131052, 400, RETRY, False, 1),
        (131053, 400, RETRY, False, 1),
        (131064, 400, RETRY, True, 600),
        (130497, 403, RETRY, True, 600),
        (299, 403, RETRY, True, 600),
        (132000, 400, FAILED, True, None),
        (132001, 404, FAILED, True, None),
        (132015, 400, FAILED, True, None),
        (132016, 400, FAILED, True, None),
    ],
)
def test_cloud_error_codes(
    cloud: CloudEmulator, code: int, status: int, outcome: SendOutcome, alarm: bool, at_least: float | None
) -> None:
    answer = graph_error(code, status=status)
    cloud.faults.respond(answer.status, answer.body)
    result = send("cloud", cloud, to="5531333344440")  # one that has no other ninth-digit form
    assert (result.outcome, result.error_code, result.alarm) == (outcome, str(code), alarm)
    assert (result.retry_after is None) if at_least is None else (result.retry_after or 0) >= at_least
    assert len(cloud.calls) == 1


def test_cloud_unknown_codes_follow_metas_own_hint(cloud: CloudEmulator) -> None:
    for answer in (graph_error(777, transient=True), graph_error(777), graph_error(777, status=500)):
        cloud.faults.respond(answer.status, answer.body)
    assert [send("cloud", cloud).outcome for _ in range(3)] == [RETRY, FAILED, RETRY]


def test_cloud_number_of_another_account_is_an_alarm(cloud: CloudEmulator) -> None:
    result = send("cloud", cloud, phone_number_id="999")
    assert (result.outcome, result.error_code, result.alarm) == (RETRY, "100", True)


def test_cloud_test_number_list_is_spelt_without_the_ninth_digit(cloud: CloudEmulator) -> None:
    answer = graph_error(131030)
    cloud.faults.respond(answer.status, answer.body)
    assert send("cloud", cloud).outcome is SENT
    assert [call.body["to"] for call in cloud.calls] == ["5531988880001", "553188880001"]


def test_cloud_text_carries_our_reference_and_the_providers_spelling(cloud: CloudEmulator) -> None:
    send("cloud", cloud, to="553188880001")
    assert cloud.calls[0].path == "/v26.0/106500000000001/messages"
    assert cloud.calls[0].body == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "553188880001",
        "type": "text",
        "text": {"body": "Até terça!", "preview_url": False},
        "biz_opaque_callback_data": "0198-saida-1",
    }


def test_cloud_person_without_a_phone_is_named_as_recipient(cloud: CloudEmulator) -> None:
    assert send("cloud", cloud, to=BSUID).outcome is SENT
    assert cloud.calls[0].body["recipient"] == BSUID
    assert "to" not in cloud.calls[0].body


# --- the registry and the console -------------------------------------------------------------------------------------


def test_console_takes_everything() -> None:
    async def run() -> SendResult:
        async with httpx.AsyncClient(verify=False) as http:
            sender = sender_for("console", {}, http)
            assert isinstance(sender, ConsoleSender)
            return await sender.send(Outgoing(to="pagina", text="oi" * 4000, reference="0198"))

    assert asyncio.run(run()) == SendResult(outcome=SENT, provider_id="console:0198")


@pytest.mark.parametrize(
    ("kind", "credentials", "named"),
    [
        ("pombo", {}, "kind"),
        ("evolution", {"base_url": "http://x", "instance": "a"}, "api_key"),
        ("evolution", {"base_url": "http://x", "instance": " ", "api_key": "segredo"}, "instance"),
        ("evolution", {"base_url": "x:8080", "instance": "a", "api_key": "segredo"}, "base_url"),
        ("evolution", {"base_url": "http://[", "instance": "a", "api_key": "segredo"}, "base_url"),
        ("evolution", {"base_url": "http://x", "instance": "a", "api_key": "segredo\ninjetado"}, "api_key"),
        ("cloud", {"phone_number_id": "1"}, "access_token"),
        ("cloud", {"access_token": "segredo"}, "phone_number_id"),
    ],
)
def test_bad_credentials_are_named_never_told(kind: str, credentials: dict[str, str], named: str) -> None:
    with pytest.raises(BadChannel) as caught:
        sender_for(kind, credentials, httpx.AsyncClient(verify=False))
    assert named in str(caught.value)
    assert "segredo" not in str(caught.value)
