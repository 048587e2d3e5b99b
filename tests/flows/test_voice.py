"""Voice notes from the message to the answer: heard before the turn, read for red flags, answered once, never made up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from agent.hearing import Ears
from agent.offline.view import read_view
from agent.transcripts import NoWords, Sound, TooLong, Unheard
from clinic.conversations.files import media_store
from clinic.conversations.files.media import File, Limits
from db.embedded import Urls
from db.session import clinic_session
from desk import turn
from desk.turn import take_turn
from jobs.media import Keeper
from jobs.senders import Senders
from kit.blobs import Blobs, open_blobs
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.ids import new_id
from kit.settings import load_settings
from tests.flows.house import House, brains_of, open_house
from tests.flows.scripted import ScriptedBrain, briefing, last_result

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=SAO_PAULO)
ANA = "+5531988880001"
OGG = b"OggS" + b"\0" * 24 + b"OpusHead"


class ScriptedEars(Ears):
    """Hears what it is told, once each; an error is raised."""

    def __init__(self, *said: str | Exception) -> None:
        self.said = list(said)
        self.prompts: list[str] = []

    async def hear(self, sound: Sound, prompt: str) -> str:
        self.prompts.append(prompt)
        said = self.said.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    async def aclose(self) -> None:
        pass


class Stage:
    """A house whose patients send files."""

    def __init__(self, house: House, brain: ScriptedBrain, blobs: Blobs, senders: Senders) -> None:
        self.house, self.brain, self.blobs, self.senders = house, brain, blobs, senders
        self.ears: Ears | None = None

    @property
    def keeper(self) -> Keeper:
        return Keeper(pool=self.house.pool, senders=self.senders, blobs=self.blobs, ears=self.ears, limits=Limits())

    async def send(self, data: bytes = OGG, kind: str = "audio", *, text: str = "", hears: float = 45.0) -> UUID:
        """Stores a message with its file, which lies in its row as if it had been fetched; the file's id."""
        conversation = await self.house.hear(ANA, text, kind=kind)
        async with clinic_session(self.house.pool, self.house.clinic.id) as s:
            [message] = await s.all("SELECT id FROM messages WHERE direction = 'in' ORDER BY seq DESC LIMIT 1")
            file = File(kind=kind, media_type="", name="", source={})
            media = await media_store.expect(
                s, conversation, message["id"], file, now=utc_now(), hears=timedelta(seconds=hears)
            )
            await s.execute("UPDATE media SET data = %(data)s WHERE id = %(id)s", {"data": data, "id": media})
        return media

    async def keep(self, media: UUID) -> None:
        """The worker's next try, however long it would wait for it."""
        await self.house.rows("UPDATE media SET due_at = now() WHERE id = %(id)s RETURNING id", id=media)
        assert await self.keeper.keep(self.house.clinic.id, media)

    async def turn(self, *, now: bool = True) -> list[str]:
        """Lets Carol answer; what she said."""
        conversation = self.house.conversations[ANA]
        before = await self.house.said(ANA)
        if now:
            await self.house.rows(
                "UPDATE conversations SET due_at = now() WHERE id = %(id)s AND due_at IS NOT NULL RETURNING id", id=conversation
            )
        await take_turn(self.house.pool, self.house.minds, self.house.clinic.id, conversation)
        return (await self.house.said(ANA))[len(before) :]

    async def message(self) -> dict[str, Any]:
        [row] = await self.house.rows("SELECT * FROM messages WHERE direction = 'in' ORDER BY seq DESC LIMIT 1")
        return row

    async def media(self) -> list[dict[str, Any]]:
        return await self.house.rows("SELECT * FROM media ORDER BY id")

    async def lane(self) -> dict[str, Any]:
        [row] = await self.house.rows("SELECT *, due_at <= now() AS due, hears_until > now() AS hears FROM conversations")
        return row

    async def cases(self) -> list[tuple[str, str]]:
        return [(row["kind"], row["reason"]) for row in await self.house.rows("SELECT kind, reason FROM cases ORDER BY number")]


@pytest.fixture
async def stage(database: Urls, tmp_path: Any) -> AsyncIterator[Stage]:
    brain = ScriptedBrain()
    async with open_house(database, brains_of(brain), at=NOW) as house, Senders() as senders:  # type: ignore[arg-type]
        yield Stage(house, brain, open_blobs(load_settings(home=tmp_path)), senders)


def asked(messages: Sequence[BaseMessage]) -> str:
    return str(next(m for m in reversed(messages) if isinstance(m, HumanMessage)).content)


