from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.base import Alias, AliasKind, Echo, Inbound, Moved, Status, TemplateChange
from channels.whatsapp.cloud.parse import parse
from tests.unit.payloads import load, names, told

PHONE = Alias(AliasKind.PHONE, "+5531988880001")
WA_ID = Alias(AliasKind.WA_ID, "553188880001")
BSUID = Alias(AliasKind.BSUID, "BR.1502500000000001")
PERSON, HIDDEN = WA_ID.value, BSUID.value

EXPECTED: dict[str, list[tuple[str, ...]]] = {
    "text": [("in", "wamid.m01", PERSON, "text", "oi, queria marcar uma limpeza 😊")],
    "text_without_user_id": [("in", "wamid.m02", PERSON, "text", "vocês atendem Unimed?")],
    "text_bsuid_only": [("in", "wamid.m03", HIDDEN, "text", "bom dia")],
    "text_conflicting_card": [("in", "wamid.m04", PERSON, "text", "bom dia")],
    "text_reply_forwarded": [("in", "wamid.m05", PERSON, "text", "pode ser essa")],
    "text_from_advert": [("in", "wamid.m06", PERSON, "text", "vi o anúncio")],
    "image_caption": [("in", "wamid.m07", PERSON, "image", "minha carteirinha")],
    "voice": [("in", "wamid.m08", PERSON, "audio", "")],
    "document": [("in", "wamid.m09", PERSON, "document", "")],
    "image_download_failed": [("in", "wamid.m10", PERSON, "image", "")],
    "location": [("in", "wamid.m11", PERSON, "location", "")],
    "contacts": [("in", "wamid.m12", PERSON, "contact", "")],
    "reaction_removed": [("in", "wamid.m13", PERSON, "reaction", "")],
    "button_reply": [("in", "wamid.m14", PERSON, "choice", "Sim, confirmo")],
    "list_reply": [("in", "wamid.m15", PERSON, "choice", "Terça, 15h")],
    "form_reply": [("in", "wamid.m16", PERSON, "choice", "Sent")],
    "template_button": [("in", "wamid.m17", PERSON, "choice", "Remarcar")],
    "order": [("in", "wamid.m18", PERSON, "unsupported", "")],
    "unsupported": [("in", "wamid.m19", PERSON, "unsupported", "")],
    "type_of_tomorrow": [("in", "wamid.m20", PERSON, "unsupported", "")],
    "edit": [("in", "wamid.m21", PERSON, "text", "oi, queria marcar um clareamento")],
    "revoke": [("ignored", "revoked")],
    "system_number_change": [("moved", PHONE.value, "553199990009")],
    "system_number_and_id_change": [("moved", PHONE.value, "5531999990009")],
    "system_id_change": [("moved", BSUID.value, "BR.9000000000000002")],
    "request_welcome": [("ignored", "request_welcome")],
    "batched": [
        ("in", "wamid.m25", PERSON, "text", "primeira"),
        ("in", "wamid.m26", PERSON, "text", "segunda"),
        ("status", "wamid.saida", "delivered"),
        ("status", "wamid.saida", "read"),
        ("in", "wamid.m27", PERSON, "text", "terceira"),
    ],
    "status_sent_reference": [("status", "wamid.saida", "sent")],
    "status_failed": [("status", "wamid.saida", "failed")],
    "status_failed_number_in_title": [("status", "wamid.saida", "failed")],
    "errors_value": [("ignored", "error:130429")],
    "echo_text": [("echo", "wamid.m28", PHONE.value, "text", "Oi Bruna, aqui é a Ana da recepção")],
    "echo_revoke": [("ignored", "revoked")],
    "calls": [("ignored", "field:calls")],
    "template_approved": [("template", "lembrete", "pt_BR", "approved", "")],
    "template_paused": [("template", "lembrete", "pt_BR", "paused", "LOW_QUALITY")],
    "unknown_field": [("ignored", "?unknown_field")],
}


def inbound(name: str) -> Inbound:
    (event,) = parse(load("meta", name))
    assert isinstance(event, Inbound)
    return event


def status(name: str) -> Status:
    (event,) = parse(load("meta", name))
    assert isinstance(event, Status)
    return event


@pytest.mark.parametrize("name", names("meta"))
def test_each_payload_means_what_the_table_says(name: str) -> None:
    events = parse(load("meta", name))
    assert [told(event) for event in events] == EXPECTED[name]
    assert {event.account for event in events} <= {"106500000000001", None}


