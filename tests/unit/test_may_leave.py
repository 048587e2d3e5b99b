"""May it leave now: the window, the quiet hours, the pace, and the words of a template."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clinic.conversations.outgoing import reengage
from clinic.conversations.outgoing.leaving import Cancel, Hold, Leave, Refuse, Standing, Verdict, quiet_until, verdict
from clinic.conversations.outgoing.outbox import Claimed
from clinic.tenants.policies import Messaging, Template
from jobs.pacing import Rate, pair_backoff, pair_wait, rate_of
from jobs.reconcile import next_look
from kit.ids import new_id, new_token

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 3, 10, 12, tzinfo=ZONE)
DAY = timedelta(hours=24)
NIGHT = Messaging(quiet_from=time(20), quiet_until=time(8))


def claimed(**given: Any) -> Claimed:
    plain: dict[str, Any] = {
        "id": new_id(),
        "conversation_id": new_id(),
        "account_id": new_id(),
        "reply_to": "1",
        "text": "oi",
        "attempts": 1,
        "token": new_token(),
        "unanswered": 0,
        "age": 1.0,
        "was": "queued",
        "request_id": None,
        "dedupe_key": "reply:1",
        "content": {},
        "proactive": False,
        "created_at": NOON - timedelta(minutes=1),
        "expires_at": None,
        "asked_at": None,
        "asked_ago": None,
        "moved_from": None,
    }
    return Claimed(**plain | given)


def decide(*, wrote: timedelta | None, now: datetime = NOON, templates: bool = True, **given: Any) -> Verdict:
    opted_out = given.pop("opted_out", False)
    window = given.pop("window", DAY)
    wrote_at = now - wrote if wrote is not None else None
    standing = Standing(now=now, wrote_at=wrote_at, opted_out=opted_out, name="Bruna")
    return verdict(claimed(**given), standing, window=window, templates=templates, messaging=NIGHT, zone=ZONE)


TEMPLATE = {"template": {"name": "x", "language": "pt_BR", "parameters": []}}
TWO_DAYS_ON = NOON - timedelta(minutes=1) + timedelta(hours=48)


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ({"wrote": timedelta(hours=1)}, Leave()),
        ({"wrote": timedelta(hours=23, minutes=54)}, Leave()),
        ({"wrote": timedelta(hours=23, minutes=56)}, Hold("window", TWO_DAYS_ON)),  # the margin: 23 h 55
        ({"wrote": timedelta(hours=30)}, Hold("window", TWO_DAYS_ON)),
        ({"wrote": None}, Hold("window", TWO_DAYS_ON)),
        ({"wrote": None, "window": None}, Leave()),  # a wire without a window
        ({"wrote": timedelta(hours=30), "templates": False}, Refuse("window_closed")),
        ({"wrote": timedelta(hours=30), "opted_out": True}, Refuse("window_closed")),
        ({"wrote": timedelta(hours=30), "content": TEMPLATE}, Leave()),
        (
            {"wrote": timedelta(hours=30), "expires_at": NOON + timedelta(hours=2)},
            Hold("window", NOON + timedelta(hours=2)),
        ),
        ({"wrote": timedelta(hours=30), "created_at": NOON - timedelta(hours=49)}, Cancel("window_closed", owed=True)),
        ({"wrote": timedelta(hours=1), "created_at": NOON - timedelta(hours=49)}, Leave()),
        ({"wrote": timedelta(hours=1), "expires_at": NOON}, Cancel("expired", owed=True)),
        ({"wrote": timedelta(hours=1), "expires_at": NOON, "proactive": True}, Cancel("expired", owed=False)),
        ({"wrote": timedelta(hours=1), "proactive": True}, Leave()),
        ({"wrote": timedelta(hours=1), "proactive": True, "opted_out": True}, Cancel("opted_out", owed=False)),
        ({"wrote": timedelta(hours=1), "opted_out": True}, Leave()),  # the answer to what they just wrote
        (
            {"wrote": timedelta(seconds=30), "content": TEMPLATE, "proactive": True, "dedupe_key": "reengage:x"},
            Cancel("not_needed", owed=False),
        ),
        # By our clock the window is open, but the wire refused the text: it knows.
        ({"wrote": timedelta(hours=1), "content": TEMPLATE, "proactive": True, "dedupe_key": "reengage:x"}, Leave()),
        ({"wrote": timedelta(hours=30), "content": TEMPLATE, "proactive": True, "dedupe_key": "reengage:x"}, Leave()),
    ],
)
def test_what_may_leave(given: dict[str, Any], wanted: Verdict) -> None:
    assert decide(**given) == wanted


def test_at_night_an_answer_leaves_and_what_nobody_asked_for_waits() -> None:
    night = datetime(2026, 3, 10, 22, tzinfo=ZONE)
    assert decide(wrote=timedelta(minutes=1), now=night) == Leave()
    waits = decide(wrote=timedelta(minutes=1), now=night, proactive=True)
    assert waits == Hold("quiet", datetime(2026, 3, 11, 8, tzinfo=ZONE))
    assert decide(wrote=timedelta(minutes=1), now=night, proactive=True, opted_out=True) == Cancel("opted_out", owed=False)


@pytest.mark.parametrize(
    ("now", "begin", "end", "ends"),
    [
        ((10, 20, 0), 20, 8, (11, 8)),
        ((10, 19, 59), 20, 8, None),
        ((11, 0, 0), 20, 8, (11, 8)),
        ((11, 7, 59), 20, 8, (11, 8)),
        ((11, 8, 0), 20, 8, None),
        ((10, 13, 0), 12, 14, (10, 14)),
        ((10, 14, 0), 12, 14, None),
        ((10, 3, 0), 0, 0, None),  # the same hour twice: no quiet hours
    ],
)
def test_quiet_hours_of_the_clinic(now: tuple[int, int, int], begin: int, end: int, ends: tuple[int, int] | None) -> None:
    local = datetime(2026, 3, *now, tzinfo=ZONE)
    found = quiet_until(local.astimezone(UTC), Messaging(quiet_from=time(begin), quiet_until=time(end)), ZONE)
    assert found == (datetime(2026, 3, *ends, tzinfo=ZONE) if ends else None)


def test_three_bubbles_leave_at_once_and_later_ones_are_spaced() -> None:
    assert pair_wait([], 6.0) == 0.0
    assert pair_wait([0.0, 0.0], 6.0) == 0.0
    assert pair_wait([0.0, 0.0, 0.0], 6.0) == 6.0
    assert pair_wait([2.0, 2.0, 2.0], 6.0) == pytest.approx(4.0)
    assert pair_wait([6.0, 6.0, 6.0, 0.0], 6.0) == pytest.approx(6.0)
    assert pair_wait([100.0] * 3, 6.0) == 0.0
    assert pair_wait([0.0] * 30, 0.0) == 0.0


def test_in_the_long_run_a_person_gets_one_message_each_six_seconds() -> None:
    now, sent = 0.0, []
    for _ in range(60):
        now += pair_wait([now - at for at in sent if now - at < 600], 6.0)
        sent.append(now)
    assert sent[-1] == pytest.approx((60 - 3) * 6.0, rel=0.01)


def test_waits_after_too_fast_to_one_person_grow_fourfold() -> None:
    assert [pair_backoff(n, None) for n in (1, 2, 3, 4, 9)] == [4, 16, 64, 256, 256]
    assert pair_backoff(1, 6.0) == 6.0


def test_a_number_shared_with_the_business_app_is_slower() -> None:
    assert rate_of("cloud", {}) == Rate(80.0, 40.0)
    assert rate_of("cloud", {"messages_per_second": "20"}) == Rate(20.0, 10.0)
    assert rate_of("cloud", {"messages_per_second": "depressa"}) == Rate(80.0, 40.0)
    assert rate_of("evolution", {"messages_per_second": "0"}) == Rate(1.0, 5.0)
    assert rate_of("console", {"messages_per_second": "1"}) is None


def test_a_wire_is_asked_at_growing_pauses_until_the_grace_is_over() -> None:
    waited, looks = 0.0, []
    while (pause := next_look(waited, 60.0)) is not None:
        waited += pause
        looks.append(round(waited, 1))
    assert looks == [1.0, 2.0, 3.0, 4.5, 6.8, 10.1, 15.2, 22.8, 34.2, 51.3, 60.0]
    assert next_look(0.3, 0.3) is None


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("Bruna Teste", "Bruna"),
        ("BRUNA", "Bruna"),
        ("bruna", "Bruna"),
        ("José Antônio", "José"),
        ("Ana-Maria", "Ana-Maria"),
        ("d'Ávila", None),
        ("🌸Bru🌸", None),
        ("Ignore as regras", "Ignore"),
        ("https://x.test", None),
        ("x", None),
        ("\u202eBruna", "Bruna"),
        ("", None),
        (None, None),
    ],
)
def test_a_first_name_is_one_word_that_looks_like_a_name(typed: str | None, first: str | None) -> None:
    assert reengage.first_name(typed) == first


def test_a_template_reads_well_with_a_name_and_without() -> None:
    template = Template(name="retomar", purpose="reengage", body="Olá, {{1}}! Temos uma resposta sobre {{2}}.")
    known = reengage.call(template, name="Bruna Teste", about_visit=True)
    assert (known.text, known.parameters) == (
        "Olá, Bruna! Temos uma resposta sobre a sua consulta.",
        ("Bruna", "a sua consulta"),
    )
    unknown = reengage.call(template, name="🌸", about_visit=False)
    greeting, _, rest = unknown.text.partition("! ")
    assert rest == "Temos uma resposta sobre a sua mensagem."
    assert greeting.startswith("Olá, ")
    assert greeting.removeprefix("Olá, ") == unknown.parameters[0]
    assert unknown.parameters[0].replace(" ", "").isalpha()
    none = reengage.call(Template(name="oi", purpose="reengage", body="Olá!"), name="Bruna", about_visit=False)
    assert (none.text, none.parameters) == ("Olá!", ())


@pytest.mark.parametrize("state", ["rejected", "paused", "disabled", "PAUSED", "missing"])
def test_a_template_the_platform_refuses_is_not_used(state: str) -> None:
    first, second = (Template(name=name, purpose="reengage", body="Olá!") for name in ("a", "b"))
    other = Template(name="c", purpose="case_late", body="Olá!")
    assert reengage.usable([other, first, second], {}) == first
    assert reengage.usable([first, second], {("a", "pt_BR"): state}) == second
    assert reengage.usable([first], {("a", "pt_BR"): state}) is None
    assert reengage.usable([first], {("a", "en_US"): state}) == first
    assert reengage.usable([other], {}) is None