async def test_a_note_is_heard_before_its_turn(stage: Stage) -> None:
    stage.ears = ears = ScriptedEars("Oi, queria saber o preço da limpeza de pele")
    media = await stage.send()
    assert (await stage.lane())["hears"] and await stage.turn() == []  # nobody answers what was not heard
    await stage.keep(media)
    message, lane, [row] = await stage.message(), await stage.lane(), await stage.media()
    assert (message["text"], message["payload"]["heard"]) == ("Oi, queria saber o preço da limpeza de pele", True)
    assert lane["hears_until"] is None and lane["due_at"] is not None
    assert (row["status"], row["transcript"], row["problem"]) == ("ready", message["text"], None) and row["heard_at"]
    assert stage.house.clinic.name in ears.prompts[0]
    stage.brain.then("Oi! Qual o seu nome?")
    assert (await stage.turn())[-1] == "Oi! Qual o seu nome?"
    given = stage.brain.seen[0]
    assert asked(given) == "(áudio transcrito) Oi, queria saber o preço da limpeza de pele"
    assert read_view(given).text == "Oi, queria saber o preço da limpeza de pele"  # code reads the words alone
    assert await stage.turn() == [] and await stage.cases() == []


async def test_a_red_flag_that_is_spoken_is_answered_at_once_even_where_a_person_speaks(stage: Stage) -> None:
    stage.ears = ScriptedEars("minha mãe está com dor forte no peito e falta de ar")
    media = await stage.send()
    await stage.house.rows("UPDATE conversations SET owner = 'person' RETURNING id")
    await stage.keep(media)
    lane = await stage.lane()
    assert (await stage.message())["red_flag"].startswith("emergency") and lane["due"] and lane["hears_until"] is None
    said = await stage.turn(now=False)
    assert any("192" in words for words in said) and ("emergency", (await stage.message())["red_flag"]) in await stage.cases()


async def test_a_person_who_speaks_is_not_talked_over(stage: Stage) -> None:
    stage.ears = ScriptedEars("pode ser às três")
    media = await stage.send()
    await stage.house.rows("UPDATE conversations SET owner = 'person', due_at = NULL RETURNING id")
    await stage.keep(media)
    assert (await stage.message())["text"] == "pode ser às três" and (await stage.lane())["due_at"] is None


@pytest.mark.parametrize(
    ("ears", "problem"),
    [
        (None, "no_ears"),
        (NoWords(), "no_words"),
        (TooLong(), "too_long"),
        (Unheard(), "not_heard"),
    ],
)
async def test_what_cannot_be_heard_is_said_honestly_and_a_person_gets_the_note(
    stage: Stage, ears: Exception | None, problem: str
) -> None:
    stage.ears = ScriptedEars(ears) if ears else None
    await stage.keep(await stage.send())
    [row] = await stage.media()
    assert (row["status"], row["problem"], row["transcript"]) == ("ready", problem, None)
    *_, said = await stage.turn()
    assert "não consigo ouvir áudio agora" in said and "caso nº" in said
    assert await stage.cases() == [("other", "audio")]
    assert (await stage.message())["text"] == "" and stage.brain.seen == []


async def test_a_note_beside_words_is_not_forgotten(stage: Stage) -> None:
    await stage.keep(await stage.send())
    await stage.house.hear(ANA, "qual o endereço?")
    stage.brain.then("Já te digo.")
    said = await stage.turn()
    assert "Já te digo." in said and "não consigo ouvir áudio agora" in said[-1] and "caso nº" in said[-1]
    assert asked(stage.brain.seen[0]) == "(áudio que não foi possível ouvir; a equipe tem o áudio)\nqual o endereço?"
    assert await stage.cases() == [("other", "audio")]


async def test_what_is_heard_late_is_answered_in_its_own_turn_and_once(stage: Stage) -> None:
    stage.ears = ScriptedEars(Unavailable("away"), "quero marcar limpeza de pele")
    media = await stage.send(hears=0.0)
    await stage.keep(media)
    assert [row["status"] for row in await stage.media()] == ["waiting"]
    *_, first = await stage.turn()
    assert "não consigo ouvir áudio agora" in first and await stage.turn() == []
    await stage.keep(media)
    stage.brain.then("Vamos marcar!")
    assert await stage.turn() == ["Vamos marcar!"]
    assert asked(stage.brain.seen[0]) == "(áudio transcrito) quero marcar limpeza de pele"
    assert await stage.turn() == [] and (await stage.lane())["due_at"] is None
    assert not await stage.keeper.keep(stage.house.clinic.id, media)
    keys = [row["dedupe_key"] for row in await stage.house.rows("SELECT dedupe_key FROM outbox")]
    assert len(keys) == len(set(keys))


