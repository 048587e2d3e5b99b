"""A report on the wires: by the one outbox, in quiet hours' terms, by template outside the window, and not at all once somebody
took it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest

from clinic.conversations.handover import takeover
from clinic.reports import service
from clinic.reports.models import State, digest_of
from clinic.tenants.policies import Messaging, Template
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from db.session import clinic_session
from kit.clock import utc_now
from kit.ids import new_id
from kit.phone import other_form
from tests.db.report_room import Family, Room
from tests.emulators import cloud as emulated
from tests.flows.served import Served, serve
from tests.flows.wires import REENGAGE, ask, cases, drained, held, set_policies

TEXT = "A manhã foi tranquila."
ASKS = Template(
    name="relatorio_pronto",
    purpose="report",
    body="Olá, {{1}}! Chegou {{2}}. Responda por aqui para receber.",
    language="pt_BR",
)


@pytest.fixture
async def served(database: Urls) -> AsyncIterator[Served]:
    async with serve(database) as running:
        for template in (REENGAGE, ASKS):
            running.cloud.templates[template.name, "pt_BR"] = emulated.Template(parameters=2)
        await set_policies(running, REENGAGE, ASKS)
        yield running


async def room_of(served: Served) -> Room:
    return Room(served.pool, await clinic_for(served.pool, served.clinic))


async def only(served: Served, kind: str) -> None:
    """The clinic has this wire alone."""
    await served.rows("UPDATE channel_accounts SET active = (kind = %(kind)s), state = 'open' RETURNING id", kind=kind)


async def queued(served: Served, family: Family | None = None) -> tuple[Room, Family, UUID]:
    room = await room_of(served)
    family = family or await room.family("Lourdes Prates")
    report = await room.approved(family, TEXT)
    assert await room.queue(report) == len(family.contacts)
    return room, family, report


async def test_a_report_reaches_somebody_who_never_wrote(served: Served) -> None:
    await only(served, "evolution")
    room, family, report = await queued(served)
    await drained(served)
    [sent] = served.evolution.sent
    assert (sent.number, sent.text) == (family.phones[0].lstrip("+"), TEXT)
    done = (await room.view(report)).report
    assert done.state is State.SENT
    await drained(served)
    assert len(served.evolution.sent) == 1 and await cases(served) == []


async def test_it_leaves_by_the_wire_on_which_they_wrote_last(served: Served) -> None:
    room = await room_of(served)
    family = await room.family()
    await ask(served, "cloud", number=family.phones[0].lstrip("+"))
    await queued(served, family)
    await drained(served)
    assert [sent.text for sent in served.cloud.sent] == [TEXT] and served.evolution.sent == ()


async def test_outside_the_window_a_template_tells_of_it_and_it_leaves_once_they_write(served: Served) -> None:
    await only(served, "cloud")
    room, family, report = await queued(served)
    await drained(served)
    [template] = served.cloud.sent
    assert template.body["template"]["name"] == ASKS.name
    assert await held(served) == [("queued", "window", "window_closed"), ("sent", None, None)]
    said = await served.rows("SELECT text FROM messages WHERE direction = 'out' ORDER BY seq DESC LIMIT 1")
    assert said[0]["text"] == "Olá, aqui é da clínica! Chegou o relatório do plantão. Responda por aqui para receber."
    assert await room.settle(report) is None
    await ask(served, "cloud", "oi", number=family.phones[0].lstrip("+"))
    await drained(served)
    assert [sent.text for sent in served.cloud.sent[1:]] == [TEXT]
    done = (await room.view(report)).report
    assert done.state is State.SENT


async def test_in_quiet_hours_it_waits_and_is_taken_back_with_the_consent(served: Served) -> None:
    now = utc_now().astimezone((await room_of(served)).clinic.zone)
    quiet = Messaging(quiet_from=(now - timedelta(hours=1)).time(), quiet_until=(now + timedelta(hours=1)).time())
    await set_policies(served, messaging=quiet)
    await only(served, "evolution")
    room, family, report = await queued(served)
    await drained(served)
    assert await held(served) == [("queued", "quiet", "quiet_hours")]
    await room.revoke(family.contacts[0])
    await drained(served)
    assert served.evolution.sent == ()
    done = await room.settle(report)
    assert done is not None and (done.state, done.error_code) == (State.SEND_FAILED, "no_recipient")


async def test_whoever_has_the_phone_now_reads_nothing(served: Served) -> None:
    await only(served, "evolution")
    room, family, report = await queued(served)
    await room.moves_to(family.phones[0])
    await drained(served)
    assert served.evolution.sent == ()
    assert await held(served) == [("cancelled", None, "moved_away")]
    assert await cases(served) == []
    done = (await room.view(report)).report
    assert done.error_code == "no_recipient"


async def test_nothing_that_says_it_is_a_report_leaves_without_its_proof(served: Served) -> None:
    await only(served, "evolution")
    room, _, report = await queued(served)
    other = await room.family()
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET reply_to = %(to)s", {"to": other.phones[0].lstrip("+")})
    await drained(served)
    assert served.evolution.sent == ()
    assert await room.state(report) == "send_failed"


async def test_a_person_who_takes_the_conversation_over_holds_back_no_report(served: Served) -> None:
    await only(served, "evolution")
    room = await room_of(served)
    family = await room.family()
    await ask(served, "evolution", number=family.phones[0].lstrip("+"))
    await queued(served, family)
    [row] = await served.rows("SELECT conversation_id AS id FROM outbox")
    async with clinic_session(served.pool, served.clinic) as s:
        await takeover.reply(s, row["id"], "Oi, aqui é a Júlia.", by="Júlia", message_id=str(new_id()))
    await drained(served)
    assert TEXT in [sent.text for sent in served.evolution.sent]


async def test_what_the_wire_refuses_is_told_to_a_person_and_may_be_tried_again(served: Served) -> None:
    await only(served, "evolution")
    room, family, report = await queued(served)
    served.evolution.absent |= {family.phones[0].lstrip("+"), other_form(family.phones[0]) or ""}
    await drained(served)
    failed = (await room.view(report)).report
    assert failed.state is State.SEND_FAILED
    assert await cases(served) == [("failure", "not_delivered")]
    assert failed.approved_digest == digest_of(TEXT)
    served.evolution.absent.clear()
    async with clinic_session(served.pool, served.clinic) as s:
        await service.retry_send(s, room.clinic, report, by="Júlia", version=failed.version)
    assert await room.queue(report) == 1
    await drained(served)
    done = (await room.view(report)).report
    assert done.state is State.SENT and len(served.evolution.sent) == 1
