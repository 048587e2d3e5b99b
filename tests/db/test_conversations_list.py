"""The list of conversations: the newest word first, found by name, phone or words, one clinic at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from time import monotonic
from typing import Any
from uuid import UUID

import pytest

from clinic.conversations import reading
from clinic.conversations.cases import case_store
from clinic.conversations.history.listing_store import Brief, Place, Wanted
from clinic.conversations.models import CaseKind, Owner
from db import system
from db.embedded import Urls
from db.pool import Pool, create_pool
from db.session import Session, clinic_session
from kit.clock import utc_now
from kit.ids import new_id, new_sandbox_id
from tests.flows.served import add_clinic

NOW = utc_now()


@dataclass(slots=True)
class Office:
    pool: Pool
    clinic: UUID
    account: UUID

    async def run(self, query: str, **params: Any) -> None:
        async with clinic_session(self.pool, self.clinic) as s:
            await s.execute(query, {"clinic": self.clinic, **params})  # type: ignore[arg-type]

    async def conversation(self, name: str | None, phone: str | None = None, *texts: str) -> UUID:
        contact, conversation = new_id(), new_id()
        await self.run(
            "INSERT INTO contacts (clinic_id, id, display_name) VALUES (%(clinic)s, %(k)s, %(n)s)", k=contact, n=name
        )
        if phone:
            await self.run(
                "INSERT INTO contact_aliases (clinic_id, kind, value, contact_id) VALUES (%(clinic)s, 'phone', %(v)s, %(k)s)",
                v=phone, k=contact,
            )  # fmt: skip
        await self.run(
            """INSERT INTO conversations (clinic_id, id, contact_id, account_id, reply_to)
               VALUES (%(clinic)s, %(id)s, %(k)s, %(a)s, 'endereço')""",
            id=conversation, k=contact, a=self.account,
        )  # fmt: skip
        for text in texts:
            await self.says(conversation, text)
        return conversation

    async def says(self, conversation: UUID, text: str, author: str = "patient", kind: str = "text") -> None:
        await self.run(
            """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, kind, text, at)
               VALUES (%(clinic)s, %(m)s, %(id)s, %(a)s, %(d)s, %(author)s, %(kind)s, %(text)s, now())""",
            m=new_id(), id=conversation, a=self.account, author=author, kind=kind, text=text,
            d="in" if author == "patient" else "out",
        )  # fmt: skip

    async def page(self, text: str = "", after: Place | None = None, limit: int = 40, **wanted: Any) -> Any:
        async with clinic_session(self.pool, self.clinic) as s:
            return await reading.page(s, Wanted(**wanted), text=text, after=after, limit=limit)

    async def found(self, text: str) -> list[UUID]:
        return [brief.id for brief in (await self.page(text))[0]]

    async def brief(self, conversation: UUID) -> Brief:
        async with clinic_session(self.pool, self.clinic) as s:
            return await reading.brief(s, conversation)


@pytest.fixture
async def office(database: Urls) -> AsyncIterator[Office]:
    pool = create_pool(database.app)
    await pool.open()
    try:
        clinic = await add_clinic(pool, "clinica", {("console", "clinica"): {}})
        async with clinic_session(pool, clinic) as s:
            account = await s.one("SELECT id FROM channel_accounts")
        assert account is not None
        yield Office(pool, clinic, account["id"])
    finally:
        await pool.close()


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    asked: list[str] = []
    original = Session.all

    async def all_(self: Session, query: Any, params: Any = None) -> Any:
        asked.append(query)
        return await original(self, query, params)

    with monkeypatch.context() as patch:
        patch.setattr(Session, "all", all_)
        yield asked


async def test_the_newest_word_comes_first_whoever_said_it(office: Office) -> None:
    ana, bia = await office.conversation("Ana", None, "oi"), await office.conversation("Bia", None, "oi")
    silent = await office.conversation("Caio")
    assert [b.id for b in (await office.page())[0]] == [bia, ana, silent]
    await office.says(ana, "Olá!", "carol")
    briefs, following = await office.page()
    assert [b.id for b in briefs] == [ana, bia, silent]
    assert following is None
    assert [b.last.text if b.last else None for b in briefs] == ["Olá!", "oi", None]
    assert [b.last.status if b.last else None for b in briefs] == ["sent", None, None]


async def test_pages_hold_everyone_once_even_while_words_come(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    everyone = [await office.conversation(f"Pessoa {n}", f"+55319000000{n:02}", "oi") for n in range(11)]
    await office.conversation("Sem palavras")
    with counted(monkeypatch) as asked:
        first, place = await office.page(limit=4)
    assert len(asked) <= 3  # whatever the size of the page
    await office.says(everyone[0], "de novo")  # moves up, above the page we have
    rest = []
    while place is not None:
        page, place = await office.page(after=place, limit=4)
        rest += page
    assert len({b.id for b in [*first, *rest]}) == len([*first, *rest]) == 11
    assert all(a.seq > b.seq for a, b in pairwise([*first, *rest]))


async def test_by_owner_and_by_case_the_most_urgent_shown(office: Office) -> None:
    ana, bia = await office.conversation("Ana", None, "oi"), await office.conversation("Bia", None, "oi")
    await office.run("UPDATE conversations SET owner = 'person', owner_name = 'Júlia' WHERE id = %(id)s", id=bia)
    async with clinic_session(office.pool, office.clinic) as s:
        for kind in (CaseKind.COMPLAINT, CaseKind.EMERGENCY):
            await case_store.open_case(s, ana, kind, reason="x", brief="", due_at=NOW, at=NOW)
    assert [b.id for b in (await office.page(owner=Owner.PERSON))[0]] == [bia]
    assert [b.id for b in (await office.page(owner=Owner.CAROL))[0]] == [ana]
    [with_case] = (await office.page(open_case=True))[0]
    assert (with_case.id, with_case.case and with_case.case.kind) == (ana, CaseKind.EMERGENCY)
    assert [b.id for b in (await office.page(open_case=False))[0]] == [bia]
    async with clinic_session(office.pool, office.clinic) as s:
        await case_store.resolve(s, ana, at=NOW)
    assert (await office.page(open_case=True))[0] == []


async def test_what_waits_is_what_nobody_answered(office: Office) -> None:
    ana = await office.conversation("Ana", None, "oi", "tem vaga?")
    await office.says(ana, "👍", kind="reaction")
    assert (await office.brief(ana)).waiting == 2
    await office.says(ana, "Bom dia!", "person")
    assert (await office.brief(ana)).waiting == 0
    await office.says(ana, "e amanhã?")
    assert (await office.brief(ana)).waiting == 1


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("João", "joao"), ("joao goncalves", "joao"), ("gonçalvez", "joao"),
        ("98888-0001", "joao"), ("(31) 98888", "joao"), ("5531988880001", "joao"),
        ("convênio", "rita"), ("CONVENIO unimed", "rita"), ("unimed convenio", "rita"), ("convenyo", "rita"),
        ("pré-natal", "rita"), ("100%", "rita"),
        ("Joao Gonsalves", "joao"), ("%", "rita"), ("_", None), ("zebra", None), ("convenio zebra", None), ("'; --", None),
        ("\x00", "both"), ("  ", "both"), ("oi", "both"),
    ],
)  # fmt: skip
async def test_found_by_name_phone_or_words_as_people_type_them(office: Office, text: str, who: str | None) -> None:
    ids = {
        "joao": await office.conversation("João Gonçalves", "+5531988880001", "oi, bom dia"),
        "rita": await office.conversation("Rita", "+5531977772222", "oi, aceita o convênio da Unimed? 100% pré-natal"),
    }
    assert set(await office.found(text)) == (set(ids.values()) if who == "both" else {ids[who]} if who else set())


async def test_one_clinic_sees_only_its_own_and_a_sandbox_is_another(office: Office, database: Urls) -> None:
    await office.conversation("Ana", "+5531988880001", "oi")
    async with clinic_session(office.pool, sandbox := new_sandbox_id()) as s:
        await s.execute(
            """INSERT INTO clinics (id, slug, name, timezone, sandbox_of)
               VALUES (%(id)s, 'ensaio', 'Ensaio', 'America/Sao_Paulo', %(of)s)""",
            {"id": sandbox, "of": office.clinic},
        )
    rehearsing = Office(office.pool, sandbox, new_id())
    assert (await rehearsing.page())[0] == []
    assert await rehearsing.found("Ana") == []
    assert [slug for _, slug, _ in await system.clinics(office.pool)] == ["clinica"]  # a sandbox is no clinic to list
    assert await system.clinic_of_slug(office.pool, "ensaio") == sandbox


async def test_quick_with_twenty_thousand_messages(office: Office, database: Urls) -> None:
    people = [await office.conversation(f"Pessoa {n}", None) for n in range(60)]
    words = "quero marcar consulta com a doutora na terça de manhã pode ser às dez horas obrigada meu filho tem convênio"
    await office.run(
        """INSERT INTO messages (clinic_id, id, conversation_id, account_id, direction, author, text, at)
           SELECT %(clinic)s, gen_random_uuid(), (%(people)s::uuid[])[1 + n %% 60], %(a)s, 'in', 'patient',
                  %(words)s || ' ' || n, now() FROM generate_series(1, 20000) n""",
        people=people, a=office.account, words=words,
    )  # fmt: skip
    for text, most in (("", 1.5), ("convenio", 2.0), ("nadaassim", 5.0)):  # many times what it takes: CI is slow
        started = monotonic()
        await office.page(text)
        assert monotonic() - started < most, text
