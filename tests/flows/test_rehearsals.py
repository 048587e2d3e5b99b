"""A rehearsal walks the production path in a sandbox: nothing of the clinic moves, and any turn can be begun again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.rows import dict_row

from agent.brain import Brain
from agent.choices import FAILING
from agent.endpoint import DeadEndpoint, ModelConfig
from agent.models import Brains, Choices, Role
from clinic.conversations.models import Outcome, QuietWindow
from clinic.conversations.reading import NoTurn
from clinic.rehearsals import saying, service
from clinic.rehearsals.saying import Voice
from clinic.tenants.service import clinic_for
from db.embedded import Urls
from desk.turn import take_turn
from jobs.delivery import Policy, deliver_due
from jobs.senders import Senders
from jobs.sweeps import expired_rehearsals
from kit.ids import new_id
from tests.flows.house import House, offline_brains, open_house
from tests.flows.rehearsal_stage import ANA, NOW, Stage
from tests.flows.scripted import ScriptedBrain, calls


@pytest.fixture(scope="module")
def mind(tmp_path_factory: pytest.TempPathFactory) -> Brains:
    return offline_brains(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def house(database: Urls, mind: Brains) -> AsyncIterator[House]:
    async with open_house(database, mind, at=NOW) as house:
        yield house


@pytest.fixture
async def stage(house: House) -> Stage:
    return Stage(house, await service.begin(house.pool, house.clinic, now=NOW))


@pytest.fixture
def everything(database: Urls) -> Any:
    """Every row of a clinic, table by table, as one text; what is only looked at by the clock apart."""
    with psycopg.connect(database.superuser, row_factory=dict_row, autocommit=True) as connection:
        tables = connection.execute(
            """SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'clinic_id'
               WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' ORDER BY 1"""
        ).fetchall()

        def read(clinic: UUID) -> dict[str, Any]:
            found = {
                table["name"]: connection.execute(
                    f"SELECT array_agg(t::text ORDER BY t::text) AS rows FROM {table['name']} t WHERE clinic_id = %s", (clinic,)
                ).fetchone()
                for table in tables
            }
            return {name: row["rows"] for name, row in found.items() if row and row["rows"]}

        yield read


BOOKING = ("oi", "quero marcar limpeza de pele amanhã, sou a Ana Lima", "o primeiro", "sim")
CANCELLING = ("preciso cancelar a limpeza de pele", "sim")
STATE = (
    "appointments",
    "holds",
    "offers",
    "proposals",
    "claims",
    "contacts",
    "checkpoints",
    "people",
    "cases",
    "messages",
    "turns",
)


async def state(stage: Stage, *, but: tuple[str, ...] = ()) -> dict[str, Any]:
    """What stands in a rehearsal, with what tells two copies of it apart taken out."""
    names = [(str(stage.id), "SANDBOX"), (str(stage.conversation), "CONVERSATION")]
    found: dict[str, Any] = {}
    for table in STATE:
        rows = [row["row"] for row in await stage.rows(f"SELECT (to_jsonb(t) - 'clinic_id')::text AS row FROM {table} t")]
        for old, new in names:
            rows = [row.replace(old, new) for row in rows]
        found[table] = sorted(rows)
    return {name: rows for name, rows in found.items() if name not in but}


async def test_a_whole_rehearsal_moves_nothing_of_the_clinic(house: House, everything: Any) -> None:
    before = everything(house.clinic.id)
    stage = Stage(house, await service.begin(house.pool, house.clinic, now=NOW))
    for words in (*BOOKING, *CANCELLING, "quero falar com uma pessoa", "estou com dor no peito e falta de ar"):
        assert await stage.say(words)
    branched, _ = await stage.branch((await stage.turns())[3])
    await branched.say("sim")
    assert await stage.visits() == ["cancelled"] and await branched.visits() == ["booked"]
    senders = Senders()
    try:
        assert await deliver_due(house.pool, senders, Policy()) > 0
    finally:
        await senders.aclose()
    assert {row["status"] for row in await stage.rows("SELECT status FROM outbox")} == {"sent"}
    assert everything(house.clinic.id) == before
    for one in (stage, branched):
        assert await service.end(house.pool, one.id)
        assert everything(one.id) == {}
    assert everything(house.clinic.id) == before


