"""What arrives, on every wire: a type means the same whoever brought it; statuses end alike in any order; no secret is kept."""

from __future__ import annotations

import itertools
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from channels.base import Inbound
from channels.whatsapp.cloud.parse import parse as parse_cloud
from channels.whatsapp.evolution.parse import parse as parse_evolution
from kit.clock import utc_now
from tests.api.channel_wires import SHORT, TEXT
from tests.emulators.cloud import CloudEmulator
from tests.emulators.evolution import EvolutionEmulator
from tests.flows.served import Served

VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Mãe da Bruna\nitem1.TEL;waid=553177770002:+55 31 97777-0002\nEND:VCARD"
PDF = b"%PDF-1.7 pedido"
KEY = "00000000-0000-4000-8000-000000000000"  # which Evolution puts into every webhook

Posts = Callable[[Any], Any]
# name → (what Cloud posts, what Evolution posts, what both must mean)
ARRIVALS: dict[str, tuple[Posts, Posts, dict[str, Any]]] = {
    "text": (
        lambda cloud: cloud.inbound("oi", number=SHORT),
        lambda evolution: evolution.inbound("oi", number=SHORT),
        {"kind": "text", "text": "oi"},
    ),
    "image": (
        lambda cloud: cloud.file("image", b"\xff\xd8", "image/jpeg", number=SHORT, caption="minha carteirinha"),
        lambda evolution: evolution.file("image", b"\xff\xd8", "image/jpeg", number=SHORT, caption="minha carteirinha"),
        {"kind": "image", "text": "minha carteirinha", "file": {"kind": "image", "media_type": "image/jpeg"}},
    ),
    "document": (
        lambda cloud: cloud.file("document", PDF, "application/pdf", number=SHORT, name="pedido.pdf"),
        lambda evolution: evolution.file("document", PDF, "application/pdf", number=SHORT, name="pedido.pdf"),
        {"kind": "document", "text": "", "file": {"media_type": "application/pdf", "name": "pedido.pdf"}},
    ),
    "voice": (
        lambda cloud: cloud.file("audio", b"OggS", "audio/ogg; codecs=opus", number=SHORT),
        lambda evolution: evolution.file("audio", b"OggS", "audio/ogg; codecs=opus", number=SHORT),
        {"kind": "audio", "text": "", "file": {"kind": "audio", "media_type": "audio/ogg; codecs=opus", "voice": True}},
    ),
    "video": (
        lambda cloud: cloud.file("video", b"ftyp", "video/mp4", number=SHORT),
        lambda evolution: evolution.file("video", b"ftyp", "video/mp4", number=SHORT),
        {"kind": "video", "file": {"kind": "video"}},
    ),
    "location": (
        lambda cloud: cloud.received(
            {"type": "location", "location": {"latitude": -19.92, "longitude": -43.94, "name": "Casa"}}, number=SHORT
        ),
        lambda evolution: evolution.received(
            "locationMessage", {"degreesLatitude": -19.92, "degreesLongitude": -43.94, "name": "Casa"}, number=SHORT
        ),
        {"kind": "location", "payload": {"latitude": -19.92, "longitude": -43.94, "name": "Casa"}},
    ),
    "contact": (
        lambda cloud: cloud.received(
            {
                "type": "contacts",
                "contacts": [{"name": {"formatted_name": "Mãe da Bruna"}, "phones": [{"phone": "+55 31 97777-0002"}]}],
            },
            number=SHORT,
        ),
        lambda evolution: evolution.received("contactMessage", {"displayName": "Mãe da Bruna", "vcard": VCARD}, number=SHORT),
        {"kind": "contact", "payload": {"contacts": [{"name": "Mãe da Bruna", "phones": ["+55 31 97777-0002"]}]}},
    ),
    "reaction": (
        lambda cloud: cloud.received({"type": "reaction", "reaction": {"message_id": "oferta", "emoji": "👍"}}, number=SHORT),
        lambda evolution: evolution.received("reactionMessage", {"key": {"id": "oferta"}, "text": "👍"}, number=SHORT),
        {"kind": "reaction", "text": "👍", "quoted_id": "oferta"},
    ),
    "reaction taken back": (
        lambda cloud: cloud.received({"type": "reaction", "reaction": {"message_id": "oferta"}}, number=SHORT),
        lambda evolution: evolution.received("reactionMessage", {"key": {"id": "oferta"}, "text": ""}, number=SHORT),
        {"kind": "reaction", "text": "", "quoted_id": "oferta"},
    ),
    "button": (
        lambda cloud: cloud.chosen("S2", "qua, 25 nov, 9:30", number=SHORT, quoted="oferta"),
        lambda evolution: evolution.received(
            "buttonsResponseMessage",
            {"selectedButtonId": "S2", "selectedDisplayText": "qua, 25 nov, 9:30"},
            number=SHORT,
            quoted="oferta",
        ),
        {"kind": "choice", "text": "qua, 25 nov, 9:30", "choice_id": "S2", "quoted_id": "oferta"},
    ),
    "row of a list": (
        lambda cloud: cloud.chosen("S2", "qua, 25 nov, 9:30", number=SHORT, row=True),
        lambda evolution: evolution.received(
            "listResponseMessage",
            {"title": "qua, 25 nov, 9:30", "singleSelectReply": {"selectedRowId": "S2"}},
            number=SHORT,
        ),
        {"kind": "choice", "text": "qua, 25 nov, 9:30", "choice_id": "S2"},
    ),
    "quote": (
        lambda cloud: cloud.received({"type": "text", "text": {"body": "esse"}}, number=SHORT, quoted="oferta"),
        lambda evolution: evolution.received("conversation", "esse", number=SHORT, quoted="oferta"),
        {"kind": "text", "text": "esse", "quoted_id": "oferta"},
    ),
}


