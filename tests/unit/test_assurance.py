"""Who writes: how sure we are, what raises a doubt, what settles it. Every sentence is one that people send."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import UUID

import pytest

from clinic.patients import assurance, births, disowning
from clinic.patients.assurance import Doubt, Level
from clinic.patients.disowning import Disowned
from clinic.patients.models import Contact, Dependant, RelationshipKind
from clinic.tenants.policies import Identity

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
TODAY = NOW.date()
ME, OTHER = UUID(int=1), UUID(int=2)
MARIA = Dependant(UUID(int=10), "Maria Aparecida de Souza", RelationshipKind.SELF, date(1980, 3, 5))
CHILD = Dependant(UUID(int=11), "Léo Souza", RelationshipKind.CHILD, date(2019, 1, 27))


def contact(**told: object) -> Contact:
    return Contact(ME, "Maria", None, False, None, **told)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "born"),
    [
        ("05/03/1980", date(1980, 3, 5)),
        ("5/3/80", date(1980, 3, 5)),
        ("05.03.1980", date(1980, 3, 5)),
        ("05-03-1980", date(1980, 3, 5)),
        ("05031980", date(1980, 3, 5)),
        ("nasci em 5 de março de 1980", date(1980, 3, 5)),
        ("1º de janeiro de 2001", date(2001, 1, 1)),
        ("primeiro de janeiro de 2001", date(2001, 1, 1)),
        ("Maria Souza, 5 mar 80", date(1980, 3, 5)),
        ("27/01/19", date(2019, 1, 27)),
        ("31/02/1980", None),
        ("05/03/2080", None),
        ("05/03/1880", None),
        ("meu telefone é 31 99999-0101", None),
        ("quero marcar 15:30", None),
        ("", None),
    ],
)
def test_a_birth_date_is_read_as_people_write_it(text: str, born: date | None) -> None:
    assert births.read([text], today=TODAY) == ([born] if born else [])


@pytest.mark.parametrize(
    "text",
    [
        "esse número agora é meu",
        "este telefone é meu agora, comprei o chip ontem",
        "esse zap agora é meu, não conheço nenhuma Maria",
        "esse número era de outra pessoa",
        "comprei esse número faz uma semana",
        "peguei um chip novo e fica chegando mensagem dessa clínica",
        "esse telefone não é mais da Maria",
        "esse número não é da Maria",
        "aqui não é mais o número da Maria",
        "não conheço essa pessoa, acabei de pegar esse número",
        "o antigo dono desse número é que era paciente",
    ],
)
def test_a_number_that_changed_hands(text: str) -> None:
    assert disowning.read([text], ["Maria Aparecida de Souza", "Léo Souza"]) is Disowned.NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "oi, peguei esse número no google, queria marcar",
        "peguei esse número com vocês na recepção",
        "esse número não é da clínica?",
        "esse telefone não é do consultório?",
        "aqui não é o número da clínica?",
        "esse número é meu mesmo, pode mandar aqui",
        "este número é meu também",
        "ganhei um número de protocolo",
        "peguei um número de senha",
        "não conheço a doutora, tem o telefone dela?",
    ],
)
def test_a_number_spoken_of_has_not_changed_hands(text: str) -> None:
    assert disowning.read([text], ["Maria Aparecida de Souza", "Léo Souza"]) is None


@pytest.mark.parametrize(
    "text",
    [
        "não sou a Maria",
        "vcs tão me confundindo com outra pessoa",
        "pessoa errada",
        "é engano",
        "isso é engano, não marquei nada",
        "foi engano de vocês",
        "foi engano, nunca fui nessa clínica",
        "não conheço ninguém aí, foi engano",
        "número errado",
        "não sou a Maria, mandei a mensagem errada",
    ],
)
def test_somebody_else(text: str) -> None:
    assert disowning.read([text], ["Maria Aparecida de Souza", "Léo Souza"]) is Disowned.NAME


@pytest.mark.parametrize(
    "text",
    [
        "não sou a Maria, sou a filha dela",
        "aqui é o marido da Maria, queria remarcar a consulta dela",
        "oi, aqui é a Maria",
        "qual o número de vocês?",
        "esse número é da clínica?",
        "esse é o número do convênio: 123456",
        "mudei de telefone, posso atualizar?",
        "troquei de convênio",
        "não sou paciente ainda",
        "o horário está errado",
        "meu número novo é 31 98888-7777",
        "comprei um remédio",
        "quero marcar para outra pessoa",
        "não é a Dra. Helena que quero",
        "não é o horário que eu queria",
        "não sou o responsável financeiro",
        "não é a mesma coisa",
        "vocês trocaram de sistema?",
        "foi engano",
        "desculpa, foi engano",
        "foi engano meu, pode deixar a consulta como está",
        "mandei a mensagem errada, desculpa",
        "cliquei no cancelar por engano",
        "não é engano não, quero marcar mesmo",
        "mandei pro contato errado, era pro meu marido",
    ],
)
def test_whoever_says_something_else_disowns_nothing(text: str) -> None:
    assert disowning.read([text], ["Maria Aparecida de Souza", "Léo Souza"]) is None


def test_levels() -> None:
    assert assurance.level(contact(), (), now=NOW) is Level.UNKNOWN
    assert assurance.level(contact(), (MARIA,), now=NOW) is Level.KNOWN
    assert assurance.level(contact(doubt="silent"), (MARIA,), now=NOW) is Level.UNKNOWN
    lately = contact(assured_until=NOW + timedelta(hours=1))
    assert assurance.level(lately, (MARIA,), now=NOW) is Level.PROVED
    assert assurance.level(contact(assured_until=NOW), (MARIA,), now=NOW) is Level.KNOWN


def test_a_long_silence_is_doubted_once_there_is_somebody_to_protect() -> None:
    rules = Identity(silent_days=90)
    long_ago, lately = NOW - timedelta(days=91), NOW - timedelta(days=89)

    def doubt(one: Contact, *people: Dependant, says_other: bool = False) -> Doubt | None:
        return assurance.doubt(one, people, rules, now=NOW, says_other=says_other)

    assert doubt(contact(last_seen_at=long_ago), MARIA) is Doubt.SILENT
    assert doubt(contact(last_seen_at=lately), MARIA) is None
    assert doubt(contact(last_seen_at=long_ago)) is None
    assert doubt(contact(), MARIA) is None
    assert doubt(contact(last_seen_at=lately), MARIA, says_other=True) is Doubt.OTHER_NAME
    assert doubt(contact(last_seen_at=long_ago, assured_until=NOW + timedelta(hours=1)), MARIA) is None
    assert doubt(contact(last_seen_at=long_ago, doubt="other_id"), MARIA) is None


def test_only_the_whole_name_with_its_own_birth_date_proves() -> None:
    people = (MARIA, CHILD)
    born = [date(1980, 3, 5)]
    assert assurance.proves(people, born, ["Maria Souza", "05/03/1980"])
    assert assurance.proves(people, born, ["sou maria aparecida de souza"])
    assert not assurance.proves(people, born, ["Maria"])
    assert not assurance.proves(people, [date(1980, 3, 6)], ["Maria Souza"])
    assert not assurance.proves(people, [date(2019, 1, 27)], ["Léo Souza"]), "a child's birthday proves no grown-up"
    assert assurance.proves((CHILD,), [date(2019, 1, 27)], ["Léo Souza"]), "unless nobody else is known"
    unborn = Dependant(UUID(int=12), "Maria Souza", RelationshipKind.SELF)
    assert not assurance.proves((unborn,), born, ["Maria Souza"])
    assert not assurance.provable((unborn,))


@pytest.mark.parametrize(
    ("relation", "consented", "booked_by"), list(product(RelationshipKind, (True, False), (ME, OTHER, None)))
)
def test_who_manages_whose_visits(relation: RelationshipKind, consented: bool, booked_by: UUID | None) -> None:
    who = Dependant(UUID(int=13), "Alguém", relation, None, consented)
    own = relation in (RelationshipKind.SELF, RelationshipKind.CHILD)
    expected = own or consented or booked_by == ME
    assert assurance.may_manage(who, contact_id=ME, booked_by_contact=booked_by) is expected