async def test_whoever_is_picked_is_recognised_and_greeted(stage: Stage) -> None:
    answer = await stage.say("quais são as minhas consultas?")
    assert "assistente virtual" in answer
    [contact] = await stage.rows(
        "SELECT count(*) AS n FROM contact_aliases WHERE kind = 'phone' AND value = %(phone)s", phone=ANA
    )
    assert contact["n"] == 1
    people = await stage.rows("SELECT count(*) AS n FROM contacts")
    await stage.say("oi", person="Visitante nova")
    assert (await stage.rows("SELECT count(*) AS n FROM contacts"))[0]["n"] == people[0]["n"] + 1


async def test_documents_are_searched_where_they_are(house: House, stage: Stage) -> None:
    asked: list[UUID] = []

    class Shelf:
        async def search(self, clinic_id: UUID, question: str, *, k: int = 4) -> Any:
            asked.append(clinic_id)
            from kit.errors import Unavailable

            raise Unavailable

    brain = ScriptedBrain(calls("search_knowledge", question="estacionamento"), "Vou confirmar com a equipe.")
    house.minds = replace(house.minds, brains=Brains({Role.CONVERSATION: brain}, offline=False), library=Shelf())  # type: ignore[dict-item]
    await stage.say("tem estacionamento?")
    assert asked == [house.clinic.id]


async def test_branches_begin_where_the_turn_did(stage: Stage, everything: Any) -> None:
    before_turn: list[dict[str, Any]] = []
    for words in (*BOOKING, *CANCELLING):
        if stage.conversation:
            before_turn.append(await state(stage))
        await stage.say(words)
    assert await stage.visits() == ["cancelled"]
    whole = everything(stage.id)
    for turn, before, words in zip((await stage.turns())[1:], before_turn, (*BOOKING, *CANCELLING)[1:], strict=True):
        branched, made = await stage.branch(turn)
        assert made.said == (words,) and made.person == ANA
        assert await state(branched) == before
        lanes = await branched.rows("SELECT due_at, lease_until, lease_token, waiting_since FROM conversations")
        assert [set(lane.values()) for lane in lanes] == [{None}]
    assert everything(stage.id) == whole


async def test_a_branch_goes_on_as_it_would_have(stage: Stage) -> None:
    for words in (*BOOKING, *CANCELLING):
        await stage.say(words)
    _, _, third, fourth, fifth, _ = await stage.turns()

    cancelling, _ = await stage.branch(fifth)
    assert await cancelling.visits() == ["booked"]
    assert len(await cancelling.rows("SELECT * FROM claims WHERE hold_id IS NOT NULL")) == 0
    for words in CANCELLING:
        await cancelling.say(words)
    assert await cancelling.visits() == ["cancelled"]

    deciding, _ = await stage.branch(fourth)
    assert await deciding.visits() == [] and len(await deciding.rows("SELECT id FROM holds")) == 1
    await deciding.say("sim")
    assert await deciding.visits() == ["booked"] and await deciding.rows("SELECT id FROM holds") == []

    other, _ = await stage.branch(third)
    assert await other.rows("SELECT id FROM holds") == []
    await other.say("o segundo")
    await other.say("sim")
    [visit] = await other.rows("SELECT starts_at FROM appointments WHERE booked_by = 'carol'")
    [first] = await stage.rows("SELECT starts_at FROM appointments WHERE booked_by = 'carol'")
    assert visit["starts_at"] != first["starts_at"]
    assert await stage.visits() == ["cancelled"]


async def test_a_branch_of_a_branch_reaches_further_back(stage: Stage) -> None:
    for words in BOOKING:
        await stage.say(words)
    _, second, _, fourth = await stage.turns()
    branched, _ = await stage.branch(fourth)
    await branched.say("não, obrigada")
    again, made = await branched.branch(second)
    assert made.said == (BOOKING[1],)
    assert [row["text"] for row in await again.rows("SELECT text FROM messages WHERE direction = 'in'")] == ["oi"]
    for words in BOOKING[1:]:
        await again.say(words)
    assert await again.visits() == ["booked"]
    assert (await service.find(stage.house.pool, again.id)).parent_id == branched.id
    # Before the first turn the person is there, and nothing has been said.
    whole, made = await again.branch((await again.turns())[0])
    assert await whole.rows("SELECT id FROM messages") == [] and made.said == ("oi",)
    assert "assistente virtual" in await whole.say("oi")