async def test_what_is_heard_while_she_thinks_drops_her_draft(stage: Stage) -> None:
    stage.ears = ScriptedEars("não, é para quarta")
    media = await stage.send(hears=0.0)
    await stage.house.hear(ANA, "quero marcar na terça")
    thinking, go_on = asyncio.Event(), asyncio.Event()
    think = stage.brain.think

    async def slowly(*given: Any, **more: Any) -> Any:
        thinking.set()
        await go_on.wait()
        return await think(*given, **more)

    stage.brain.then("Terça, então.", "Quarta, então.")
    stage.brain.think = slowly  # type: ignore[method-assign]
    turn = asyncio.create_task(stage.turn())
    await asyncio.wait_for(thinking.wait(), 20)
    await stage.keep(media)
    go_on.set()
    assert await asyncio.wait_for(turn, 20) == []
    assert (await stage.turn())[-1] == "Quarta, então."
    assert asked(stage.brain.seen[-1]) == "(áudio transcrito) não, é para quarta\nquero marcar na terça"
    assert await stage.house.rows("SELECT id FROM messages WHERE direction = 'in' AND turn_id IS NULL") == []


async def test_heard_twice_it_is_written_once(stage: Stage) -> None:
    stage.ears = ScriptedEars("oi")
    media = await stage.send()
    async with clinic_session(stage.house.pool, stage.house.clinic.id) as s:
        waiting = await media_store.claim(s, media, lease=timedelta(seconds=30))
        assert waiting is not None
    for words in ("primeiro", "segundo"):
        async with clinic_session(stage.house.pool, stage.house.clinic.id) as s:
            await media_store.note_heard(s, waiting, words)
    message = await stage.message()
    assert message["text"] == "primeiro" and "again" not in message["payload"]


async def test_an_ear_that_is_away_is_asked_again_and_then_a_person_hears(stage: Stage) -> None:
    stage.ears = ScriptedEars(*[Unavailable("away")] * 7)
    media = await stage.send()
    for _ in range(6):
        await stage.keep(media)
        assert (await stage.lane())["hears"]
    await stage.keep(media)
    [row] = await stage.media()
    assert (row["status"], row["problem"]) == ("ready", "not_heard") and not (await stage.lane())["hears_until"]


def named() -> AIMessage:
    args = {"name": "Ana Beatriz Moura", "relationship": "self"}
    return AIMessage("", tool_calls=[{"name": "for_whom", "args": args, "id": new_id().hex, "type": "tool_call"}])


async def test_a_name_that_was_only_heard_is_read_back_before_it_is_written(stage: Stage) -> None:
    stage.ears = ScriptedEars("meu nome é Ana Beatriz Moura")
    await stage.keep(await stage.send())
    stage.brain.then(named())
    stage.brain.then(lambda given: f"Confirmando: é {last_result(given)['name']}, certo?")
    said = await stage.turn()
    assert last_result(stage.brain.seen[-1])["error"] == "heard_name" and "Ana Beatriz Moura" in said[-1]
    assert (
        briefing(stage.brain.seen[-1])["people"] == []
        and await stage.house.rows("SELECT id FROM people WHERE name LIKE 'Ana B%%'") == []
    )
    await stage.house.hear(ANA, "isso mesmo")
    stage.brain.then(named(), "Anotado!")
    await stage.turn()
    assert last_result(stage.brain.seen[-1])["name"] == "Ana Beatriz Moura"


async def test_a_name_that_was_typed_needs_no_second_word(stage: Stage) -> None:
    stage.ears = ScriptedEars("quero marcar uma consulta")
    await stage.keep(await stage.send())
    await stage.house.hear(ANA, "meu nome é Ana Beatriz Moura")
    stage.brain.then(named(), "Anotado!")
    await stage.turn()
    assert last_result(stage.brain.seen[-1])["name"] == "Ana Beatriz Moura"


async def test_pictures_without_words_are_one_case_and_one_reply(stage: Stage) -> None:
    from tests.unit.test_file_types import picture

    for _ in range(5):
        await stage.keep(await stage.send(picture("JPEG"), "image"))
    said = await stage.turn()
    assert sum("guardado para a equipe" in words for words in said) == 1
    assert await stage.cases() == [("other", "media")] and await stage.turn() == []


async def test_a_picture_with_words_goes_on_with_them(stage: Stage) -> None:
    from tests.unit.test_file_types import picture

    await stage.keep(await stage.send(picture("JPEG"), "image", text="vocês fazem esse exame?"))
    stage.brain.then("Me diz o nome do exame?")
    assert (await stage.turn())[-1] == "Me diz o nome do exame?"
    assert asked(stage.brain.seen[0]) == "(imagem em anexo; você não vê imagens)\nvocês fazem esse exame?"


