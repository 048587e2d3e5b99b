from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from channels.base import Alias, AliasKind, Echo, Event, Inbound, LinkChange, LinkState, Status
from channels.whatsapp.evolution.parse import parse
from tests.unit.payloads import load, names, told

PHONE = Alias(AliasKind.PHONE, "+5531988880001")
WA_ID = Alias(AliasKind.WA_ID, "553188880001")
LID = Alias(AliasKind.LID, "700200100400800@lid")
PERSON, HIDDEN = "553188880001", "700200100400800@lid"
EDIT = "3EB0A001:edit:2026-03-10T12:01:00+00:00"

EXPECTED: dict[str, list[tuple[str, ...]]] = {
    "text": [("in", "3EB0A001", PERSON, "text", "oi, queria marcar uma limpeza 😊")],
    "text_extended_v1": [("in", "BAE5A002", "5531988880001", "text", "vocês atendem Unimed?")],
    "text_quoted": [("in", "3EB0A003", PERSON, "text", "pode ser essa")],
    "lid_only": [("in", "3EB0A004", HIDDEN, "text", "bom dia")],
    "lid_with_alt": [("in", "3EB0A005", PERSON, "text", "bom dia")],
    "lid_as_alt": [("in", "3EB0A006", PERSON, "text", "bom dia")],
    "lid_sender_pn": [("in", "3EB0A007", PERSON, "text", "bom dia")],
    "lid_previous": [("in", "3EB0A008", PERSON, "text", "bom dia")],
    "image_longs_as_objects": [("in", "3EB0A009", PERSON, "image", "minha carteirinha")],
    "audio_ptt": [("in", "3EB0A010", PERSON, "audio", "")],
    "document_with_caption": [("in", "3EB0A011", PERSON, "document", "pedido médico")],
    "view_once_ephemeral": [("in", "3EB0A012", PERSON, "image", "some depois")],
    "location": [("in", "3EB0A013", PERSON, "location", "")],
    "contact": [("in", "3EB0A014", PERSON, "contact", "")],
    "reaction": [("in", "3EB0A015", PERSON, "reaction", "👍")],
    "list_reply_context_first": [("in", "3EB0A016", PERSON, "choice", "Terça, 15h")],
    "button_reply": [("in", "3EB0A017", PERSON, "choice", "Sim, confirmo")],
    "native_flow_reply_broken": [("in", "3EB0A018", PERSON, "choice", "Confirmar")],
    "template_reply": [("in", "3EB0A019", PERSON, "choice", "Remarcar")],
    "poll_creation": [("in", "3EB0A020", PERSON, "unsupported", "Qual dia?")],
    "edit_in_upsert": [("in", EDIT, PERSON, "text", "oi, queria marcar um clareamento")],
    "edited": [("ignored", "edited")],
    "revoke": [("ignored", "revoked")],
    "not_decrypted": [("ignored", "?empty_message")],
    "sender_key_only": [("ignored", "protocol:senderKeyDistributionMessage")],
    "group": [("ignored", "group")],
    "status_broadcast": [("ignored", "status_broadcast")],
    "newsletter": [("ignored", "newsletter")],
    "from_me_staff": [("echo", "3EB0A028", "+5531988880001", "text", "Oi Bruna, aqui é a Ana da recepção")],
    "from_me_lid": [("echo", "3EB0A029", "+5531988880001", "text", "já te respondo")],
    "send_message": [("echo", "3EB0A030", "+5531988880001", "text", "Sua consulta está marcada.")],
    "update_delivered": [("status", "3EB0A030", "delivered")],
    "update_error": [("status", "3EB0A030", "failed")],
    "update_old_list": [("status", "3EB0A030", "read"), ("status", "3EB0A031", "sent")],
    "update_deleted": [("ignored", "status:deleted")],
    "update_of_inbound": [("ignored", "status_of_inbound")],
    "delete": [("ignored", "deleted")],
    "connection_close": [("link", "closed", "connection:close", "401")],
    "status_instance": [("link", "closed", "instance:closed", "401")],
    "qrcode": [("ignored", "qrcode")],
    "history_set": [("ignored", "history")],
    "call": [("ignored", "call:offer")],
    "unknown_event": [("ignored", "?unknown_event")],
}


def inbound(name: str) -> Inbound:
    (event,) = parse(load("evolution", name))
    assert isinstance(event, Inbound)
    return event


