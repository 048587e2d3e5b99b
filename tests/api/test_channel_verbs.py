"""The other verbs, on every wire: marks, files fetched, a lost send found, history, the wire's state. Over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from channels.base import Echo, Fetched, Inbound, LinkState, MediaGone, MediaTooLarge, Menu, Option, Outgoing, SendOutcome
from channels.whatsapp import downloads
from kit.errors import Unavailable
from tests.api.channel_wires import PROVIDERS, SHORT, WIRES, Other, Ourselves, Provider, Wire, message, send, with_sender
from tests.emulators.cloud import CloudEmulator, graph_error
from tests.emulators.evolution import EvolutionEmulator

CLOUD, EVOLUTION = PROVIDERS[1], PROVIDERS[0]
VOICE = b"OggS" + bytes(range(256)) * 20
MB = 2**20


@pytest.fixture
def cloud() -> Iterator[CloudEmulator]:
    with CloudEmulator() as running:
        yield running


@pytest.fixture
def evolution() -> Iterator[EvolutionEmulator]:
    with EvolutionEmulator() as running:
        yield running


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Downloads give up soon."""
    monkeypatch.setattr(downloads, "TIMEOUT", httpx.Timeout(0.3))


def source_of(wire: Wire, body: Any) -> Mapping[str, Any]:
    (event,) = wire.parse(body)
    assert isinstance(event, Inbound)
    source: Mapping[str, Any] = event.payload["file"]["source"]
    return source


def fetched(wire: Wire, provider: Other, source: Mapping[str, Any], *, most: int = MB, **how: Any) -> Fetched:
    return with_sender(wire, provider, lambda sender: sender.fetch(source, most=most), **how)


# --- files ------------------------------------------------------------------------------------------------------------


def test_a_file_that_came_is_fetched_whole(wire: Wire, provider: Provider) -> None:
    source = source_of(wire, provider.file("audio", VOICE, "audio/ogg; codecs=opus", number=SHORT))
    file = fetched(wire, provider, source)
    assert (file.data, file.media_type) == (VOICE, "audio/ogg; codecs=opus")


def test_a_file_larger_than_asked_is_not_taken(wire: Wire, provider: Provider) -> None:
    source = source_of(wire, provider.file("image", VOICE, "image/jpeg", number=SHORT))
    with pytest.raises(MediaTooLarge):
        fetched(wire, provider, source, most=len(VOICE) - 1)
    assert fetched(wire, provider, source, most=len(VOICE)).data == VOICE


def test_other_bytes_than_announced_are_not_believed(wire: Wire, provider: Provider) -> None:
    source = {**source_of(wire, provider.file("image", VOICE, "image/jpeg", number=SHORT))}
    source["sha256"] = hashlib.sha256(b"outra coisa").hexdigest()
    with pytest.raises(Unavailable):
        fetched(wire, provider, source)


@pytest.mark.parametrize("fault", ["unavailable", "drop", "garble", "hang"])
@pytest.mark.usefixtures("hurried")
def test_a_wire_that_does_not_answer_is_asked_again_later(wire: Wire, provider: Provider, fault: str) -> None:
    source = source_of(wire, provider.file("audio", VOICE, "audio/ogg", number=SHORT))
    getattr(provider.faults, fault)(on="media")
    with pytest.raises(Unavailable):
        fetched(wire, provider, source, impatient=True)
    assert fetched(wire, provider, source).data == VOICE


@pytest.mark.parametrize("source", [{}, {"id": ""}, {"id": "../1"}, {"id": 7, "key": 7}, {"key": {"id": None}}, {"id": None}])
def test_a_source_that_names_nothing_is_gone(any_wire: Wire, source: Mapping[str, Any]) -> None:
    with any_wire.provider() as other:
        with pytest.raises(MediaGone):
            fetched(any_wire, other, source)
        assert isinstance(other, Ourselves) or other.calls == ()


def test_an_expired_cloud_media_is_gone(cloud: CloudEmulator) -> None:
    source = source_of(CLOUD, cloud.file("audio", VOICE, "audio/ogg", number=SHORT))
    cloud.media.clear()
    with pytest.raises(MediaGone):
        fetched(CLOUD, cloud, source)


