"""How much somebody ate or drank: no message says more or less than the report, and the template says it as the report does."""

from __future__ import annotations

import re
from datetime import date

import pytest

from agent.reports.checks import check, refused
from agent.reports.offline import compose
from agent.reports.order import Order
from clinic.reports.models import Problem, Shift
from clinic.reports.patterns import detect

# How a report and how a message tell of each meal; {} is the amount.
MEALS = {
    "almoço": ("Almoçou {}.", "No almoço ela comeu {}."),
    "jantar": ("Jantar: aceitou {}.", "Ela jantou {}."),
    "café": ("Café da manhã: aceitou {}.", "No café da manhã, ela comeu {}."),
    "lanche": ("Lanchou {}.", "No lanche da tarde ela comeu {}."),
    "dieta": ("Dieta: aceitou {}.", "Da dieta ela aceitou {}."),
    "água": ("Água: aceitou {}.", "Da água ela tomou {}."),
    "suplemento": ("Suplemento: aceitou {}.", "Do suplemento ela tomou {}."),
}
AMOUNTS = {
    "tudo": "all", "100%": "all", "quase tudo": "most", "80%": "most", "metade": "half", "50%": "half", "um pouco": "little",
    "pouco": "little", "só 3 colheradas": "little", "quase nada": "little", "nada": "none",
}  # fmt: skip
NONE = {
    "almoço": "Não quis almoçar.", "jantar": "Não aceitou o jantar.", "café": "Não quis o café da manhã.",
    "lanche": "Recusou o lanche.", "dieta": "Dieta: não quis.", "água": "Não quis água.", "suplemento": "Suplemento: não quis.",
}  # fmt: skip


def order_of(text: str) -> Order:
    return Order(text, "Maria Lima", "Sueli Ramos", Shift.MORNING, date(2026, 11, 20), "Jacarandá", patterns=detect(text))


def hard(source: str, message: str) -> list[Problem]:
    """What refuses it of how much it says: figures and the form of the message aside."""
    found = check(order_of(source), f"Olá, família da dona Maria! {message} O resto da manhã foi como sempre.")[0]
    return [one for one in found if one.critical and one.code in ("invented", "negation")]


def body(source: str) -> str:
    """What the template says between its opening and its closing, on one line."""
    return " ".join(compose(order_of(source)).split("\n\n")[1:-1]).replace("\n", " ")


@pytest.mark.parametrize("meal", MEALS)
def test_more_or_less_than_the_report_says_is_refused_and_the_same_is_not(meal: str) -> None:
    told, message = MEALS[meal]
    passed, unfair = [], []
    for there, much in AMOUNTS.items():
        for here, as_much in AMOUNTS.items():
            found = hard(told.format(there), message.format(here))
            if much == as_much and found:
                unfair.append((there, here, found))
            if much != as_much and not any(meal[:3] in one.quote.lower() or here in one.quote for one in found):
                passed.append((there, here))
    assert (passed, unfair) == ([], [])


@pytest.mark.parametrize("meal", MEALS)
def test_what_was_not_wanted_was_not_eaten(meal: str) -> None:
    told, message = MEALS[meal]
    eaten = [here for here, much in AMOUNTS.items() if much != "none"]
    assert [here for here in eaten if not hard(NONE[meal], message.format(here))] == []
    assert [there for there in eaten if not hard(told.format(there), NONE[meal])] == []
    assert hard(NONE[meal], NONE[meal]) == []


@pytest.mark.parametrize("meal", MEALS)
@pytest.mark.parametrize("much", [one for one, how in AMOUNTS.items() if how != "all"])
def test_the_template_says_the_amount_as_the_report_has_it_or_leaves_the_meal_out(meal: str, much: str) -> None:
    source = f"{MEALS[meal][0].format(much)} Dormiu bem."
    said = body(source)
    assert much in said
    assert not re.search(r"comeu bem|bebeu água|(?:: |; )(?:almoçou|jantou|lanchou|tomou café|alimentou-se)", said), said
    assert not refused(check(order_of(source), compose(order_of(source)))[0])


