"""What a transcript tells staff beyond the words: what was offered and chosen, why something waits, by which wire it left."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from db.session import clinic_session
from tests.flows.served import Served
from tests.flows.wires import ask, drained

TIMES = {
    "options": [
        {"id": "S1", "label": "ter, 24 nov, 15:00"},
        {"id": "S2", "label": "qua, 25 nov, 9:30", "description": "Dra. Helena"},
    ],
    "button": "Ver horários",
    "numbered": True,
    "listed": False,
}


async def lines(served: Served) -> list[dict[str, Any]]:
    [row] = await served.rows("SELECT id FROM conversations")
    answer = await served.http.get(f"/api/conversations/{row['id']}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["messages"]
    return found


async def wires(served: Served) -> list[dict[str, Any]]:
    answer = await served.http.get("/api/wires", params={"clinic": "clinica"})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


async def offer(served: Served, rail: str, menu: dict[str, Any]) -> None:
    await ask(served, rail, "quero marcar")
    await served.reply("Tenho estes horários:", menu=menu)


@pytest.mark.parametrize(("rail", "shown"), [("evolution", "numbers"), ("cloud", "buttons")])
async def test_what_was_offered_is_told_as_the_phone_shows_it_with_what_was_chosen(
    served: Served, rail: str, shown: str
) -> None:
    await offer(served, rail, TIMES)
    menu = (await lines(served))[1]["menu"]
    assert menu == {
        "shown": shown,
        "options": [
            {"label": "ter, 24 nov, 15:00", "description": "", "chosen": False},
            {"label": "qua, 25 nov, 9:30", "description": "Dra. Helena", "chosen": False},
        ],
    }
    await ask(served, rail, "a opção 2", message_id="ABC2")
    shown_lines = await lines(served)
    assert [option["chosen"] for option in shown_lines[1]["menu"]["options"]] == [False, True]
    assert [line["menu"] is None for line in shown_lines] == [True, False, True]


async def test_a_menu_that_the_text_numbers_itself_is_not_numbered_again(served: Served) -> None:
    await offer(served, "evolution", TIMES | {"listed": True})
    assert (await lines(served))[1]["menu"]["shown"] == "text"


async def test_words_choose_nothing_of_what_was_said_before_the_last_reply(served: Served) -> None:
    await offer(served, "evolution", TIMES)
    await ask(served, "evolution", "onde fica?", message_id="ABC2")
    await served.reply("Na Savassi.")
    await ask(served, "evolution", "2", message_id="ABC3")
    assert not any(option["chosen"] for option in (await lines(served))[1]["menu"]["options"])


async def test_what_is_held_says_why_and_until_when(served: Served) -> None:
    await offer(served, "evolution", TIMES)
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=3)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute("UPDATE outbox SET held = 'quiet', due_at = %(until)s", {"until": until})
    line = (await lines(served))[1]
    assert (line["status"], line["why"]) == ("queued", "quiet")
    assert datetime.fromisoformat(line["until"]) == until


async def test_what_left_by_another_wire_names_its_kind(served: Served) -> None:
    await offer(served, "evolution", TIMES)
    own = (await lines(served))[1]
    assert (own["other_wire"], own["wire"]) == (False, None)
    async with clinic_session(served.pool, served.clinic) as s:
        await s.execute(
            """UPDATE outbox o SET moved_from = o.account_id, account_id = a.id FROM channel_accounts a
               WHERE a.clinic_id = o.clinic_id AND a.kind = 'cloud'"""
        )
    moved = (await lines(served))[1]
    assert (moved["other_wire"], moved["wire"], moved["menu"]["shown"]) == (True, "cloud", "buttons")


async def test_a_wire_is_down_once_it_stays_down_and_another_stands_in(served: Served) -> None:
    async def states(evolution: str, cloud: str, minutes: int = 0) -> list[tuple[str, bool, bool]]:
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute(
                """UPDATE channel_accounts SET state = CASE kind WHEN 'cloud' THEN %(cloud)s ELSE %(evolution)s END,
                     state_since = now() - make_interval(mins => %(minutes)s)""",
                {"evolution": evolution, "cloud": cloud, "minutes": minutes},
            )
        return [(wire["kind"], wire["down"], wire["stand_in"]) for wire in await wires(served)]

    assert await states("open", "open") == [("cloud", False, False), ("evolution", False, False)]
    assert await states("connecting", "open") == [("cloud", False, False), ("evolution", False, False)]
    assert await states("connecting", "open", minutes=3) == [("cloud", False, False), ("evolution", True, True)]
    assert await states("closed", "closed") == [("cloud", True, False), ("evolution", True, False)]
    assert await states("unknown", "unknown") == [("cloud", False, False), ("evolution", False, False)]
    assert [wire["name"] for wire in await wires(served)] == [served.cloud.phone_number_id, served.evolution.instance]


async def test_a_wire_of_the_demonstration_without_keys_has_not_fallen(served: Served) -> None:
    async def told(demo: bool, reason: str) -> list[bool]:
        async with clinic_session(served.pool, served.clinic) as s:
            await s.execute("UPDATE clinics SET is_demo = %(demo)s, version = version + 1", {"demo": demo})
            await s.execute("UPDATE channel_accounts SET state = 'closed', state_reason = %(reason)s", {"reason": reason})
        return [wire["down"] for wire in await wires(served)]

    assert await told(True, "bad_channel") == [False, False]
    assert await told(False, "bad_channel") == [True, True]
    assert await told(True, "connection:close") == [True, True]


async def test_wires_are_of_one_clinic_and_hold_no_secret(served: Served) -> None:
    assert (await served.http.get("/api/wires", params={"clinic": f"x{uuid4().hex}"})).status_code == 404
    said = (await served.http.get("/api/wires", params={"clinic": "clinica"})).text
    assert served.evolution.api_key not in said
    assert served.evolution.secret not in said


async def test_nothing_changes_for_a_message_that_was_sent(served: Served) -> None:
    await offer(served, "evolution", TIMES)
    await drained(served)
    line = (await lines(served))[1]
    assert (line["status"], line["why"], line["until"], line["wire"]) == ("sent", None, None, None)