def test_evolution_that_lost_the_message_is_asked_again_and_whatsapp_that_lost_the_file_is_not(
    evolution: EvolutionEmulator,
) -> None:
    source = source_of(EVOLUTION, evolution.file("audio", VOICE, "audio/ogg", number=SHORT))
    evolution.media.clear()
    with pytest.raises(Unavailable):  # its row may come a moment after its webhook
        fetched(EVOLUTION, evolution, source)
    gone = {"status": 400, "error": "Bad Request", "response": {"message": ["Request failed with status code 410"]}}
    evolution.faults.respond(400, gone, on="media")
    with pytest.raises(MediaGone):
        fetched(EVOLUTION, evolution, source)


@pytest.mark.parametrize(
    "place",
    [
        "https://intruso.test/x",
        "http://lookaside.fbsbx.com/x",  # not by https
        "https://lookaside.fbsbx.com.intruso.test/x",
        "https://eu:senha@lookaside.fbsbx.com/x",
        "https://lookaside.fbsbx.com:8443/x",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
    ],
)
def test_the_key_of_the_cloud_goes_to_its_own_hosts_only(cloud: CloudEmulator, place: str) -> None:
    source = source_of(CLOUD, cloud.file("image", VOICE, "image/jpeg", number=SHORT))
    cloud.faults.respond(200, {"url": place, "mime_type": "image/jpeg", "file_size": len(VOICE)}, on="media")
    with pytest.raises(MediaGone):
        fetched(CLOUD, cloud, source)
    assert len(cloud.calls) == 1


def test_a_redirect_off_the_list_is_not_followed_and_one_on_it_is(cloud: CloudEmulator) -> None:
    source = source_of(CLOUD, cloud.file("image", VOICE, "image/jpeg", number=SHORT))
    with CloudEmulator() as intruder:
        cloud.faults.respond(302, b"", headers={"Location": f"{intruder.base_url}/roubo"}, on="download")
        with pytest.raises(MediaGone):
            fetched(CLOUD, cloud, source)
        assert intruder.calls == ()
    cloud.faults.respond(302, b"", headers={"Location": f"/lookaside/{source['id']}"}, on="download")
    assert fetched(CLOUD, cloud, source).data == VOICE


def test_a_circle_of_redirects_ends(cloud: CloudEmulator) -> None:
    source = source_of(CLOUD, cloud.file("image", VOICE, "image/jpeg", number=SHORT))
    cloud.faults.respond(302, b"", headers={"Location": f"/lookaside/{source['id']}"}, on="download", times=20)
    with pytest.raises(MediaGone):
        fetched(CLOUD, cloud, source)
    assert len(cloud.calls) < 8


def test_evolution_brings_a_stored_file_from_its_bucket_and_falls_back_to_the_key(evolution: EvolutionEmulator) -> None:
    source = source_of(EVOLUTION, evolution.file("image", VOICE, "image/jpeg", number=SHORT, stored=True))
    assert fetched(EVOLUTION, evolution, source).data == VOICE
    assert [call.path.split("/")[1] for call in evolution.calls] == ["stored"]
    evolution.faults.respond(403, b"<Error/>", on="media")
    assert fetched(EVOLUTION, evolution, source).data == VOICE
    assert "/chat/getBase64FromMediaMessage/clinica" in [call.path for call in evolution.calls]


def test_a_webhook_that_brought_the_bytes_is_fetched_by_key_all_the_same(evolution: EvolutionEmulator) -> None:
    body = evolution.file("audio", VOICE, "audio/ogg", number=SHORT, inline=True)
    assert "OggS" not in str(EVOLUTION.parse(body))
    assert fetched(EVOLUTION, evolution, source_of(EVOLUTION, body)).data == VOICE


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("", "http://127.0.0.1:{port}/stored/x"),  # this machine, but not where the provider is configured
        ("127.0.0.1", "http://127.0.0.1/x"),
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}/stored/x"),  # nor by being named
        ("localhost:{port}", "http://localhost:{port}/stored/x"),
        ("169.254.169.254", "http://169.254.169.254/latest/meta-data"),
        ("[::1]:{port}", "http://[::1]:{port}/x"),
        ("0.0.0.0:{port}", "http://0.0.0.0:{port}/x"),
    ],
)
def test_a_bucket_inside_this_machine_is_never_asked(evolution: EvolutionEmulator, host: str, url: str) -> None:
    source = {**source_of(EVOLUTION, evolution.file("image", VOICE, "image/jpeg", number=SHORT))}
    with EvolutionEmulator() as inside:
        port = inside.base_url.rpartition(":")[2]
        source["url"] = url.format(port=port)
        file = fetched(EVOLUTION, evolution, source, changes={"media_host": host.format(port=port)})
        assert inside.calls == ()
    assert file.data == VOICE  # by its key, from the provider itself


