"""What the offline model understands: services, people, times, choices, subjects; and how it never mistakes one for another."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from agent.offline.choice import pick_offers, position
from agent.offline.entities import find_convenio, find_professionals, find_services, find_unit, foreign_convenio
from agent.offline.likeness import ByLetters
from agent.offline.people import find_whom
from agent.offline.spelling import alike, edits, fold
from agent.offline.temporal import find_when
from agent.offline.understand import Reading, understand
from agent.offline.view import Briefing, Dialogue, Offer, parse_briefing
from tests.unit.offline_clinic import Desk, clinics

NOW = datetime(2026, 11, 24, 9, 30)
ZONE = "America/Sao_Paulo"
LETTERS = ByLetters()


@pytest.fixture
def briefing() -> Briefing:
    return briefing_of("jatoba")


def briefing_of(name: str) -> Briefing:
    return parse_briefing(Desk(clinic=clinics()[name], model=None).briefing())  # type: ignore[arg-type]  # only rows are read


def read(text: str, briefing: Briefing, **dialogue: Any) -> Reading:
    return understand(text, briefing, Dialogue(**dialogue), LETTERS)


def test_a_typo_and_an_accent_are_the_same_word_but_a_short_word_is_not_another() -> None:
    assert fold("Oiiii VC tá aí?") == "oi voce esta ai?"
    assert alike("limpesa", "limpeza")
    assert alike("dermato", "dermatologista")
    assert alike("clareamentos", "clareamento")
    assert not alike("pele", "pelo") or alike("pele", "pelo") < 1.0
    assert not alike("peso", "pelo")
    assert edits("abcd", "abdc") == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("quero uma limpesa dental", ["Limpeza dental"]),
        ("limpeza", ["Limpeza dental"]),
        ("limpeza de pele", ["Limpeza de pele"]),
        ("dermato", ["Consulta dermatológica"]),
        ("clareamentos", ["Clareamento dental"]),
        ("terapia", ["Psicoterapia"]),
        ("onde fica a clínica?", []),
        ("bom dia, tudo bem?", []),
    ],
)
def test_services_are_found_by_name_alias_and_field(briefing: Briefing, text: str, names: list[str]) -> None:
    assert [s.name for s in find_services(text, briefing).services] == names


def test_a_field_alone_is_a_question_among_its_services(briefing: Briefing) -> None:
    found = find_services("quero ir no dentista", briefing)
    assert len(found.services) > 1
    assert not found.sure
    assert {s.category for s in found.services} == {"Odontologia"}


def test_professionals_by_title_by_name_and_the_stranger(briefing: Briefing) -> None:
    assert [p.name for p in find_professionals("com a dra paula", briefing)[0]] == ["Dra. Paula Reis"]
    assert [p.name for p in find_professionals("que dia a Ana Beatriz Lopes atende", briefing)[0]] == ["Ana Beatriz Lopes"]
    assert find_professionals("quero o Dr. Roberto", briefing) == ((), "roberto")
    assert find_professionals("meu nome é Paula Nogueira", briefing) == ((), "")


def test_units_and_convenios(briefing: Briefing) -> None:
    unit, plan = find_unit("na pampulha", briefing), find_convenio("é pela unimed", briefing)
    assert unit
    assert unit.name == "Pampulha"
    assert plan
    assert plan.name == "Unimed"
    assert find_convenio("aceitam bradesco?", briefing) is None
    assert foreign_convenio("aceitam bradesco?") == "Bradesco"
    assert find_unit("qual a unidade?", briefing) is None


@pytest.mark.parametrize(
    ("text", "asked", "name", "relationship"),
    [
        ("meu nome é João Pedro Alves", "", "João Pedro Alves", ""),
        ("me chamo maria clara", "", "Maria Clara", ""),
        ("João Pedro Alves, particular", "name", "João Pedro Alves", ""),
        ("maria souza", "name", "Maria Souza", ""),
        ("é pra minha filha, Alice Moura", "", "Alice Moura", "child"),
        ("pra minha mãe, Dona Lúcia", "", "Lúcia", "parent"),
        ("pro meu filho", "name", "", "child"),
        ("Bianca Reis unimed", "name", "Bianca Reis", ""),
        ("pode ser", "name", "", ""),
        ("Confundi", "name", "", ""),
        ("ops, digitei errado", "name", "", ""),
        ("desculpa a demora, tava em reuniao. sim, pode marcar", "name", "", ""),
        ("estava no trânsito", "name", "", ""),
        ("isso, sim, confirmado", "name", "", ""),
        ("ué, não localizou? que estranho", "name", "", ""),
        ("quero quarta às 15h. Cleide Marques Bonfim é, particular", "", "Cleide Marques Bonfim", ""),
        ("Quero Cleide Marques Bonfim quarta", "", "Cleide Marques Bonfim", ""),
        ("deve estar no nome de solteira", "name", "", ""),
        ("procura no nome de solteira: juliana castro", "name", "Juliana Castro", ""),
        ("maria das graças de souza", "name", "Maria das Graças de Souza", ""),
        ("não, é com o Dr. Caio", "name", "", ""),
        ("quero marcar uma limpeza", "", "", ""),
        ("amanhã de manhã", "name", "", ""),
        ("sou alérgico a dipirona", "", "", ""),
    ],
)
def test_whose_visit_it_is(briefing: Briefing, text: str, asked: str, name: str, relationship: str) -> None:
    whom = find_whom(text, briefing, asked=asked)
    assert (whom.name, whom.relationship) == (name, relationship)


@pytest.mark.parametrize(
    ("text", "day", "time"),
    [
        ("tem vaga terça que vem à tarde?", "terça que vem", "à tarde"),
        ("quero depois das 17h", "", "depois das 17h"),
        ("amanhã 10h", "amanhã", "10h"),
        ("semana que vem", "semana que vem", ""),
        ("tarde", "", "tarde"),
        ("boa tarde", "", ""),
        ("a segunda opção", "", ""),
        ("tenho 35 anos", "", ""),
    ],
)
def test_the_patients_words_about_time(text: str, day: str, time: str) -> None:
    when = find_when(text, NOW, ZONE)
    assert (when.day, when.time) == (day, time)


OFFERS = tuple(
    Offer(f"S{i}", label, datetime.fromisoformat(at), "Limpeza dental", who, unit)
    for i, (label, at, who, unit) in enumerate(
        [
            ("quarta, 25 de novembro, às 9h", "2026-11-25T09:00", "Dr. Caio Nunes", "Pampulha"),
            ("quarta, 25 de novembro, às 14h30", "2026-11-25T14:30", "Dr. Caio Nunes", "Pampulha"),
            ("quinta, 26 de novembro, às 15h", "2026-11-26T15:00", "Dra. Paula Reis", "Centro"),
        ],
        1,
    )
)


@pytest.mark.parametrize(
    ("text", "slot"),
    [
        ("o segundo", "S2"), ("2", "S2"), ("quero a 3", "S3"), ("opção 1 por favor", "S1"), ("a primeira opção", "S1"),
        ("o último", "S3"), ("pode ser às 15h", "S3"), ("as 3 da tarde", "S3"), ("o da quinta", "S3"), ("esse de 14:30", "S2"),
        ("com a Dra. Paula", "S3"), ("qualquer um", "S1"), ("o mais cedo", "S1"), ("às 9", "S1"),
    ],
)  # fmt: skip
def test_an_offer_is_picked_in_many_ways(briefing: Briefing, text: str, slot: str) -> None:
    assert [o.slot for o in pick_offers(read(text, briefing, expect="slot"), OFFERS)] == [slot]


@pytest.mark.parametrize(
    "text", ["nenhum desses", "tem mais tarde?", "tem na sexta?", "só depois das 17h", "às 11h", "quanto custa?", "10"]
)
def test_what_picks_no_offer(briefing: Briefing, text: str) -> None:
    assert pick_offers(read(text, briefing, expect="slot"), OFFERS) == ()


def test_a_weekday_is_not_an_ordinal_when_that_day_was_offered() -> None:
    assert position("pode ser a quinta", 5, weekdays=[3]) is None
    assert position("pode ser a quinta", 5, weekdays=[0]) == 4


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("vcs aceitam cartao?", "payment"),
        ("qual o endereço", "address"),
        ("abre sabado?", "hours"),
        ("quem atende pele?", "professionals"),
        ("quero desmarcar", "cancel"),
        ("n vou poder ir amanha", "cancel"),
        ("preciso remarcar", "move"),
        ("tenho algo marcado?", "my_visits"),
        ("quanto tá a limpeza", "price"),
        ("precisa de jejum?", "preparation"),
        ("vc é robô?", "robot"),
        ("quero falar com um humano", "person"),
        ("to com febre o que eu tomo", "medical"),
        ("cês tem vaga amanhã?", "availability"),
        ("meu resultado saiu?", "exam_results"),
    ],
)
def test_subjects_by_rule(briefing: Briefing, text: str, subject: str) -> None:
    assert subject in read(text, briefing).subjects


def test_two_subjects_in_one_message_are_both_read(briefing: Briefing) -> None:
    reading = read("oi, quanto custa a limpeza e tem horário terça à tarde?", briefing)
    assert {"price", "availability"} <= reading.subjects
    assert reading.when.day == "terça"
    assert [s.name for s in reading.services] == ["Limpeza dental"]
