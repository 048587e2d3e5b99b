"""Contacts are found, compared and said to be one, over HTTP."""

from __future__ import annotations

from typing import Any

import httpx

from kit.clock import utc_now
from kit.ids import new_id
from tests.flows.house import ANA, House

OTHER = "+5531900000777"


async def contact(house: House, phone: str) -> str:
    [row] = await house.rows("SELECT contact_id AS id FROM contact_aliases WHERE value = %(phone)s", phone=phone)
    return str(row["id"])


async def found(house: House, http: httpx.AsyncClient, q: str) -> list[Any]:
    answer = await http.get("/api/contacts", params={"clinic": house.clinic.slug, "q": q})
    assert answer.status_code == 200
    items: list[Any] = answer.json()["items"]
    return items


async def merge(house: House, http: httpx.AsyncClient, one: str, other: str, **body: Any) -> httpx.Response:
    return await http.post(
        f"/api/contacts/{one}/merge", params={"clinic": house.clinic.slug}, json={"by": "Rita", "other": other} | body
    )


async def test_found_by_name_and_by_phone_with_what_tells_them_apart(house: House, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "oi")
    await house.hear(OTHER, "oi")
    who = await contact(house, OTHER)
    await house.rows(
        "UPDATE contacts SET display_name = 'Bia Moreira', human_only = true WHERE id = %(id)s RETURNING id", id=who
    )
    [bia] = await found(house, http, "bia mor")
    assert (bia["id"], bia["name"], bia["addresses"], bia["human_only"]) == (who, "Bia Moreira", [OTHER], True)
    assert [one["channel"] for one in bia["conversations"]] == ["console"]
    assert [one["id"] for one in await found(house, http, "0000777")] == [who]
    assert await found(house, http, "zzz") == []
    alone = await http.get(f"/api/contacts/{who}", params={"clinic": house.clinic.slug})
    assert alone.json() == bia


async def test_said_to_be_one_signed_and_again(house: House, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "oi")
    old = await house.hear(OTHER, "oi")
    one, other = await contact(house, ANA), await contact(house, OTHER)
    done = (await merge(house, http, one, other)).json()
    assert (done["by"], done["new"], done["joined"]) == ("Rita", True, 1)
    assert done["contact"]["addresses"] == [ANA, OTHER]
    again = (await merge(house, http, one, other)).json()
    assert (again["id"], again["new"]) == (done["id"], False)
    shown = (await http.get(f"/api/conversations/{old}")).json()
    assert shown["id"] == str(house.conversations[ANA])  # the old link opens the one that is left
    assert shown["contact"]["id"] == one
    assert (await http.get(f"/api/conversations/{old}/export")).status_code == 200
    gone = await http.get(f"/api/contacts/{other}", params={"clinic": house.clinic.slug})
    assert gone.json()["id"] == one
    assert other not in {card["id"] for card in await found(house, http, "")}


async def test_refused_with_a_reason(house: House, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "oi")
    await house.hear(OTHER, "oi")
    one, other = await contact(house, ANA), await contact(house, OTHER)
    for a, b, status, code in (
        (one, str(new_id()), 404, "no_contact"),
        (one, one, 422, "same_contact"),
    ):
        answer = await merge(house, http, a, b)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await merge(house, http, one, other, by="\u202e")).json()["code"] == "bad_name"
    lease = utc_now()
    await house.rows("UPDATE conversations SET lease_until = %(at)s + interval '1 minute' RETURNING id", at=lease)
    answer = await merge(house, http, one, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "turns_under_way")
    await house.rows("UPDATE conversations SET lease_until = NULL RETURNING id")
    for who, name in ((one, "Ana Prado"), (other, "Bruno Lima")):
        person = new_id()
        await house.rows("DELETE FROM relationships WHERE contact_id = %(who)s RETURNING person_id", who=who)
        await house.rows(
            "INSERT INTO people (clinic_id, id, name) VALUES (current_clinic(), %(id)s, %(name)s) RETURNING id",
            id=person,
            name=name,
        )
        await house.rows(
            """INSERT INTO relationships (clinic_id, contact_id, person_id, kind)
               VALUES (current_clinic(), %(who)s, %(id)s, 'self') RETURNING person_id""",
            id=person,
            who=who,
        )
    answer = await merge(house, http, one, other)
    assert (answer.status_code, answer.json()["code"]) == (409, "two_people")
    assert (await merge(house, http, one, other, confirm=True)).status_code == 200


async def test_another_clinic_and_a_rehearsal_know_none_of_them(house: House, http: httpx.AsyncClient) -> None:
    await house.hear(ANA, "oi")
    await house.hear(OTHER, "oi")
    one, other = await contact(house, ANA), await contact(house, OTHER)
    begun = (await http.post("/api/rehearsals", json={"clinic": house.clinic.slug})).json()
    for slug, status in ((begun["slug"], 404), ("outra-clinica", 404)):
        answer = await http.post(f"/api/contacts/{one}/merge", params={"clinic": slug}, json={"by": "Rita", "other": other})
        assert answer.status_code == status
