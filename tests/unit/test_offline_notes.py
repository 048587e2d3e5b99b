"""Which of the clinic's notes answers, when several are of one matter: by words of one root. Our own sentences, half unseen."""

from __future__ import annotations

import pytest

from tests.unit.test_offline_asked import desk_of

FORMS = "Pix, dinheiro, cartão de débito e cartão de crédito."
PARTS = "No cartão de crédito, em até 3x sem juros."
SEEN = {
    "dá pra parcelar no cartão?": PARTS,
    "vcs parcelam a limpeza de pele?": PARTS,
    "em quantas vezes posso parcelar?": PARTS,
    "divide em quantas parcelas?": PARTS,
    "parcelando fica sem juros?": PARTS,
    "posso pagar parcelado no crédito?": PARTS,
    "queria saber do parcelamento no cartão": PARTS,
    "o tratamento pode ser parcelado?": PARTS,
    "quais as formas de pagamento?": FORMS,
    "aceita pix?": FORMS,
    "posso pagar em dinheiro?": FORMS,
    "passa cartão de débito?": FORMS,
    "como faço pra pagar?": FORMS,
}
HELD = {
    "gostei demais do atendimento ontem, cês parcela no cartão?": PARTS,
    "da p parcelar em 4x?": PARTS,
    "qual o número máximo de parcelas?": PARTS,
    "tem como fazer em parcelas no cartão de crédito?": PARTS,
    "minha irmã pagou tudo parcelado, parcelam pra mim também?": PARTS,
    "tem que pagar em dinheiro ou pix serve?": FORMS,
    "o pagamento é no cartão de crédito?": FORMS,
    "qual a forma de pagar?": FORMS,
}
HELD_FLOOR = 5


def answered(said: str) -> bool:
    desk = desk_of()
    desk.clinic["clinic"]["facts"] = {"pagamento": FORMS, "parcelamento": PARTS}
    reply = desk.say(said)
    return (SEEN | HELD)[said] in reply and "não encontrei escrito" not in reply


@pytest.mark.parametrize("said", SEEN)
def test_the_note_that_speaks_of_it_is_told(said: str) -> None:
    assert answered(said)


def test_as_many_unseen_ones_are_answered_as_ever() -> None:
    wrong = [said for said in HELD if not answered(said)]
    assert len(HELD) - len(wrong) >= HELD_FLOOR, wrong