@pytest.mark.parametrize("name", ARRIVALS)
def test_each_type_means_the_same_from_either_wire(name: str) -> None:
    by_cloud, by_evolution, expected = ARRIVALS[name]
    with CloudEmulator() as cloud, EvolutionEmulator() as evolution:
        (one,) = parse_cloud(by_cloud(cloud))
        (other,) = parse_evolution(by_evolution(evolution))
    for event in (one, other):
        assert isinstance(event, Inbound)
        told = {"kind": event.kind, "text": event.text, "choice_id": event.choice_id, "quoted_id": event.quoted_id}
        payload = {**event.payload}
        file = payload.pop("file", {})
        assert told | {"file": file, "payload": payload} == {
            **told,
            **{key: value for key, value in expected.items() if key not in ("file", "payload")},
            "file": {**file, **expected.get("file", {})},
            "payload": {**payload, **expected.get("payload", {})},
        }
        assert bool(file) == ("file" in expected)
        assert not file or file["source"]
        assert event.aliases[0].value == "+5531988880001"
        assert json.dumps(event.payload)
    assert isinstance(one, Inbound)
    assert isinstance(other, Inbound)
    assert (one.kind, one.text, one.aliases) == (other.kind, other.text, other.aliases)


# --- through the door -------------------------------------------------------------------------------------------------


async def post(served: Served, wire: str, body: Any) -> None:
    answer = await (served.from_cloud(body) if wire == "cloud" else served.from_evolution(body))
    assert answer.status_code == 200


async def a_sent_message(served: Served, wire: str, number: str) -> str:
    """A conversation with one reply that left; its provider id."""
    emulator = served.cloud if wire == "cloud" else served.evolution
    await post(served, wire, emulator.inbound("oi", number=number, at=int(utc_now().timestamp())))
    await served.reply("Olá!")
    (row,) = await served.rows("SELECT id FROM outbox ORDER BY seq DESC LIMIT 1")
    provider_id = f"saida-{wire}-{number}"
    await served.rows(
        "UPDATE outbox SET status = 'sent', provider_id = %(provider)s WHERE id = %(id)s RETURNING id",
        id=row["id"],
        provider=provider_id,
    )
    return provider_id