# --- marks ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typing", [True, False])
def test_the_patient_sees_that_it_was_read(wire: Wire, provider: Provider, typing: bool) -> None:
    with_sender(wire, provider, lambda sender: sender.mark_read(SHORT, "3EB0PERGUNTA", typing=typing))
    assert provider.read == ["3EB0PERGUNTA"]
    if isinstance(provider, EvolutionEmulator):
        assert provider.presences == ([(f"{SHORT}@s.whatsapp.net", "composing")] if typing else [])
        assert all(call.body.get("delay", 0) <= 5000 for call in provider.calls)
    else:
        assert provider.typing == (["3EB0PERGUNTA"] if typing else [])
    assert provider.sent == ()


@pytest.mark.parametrize("fault", ["unavailable", "drop", "garble"])
def test_a_courtesy_never_raises(any_wire: Wire, fault: str) -> None:
    with any_wire.provider() as other:
        if not isinstance(other, Ourselves):
            getattr(other.faults, fault)(on="courtesy", times=2)
        for to, provider_id in ((SHORT, "3EB0"), ("", ""), ("x" * 500, "\ud800")):
            with_sender(any_wire, other, lambda sender, to=to, one=provider_id: sender.mark_read(to, one, typing=True))


# --- a lost send, and history -----------------------------------------------------------------------------------------

TIMES = Menu(options=(Option(id="S1", label="ter, 24 nov, 15:00"), Option(id="S2", label="qua, 25 nov, 9:30")))


def lost(evolution: EvolutionEmulator, one: Outgoing, *, taken: bool) -> str | None:
    since = datetime.now(UTC)
    evolution.faults.drop(accepted=taken, on="send")
    (result,) = send(EVOLUTION, evolution, one)
    assert result.outcome is SendOutcome.UNKNOWN
    return with_sender(EVOLUTION, evolution, lambda sender: sender.find(one, since=since))


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize(
    "one",
    [message("Até  terça!\n"), message("Qual?", content=TIMES), message(to=SHORT)],
    ids=["text", "menu", "the other form"],
)
def test_a_send_without_an_answer_is_found_if_it_left(evolution: EvolutionEmulator, one: Outgoing, taken: bool) -> None:
    evolution.inbound("Até terça!", number=SHORT, at=int(datetime.now(UTC).timestamp()))  # the patient's own words
    found = lost(evolution, one, taken=taken)
    assert found == (evolution.sent[0].id if taken else None)


def test_the_same_words_to_somebody_else_or_before_are_not_it(evolution: EvolutionEmulator) -> None:
    one, other = message("Posso confirmar?"), message("Posso confirmar?", to="5511988880002")
    before, _ = send(EVOLUTION, evolution, one, other)
    assert before.provider_id is not None

    async def look(sender: Any) -> list[str | None]:
        now = datetime.now(UTC)
        known = [before.provider_id]
        return [await sender.find(one, since=now, but=known), await sender.find(one, since=now + timedelta(hours=1))]

    assert with_sender(EVOLUTION, evolution, look) == [None, None]


@pytest.mark.parametrize("fault", ["unavailable", "drop", "garble", "hang"])
def test_a_wire_that_cannot_tell_says_so(evolution: EvolutionEmulator, fault: str) -> None:
    now = datetime.now(UTC)
    verbs: list[Callable[[Any], Any]] = [
        lambda sender: sender.find(message(), since=now),
        lambda sender: sender.history(since=now, until=now),
    ]
    for verb in verbs:
        getattr(evolution.faults, fault)(on="history")
        with pytest.raises(Unavailable):
            with_sender(EVOLUTION, evolution, verb, impatient=True)


@pytest.mark.parametrize("kind", ["cloud", "console"])
def test_a_wire_without_history_never_says_that_nothing_was_sent(kind: str) -> None:
    wire = next(one for one in WIRES if one.kind == kind)
    now = datetime.now(UTC)
    with wire.provider() as other:
        with pytest.raises(Unavailable):
            with_sender(wire, other, lambda sender: sender.find(message(), since=now))
        with pytest.raises(Unavailable):
            with_sender(wire, other, lambda sender: sender.history(since=now, until=now))