def test_a_person_may_come_with_either_id_or_both() -> None:
    assert inbound("text").aliases == (PHONE, WA_ID, BSUID)
    assert inbound("text_without_user_id").aliases == (PHONE, WA_ID)
    hidden = inbound("text_bsuid_only")
    assert hidden.aliases == (BSUID,)
    assert hidden.display_name == "Bruna Teste"
    assert hidden.payload == {"username": "bruna.teste", "parent_bsuid": "BR.ENT.9000000001"}


def test_a_contact_card_that_contradicts_the_message_lends_it_nothing() -> None:
    event = inbound("text_conflicting_card")
    assert event.aliases == (PHONE, WA_ID, BSUID)
    assert event.display_name is None


def test_a_card_spelt_with_the_ninth_digit_is_the_same_person() -> None:
    body = load("meta", "text_without_user_id")
    body["entry"][0]["changes"][0]["value"]["contacts"][0]["wa_id"] = "5531988880001"
    (event,) = parse(body)
    assert isinstance(event, Inbound)
    assert (event.display_name, event.reply_to) == ("Bruna Teste", "553188880001")


def test_the_extras_a_receptionist_may_need_are_kept() -> None:
    assert inbound("text").sent_at == datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
    assert inbound("button_reply").choice_id == "sim"
    assert inbound("button_reply").quoted_id == "wamid.oferta"
    assert inbound("list_reply").choice_id == "horario-3"
    assert inbound("template_button").choice_id == "remarcar"
    assert inbound("form_reply").payload["form"] == '{"nota":"10"}'
    assert inbound("text_reply_forwarded").payload["forwarded"] is True
    assert inbound("text_reply_forwarded").quoted_id == "wamid.oferta"
    assert inbound("text_from_advert").payload["referral"]["ctwa_clid"] == "Afh0"
    assert inbound("voice").payload["file"] == {
        "kind": "audio",
        "media_type": "audio/ogg; codecs=opus",
        "voice": True,
        "source": {"id": "6501", "sha256": "q6s="},
    }
    assert inbound("document").payload["file"]["name"] == "pedido.pdf"
    assert inbound("image_download_failed").payload["error_code"] == "131052"
    assert inbound("reaction_removed").quoted_id == "wamid.oferta"
    assert inbound("edit").payload["edits"] == "wamid.m01"
    assert inbound("unsupported").payload == {"type": "poll", "error_code": "131051"}
    assert inbound("contacts").payload["contacts"] == [{"name": "Mãe da Bruna", "phones": ["553177770002"]}]


def test_statuses_bring_back_our_reference_and_the_reason_without_numbers() -> None:
    assert status("status_sent_reference").reference == "0198-saida-1"
    failed = status("status_failed")
    assert (failed.reference, failed.error_code, failed.error_detail) == ("0198-saida-1", "131047", "Re-engagement message")
    assert failed.at == datetime(2026, 3, 10, 12, 1, 40, tzinfo=UTC)
    assert status("status_failed_number_in_title").error_detail == "# cannot receive"


def test_an_echo_names_the_patient_not_the_clinic() -> None:
    (echo,) = parse(load("meta", "echo_text"))
    assert isinstance(echo, Echo)
    assert echo.aliases == (PHONE, WA_ID, BSUID)


def test_a_person_who_moves_is_told_with_both_their_names() -> None:
    (moved,) = parse(load("meta", "system_number_and_id_change"))
    assert isinstance(moved, Moved)
    new = Alias(AliasKind.PHONE, "+5531999990009"), Alias(AliasKind.WA_ID, "5531999990009")
    assert moved.before == (PHONE, WA_ID, BSUID)
    assert moved.after == (*new, Alias(AliasKind.BSUID, "BR.9000000000000002"))


@pytest.mark.parametrize("field", ["wa_id", "user_id", "previous_user_id", "type"])
def test_a_move_that_does_not_say_from_where_to_where_is_no_move(field: str) -> None:
    body = load("meta", "system_id_change")
    system = body["entry"][0]["changes"][0]["value"]["messages"][0]["system"]
    if field == "wa_id":  # the number stays: the id alone moved
        system["wa_id"] = "553188880001"
        assert [told(event)[0] for event in parse(body)] == ["moved"]
        return
    del system[field]
    assert [told(event)[0] for event in parse(body)] == ["ignored"]


def test_a_template_is_decided_for_the_business() -> None:
    (decided,) = parse(load("meta", "template_paused"))
    assert isinstance(decided, TemplateChange)
    assert (decided.account, decided.business) == (None, "102000000000001")