@pytest.mark.parametrize(
    ("wire", "steps", "failed"),
    [("cloud", ("sent", "delivered", "read"), "failed"), ("evolution", ("SERVER_ACK", "DELIVERY_ACK", "READ"), "ERROR")],
)
async def test_statuses_end_the_same_in_any_order_and_when_told_twice(
    served: Served, wire: str, steps: tuple[str, ...], failed: str
) -> None:
    emulator = served.cloud if wire == "cloud" else served.evolution
    for n, order in enumerate(itertools.permutations(steps)):
        provider_id = await a_sent_message(served, wire, f"55319888800{n:02d}")
        for state in (*order, *order[:2]):
            await post(served, wire, emulator.status(provider_id, state))
        (row,) = await served.rows("SELECT status FROM outbox WHERE provider_id = %(id)s", id=provider_id)
        assert row["status"] == "read", order
    for n, order in enumerate(itertools.permutations((failed, steps[1]))):
        provider_id = await a_sent_message(served, wire, f"55319888801{n:02d}")
        for state in order:
            await post(served, wire, emulator.status(provider_id, state))
        (row,) = await served.rows("SELECT status FROM outbox WHERE provider_id = %(id)s", id=provider_id)
        assert row["status"] == "delivered", order


@pytest.mark.parametrize("wire", ["cloud", "evolution"])
async def test_every_type_told_twice_is_one_message(served: Served, wire: str) -> None:
    emulator: Any = served.cloud if wire == "cloud" else served.evolution
    bodies = [ARRIVALS[name][0 if wire == "cloud" else 1](emulator) for name in ARRIVALS]
    for body in [*bodies, *bodies[::-1]]:
        await post(served, wire, body)
    rows = await served.rows("SELECT kind, payload FROM messages ORDER BY seq")
    assert len(rows) == len(ARRIVALS)
    assert [row["payload"]["choice_id"] for row in rows if row["kind"] == "choice"] == ["S2", "S2"]
    assert all("source" in row["payload"]["file"] for row in rows if row["kind"] in ("image", "audio", "document", "video"))


@pytest.mark.parametrize("wire", ["cloud", "evolution"])
async def test_no_secret_and_nobodys_words_reach_logs_or_kept_events(
    served: Served, wire: str, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    emulator: Any = served.cloud if wire == "cloud" else served.evolution
    inline = emulator.file("audio", b"OggS segredo da voz " * 50, "audio/ogg", number=SHORT)
    odd = emulator.inbound(TEXT, number=SHORT)
    odd |= {"event": "nunca.visto"} if wire == "evolution" else {}
    if wire == "evolution":
        odd["data"]["message"] |= {"base64": "T2dnUyBzZWdyZWRv" * 50, "mediaUrl": "https://s3.test/a?X-Amz-Signature=cafe01"}
        odd |= {
            "headers": {"authorization": f"Bearer {served.evolution.secret}"},
            "server": {"token": served.evolution.api_key},
        }
    else:
        odd["entry"][0]["changes"][0]["field"] = "nunca_visto"
        odd["entry"][0]["changes"][0]["value"].pop("messages")
        odd["entry"][0]["changes"][0]["value"]["access_token"] = served.cloud.access_token
    with caplog.at_level(logging.INFO):
        await post(served, wire, inline)
        await post(served, wire, odd)
        await post(served, wire, emulator.inbound(TEXT, number=SHORT))
    kept = await served.rows("SELECT reason, body FROM webhook_events")
    assert kept
    told = capsys.readouterr()
    said = told.out + told.err + caplog.text
    secrets = [KEY, served.evolution.api_key, served.evolution.secret, served.cloud.access_token, served.cloud.app_secret]
    for secret in [*secrets, "cafe01"]:
        assert secret not in said
        assert secret not in str(kept)
    for private in (TEXT, "limpeza", SHORT, "5531988880001", "OggS", "T2dnUyBz"):
        assert private not in said
    assert "T2dnUyBz" not in str(kept)