@pytest.mark.parametrize("meal", MEALS)
def test_the_template_never_says_that_eaten_which_was_not_wanted(meal: str) -> None:
    source = f"{NONE[meal]} Dormiu bem."
    said = body(source)
    assert not re.search(r"comeu bem|bebeu água|(?:: |; )(?:almoçou|jantou|lanchou|tomou café|alimentou-se)", said), said
    assert not refused(check(order_of(source), compose(order_of(source)))[0])


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Almoçou metade.", "Almoçou metade do prato."),
        ("Almoçou metade.", "No almoço, comeu a metade."),
        ("Almoçou metade do prato.", "Almoçou meio prato."),
        ("Almoço: 50%.", "Comeu metade do almoço."),
        ("Almoçou metade.", "Almoçou, e deixou metade no prato."),
        ("Jantou sopa, comeu quase tudo.", "Jantou sopa e quase não sobrou nada no prato."),
        ("Não aceitou a janta, só 2 colheres.", "Na janta aceitou só 2 colheres."),
        ("Almoçou tudo.", "Almoçou bem."),
        ("Aceitou toda a dieta.", "Ela comeu bem."),
        ("Almoçou só metade e jantou bem.", "Almoçou metade e jantou bem."),
        ("Almoçou metade. Está tudo bem.", "Almoçou metade, e tudo correu bem."),
        ("Almoçou metade. Dormiu bem.", "Almoçou metade, dormiu bem e passou a manhã toda tranquila."),
        ("Ofertei pão no café, comeu metade.", "No café, comeu metade do pão."),
        ("Almoçou bem. Bebeu pouca água.", "Almoçou bem e bebeu pouca água."),
        ("Almoçou 3/4 do prato.", "Almoçou 3/4 do prato."),
        ("Aceitou bem o almoço e o remédio.", "Almoçou bem."),
        ("Almoçou bem, caminhou um pouco.", "Ela almoçou bem e caminhou um pouco."),
        ("Aceitou pouco o café da manhã, almoçou bem.", "No café comeu pouco, mas no almoço comeu bem."),
        ("Almoçou bem. Água: 5 copos.", "Bebeu água e almoçou bem."),
    ],
)
def test_the_same_amount_in_other_words_is_fine(source: str, message: str) -> None:
    assert hard(source, message) == []


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Almoçou metade. Dormiu bem.", "Almoçou tudo."),
        ("Almoçou metade. Dormiu bem.", "Almoçou muito bem."),
        ("Almoçou metade. Dormiu bem.", "Comeu bem e dormiu bem."),
        ("Almoçou só metade e jantou bem.", "Almoçou e jantou bem."),
        ("Almoço: arroz e feijão. Aceitou metade.", "No almoço comeu todo o arroz com feijão, raspou o prato."),
        ("Aceitou 30% da dieta.", "Almoçou bem."),
        ("Almoçou, mas só metade.", "Almoçou tudo."),
        ("Almoçou tudo.", "Almoçou só metade."),
        ("Almoçou bem, lanchou um pouco.", "Almoçou bem e lanchou bem."),
        ("Tomou um pouco de água.", "Bebeu bastante água."),
        ("Almoço: não quis.", "Ela almoçou."),
        ("Deixou metade do almoço.", "Almoçou tudo."),
    ],
)
def test_another_amount_is_refused(source: str, message: str) -> None:
    assert hard(source, message)


@pytest.mark.parametrize("message", ["Almoçou bem.", "Almoçou tudo."])
def test_an_amount_that_the_report_does_not_have_is_doubted(message: str) -> None:
    found = check(order_of("Almoçou às 12h. Dormiu bem."), f"Olá, família da dona Maria! {message}")[0]
    assert [one.code for one in found if one.code == "untraced"]
    assert not hard("Almoçou às 12h. Dormiu bem.", message)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("Almoçou metade. Dormiu bem.", "*Sono:* dormiu bem. *Alimentação:* o relatório diz “Almoçou metade”."),
        (
            "Almoçou só metade e jantou bem.",
            "*Alimentação:* o relatório diz “Almoçou só metade”; “jantou bem”.",
        ),
        ("Almoçou e jantou metade.", "*Alimentação:* o relatório diz “Almoçou e jantou metade”."),
        ("Almoço: arroz. Aceitou metade.", "*Alimentação:* o relatório diz “Almoço: arroz. Aceitou metade”."),
        ("Almoçou bem, lanchou. Jantou tudo.", "*Alimentação:* comeu bem; almoçou; lanchou; jantou."),
        ("Almoçou. Tomou 300 ml de água.", "*Alimentação:* almoçou; o relatório diz “Tomou 300 ml de água”."),
        ("Ontem almoçou metade. Hoje almoçou bem.", "*Alimentação:* comeu bem; almoçou."),
    ],
)
def test_the_words_of_the_template(source: str, said: str) -> None:
    assert body(source) == said
