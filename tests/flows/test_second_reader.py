"""A danger hinted at reaches a person and the patient, with the model switched off and whoever owns the conversation."""

from __future__ import annotations

from functools import cache
from typing import Any

from agent.guardrails.dangers import SecondReader
from clinic.conversations.dangers import red_flags
from db.session import clinic_session
from desk.turn import take_turn
from desk.watch import Watch
from jobs.sweeps import lost_lanes
from knowledge.embed import offline_embedder
from tests.flows.house import House

ANA = "+5531900000777"
HINTED = "meu avô tá mole na cadeira, a gente fala e ele não responde nada, só baba"
DARK = "a única coisa que me segura aqui é o meu filho, se não fosse ele eu já tinha ido"


@cache
def second() -> SecondReader:
    return SecondReader(offline_embedder())  # type: ignore[arg-type]


async def test_the_watch_flags_what_was_stored_opens_the_case_and_wakes_the_lane(house: House) -> None:
    conversation = await house.hear(ANA, DARK)
    assert red_flags.read(DARK) is None  # no pattern knows it
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET owner = 'person', due_at = NULL WHERE id = %(id)s", {"id": conversation})
    watch = Watch(house.pool, second())
    assert await watch.look() == 1
    [message] = await house.rows("SELECT red_flag, looked_at FROM messages WHERE direction = 'in'")
    assert message["red_flag"] == "self_harm:suicide_ideation"
    [case] = await house.rows("SELECT kind, brief FROM cases")
    assert (case["kind"], case["brief"]) == ("self_harm", DARK)
    assert await watch.look() == 0
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)  # the brain has no step: no model is asked
    assert "188" in (await house.said(ANA))[0]
    assert len(await house.rows("SELECT id FROM cases")) == 1


async def test_a_turn_that_begins_first_reads_a_second_time_itself(house: House) -> None:
    house.minds = type(house.minds)(
        brains=house.minds.brains, library=None, limits=house.minds.limits, lease=house.minds.lease, second=second()
    )
    answer = await house.say(ANA, HINTED)
    assert "192" in answer
    assert [case["kind"] for case in await house.rows("SELECT kind FROM cases")] == ["emergency"]
    watch = Watch(house.pool, second())
    await watch.look()
    assert len(await house.rows("SELECT id FROM cases")) == 1


async def test_a_message_answered_before_it_was_looked_at_is_opened_again(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE contacts SET human_only = true")
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    before = len(await house.said(ANA))
    await Watch(house.pool, second()).look()
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert any("192" in said for said in (await house.said(ANA))[before:])


async def test_ordinary_words_are_read_once_and_change_nothing(house: House) -> None:
    conversation = await house.hear(ANA, "oi, queria marcar uma consulta")
    due = await house.rows("SELECT due_at FROM conversations WHERE id = %(id)s", id=conversation)
    watch = Watch(house.pool, second())
    assert await watch.look() == 1
    assert await watch.look() == 0
    assert await house.rows("SELECT due_at FROM conversations WHERE id = %(id)s", id=conversation) == due
    assert not await house.rows("SELECT id FROM cases")
    assert [m["red_flag"] for m in await house.rows("SELECT red_flag FROM messages")] == [None]


async def test_a_transcript_that_came_while_it_was_read_is_read_again(house: House) -> None:
    from clinic.conversations.dangers import watch_store

    await house.hear(ANA, "oi")
    [row] = await house.rows("SELECT id FROM messages")
    async with clinic_session(house.pool, house.clinic.id) as s:
        message = await watch_store.unlooked(s, row["id"])
        assert message is not None
        await s.execute("UPDATE messages SET text = %(text)s", {"text": DARK})
        assert not await watch_store.note_looked(s, message, ())
    assert await Watch(house.pool, second()).look() == 1
    assert [m["red_flag"] for m in await house.rows("SELECT red_flag FROM messages")] == ["self_harm:suicide_ideation"]


async def test_a_reader_that_cannot_read_leaves_it_to_another(house: House) -> None:
    class Broken:
        model_id = "broken"

        def encode_queries(self, texts: list[str]) -> Any:
            raise OSError("no such weights")

    await house.hear(ANA, DARK)
    assert len(await house.rows("SELECT id FROM messages WHERE looked_at IS NULL")) == 1
    broken = SecondReader(Broken())
    await Watch(house.pool, broken).look()
    assert not broken.available
    assert len(await house.rows("SELECT id FROM messages WHERE looked_at IS NULL")) == 1
    assert await Watch(house.pool, second()).look() == 1
    assert len(await house.rows("SELECT id FROM cases")) == 1


class Sees:
    """A reader of dangers that sees one in whatever it reads."""

    available = True

    def read(self, text: str) -> list[red_flags.RedFlag]:
        return [red_flags.RedFlag("emergency", "unresponsive", text)]


def watch_of(house: House) -> Watch:
    return Watch(house.pool, Sees())  # type: ignore[arg-type]


async def write_long_ago(house: House, minutes: int = 31) -> None:
    """As if no reader could read for a while after it was written."""
    await house.rows("UPDATE messages SET stored_at = stored_at - make_interval(mins => %(m)s) RETURNING id", m=minutes)


async def flags(house: House) -> list[str | None]:
    return [row["red_flag"] for row in await house.rows("SELECT red_flag FROM messages WHERE direction = 'in' ORDER BY seq")]


async def test_what_was_answered_long_ago_is_a_persons_and_not_answered_as_if_it_were_now(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)
    await house.rows("UPDATE contacts SET human_only = true RETURNING id")
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    before = await house.said(ANA)
    await write_long_ago(house)
    assert await watch_of(house).look() == 1
    [urgent] = await house.rows("SELECT kind, brief, climbs_at <= now() AS told FROM cases WHERE urgent")
    assert (urgent["kind"], urgent["brief"], urgent["told"]) == ("emergency", HINTED, True)
    assert (await flags(house))[0]
    await lost_lanes(house.pool, after=0.0)
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is None
    assert await house.said(ANA) == before


async def test_an_old_one_that_waits_for_a_person_stays_theirs(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)
    await house.rows("UPDATE conversations SET owner = 'person', due_at = NULL RETURNING id")
    await write_long_ago(house)
    await watch_of(house).look()
    assert [case["kind"] for case in await house.rows("SELECT kind FROM cases")] == ["emergency"]
    await lost_lanes(house.pool, after=0.0)
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is None
    assert await house.said(ANA) == []


async def test_an_old_one_that_carol_still_owes_an_answer_is_answered_as_a_danger(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)  # every desk was down as well
    await write_long_ago(house)
    await watch_of(house).look()
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert "192" in (await house.said(ANA))[0]


async def test_half_an_hour_is_not_old(house: House) -> None:
    conversation = await house.hear(ANA, HINTED)
    await house.rows("UPDATE conversations SET owner = 'person', due_at = NULL RETURNING id")
    await write_long_ago(house, 29)
    await watch_of(house).look()
    await take_turn(house.pool, house.minds, house.clinic.id, conversation)
    assert "192" in (await house.said(ANA))[0]