def text_from(key: dict[str, Any], **data: Any) -> Event:
    record = {"key": {"id": "3EB0", "fromMe": False, **key}, "message": {"conversation": "oi"}, **data}
    body = {"event": "messages.upsert", "instance": "recepcao", "sender": "553133330000@s.whatsapp.net", "data": record}
    (event,) = parse(body)
    return event


@pytest.mark.parametrize("name", names("evolution"))
def test_each_payload_means_what_the_table_says(name: str) -> None:
    events = parse(load("evolution", name))
    assert [told(event) for event in events] == EXPECTED[name]
    assert {event.account for event in events} == {"recepcao"}


@pytest.mark.parametrize(
    ("name", "aliases"),
    [
        ("text", (PHONE, WA_ID)),
        ("lid_only", (LID,)),
        ("lid_with_alt", (PHONE, WA_ID, LID)),
        ("lid_as_alt", (PHONE, WA_ID, LID)),
        ("lid_sender_pn", (PHONE, WA_ID, LID)),
        ("lid_previous", (PHONE, WA_ID, LID)),
    ],
)
def test_one_person_is_known_by_every_name_the_release_gives(name: str, aliases: tuple[Alias, ...]) -> None:
    assert inbound(name).aliases == aliases


@pytest.mark.parametrize(
    ("key", "aliases", "reply_to"),
    [
        # up to 2.2.3: the hidden id alone
        ({"remoteJid": LID.value}, (LID,), HIDDEN),
        # 2.3.0: the phone beside it as senderPn
        ({"remoteJid": LID.value, "senderPn": f"{PERSON}@s.whatsapp.net"}, (PHONE, WA_ID, LID), PERSON),
        # 2.3.1 to 2.3.4: swapped, the hidden id as previousRemoteJid
        (
            {"remoteJid": f"{PERSON}@s.whatsapp.net", "previousRemoteJid": LID.value, "senderPn": f"{PERSON}@s.whatsapp.net"},
            (PHONE, WA_ID, LID),
            PERSON,
        ),
        # 2.3.5 and 2.3.6: as Baileys says it, in either mode
        (
            {"remoteJid": LID.value, "remoteJidAlt": f"{PERSON}@s.whatsapp.net", "addressingMode": "lid"},
            (PHONE, WA_ID, LID),
            PERSON,
        ),
        (
            {"remoteJid": f"{PERSON}@s.whatsapp.net", "remoteJidAlt": LID.value, "addressingMode": "pn"},
            (PHONE, WA_ID, LID),
            PERSON,
        ),
        # 2.3.7: swapped, and the other name is the same phone
        (
            {
                "remoteJid": f"{PERSON}@s.whatsapp.net",
                "remoteJidAlt": f"{PERSON}@s.whatsapp.net",
                "addressingMode": "lid",
                "participant": "",
            },
            (PHONE, WA_ID),
            PERSON,
        ),
        # in all of them: the other side of a device, and the landline that gains no nine
        ({"remoteJid": LID.value, "participantAlt": f"{PERSON}:3@s.whatsapp.net"}, (PHONE, WA_ID, LID), PERSON),
        (
            {"remoteJid": "553133334444@s.whatsapp.net"},
            (Alias(AliasKind.PHONE, "+553133334444"), Alias(AliasKind.WA_ID, "553133334444")),
            "553133334444",
        ),
    ],
)
def test_every_releases_way_to_name_a_person(key: dict[str, Any], aliases: tuple[Alias, ...], reply_to: str) -> None:
    event = text_from(key)
    assert isinstance(event, Inbound)
    assert (event.aliases, event.reply_to) == (aliases, reply_to)


def test_a_group_is_a_group_whoever_else_is_named() -> None:
    key = {"remoteJid": "120363000000000001@g.us", "remoteJidAlt": f"{PERSON}@s.whatsapp.net", "participant": LID.value}
    assert told(text_from(key)) == ("ignored", "group")


def test_a_message_of_ours_is_never_laid_at_our_own_number() -> None:
    (echo,) = parse(load("evolution", "from_me_lid"))
    assert isinstance(echo, Echo)
    assert echo.aliases == (PHONE, WA_ID, LID)


