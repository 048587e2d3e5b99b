"""What was given up, asked for and tried again from the console and from the command line."""

from __future__ import annotations

import httpx
import pytest

from cli import lanes
from clinic.conversations.lanes.dead_letters_store import NoDeadLetter
from db.session import clinic_session
from desk.turn import take_turn
from kit.ids import new_id
from tests.flows.house import ANA, House
from tests.flows.scripted import ScriptedBrain
from tests.flows.test_lanes import die, take


async def test_a_dead_letter_is_listed_and_tried_again(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    conversation = await house.hear(ANA, "mensagem que quebra")
    letter, slug = await die(house, brain), {"clinic": house.clinic.slug}
    [told] = (await http.get("/api/dead-letters", params=slug)).json()
    assert (told["id"], told["conversation"], told["error"]) == (str(letter), str(conversation), "RuntimeError")
    assert (told["attempts"], told["waiting"], told["replayed_at"]) == (5, 1, None)
    again = [(await http.post(f"/api/dead-letters/{letter}/replay", params=slug, json={"by": "Rita"})).json() for _ in range(2)]
    assert again == [{"messages": 1}, {"messages": 0}]
    brain.then("Recebi, obrigada.")
    await take(house)
    assert (await http.get("/api/dead-letters", params=slug)).json() == []
    [kept] = (await http.get("/api/dead-letters", params=slug | {"replayed": "true"})).json()
    assert (kept["replayed_by"], kept["waiting"]) == ("Rita", 0)


async def test_what_cannot_be_replayed_says_why(house: House, brain: ScriptedBrain, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "mensagem que quebra")
    letter = await die(house, brain)
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET owner = 'person'")
    slug, by = {"clinic": house.clinic.slug}, {"by": "Rita"}
    answer = await http.post(f"/api/dead-letters/{letter}/replay", params=slug, json=by)
    assert (answer.status_code, answer.json()["code"]) == (409, "person_owns")
    answer = await http.post(f"/api/dead-letters/{new_id()}/replay", params=slug, json=by)
    assert (answer.status_code, answer.json()["code"]) == (404, "no_dead_letter")
    answer = await http.get("/api/dead-letters", params={"clinic": "outra"})
    assert answer.status_code == 404


async def test_the_command_line_tells_lanes_by_ids_and_codes(house: House, brain: ScriptedBrain) -> None:
    conversation = await house.hear(ANA, "minha senha é segredo")
    assert await lanes.lines(house.pool) == []
    async with clinic_session(house.pool, house.clinic.id) as s:
        await s.execute("UPDATE conversations SET due_at = now() - interval '3 minutes'")
    [late] = await lanes.lines(house.pool)
    assert late.startswith(f"{house.clinic.slug}  conversa {conversation}  atrasada há 3 min")
    letter = await die(house, brain)
    [dead] = await lanes.lines(house.pool)
    assert "desistida" in dead and "RuntimeError" in dead and f"carol lanes replay {letter}" in dead
    assert "segredo" not in late + dead and ANA not in late + dead
    assert await lanes.replayed(house.pool, letter, by="Rita") == 1
    assert await lanes.replayed(house.pool, letter, by="Rita") == 0
    brain.then("Recebi, obrigada.")
    assert await take_turn(house.pool, house.minds, house.clinic.id, conversation) is not None
    assert await lanes.lines(house.pool) == []
    with pytest.raises(NoDeadLetter):
        await lanes.replayed(house.pool, new_id(), by="Rita")