def test_history_tells_both_sides_in_order_each_once_and_nothing_outside_its_span(evolution: EvolutionEmulator) -> None:
    noon = 1_773_144_000
    start = datetime.fromtimestamp(noon, UTC)
    evolution.inbound("cedo demais", number=SHORT, at=noon - 1)
    for n in range(130):  # more than a page
        evolution.inbound(f"mensagem {n}", number=SHORT, at=noon + n, message_id=f"3EB0{n:03d}")
    evolution.staff_reply("aqui é a Ana", number=SHORT, at=noon + 130)
    evolution.received("reactionMessage", {"key": {"id": "x"}, "text": "👍"}, number=SHORT, at=noon + 131)
    evolution.received("protocolMessage", {"type": "REVOKE", "key": {"id": "x"}}, number=SHORT, at=noon + 132)
    evolution.inbound("no grupo", number="120363000000000001@g.us", at=noon + 133)
    evolution.inbound("tarde demais", number=SHORT, at=noon + 140)
    until = start + timedelta(seconds=135)
    events = with_sender(EVOLUTION, evolution, lambda sender: sender.history(since=start, until=until))
    said = [event for event in events if isinstance(event, Inbound | Echo)]
    assert len(said) == len(events) == 132
    assert [event.text for event in said[:3]] == ["mensagem 0", "mensagem 1", "mensagem 2"]
    assert isinstance(said[130], Echo)
    assert (said[130].text, said[131].kind) == ("aqui é a Ana", "reaction")
    assert {event.account for event in said} == {evolution.instance}


def test_a_file_in_the_history_can_be_fetched(evolution: EvolutionEmulator) -> None:
    evolution.file("audio", VOICE, "audio/ogg", number=SHORT)
    start = datetime.fromtimestamp(1_773_144_000, UTC)
    (event,) = with_sender(EVOLUTION, evolution, lambda sender: sender.history(since=start, until=start))
    assert isinstance(event, Inbound)
    assert fetched(EVOLUTION, evolution, event.payload["file"]["source"]).data == VOICE


# --- the wire itself --------------------------------------------------------------------------------------------------


def state(wire: Wire, other: Other, **how: Any) -> LinkState:
    return with_sender(wire, other, lambda sender: sender.state(), **how)


def test_a_connected_wire_is_open_and_one_that_does_not_answer_is_unknown(wire: Wire, provider: Provider) -> None:
    assert state(wire, provider) is LinkState.OPEN
    for fault in ("unavailable", "drop", "garble", "hang"):
        getattr(provider.faults, fault)(on="state")
        assert state(wire, provider, impatient=fault == "hang" and wire.kind == "cloud") is LinkState.UNKNOWN, fault
    assert state(wire, provider, changes={"base_url": "http://provedor.invalid"}) is LinkState.UNKNOWN


def test_evolution_states(evolution: EvolutionEmulator) -> None:
    evolution.connected = False
    assert state(EVOLUTION, evolution) is LinkState.CONNECTING
    for said, meant in [("close", LinkState.CLOSED), ("refused", LinkState.CLOSED), ("sonhando", LinkState.UNKNOWN)]:
        evolution.state = said
        assert state(EVOLUTION, evolution) is meant
    assert state(EVOLUTION, evolution, changes={"instance": "outra"}) is LinkState.CLOSED
    assert state(EVOLUTION, evolution, changes={"api_key": "errada"}) is LinkState.UNKNOWN
    evolution.licensed = False
    assert state(EVOLUTION, evolution) is LinkState.CLOSED


def test_cloud_states(cloud: CloudEmulator) -> None:
    assert state(CLOUD, cloud, changes={"access_token": "vencida"}) is LinkState.CLOSED
    assert state(CLOUD, cloud, changes={"phone_number_id": "999"}) is LinkState.CLOSED
    limited = graph_error(4)
    cloud.faults.respond(limited.status, limited.body, on="state")
    assert state(CLOUD, cloud) is LinkState.UNKNOWN
    cloud.faults.respond(200, {"id": cloud.phone_number_id, "status": "BANNED"}, on="state")
    assert state(CLOUD, cloud) is LinkState.CLOSED


def test_the_console_has_no_link() -> None:
    assert state(WIRES[-1], Ourselves()) is LinkState.UNKNOWN