def test_our_own_number_beside_a_hidden_id_is_not_the_patients() -> None:
    owner = "553133330000@s.whatsapp.net"
    echo = text_from({"remoteJid": LID.value, "senderPn": owner, "participant": owner, "fromMe": True})
    assert isinstance(echo, Echo)
    assert echo.aliases == (LID,)


@pytest.mark.parametrize("declared", ["messageContextInfo", "senderKeyDistributionMessage", "unknown", None, 7])
def test_the_part_that_says_something_wins_over_protocol_around_it(declared: Any) -> None:
    parts = {"messageContextInfo": {}, "senderKeyDistributionMessage": {}, "conversation": "oi"}
    event = text_from({"remoteJid": "553188880001@s.whatsapp.net"}, message=parts, messageType=declared)
    assert told(event)[-1] == "oi"


def test_an_edit_told_from_the_editors_side_is_attributed_to_nobody() -> None:
    body = load("evolution", "edited")
    body["data"]["key"]["remoteJid"] = "553188880001@s.whatsapp.net"
    assert [told(event) for event in parse(body)] == [("ignored", "edited")]


def test_time_comes_from_the_message_in_seconds_whatever_its_spelling() -> None:
    noon = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert inbound("text").sent_at == noon
    assert inbound("text_extended_v1").sent_at == noon.replace(second=1)
    assert inbound("image_longs_as_objects").sent_at == noon.replace(second=2)
    assert inbound("text").display_name == "Bruna Teste"


def test_media_keeps_what_fetching_and_checking_it_needs_and_no_bytes() -> None:
    image = inbound("image_longs_as_objects").payload["file"]
    digest = bytes(range(32)).hex()
    assert (image["kind"], image["media_type"], image["bytes"]) == ("image", "image/jpeg", 52046)
    assert image["source"]["sha256"] == digest
    assert image["source"]["key"] == {"id": "3EB0A009", "remoteJid": "553188880001@s.whatsapp.net", "fromMe": False}
    assert "/9j/4AAQ" not in json.dumps(inbound("image_longs_as_objects").payload)
    audio = inbound("audio_ptt").payload["file"]
    assert (audio["kind"], audio["voice"], audio["seconds"], audio["bytes"]) == ("audio", True, 3, 7397)
    assert audio["source"]["url"].startswith("https://s3.test/")
    assert inbound("document_with_caption").payload["file"]["name"] == "pedido.pdf"


def test_bytes_a_webhook_brings_are_marked_and_not_kept() -> None:
    part = {"mimetype": "audio/ogg; codecs=opus", "ptt": True}
    parts = {"audioMessage": part, "base64": "T2dnUwAC" * 1000}
    event = text_from({"remoteJid": PERSON + "@s.whatsapp.net"}, message=parts, messageType="audioMessage")
    assert isinstance(event, Inbound)
    assert event.payload["file"]["source"]["inline"] is True
    assert "T2dnUwAC" not in json.dumps(event.payload)


def test_an_edited_caption_brings_no_second_file() -> None:
    edited = {"imageMessage": {"caption": "a carteirinha nova", "mimetype": "image/jpeg"}}
    protocol = {"key": {"id": "3EB0A009"}, "type": "MESSAGE_EDIT", "editedMessage": edited, "timestampMs": "1773144060000"}
    event = text_from(
        {"remoteJid": PERSON + "@s.whatsapp.net"}, message={"protocolMessage": protocol}, messageType="protocolMessage"
    )
    assert isinstance(event, Inbound)
    assert (event.kind, event.text, event.payload["edits"]) == ("image", "a carteirinha nova", "3EB0A009")
    assert "file" not in event.payload


@pytest.mark.parametrize(
    ("event", "data", "state", "reason", "code"),
    [
        ("connection.update", {"state": "open", "statusReason": 200}, LinkState.OPEN, "connection:open", "200"),
        ("connection.update", {"state": "connecting"}, LinkState.CONNECTING, "connection:connecting", None),
        ("connection.update", {"state": "close", "statusReason": 403}, LinkState.CLOSED, "connection:close", "403"),
        ("connection.update", {"state": "refused", "statusReason": 428}, LinkState.CLOSED, "connection:refused", "428"),
        ("status.instance", {"status": "closed", "disconnectionReasonCode": 401}, LinkState.CLOSED, "instance:closed", "401"),
        ("logout.instance", {}, LinkState.CLOSED, "logout", None),
        ("remove.instance", {}, LinkState.CLOSED, "removed", None),
    ],
)
def test_the_wire_tells_of_its_own_connection(
    event: str, data: dict[str, Any], state: LinkState, reason: str, code: str | None
) -> None:
    told_of = parse({"event": event, "instance": "recepcao", "data": data})
    assert told_of == [LinkChange(account="recepcao", state=state, reason=reason, code=code)]