async def test_a_file_that_cannot_be_opened_is_said(stage: Stage) -> None:
    await stage.keep(await stage.send(b"\x7fELF" + bytes(99), "document"))
    [row] = await stage.media()
    assert (row["status"], row["problem"], row["data"]) == ("refused", "not_taken", None)
    assert "não consegui abrir" in (await stage.turn())[-1] and await stage.cases() == []
    await stage.keep(await stage.send(b"\xff\xd8\xff\xe0" + bytes(99), "image", text="segue o pedido"))
    stage.brain.then("Certo.")
    assert (await stage.turn())[-1].startswith("O arquivo que veio junto eu não consegui abrir")


async def test_a_file_lost_after_the_answer_is_a_persons(stage: Stage) -> None:
    media = await stage.send(b"", "image", hears=0.0)
    await stage.house.rows("UPDATE media SET data = NULL RETURNING id")
    await stage.turn()
    await stage.keep(media)  # the console's wire brings no files: gone
    [row] = await stage.media()
    assert (row["status"], row["problem"]) == ("failed", "gone")
    assert ("failure", "media_lost") in await stage.cases()


async def test_a_file_that_kills_its_reader_is_given_up(stage: Stage) -> None:
    media = await stage.send()
    for _ in range(5):
        async with clinic_session(stage.house.pool, stage.house.clinic.id) as s:
            assert await media_store.claim(s, media, lease=timedelta(seconds=-1))
    stage.ears = ScriptedEars()
    await stage.keep(media)
    [row] = await stage.media()
    assert (row["status"], row["problem"]) == ("failed", "unreachable")


async def minute_and_a_half_passes(stage: Stage) -> None:
    await stage.house.rows(
        """UPDATE conversations SET waiting_since = waiting_since - interval '90 seconds',
             hears_until = hears_until - interval '90 seconds' RETURNING id"""
    )


async def test_steady_notes_do_not_put_an_answer_off_for_ever(stage: Stage) -> None:
    stage.ears = ScriptedEars("quero marcar limpeza de pele", "pode ser à tarde")
    first = await stage.send()
    await minute_and_a_half_passes(stage)
    second = await stage.send()
    await stage.keep(first)
    assert not (await stage.lane())["hears"]  # 30 s, and 45 s to hear, from the first of them
    stage.brain.then("Você prefere de manhã ou de tarde?")
    *_, said, still = await stage.turn()
    assert said == "Você prefere de manhã ou de tarde?" and "Ainda estou ouvindo" in still
    assert asked(stage.brain.seen[0]).startswith("(áudio transcrito) quero marcar limpeza de pele\n(áudio que ainda")
    assert await stage.cases() == [] and await stage.turn() == []
    await stage.keep(second)
    stage.brain.then("Certo.")
    assert await stage.turn() == ["Certo."]
    assert asked(stage.brain.seen[-1]) == "(áudio transcrito) pode ser à tarde"


async def test_one_note_is_waited_for_as_long_as_ever(stage: Stage) -> None:
    await stage.send()
    [row] = await stage.house.rows("SELECT hears_until - now() AS left FROM conversations")
    assert timedelta(seconds=30) < row["left"] <= timedelta(seconds=45)


async def test_who_was_told_that_a_note_is_still_heard_is_told_when_it_cannot_be(stage: Stage) -> None:
    stage.ears = ScriptedEars("quero marcar limpeza de pele", Unheard())
    first = await stage.send()
    await minute_and_a_half_passes(stage)
    second = await stage.send()
    await stage.keep(first)
    stage.brain.then("Você prefere de manhã ou de tarde?")
    assert "Ainda estou ouvindo" in (await stage.turn())[-1]
    await stage.keep(second)
    [said] = await stage.turn()
    assert "não consigo ouvir áudio agora" in said and await stage.cases() == [("other", "audio")]
    assert await stage.turn() == []


async def test_a_note_heard_while_an_emergency_is_answered_gets_an_answer_of_its_own(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.ears = ScriptedEars("e ele tomou o remédio ontem")
    await stage.house.hear(ANA, "meu pai está com muita dor no peito e suando frio")
    media = await stage.send()
    think = turn._think

    async def slowly(*given: Any) -> Any:
        await stage.keep(media)
        return await think(*given)

    monkeypatch.setattr(turn, "_think", slowly)
    assert any("192" in said for said in await stage.turn())
    monkeypatch.undo()
    own = await stage.turn()  # by no model: the danger is fresh
    assert "192" in own[0] and "já foi avisada" in own[0]
    assert await stage.house.rows("SELECT id FROM messages WHERE direction = 'in' AND turn_id IS NULL") == []
