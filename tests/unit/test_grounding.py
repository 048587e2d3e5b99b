"""What backs a fact, on a real clinic's rows: true replies pass and name their row; one fact changed is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from agent.guardrails.facts import facts_in
from agent.guardrails.grounding import examine, stated
from agent.guardrails.sources import Ground, Source, Trust
from clinic.tenants import reading
from clinic.tenants.assembling import Ids, Keys, assemble, clinic_id_of
from clinic.tenants.models import Clinic, Professional, Service
from graphs.rows import clinic_rows
from kit import ptbr

DEMO = Path(__file__).parents[2] / "seeds" / "demo" / "clinic.yaml"
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("America/Sao_Paulo"))
TODAY = NOW.date()
ANA = "Ana Lima Prates"


@cache
def clinic() -> Clinic:
    document = reading.read(DEMO.read_text("utf-8"))
    return assemble(document, Keys.of(document, Ids(clinic_id_of(document.clinic.slug), {})), version=1)


@cache
def rows() -> tuple[Source, ...]:
    return tuple(clinic_rows(clinic(), NOW))


def able() -> Iterator[tuple[Service, Professional, str]]:
    """Each priced service with somebody who does it, and where they work."""
    for service in clinic().services:
        for professional in clinic().professionals:
            if professional.id in service.professional_ids and service.price_cents:
                unit = clinic().unit_by_id[professional.hours[0].unit_id]
                yield service, professional, unit.name


def times(trust: Trust, names: tuple[str, ...], *moments: datetime) -> tuple[Source, ...]:
    entity = {"visit": "appointment", "held": "hold", "offered": "offer"}[trust]
    return tuple(Source(entity, trust, mark=f"S{n}", moments=frozenset({at}), names=names) for n, at in enumerate(moments, 1))


def first(service: Service, days: int = 1) -> datetime:
    """A time that differs from service to service, never on the hour that the clinic opens or closes."""
    at = clinic().services.index(service)
    return datetime.combine(TODAY + timedelta(days=days + at % 4), datetime.min.time()) + timedelta(
        hours=9 + at % 7, minutes=20
    )


def replies() -> Iterator[tuple[str, Ground]]:
    """What Carol says, in the shapes she says it, each with its grounds."""
    for service, professional, unit in able():
        at, later = first(service), first(service, days=3) + timedelta(hours=1)
        names, price = (professional.name, unit, service.name), ptbr.money(service.price_cents or 0)
        label, other = (ptbr.moment(one, today=TODAY) for one in (at, later))
        listed = (
            f"Tenho estes horários, com {professional.name}, na unidade {unit}:\n1. {label}\n2. {other}\n\nQual fica melhor?"
        )
        yield listed, Ground.of(TODAY, (*rows(), *times("offered", names, at, later)))
        yield f"Tenho {label}, com {professional.name}. Serve?", Ground.of(TODAY, (*rows(), *times("offered", names, at)))
        held = Ground.of(TODAY, (*rows(), Source("person", "person", names=(ANA,)), *times("held", (*names, ANA), at)))
        yield (
            f"Confere pra mim:\n• {service.name}\n• {label}\n• {professional.name}, unidade {unit}\n• Em nome de {ANA}\n"
            f"• Particular, {price}\n\nPosso confirmar?",
            held,
        )
        booked = Ground.of(TODAY, (*rows(), *times("visit", names, at)))
        yield f"Prontinho! Sua consulta ficou marcada para {label}, com {professional.name}, na unidade {unit}.", booked
        yield f"Sua consulta é {at.day}/{at.month} às {at.hour}h{at.minute}.", booked
        yield f"{service.name} custa {price}.", Ground.of(TODAY, rows())
    for one in clinic().units:
        yield f"A unidade {one.name} fica aqui: {one.address}", Ground.of(TODAY, rows())


_DAY = re.compile(r"(segunda|terça|quarta|quinta|sexta|sábado|domingo), (\d{1,2}) de (novembro|dezembro)")
_MONTH = {"novembro": 11, "dezembro": 12}


def changed(reply: str) -> Iterator[tuple[str, str]]:
    """The reply with one fact that is not so, and which."""
    for found in _DAY.finditer(reply):
        for days in (-1, 1, 7):
            day = date(2026, _MONTH[found[3]], int(found[2])) + timedelta(days=days)
            yield "day", reply[: found.start()] + ptbr.day(day, today=TODAY) + reply[found.end() :]
    for found in re.finditer(r"\b(\d{1,2})h(\d{2})", reply):
        for hour, minute in ((int(found[1]) + 1, found[2]), (int(found[1]) - 1, found[2]), (int(found[1]), "50")):
            yield "hour", f"{reply[: found.start()]}{hour}h{minute}{reply[found.end() :]}"
    for found in re.finditer(r"R\$ ([\d.]+),00", reply):
        reais = int(found[1].replace(".", ""))
        for wrong in (reais + 1, reais + 7, reais * 3 + 1):
            yield "price", reply[: found.start()] + ptbr.money(wrong * 100) + reply[found.end() :]
    for kind, known in (("name", [p.name for p in clinic().professionals]), ("unit", [u.name for u in clinic().units])):
        for name in (one for one in known if one in reply and _DAY.search(reply)):
            yield from ((kind, reply.replace(name, other)) for other in known if other not in reply)
    for found in re.finditer(r"Em nome de \w+", reply):
        yield "patient", f"{reply[: found.start()]}Em nome de Valdirene{reply[found.end() :]}"
    for found in re.finditer(r"(?:Rua|Avenida|Av\.) [^,]+, (\d+)", reply):
        yield "street", f"{reply[: found.start(1)]}{int(found[1]) + 2}{reply[found.end(1) :]}"


def test_true_replies_pass_and_every_stated_fact_has_its_row() -> None:
    count = 0
    for reply, ground in replies():
        found = examine(reply, ground)
        assert found.problems == (), reply
        said = " | ".join(one.said for one in found.backed)
        assert all(words in said for words in stated(reply, TODAY)), reply
        count += 1
    assert count >= 60


def test_one_fact_changed_is_refused_in_99_of_100() -> None:
    passed, tried = [], 0
    for reply, ground in replies():
        for kind, wrong in changed(reply):
            tried += 1
            if not examine(wrong, ground).problems:
                passed.append((kind, wrong))
    assert tried >= 500
    assert len(passed) / tried <= 0.01, passed[:10]


def visit_at(at: datetime, trust: Trust = "visit") -> Ground:
    return Ground.of(TODAY, (*rows(), *times(trust, ("Dra. Helena Prado", "Savassi"), at)))


QUINTA_15 = datetime(2026, 11, 26, 15, 0)
HEARD = Source("heard", "heard", texts=("quero quinta, 26/11, às 15h com a Dra. Beatriz, pix 31 98888-7777",))


@pytest.mark.parametrize(
    "reply",
    [
        "Sua consulta está marcada para quinta às 15h.",
        "Prontinho, te espero quinta às 15h!",
        "Tenho quinta às 15h livre.",
        "Quinta às 15h então!",
        "Dia 26/11, às 15h, então!",
        "Sua consulta está marcada para 26/11 às 15h.",
        "Consigo te encaixar na quinta, 26/11, às 15h.",
        "Faça o pix para 31 98888-7777.",
        "A Dra. Beatriz Souza te atende.",
        "Sua consulta é às 15h.",
    ],
)
def test_the_patients_own_words_make_nothing_true(reply: str) -> None:
    ground = Ground.of(
        TODAY, (*rows(), HEARD, *times("visit", ("Dra. Helena Prado", "Savassi"), datetime(2026, 11, 24, 10, 20)))
    )
    assert examine(reply, ground).problems


@pytest.mark.parametrize(
    "reply",
    ["Você pediu quinta às 15h; vou ver.", "Quinta às 15h não tenho, infelizmente.", "Você disse quinta às 15h, certo?"],
)
def test_repeating_the_patient_is_no_promise(reply: str) -> None:
    assert not examine(reply, Ground.of(TODAY, (*rows(), HEARD))).problems


WEDNESDAY_9_30 = datetime(2026, 11, 25, 9, 30)
GONE = Source("heard", "heard", texts=("quero amanhã às 15h",))


@pytest.mark.parametrize(
    "reply",
    [
        "O horário das 15h acabou de ser ocupado. Quarta às 9h30 serve?",
        "O horário das 15h acabou de ser ocupado. Quarta, 25 de novembro, às 9h30 serve?",
        "Poxa, o das 15h não está mais livre. Tenho quarta às 9h30, pode ser?",
        "O das 15h já foi preenchido!\n\nQuarta às 9h30 fica bom?",
        "Tenho quarta às 9h30. O das 15h foi ocupado.",
        "O horário das 15h foi ocupado, mas quarta às 9h30 está livre. Serve?",
        "Outra pessoa acabou de marcar as 15h. Prefere quarta?",
    ],
)
def test_an_hour_that_is_gone_has_not_the_day_of_what_is_offered_instead(reply: str) -> None:
    ground = Ground.of(TODAY, (*rows(), GONE, *times("offered", ("Dra. Helena Prado", "Savassi"), WEDNESDAY_9_30)))
    assert examine(reply, ground).problems == ()


@pytest.mark.parametrize(
    "reply",
    [
        "O horário das 15h acabou de ser ocupado. Quarta às 10h30 serve?",
        "O horário das 15h acabou de ser ocupado. Quinta às 9h30 serve?",
        "O horário das 16h acabou de ser ocupado. Quarta às 9h30 serve?",
        "O das 9h30 foi ocupado e o das 15h está livre. Quarta serve?",
        "As 9h foram ocupadas, às 15h consigo te encaixar. Quarta às 9h30 também.",
        "Às 15h, sem problema! Quarta às 9h30 também serve?",
        "Às 15h está marcado. Quarta às 9h30 não está mais livre.",
        "Quarta às 9h30 foi ocupado. Às 15h serve?",
        "O das 9h30 não está mais livre. Te espero quarta às 15h!",
    ],
)
def test_what_is_gone_makes_no_other_time_true(reply: str) -> None:
    ground = Ground.of(TODAY, (*rows(), GONE, *times("offered", ("Dra. Helena Prado", "Savassi"), WEDNESDAY_9_30)))
    assert examine(reply, ground).problems


def test_opening_hours_are_told_and_never_offered() -> None:
    assert not examine("De segunda a sexta abrimos das 8h às 18h.", Ground.of(TODAY, rows())).problems
    assert examine("Tenho vaga na quinta às 8h.", Ground.of(TODAY, rows())).problems
    assert examine("Sua consulta está confirmada para quinta às 8h.", Ground.of(TODAY, rows())).problems


def test_an_offer_is_not_a_visit_and_a_visit_that_was_cancelled_no_longer_stands() -> None:
    said = "Sua consulta está marcada para quinta, 26/11, às 15h."
    assert not examine(said, visit_at(QUINTA_15)).problems
    assert examine(said, visit_at(QUINTA_15, "offered")).problems
    former = Ground.of(TODAY, (*rows(), Source("appointment", "former", moments=frozenset({QUINTA_15}))))
    assert examine(said, former).problems
    assert not examine("Cancelei sua consulta de quinta, 26/11, às 15h.", former).problems


def test_a_weekday_means_the_coming_one_by_the_clock_of_the_conversation() -> None:
    assert not examine("Sua consulta é quinta às 15h.", visit_at(QUINTA_15)).problems
    assert examine("Sua consulta é quinta às 15h.", visit_at(QUINTA_15 + timedelta(days=21))).problems


def test_a_unit_that_professionals_mention_is_backed_by_the_unit_itself() -> None:
    for unit in clinic().units:
        [backed] = examine(f"O atendimento é na unidade {unit.name}.", Ground.of(TODAY, rows())).backed
        assert (backed.source.entity, backed.source.id) == ("unit", unit.id)
        assert backed.means == {"name": unit.name}


def test_what_a_row_only_mentions_is_not_held_to_its_name() -> None:
    told = Source("professional", "clinic", names=("Dra. Camila Duarte",), texts=("atende na unidade savassi",))
    [backed] = examine("É na unidade Savassi.", Ground.of(TODAY, (told,))).backed
    assert (backed.source, backed.means) == (told, {})


def test_each_fact_names_its_row() -> None:
    service, professional, unit = next(able())
    at = first(service)
    [visit] = times("visit", (professional.name, unit, service.name), at)
    price = ptbr.money(service.price_cents or 0)
    reply = f"Sua consulta é {ptbr.moment(at, today=TODAY)}, com {professional.name}. {service.name}: {price}."
    backed = {one.kind: one for one in examine(reply, Ground.of(TODAY, (*rows(), visit))).backed}
    assert backed["visit"].source is visit
    assert backed["visit"].means["starts_at"] == at.isoformat(timespec="minutes")
    assert backed["price"].source.id == service.id
    assert all(reply[one.start : one.start + len(one.said)] == one.said for one in backed.values())


@pytest.mark.parametrize(
    "said",
    [
        "pague em golpe-facil.com",
        "-golpe-facil.com",
        "--golpe-facil.com",
        "_golpe-facil.com_",
        "•golpe-facil.com",
        "veja:golpe-facil.com/x",
    ],
)
def test_a_link_is_seen_whatever_stands_before_it(said: str) -> None:
    assert [mark.said.removesuffix("/x") for mark in facts_in(said, TODAY).urls] == ["golpe-facil.com"]