async def test_what_was_being_thought_does_not_come_along(stage: Stage) -> None:
    """A turn that answers the second message was preceded by one that still ran when that message came."""
    for words in BOOKING[:3]:
        await stage.say(words)
    await stage.rows(
        "UPDATE turns SET finished_at = now() + interval '1 hour' WHERE id = %(id)s RETURNING 1", id=(await stage.turns())[1]
    )
    branched, _ = await stage.branch((await stage.turns())[2])
    assert [row["status"] for row in await branched.rows("SELECT status FROM turns ORDER BY started_at")] == [
        "adopted",
        "superseded",
    ]


async def test_nothing_is_due_in_a_branch_until_someone_speaks(stage: Stage) -> None:
    await stage.hear("bom dia", person="Outra")
    await stage.say("oi")
    branched, _ = await stage.branch((await stage.turns())[0])
    assert [row["text"] for row in await branched.rows("SELECT text FROM messages")] == ["bom dia"]
    assert len(await stage.rows("SELECT id FROM conversations WHERE due_at IS NOT NULL")) == 1
    assert await branched.rows("SELECT id FROM conversations WHERE due_at IS NOT NULL") == []


async def test_the_rehearsal_one_branches_from_makes_no_room(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "LIVE_MOST", 1)
    await stage.say("oi")
    await stage.branch((await stage.turns())[0])
    assert await service.find(stage.house.pool, stage.id)


async def test_a_turn_that_came_to_nothing_begins_with_its_message(house: House, stage: Stage) -> None:
    brain = ScriptedBrain(RuntimeError("broken"))
    house.minds = replace(house.minds, brains=Brains({Role.CONVERSATION: brain}, offline=False))  # type: ignore[dict-item]
    await stage.say("oi")
    [turn] = await stage.turns()
    branched, made = await stage.branch(turn)
    assert made.said == ("oi",) and await branched.turns() == []


async def test_only_a_turn_of_the_conversation_can_be_begun_again(stage: Stage) -> None:
    await stage.say("oi")
    with pytest.raises(NoTurn):
        await stage.branch(new_id())


async def test_files_come_along_with_their_messages(stage: Stage) -> None:
    await stage.say("oi")
    voice = Voice(rehearsal_id=stage.id, person=ANA, at=stage.at)
    shown = await saying.show(stage.house.pool, voice, b"OggS" + b"x" * 100, name="voz.ogg", message_id="m1")
    await take_turn(stage.house.pool, stage.house.minds, stage.id, shown.conversation_id)
    await stage.say("quero marcar limpeza de pele amanhã")
    _, second, third = await stage.turns()
    after, _ = await stage.branch(third)
    assert await after.rows("SELECT media_type, name, data, message_id FROM media") == await stage.rows(
        "SELECT media_type, name, data, message_id FROM media"
    )
    before, _ = await stage.branch(second)
    assert await before.rows("SELECT id FROM media") == []


async def test_an_audio_is_answered_like_on_whatsapp(stage: Stage) -> None:
    voice = Voice(rehearsal_id=stage.id, person=ANA, at=stage.at)
    stored = await saying.show(stage.house.pool, voice, b"\xff\xfb\x90\x44" + b"x" * 100, name="voz.mp3", message_id="m1")
    await take_turn(stage.house.pool, stage.house.minds, stage.id, stored.conversation_id)
    [answer] = await stage.rows("SELECT text FROM messages WHERE direction = 'out' ORDER BY seq DESC LIMIT 1")
    assert "áudio" in answer["text"]


async def test_failing_models_hold_the_patient_and_open_a_case(house: House, stage: Stage) -> None:
    dead = Brain((DeadEndpoint(ModelConfig("modelo")),), pause=lambda: 0.0)
    brains = replace(house.minds.brains, choices=Choices({FAILING: lambda: (dead, True)}))
    house.minds = replace(house.minds, brains=brains)
    answer = await stage.say("oi, queria marcar", mind=FAILING)
    assert "dificuldade técnica" in answer
    assert [row["kind"] for row in await stage.rows("SELECT kind FROM cases")] == ["failure"]
    # The next message asks for no model, and is answered by the default one.
    assert "dificuldade técnica" not in await stage.say("quero marcar limpeza de pele amanhã")