@pytest.mark.parametrize("data", [{"state": "sonhando"}, {"state": 7}, {}, None, [], "open"])
def test_a_state_we_do_not_know_is_no_state(data: Any) -> None:
    assert [told(event) for event in parse({"event": "connection.update", "instance": "recepcao", "data": data})] == [
        ("ignored", "connection:unknown")
    ]


def test_choices_and_quotes_keep_the_ids_we_issued() -> None:
    assert inbound("list_reply_context_first").choice_id == "horario-3"
    assert inbound("list_reply_context_first").quoted_id == "3EB0OFERTA"
    assert inbound("button_reply").choice_id == "sim"
    assert inbound("template_reply").choice_id == "remarcar"
    assert inbound("native_flow_reply_broken").choice_id is None
    assert inbound("reaction").quoted_id == "3EB0OFERTA"
    assert inbound("text_quoted").quoted_id == "3EB0OFERTA"
    assert inbound("text_extended_v1").quoted_id == "3EB0PERGUNTA"
    assert inbound("contact").payload["contacts"] == [{"name": "Mãe da Bruna", "phones": ["+55 31 97777-0002"]}]
    assert inbound("location").payload["latitude"] == -19.92


def test_an_edit_has_an_id_of_its_own_and_names_what_it_edits() -> None:
    edit = inbound("edit_in_upsert")
    assert edit.provider_id != "3EB0A001"
    assert edit.payload["edits"] == "3EB0A001"
    told_again = load("evolution", "edited")
    told_again["data"]["key"] = {"remoteJid": "553188880001@s.whatsapp.net", "fromMe": False, "id": "3EB0A001"}
    (again,) = parse(told_again)
    assert isinstance(again, Inbound)
    assert (again.provider_id, again.text) == (edit.provider_id, edit.text)


def test_a_failed_status_says_so() -> None:
    (status,) = parse(load("evolution", "update_error"))
    assert isinstance(status, Status)
    assert status.error_code == "ERROR"


@pytest.mark.parametrize("spelling", ["MESSAGES_UPSERT", "messages-upsert", "messages.upsert", "Messages.Upsert"])
def test_event_names_in_every_spelling(spelling: str) -> None:
    body = load("evolution", "text") | {"event": spelling}
    assert [told(event)[0] for event in parse(body)] == ["in"]


def test_data_may_be_a_list_and_a_body_may_be_a_list() -> None:
    body = load("evolution", "text")
    body["data"] = [body["data"], {**body["data"], "key": {**body["data"]["key"], "id": "3EB0B"}}]
    assert [event.provider_id for event in parse([body]) if isinstance(event, Inbound)] == ["3EB0A001", "3EB0B"]


def test_a_device_part_is_no_part_of_the_number() -> None:
    event = text_from({"remoteJid": "553188880001:17@s.whatsapp.net"})
    assert isinstance(event, Inbound)
    assert event.reply_to == "553188880001"


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        ({"remoteJid": "553133330000@s.whatsapp.net", "fromMe": True}, "note_to_self"),
        ({"remoteJid": "somebody@s.whatsapp.net"}, "?no_sender"),
        ({}, "?no_sender"),
        ({"remoteJid": "553188880001@s.whatsapp.net", "id": ""}, "?no_id"),
    ],
)
def test_messages_without_a_person_or_an_id_are_kept_aside(key: dict[str, Any], reason: str) -> None:
    assert told(text_from(key)) == ("ignored", reason)


def test_text_is_verbatim_but_for_what_no_database_holds() -> None:
    dirty = "\u200boi\x00 \ud800\u202e!  \n"
    event = text_from({"remoteJid": "553188880001@s.whatsapp.net"}, message={"conversation": dirty})
    assert isinstance(event, Inbound)
    assert event.text == "\u200boi \ufffd\u202e!  \n"
    long = text_from({"remoteJid": "553188880001@s.whatsapp.net"}, message={"conversation": "a" * 65_535})
    assert isinstance(long, Inbound)
    assert len(long.text) == 65_535
