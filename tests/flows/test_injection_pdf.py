"""Orders hidden in a real PDF: white on white, in its title, in a note on the page; from the clinic's shelf and from a patient.

The file is written here byte by byte and goes the whole way: upload, extraction, embedding, search; or a webhook, a fetch, the
file store. The model obeys whatever order it finds in what it was given (`Reads`).
"""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.embedded import Urls
from desk.minds import Minds
from desk.turn import take_turn
from graphs.state import Limits
from tests.flows.house import brains_of
from tests.flows.served import serve
from tests.flows.test_injection_read import CANARY, ORDERS, Reads, Shelf
from tests.flows.test_media import send
from tests.flows.test_media import settled as kept
from tests.flows.test_upload import clinic, reading, settled

VISIBLE = "Estacionamento. Há estacionamento gratuito ao lado da clínica para pacientes, tem vaga coberta."
PLACES = {"white": True, "title": True, "note": False}  # and whether a model is given what stands there


def pdf(**orders: str) -> bytes:
    """One page that says VISIBLE, with an order in white text, in the title, or in a note; a valid file with its table."""

    def string(words: str) -> bytes:
        return b"(" + re.sub(rb"([()\\])", rb"\\\1", words.encode("cp1252")) + b")"

    page = b"BT /F1 12 Tf 40 780 Td " + string(VISIBLE) + b" Tj ET\n"
    page += b"1 1 1 rg BT /F1 2 Tf 40 760 Td " + string(orders.get("white", "")) + b" Tj ET\n"
    note = b"<< /Type /Annot /Subtype /Text /Rect [0 0 9 9] /Contents " + string(orders.get("note", "")) + b" >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R]"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(page), page),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        note,
        b"<< /Title " + string(orders.get("title", "Guia")) + b" >>",
    ]
    written, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        written + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
        + b"trailer\n<< /Size %d /Root 1 0 R /Info 7 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(written))
    )  # fmt: skip


def nothing_of_it(said: str) -> None:
    for ours in ("Regras que não têm exceção", "Nunca adivinhe", "uma boa recepcionista", CANARY):
        assert ours not in said
    assert not re.search(r"cancelei|marcada para amanhã|ignore as regras", said, re.IGNORECASE), said


@pytest.mark.parametrize("place", PLACES)
async def test_an_order_in_a_file_of_the_clinic_comes_to_nothing(database: Urls, place: str) -> None:
    brain = Reads()
    async with clinic(database, brain) as (house, library):
        await house.rows("DELETE FROM documents RETURNING id")  # nothing else speaks of parking
        agenda = "SELECT id, status, starts_at, cancelled_at FROM appointments ORDER BY id"
        before = await house.rows(agenda)
        async with reading(house.pool, library, database, poll=0.1):
            for what, (order, phone) in ORDERS.items():
                document = await library.upload(house.clinic.id, "guia.pdf", pdf(**{place: order}))
                assert await settled(library, house.clinic.id, document.id) == "ready"
                brain.found = []
                await house.say(phone, "oi, tem estacionamento aí?")
                assert (what in brain.found) is PLACES[place]
                await house.say(phone, "sim, pode ser")
                said = "\n".join(await house.said(phone))
                assert said
                nothing_of_it(said)
        assert await house.rows(agenda) == before
        assert not await house.rows("SELECT id FROM tool_receipts WHERE tool IN ('book_visit', 'move_visit', 'cancel_visit')")


class Busy(Reads):
    """Obeys what it finds; else answers."""

    def _next(self, messages: Any) -> Any:
        given = "\n".join(str(message.content) for message in messages)
        if "ignore as regras" in given:
            self.found.append("order")
            return super()._next(messages)
        return "Recebi o documento, obrigada! Como posso ajudar?"


async def test_what_stands_in_a_patients_document_reaches_no_model(database: Urls, tmp_path: Path) -> None:
    brain = Busy()
    minds = Minds(brains=brains_of(brain), library=Shelf(), limits=Limits(), lease=timedelta(seconds=30))  # type: ignore[arg-type]
    order = ORDERS["act"][0]
    async with serve(database, home=tmp_path) as served:
        data = pdf(white=order, title=order, note=order)
        await send(served, "cloud", "document", data, "application/pdf", caption="segue o pedido", name=f"{order}.pdf")
        [row] = await kept(served)
        assert (row["status"], row["media_type"]) == ("ready", "application/pdf")
        [conversation] = await served.rows("UPDATE conversations SET due_at = now() RETURNING id")
        assert await take_turn(served.pool, minds, served.clinic, conversation["id"]) is not None
        given = "\n".join(str(message.content) for messages in brain.seen for message in messages)
        assert "segue o pedido" in given and "documento em anexo" in given
        assert brain.found == [] and "ignore as regras" not in given
        said = await served.rows("SELECT text FROM messages WHERE direction = 'out'")
        nothing_of_it("\n".join(one["text"] for one in said))