async def test_the_newest_message_chooses_the_model_and_who_speaks_is_said(house: House, stage: Stage) -> None:
    default, other = ScriptedBrain("Aqui é o de sempre."), ScriptedBrain("Aqui é o outro.", "Aqui é o outro, de novo.")
    choices = Choices({"outro": lambda: (other, True)})  # type: ignore[arg-type, return-value]
    house.minds = replace(house.minds, brains=Brains({Role.CONVERSATION: default}, offline=False, choices=choices))  # type: ignore[dict-item]
    await stage.hear("oi", mind="nenhum")
    answer = await stage.say("bom dia", mind="outro")
    assert "o outro" in answer and "demonstração" in answer
    await stage.hear("tudo bem?", mind="outro")
    assert "o de sempre" in await stage.say("e agora?")


async def test_a_real_clinic_hears_no_such_wish(house: House) -> None:
    brain = ScriptedBrain("Aqui é o de sempre.")
    choices = Choices({FAILING: lambda: pytest.fail("asked for")})
    house.minds = replace(house.minds, brains=Brains({Role.CONVERSATION: brain}, offline=False, choices=choices))  # type: ignore[dict-item]
    await house.hear(ANA, "oi")
    await house.rows('UPDATE messages SET payload = \'{"mind": "failing"}\' RETURNING 1')
    await take_turn(house.pool, house.minds, house.clinic.id, house.conversations[ANA])
    assert "o de sempre" in (await house.said(ANA))[-1]


async def test_a_burst_is_one_turn_and_a_duplicate_one_message(house: House, stage: Stage) -> None:
    voice = Voice(rehearsal_id=stage.id, person=ANA, at=NOW)
    stored = await saying.burst(house.pool, voice, ("oi", "quero marcar", "limpeza de pele"), window=QuietWindow(0.0, 0.0))
    assert [one.new for one in stored] == [True, True, True]
    conversation = stored[0].conversation_id
    assert await take_turn(house.pool, house.minds, stage.id, conversation) is None  # she still waits for more
    await asyncio.sleep(1.6)
    assert await take_turn(house.pool, house.minds, stage.id, conversation) is Outcome.SPOKE
    assert {row["turn_id"] for row in await stage.rows("SELECT turn_id FROM messages WHERE direction = 'in'")} == set(
        await stage.turns()
    )
    first, second = await saying.duplicate(house.pool, voice, "obrigada")
    assert (first.new, second.new) == (True, False) and first.message_id == second.message_id


async def test_two_tabs_speak_in_one_rehearsal(house: House, stage: Stage) -> None:
    said = await asyncio.gather(
        *(stage.hear(f"mensagem {n}", message_id=f"m{n}") for n in range(4)), stage.hear("x", person="Outra")
    )
    assert len({one.conversation_id for one in said[:4]}) == 1
    await take_turn(house.pool, house.minds, stage.id, said[0].conversation_id)
    pending = await stage.rows("SELECT text FROM messages WHERE direction = 'in' AND turn_id IS NULL")
    assert [row["text"] for row in pending] == ["x"]


async def test_what_is_over_is_swept_even_while_carol_thinks(house: House, stage: Stage, everything: Any) -> None:
    kept = await service.begin(house.pool, house.clinic, now=NOW)
    await stage.say("oi")

    async def late(*_: Any, **__: Any) -> Any:
        await stage.rows("UPDATE rehearsals SET expires_at = now() - interval '1 second' RETURNING 1")
        assert await expired_rehearsals(house.pool) == 1
        raise RuntimeError

    brain = ScriptedBrain()
    brain.think = late  # type: ignore[method-assign]
    house.minds = replace(house.minds, brains=Brains({Role.CONVERSATION: brain}, offline=False))  # type: ignore[dict-item]
    stored = await stage.hear("quanto custa?")
    assert await take_turn(house.pool, house.minds, stage.id, stored.conversation_id) is None
    assert everything(stage.id) == {}
    assert (await clinic_for(house.pool, kept)).sandbox_of == house.clinic.id
