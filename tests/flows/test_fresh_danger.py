"""After a 192 or a 188 the danger is not forgotten: whatever the model would say, until the patient says that it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from clinic.conversations.dangers import red_flags
from desk.watch import Watch
from tests.flows.booking import first_slot
from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain, calls, last_result
from tests.flows.test_limits import allow

CHEST = "meu pai tá com muita dor no peito e suando frio"
DARK = "não aguento mais viver, tô pensando em me matar"
BEATEN = "meu marido me agrediu de novo e tá com uma faca"
HINTED = "meu menino de 3 anos pegou os remédios de pressão da avó e não sei quantos ele engoliu"


class Sees:
    """A reader of dangers that sees one in whatever speaks of this."""

    available = True

    def __init__(self, *about: str) -> None:
        self.about = about

    def read(self, text: str) -> list[red_flags.RedFlag]:
        seen = any(word in text for word in self.about)
        return [red_flags.RedFlag("emergency", "unresponsive", "")] if seen else []


def hinting(house: House, *about: str) -> None:
    house.minds = replace(house.minds, second=Sees(*about))  # type: ignore[arg-type]


@pytest.fixture
async def warned(house: House) -> House:
    assert "192" in await house.say(ANA, CHEST)
    return house


async def cases(house: House) -> list[tuple[str, str]]:
    return [(row["kind"], row["status"]) for row in await house.rows("SELECT kind, status FROM cases ORDER BY number")]


@pytest.mark.parametrize("wish", ["me encaixa hoje", "marca amanhã cedo então", "oi?", "qual o endereço de vocês?"])
async def test_the_next_message_hears_the_number_first_and_no_model_is_asked(
    warned: House, brain: ScriptedBrain, wish: str
) -> None:
    answer = await warned.say(ANA, wish)
    assert "192" in answer.splitlines()[0] and "avisada" in answer
    assert not brain.seen
    assert not await warned.rows("SELECT clinic_id FROM offers")
    [outcome] = await warned.rows("SELECT outcome FROM turns ORDER BY started_at DESC LIMIT 1")
    assert outcome["outcome"] == "spoke"


async def test_treatment_is_not_advised(warned: House, brain: ScriptedBrain) -> None:
    answer = await warned.say(ANA, "dou um AAS pra ele?")
    assert "192" in answer and "não posso orientar" in answer and "uma pessoa da equipe" in answer
    assert not brain.seen


async def test_it_is_never_the_same_words_twice_in_a_row(warned: House) -> None:
    answers = [await warned.say(ANA, wish) for wish in ("marca hoje", "me encaixa", "e amanhã?", "então sexta")]
    firsts = [answer.splitlines()[0] for answer in answers]
    assert all("192" in first for first in firsts)
    assert all(one != two for one, two in pairwise(firsts))
    assert len(set(firsts[:3])) == 3
    assert all(len(first) < 200 for first in firsts)


async def test_self_harm_hears_188_and_violence_190(house: House, brain: ScriptedBrain) -> None:
    await house.say(ANA, DARK)
    assert "188" in (await house.say(ANA, "queria marcar com alguém sem minha mãe saber")).splitlines()[0]
    other = "+5531900000888"
    assert "190" in await house.say(other, BEATEN)
    first = (await house.say(other, "tem horário amanhã?")).splitlines()[0]
    assert "190" in first and "SAMU" not in first
    assert not brain.seen


async def test_both_dangers_hear_both_numbers(house: House) -> None:
    await house.say(ANA, CHEST)
    await house.say(ANA, DARK)
    answer = await house.say(ANA, "me encaixa hoje")
    assert "192" in answer.splitlines()[0] and "188" in answer.splitlines()[0]


@pytest.mark.parametrize("end", ["já passou, foi só susto", "não é emergência", "já estou no hospital", "o SAMU já veio"])
async def test_words_that_end_it_are_acknowledged_and_the_case_stays(warned: House, brain: ScriptedBrain, end: str) -> None:
    answer = await warned.say(ANA, end)
    assert "continua avisada" in answer and "obrigada" in answer and not brain.seen
    assert await cases(warned) == [("emergency", "open")]
    brain.then("Claro, para qual dia?")
    assert await warned.say(ANA, "quero marcar dermatologista") == "Claro, para qual dia?"


async def test_what_is_asked_in_the_same_words_is_served(warned: House, brain: ScriptedBrain) -> None:
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), "Qual período você prefere?")
    answer = await warned.say(ANA, "já passou, foi só susto. quero marcar dermatologista amanhã")
    assert "continua avisada" in answer.splitlines()[0] and "Qual período" in answer
    assert last_result(brain.seen[-1])["slots"]


@pytest.mark.parametrize(
    "not_over", ["não passou ainda", "acho que já passou", "ele jura que não é nada", "não é emergência, né?"]
)
async def test_what_only_sounds_like_an_end_is_none(warned: House, brain: ScriptedBrain, not_over: str) -> None:
    await warned.say(ANA, not_over)
    assert "192" in (await warned.say(ANA, "me encaixa hoje")).splitlines()[0]
    assert not brain.seen


async def test_a_danger_after_the_end_begins_anew(warned: House, brain: ScriptedBrain) -> None:
    await warned.say(ANA, "já passou")
    assert "192" in await warned.say(ANA, "socorro, a dor no peito voltou, não consigo respirar")
    assert "192" in (await warned.say(ANA, "me encaixa hoje")).splitlines()[0]
    assert not brain.seen


async def test_after_an_hour_the_conversation_is_an_ordinary_one(warned: House, brain: ScriptedBrain) -> None:
    warned.at += timedelta(minutes=59)
    assert "192" in await warned.say(ANA, "me encaixa hoje")
    warned.at += timedelta(minutes=2)
    brain.then("Claro, para qual dia?")
    assert await warned.say(ANA, "me encaixa hoje") == "Claro, para qual dia?"


async def test_a_closed_case_is_over(warned: House, brain: ScriptedBrain) -> None:
    await warned.rows("UPDATE cases SET status = 'resolved', resolved_at = now() RETURNING id")
    brain.then("Claro, para qual dia?")
    assert await warned.say(ANA, "me encaixa hoje") == "Claro, para qual dia?"


async def test_a_person_who_answers_is_not_talked_over(warned: House, brain: ScriptedBrain) -> None:
    await warned.rows("UPDATE conversations SET owner = 'person' RETURNING id")
    assert await warned.say(ANA, "me encaixa hoje") == ""
    assert await warned.say(ANA, "já passou, foi só susto") == ""
    assert not brain.seen


async def test_wishes_that_code_honours_are_honoured_after_the_number(warned: House) -> None:
    answer = await warned.say(ANA, "não quero falar com robô nunca mais, só com gente")
    assert "192" in answer.splitlines()[0] and "quem fala com você é a equipe" in answer
    [contact] = await warned.rows(
        "SELECT human_only FROM contacts JOIN conversations v ON v.contact_id = contacts.id WHERE v.id = %(id)s",
        id=warned.conversations[ANA],
    )
    assert contact["human_only"]
    assert "192" in (await warned.say(ANA, "me encaixa hoje")).splitlines()[0]


async def test_what_likeness_alone_saw_is_served_after_the_number(house: House, brain: ScriptedBrain) -> None:
    assert red_flags.read(HINTED) is None
    hinting(house, "engoliu")
    assert "192" in await house.say(ANA, HINTED)
    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), "Qual período você prefere?")
    answer = await house.say(ANA, "marca dermatologista amanhã")
    assert "192" in answer.splitlines()[0] and "Qual período você prefere?" in answer
    treated = await house.say(ANA, "dou leite pra cortar o efeito?")
    assert "192" in treated and "não posso orientar" in treated
    assert len(brain.seen) == 2


async def test_plain_words_make_sure_of_what_likeness_saw(house: House, brain: ScriptedBrain) -> None:
    hinting(house, "engoliu")
    await house.say(ANA, HINTED)
    assert "192" in await house.say(ANA, "ele desmaiou, não responde, socorro")
    assert "192" in (await house.say(ANA, "me encaixa hoje")).splitlines()[0]
    assert not brain.seen


async def test_likeness_does_not_overrule_who_says_that_help_is_there(warned: House, brain: ScriptedBrain) -> None:
    hinting(warned, "hospital")
    answer = await warned.say(ANA, "já estamos no hospital com ele")
    assert "continua avisada" in answer
    brain.then("Claro, para qual dia?")
    assert await warned.say(ANA, "quero marcar dermatologista") == "Claro, para qual dia?"


async def test_likeness_overrules_who_takes_self_harm_back(house: House) -> None:
    await house.say(ANA, DARK)
    hinting(house, "embora")
    assert "continua avisada" not in await house.say(ANA, "já estou bem, agora é só ir embora em paz")
    assert "188" in (await house.say(ANA, "me encaixa hoje")).splitlines()[0]


async def test_what_the_watch_saw_is_remembered_too(house: House, brain: ScriptedBrain) -> None:
    await house.hear(ANA, HINTED)
    assert await Watch(house.pool, Sees("engoliu")).look() == 1  # type: ignore[arg-type]
    assert "192" in await house.say(ANA, "alô?")
    brain.then("Temos, sim.")
    answer = await house.say(ANA, "vocês têm pediatra?")
    assert "192" in answer.splitlines()[0] and "Temos, sim." in answer


async def test_a_proposal_before_the_danger_is_not_booked_by_a_yes_after_it(house: House, brain: ScriptedBrain) -> None:
    def read_back(messages: Any) -> str:
        return f"Posso marcar {last_result(messages)['summary']['label']}?"

    brain.then(calls("find_slots", service="consulta dermatológica", when="amanhã"), first_slot, read_back)
    await house.say(ANA, "dermatologista amanhã, Ana Lima")
    await house.say(ANA, CHEST)
    assert "192" in await house.say(ANA, "sim, pode marcar")
    assert not await house.visits(ANA)


async def test_no_limit_silences_the_number(house: House, brain: ScriptedBrain) -> None:
    await allow(house, turns_per_hour=0)
    assert "muitas mensagens" in await house.say(ANA, "oi")
    await house.say(ANA, CHEST)
    assert "192" in (await house.say(ANA, "me encaixa hoje")).splitlines()[0]
    assert not brain.seen
