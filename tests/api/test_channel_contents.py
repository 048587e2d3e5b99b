"""What goes with a text, on every wire: sent in its own form, or refused before the network; and each way that can end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from channels.base import (
    Card,
    Content,
    File,
    Menu,
    Option,
    Outgoing,
    Place,
    Reaction,
    SendOutcome,
    TemplateCall,
)
from channels.registry import sender_for
from tests.api.channel_wires import NUMBER, PROVIDERS, SHORT, TEXT, WIRES, Other, Ourselves, Provider, Wire, message, send
from tests.emulators.cloud import CloudEmulator, Template
from tests.emulators.evolution import EvolutionEmulator

SENT, RETRY, FAILED, UNKNOWN = SendOutcome.SENT, SendOutcome.RETRY, SendOutcome.FAILED, SendOutcome.UNKNOWN
JPEG = b"\xff\xd8\xff\xe0" + bytes(2000)
PHOTO = File(kind="image", media_type="image/jpeg", name="fachada.jpg", data=JPEG)
VOICE = File(kind="audio", media_type="audio/ogg; codecs=opus", name="aviso.ogg", data=b"OggS" + bytes(500))
TIMES = tuple(Option(id=f"S{n}", label=f"ter, 24 nov, {8 + n}:00") for n in range(1, 13))
CONTENTS: dict[str, tuple[str, Content | None]] = {
    "text": (TEXT, None),
    "menu of two": ("Posso confirmar?", Menu(options=TIMES[:2])),
    "menu of five": ("Qual fica melhor?", Menu(options=TIMES[:5])),
    "menu of twelve": ("Qual fica melhor?", Menu(options=TIMES)),
    "menu of none": ("Qual fica melhor?", Menu(options=())),
    "menu under a long text": ("Bom dia! " * 200, Menu(options=TIMES[:2])),
    "menu of equal labels": ("Com quem?", Menu(options=tuple(Option(id=f"p{n}", label="Dra. Helena") for n in range(3)))),
    "template": ("Oi, Bruna", TemplateCall(name="retomar", language="pt_BR", parameters=("Bruna\n Lima", "limpeza"))),
    "image": ("A nossa entrada", PHOTO),
    "document": ("", File(kind="document", media_type="application/pdf", name="preparo.pdf", data=b"%PDF-1.7 ...")),
    "audio": ("", VOICE),
    "video": ("Como chegar", File(kind="video", media_type="video/mp4", name="", data=b"....ftypmp42")),
    "place": ("Ficamos aqui", Place(latitude=-19.92, longitude=-43.94, name="Clínica", address="Rua A, 10")),
    "nameless place": ("", Place(latitude=-19.92, longitude=-43.94)),
    "card": ("O contato da Ana", Card(name="Ana da recepção", phone="+5531977770002")),
    "reaction": ("👍", Reaction(provider_id="wamid.pergunta", emoji="👍")),
    "reaction taken back": ("", Reaction(provider_id="wamid.pergunta", emoji="")),
}
UNSUPPORTED = {("evolution", "template")}


@pytest.fixture
def other(any_wire: Wire) -> Iterator[Other]:
    with any_wire.provider() as running:
        if isinstance(running, CloudEmulator):
            running.templates["retomar", "pt_BR"] = Template(parameters=2)
        yield running


def outgoing(kind: str, quotes: str | None = None) -> Outgoing:
    text, content = CONTENTS[kind]
    return message(text, content=content, quotes=quotes)


@pytest.mark.parametrize("kind", CONTENTS)
def test_every_content_is_sent_once_or_refused_before_the_network(any_wire: Wire, other: Other, kind: str) -> None:
    (result,) = send(any_wire, other, outgoing(kind))
    if (any_wire.kind, kind) in UNSUPPORTED:
        assert (result.outcome, result.error_code) == (FAILED, "unsupported_content")
        assert not isinstance(other, Ourselves)
        assert other.calls == ()
        return
    assert (result.outcome, result.error_code) == (SENT, None)
    assert result.provider_id
    if not isinstance(other, Ourselves):
        assert [sent.id for sent in other.sent] == [result.provider_id]


@pytest.mark.parametrize("kind", CONTENTS)
def test_the_same_message_again_is_the_same_message_to_the_console(kind: str) -> None:
    first, again = send(WIRES[-1], Ourselves(), outgoing(kind), outgoing(kind))
    assert first == again


def test_buttons_are_shown_where_they_show_and_numbers_where_they_do_not(wire: Wire, provider: Provider) -> None:
    for kind in ("menu of two", "menu of five", "menu of twelve", "menu under a long text", "menu of equal labels"):
        send(wire, provider, outgoing(kind))
    if isinstance(provider, EvolutionEmulator):
        assert {sent.route for sent in provider.sent} == {"sendText"}
        assert provider.sent[0].text == "Posso confirmar?\n\n1. ter, 24 nov, 9:00\n2. ter, 24 nov, 10:00"
        assert provider.sent[2].text.endswith("\n12. ter, 24 nov, 20:00")
        return
    two, five, twelve, long, equal = (sent.body for sent in provider.sent)
    assert [button["reply"] for button in two["interactive"]["action"]["buttons"]] == [
        {"id": "S1", "title": "ter, 24 nov, 9:00"},
        {"id": "S2", "title": "ter, 24 nov, 10:00"},
    ]
    assert [row["id"] for row in five["interactive"]["action"]["sections"][0]["rows"]] == ["S1", "S2", "S3", "S4", "S5"]
    assert twelve["text"]["body"].endswith("\n12. ter, 24 nov, 20:00")
    assert "\n2. ter, 24 nov, 10:00" in long["text"]["body"]
    titles = [button["reply"]["title"] for button in equal["interactive"]["action"]["buttons"]]
    assert titles == ["Dra. Helena", "Dra. Helena (2)", "Dra. Helena (3)"]


def test_a_yes_and_a_no_are_not_numbered(wire: Wire, provider: Provider) -> None:
    menu = Menu(options=(Option(id="yes", label="Sim, confirmar"), Option(id="no", label="Não, mudar")), numbered=False)
    send(wire, provider, message("Posso confirmar?", content=menu))
    assert provider.sent[0].text == "Posso confirmar?"


@pytest.mark.parametrize("kind", ["text", "menu of two", "image", "place", "card"])
def test_a_quote_goes_along(wire: Wire, provider: Provider, kind: str) -> None:
    send(wire, provider, outgoing(kind, quotes="3EB0PERGUNTA"))
    body = provider.sent[0].body
    quoted = body["quoted"]["key"]["id"] if isinstance(provider, EvolutionEmulator) else body["context"]["message_id"]
    assert quoted == "3EB0PERGUNTA"


@pytest.mark.parametrize("kind", ["text", "menu of two", "image", "audio", "place", "card", "reaction"])
def test_each_content_goes_to_the_other_ninth_digit_form_too(wire: Wire, provider: Provider, kind: str) -> None:
    provider.absent = {NUMBER, f"{NUMBER}@s.whatsapp.net"}
    (result,) = send(wire, provider, outgoing(kind))
    assert result.outcome is SENT
    assert len(provider.sent) == 1
    assert SHORT in str(provider.sent[0].body)


@pytest.mark.parametrize("kind", ["menu of five", "image", "place", "reaction"])
def test_each_way_a_content_can_end(wire: Wire, provider: Provider, kind: str) -> None:
    provider.faults.unavailable(on="send")
    provider.faults.drop(accepted=True, on="send")
    provider.faults.drop(on="send")
    provider.faults.garble(on="send")
    provider.faults.respond(500, b"", on="send")
    results = send(wire, provider, *[outgoing(kind)] * 6)
    assert [result.outcome for result in results] == [RETRY, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN, SENT]
    assert len(provider.sent) == 3  # taken and cut, taken and garbled, taken and told


def test_no_answer_to_a_content_is_unknown(wire: Wire, provider: Provider) -> None:
    provider.faults.hang(on="send")
    (result,) = send(wire, provider, outgoing("image"), impatient=True)
    assert (result.outcome, len(provider.sent)) == (UNKNOWN, 1)


def test_an_upload_that_fails_has_sent_nothing() -> None:
    with CloudEmulator() as cloud:
        cloud.faults.unavailable(on="upload")
        cloud.faults.drop(accepted=True, on="upload")
        cloud.faults.garble(on="upload")
        results = send(PROVIDERS[1], cloud, *[outgoing("image")] * 4)
        assert [result.outcome for result in results] == [RETRY, RETRY, RETRY, SENT]
        assert len(cloud.sent) == 1
        held = cloud.media[cloud.sent[0].body["image"]["id"]]
        assert (held.data, held.media_type, held.name) == (JPEG, "image/jpeg", "fachada.jpg")


def big(kind: str, media_type: str, megabytes: int) -> File:
    return File(kind=kind, media_type=media_type, name="x", data=bytes(megabytes * 2**20 + 1))


@pytest.mark.parametrize(
    ("content", "text", "code"),
    [
        (big("image", "image/jpeg", 16), "", "too_large"),
        (big("audio", "audio/ogg", 16), "", "too_large"),
        (big("video", "video/mp4", 16), "", "too_large"),
        (File(kind="image", media_type="image/svg+xml", name="x", data=b"<svg/>"), "", "unsupported_content"),
        (File(kind="image", media_type="text/html", name="x", data=b"<p>"), "", "unsupported_content"),
        (File(kind="sticker", media_type="image/webp", name="x", data=b"RIFF"), "", "unsupported_content"),
        (File(kind="document", media_type="application/pdf", name="x", data=b""), "", "unsupported_content"),
        (VOICE, "palavras que um áudio não mostra", "unsupported_content"),
        (PHOTO, "ã" * 1025, "too_long"),
        (Card(name="", phone="+5531977770002"), "", "unsupported_content"),
        (Card(name="Ana", phone="recepção"), "", "unsupported_content"),
        (Menu(options=TIMES[:2]), "", "empty_text"),
    ],
)
def test_what_no_wire_takes_is_refused_before_the_network(
    wire: Wire, provider: Provider, content: Content, text: str, code: str
) -> None:
    (result,) = send(wire, provider, message(text, content=content))
    assert (result.outcome, result.error_code) == (FAILED, code)
    assert provider.calls == ()


@pytest.mark.parametrize("address", ["", "somebody", "120363000000000001@g.us", "5531988880001/../x"])
@pytest.mark.parametrize("kind", ["menu of two", "image", "reaction"])
def test_a_bad_address_is_refused_before_the_network(wire: Wire, provider: Provider, address: str, kind: str) -> None:
    text, content = CONTENTS[kind]
    (result,) = send(wire, provider, message(text, to=address, content=content))
    assert (result.outcome, result.error_code) == (FAILED, "bad_address")
    assert provider.calls == ()


def test_a_template_says_why_it_cannot_go() -> None:
    with CloudEmulator() as cloud:
        cloud.templates = {
            ("boa", "pt_BR"): Template(parameters=1),
            ("pausada", "pt_BR"): Template(state="paused"),
            ("desligada", "pt_BR"): Template(state="disabled"),
        }
        calls = [("boa", ("Ana",)), ("boa", ()), ("boa", (" ",)), ("pausada", ()), ("desligada", ()), ("nenhuma", ())]
        made = [TemplateCall(name=name, language="pt_BR", parameters=parameters) for name, parameters in calls]
        results = send(PROVIDERS[1], cloud, *(message(content=call) for call in made))
        assert [(result.outcome, result.error_code, result.alarm) for result in results] == [
            (SENT, None, False),
            (FAILED, "132000", True),
            (FAILED, "empty_parameter", False),
            (FAILED, "132015", True),
            (FAILED, "132016", True),
            (FAILED, "132001", True),
        ]


def test_a_closed_window_is_told_at_once_or_late_and_a_template_opens_it() -> None:
    with CloudEmulator() as cloud:
        cloud.templates["retomar", "pt_BR"] = Template(parameters=2)
        cloud.window_closed = {SHORT}
        closed, template = send(PROVIDERS[1], cloud, outgoing("text"), outgoing("template"))
        assert (closed.outcome, closed.error_code, closed.alarm) == (FAILED, "131047", False)
        assert template.outcome is SENT
        cloud.late_window = True
        (late,) = send(PROVIDERS[1], cloud, outgoing("menu of two"))
        assert late.outcome is SENT
        (body,) = cloud.failures()
        (status,) = PROVIDERS[1].parse(body)
        assert (getattr(status, "provider_id", ""), getattr(status, "error_code", "")) == (late.provider_id, "131047")
        assert cloud.failures() == []


def test_the_pair_rate_is_told_with_its_wait() -> None:
    with CloudEmulator() as cloud:
        cloud.pair_limit = (2, 60.0)
        results = send(PROVIDERS[1], cloud, *[outgoing("text")] * 3, message(to="5511988880002"))
        assert [result.outcome for result in results] == [SENT, SENT, RETRY, SENT]
        assert (results[2].error_code, (results[2].retry_after or 0) >= 6) == ("131056", True)


def test_what_each_wire_can_do_is_told() -> None:
    told = {}
    for one in WIRES:
        with one.provider() as other:
            told[one.kind] = sender_for(one.kind, {**other.credentials}, None).capabilities  # type: ignore[arg-type]
    assert (told["cloud"].buttons, told["cloud"].templates, told["cloud"].echoes_reference) == (True, True, True)
    assert (told["cloud"].window, told["cloud"].history) == (timedelta(hours=24), False)
    assert (told["evolution"].buttons, told["evolution"].templates, told["evolution"].window) == (False, False, None)
    assert (told["evolution"].history, told["evolution"].echoes_reference) == (True, False)
    assert told["console"].window is None
    assert all(capabilities.pair_rate >= 0 for capabilities in told.values())
