"""What the red flags catch and leave alone, on utterances written before (cases) and after (held out) the patterns."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, cast

import pytest

from clinic.conversations.dangers.red_flags import RedFlag, read, read_all
from kit import fast_yaml

_HERE = Path(__file__).parent
Positive = tuple[str, str, str, str]  # kind, code, level, utterance


def _cases(name: str) -> dict[str, Any]:
    return cast(dict[str, Any], fast_yaml.load((_HERE / name).read_text(encoding="utf-8")))


def _positives(name: str) -> list[Positive]:
    return [
        (group["kind"], group["code"], level, said)
        for group in _cases(name)["positive"]
        for level in ("explicit", "implicit")
        for said in group.get(level, ())
    ]


def _benign(name: str) -> list[str]:
    return [said for group in _cases(name)["benign"].values() for said in group]


CASES = "red_flags_cases.yaml"
ROUNDS = (CASES, "red_flags_heldout.yaml", "red_flags_heldout_2.yaml", "red_flags_heldout_3.yaml")


def _flag(text: str) -> RedFlag:
    flag = read(text)
    assert flag is not None, text
    return flag


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [(kind, code, said) for name in ROUNDS for kind, code, level, said in _positives(name) if level == "explicit"],
)
def test_an_explicit_danger_is_always_flagged(kind: str, code: str, said: str) -> None:
    assert _flag(said).kind == kind
    assert code in {flag.code for flag in read_all(said)}


def test_implicit_dangers_are_flagged_98_in_100() -> None:
    said = [(kind, text) for name in ROUNDS for kind, _, level, text in _positives(name) if level == "implicit"]
    missed = [text for kind, text in said if (flag := read(text)) is None or flag.kind != kind]
    assert len(said) >= 80
    assert len(missed) <= 0.02 * len(said), missed


def test_benign_talk_rarely_raises_an_alarm() -> None:
    said = [text for name in ROUNDS for text in _benign(name)]
    alarms = [(text, flag) for text in said if (flag := read(text)) is not None]
    assert len(said) >= 150
    assert len(alarms) <= 0.03 * len(said), alarms


def test_what_happened_long_ago_is_past_unless_it_is_back() -> None:
    assert read("em maio ele teve um aperto no peito, fizeram os exames e não era nada") is None
    assert read("tenho alergia a castanha, há três anos meu rosto inchou, mas agora tá controlado") is None
    assert _flag("em maio ele teve um infarto e agora está com dor no peito").code == "chest_pain"
    assert _flag("tenho alergia a camarão há anos, comi e minha boca inchou").code == "anaphylaxis"


@pytest.mark.parametrize(
    "said",
    [
        "meu ex me bateu ontem de novo",
        "me tranquei no quarto e ele tá chutando a porta",
        "tô escondida no armário, meu padrasto tá lá fora gritando",
        "ele tá no portão com uma faca",
        "ele tá quebrando tudo e eu tô trancada",
    ],
)
def test_violence_said_in_pieces_is_violence_and_nothing_else(said: str) -> None:
    assert {flag.code for flag in read_all(said)} == {"violence"}


@pytest.mark.parametrize(
    "said",
    [
        "tô trancada no elevador kkk",
        "me bateu uma saudade da doutora",
        "ele me bateu uma foto bonita",
        "há dois anos ele me bateu e eu me separei",
        "a doutora mandou um vídeo de despedida da clínica",
        "mandei a mensagem de despedida no grupo do serviço, amanhã começo na firma nova",
        "cortei o pão com uma faca",
    ],
)
def test_what_only_sounds_like_violence_or_a_farewell_is_left_alone(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    "said",
    [
        # Over, and told with its outcome, though without a date.
        "desmaiei na academia, o médico viu que era jejum e me liberou",
        "tomei um choque no chuveiro, o médico examinou e deu tudo normal",
        "meu avô engasgou com farofa, lá mesmo resolveram, nunca mais aconteceu",
        # Strangers', told for what it made the patient want.
        "um colega da firma infartou, por isso quero fazer um check-up",
        "a moça da padaria teve avc, aí minha mãe cismou de medir a pressão",
        "li na internet que dá pra ter overdose de vitamina, vocês dosam?",
        # Words with another meaning here.
        "derramei suco na guia, ainda vale?",
        "mandei mensagem pra minha irmã e ela não respondeu, confirmo amanhã",
        "toquei a campainha, gritei no portão e nada, mudaram a campainha de lugar?",
        "meu avô não mexe com celular, sou eu que marco",
        "tô enforcada de boleto, parcela?",
        "fui atropelada pela segunda-feira, passa pra amanhã?",
        "minha chefe vai me matar se eu chegar tarde",
        "meu namorado nunca me bateu, foi só discussão",
    ],
)
def test_what_is_over_strangers_or_another_meaning_is_left_alone(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("unconscious", "meu pai desmaiou ontem, o médico liberou e hoje desmaiou de novo"),
        ("chest_pain", "infartei em março, recebi alta, e agora sinto o peito apertar"),
        ("choking", "meu filho engasgou, na escola resolveram mas ele ainda tá engasgado"),
        ("seizure", "teve um ataque e não voltou ao normal"),
        ("unconscious", "a vizinha desmaiou aqui na porta, por isso quero uma consulta pra ela"),
        ("stroke", "vi no jornal o que é avc e minha mãe tá com a boca torta"),
        ("unconscious", "mandei mensagem, ele não respondeu, fui lá e ele tá caído e não acorda"),
        ("unconscious", "liguei pro meu avô e ele não responde, tá estranho desde cedo"),
        ("violence", "meu marido me bateu e nunca mais volto"),
        ("bleeding", "na cesárea tive hemorragia e fiquei bem, mas hoje voltei a sangrar muito"),
        # A fever told by its degrees alone, and what goes with it.
        ("child_fever_baby", "minha filha de 4 tá com 39,2 e o pescoço travado, chora se mexe"),
        ("child_fever_baby", "39 e pouco, vomitando, não encosta o queixo no peito"),
        ("child_fever_baby", "apareceram manchinhas arroxeadas na barriga dela, aperto com o copo e não desaparecem"),
        ("child_fever_baby", "a temperatura dele subiu e saíram umas pintas roxas na perna"),
    ],
)
def test_what_goes_on_is_no_story_of_the_past(code: str, said: str) -> None:
    assert code in {flag.code for flag in read_all(said)}


def test_patterns_take_no_harmless_line_of_the_sixth_round_for_a_danger() -> None:
    # Before: 18 of 77, and 51 of its 73 dangers; of the fifth round's other half, never looked at until then, 8 of 73.
    assert [said for said in _benign("red_flags_round_6.yaml") if read(said)] == []
    dangers = [said for *_, said in _positives("red_flags_round_6.yaml")]
    assert len(dangers) == 73
    assert sum(read(said) is not None for said in dangers) >= 51
    assert sum(read(said) is not None for said in _benign("red_flags_round_5_heldout.yaml")) <= 2


def test_patterns_see_every_danger_of_the_seventh_round_and_take_no_harmless_line_of_it_for_one() -> None:
    # Five kinds the fourth sealed set showed to be missed, the frames of its alarms, and what these must not hide.
    # Before: 26 of 57 seen, 19 of 50 taken for one.
    said = _positives("red_flags_round_7.yaml")
    missed = [text for kind, *_, text in said if kind not in {flag.kind for flag in read_all(text)}]
    assert (len(said), missed) == (57, [])
    assert [text for text in _benign("red_flags_round_7.yaml") if read(text)] == []


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        # Another sentence of the message tells whose it is; without it, nothing is said.
        ("emergency", "tá com 38,2. ele tem 25 dias"),
        (None, "deu 37,8, ela tem 5 anos"),
        (None, "ela tem 25 dias e deu 37,2"),
        ("self_harm", "cancela todas. amanhã não tô mais aqui"),
        (None, "cancela todas. amanhã não tô mais aqui, mudei de cidade"),
        # "No one at all" before a comma denies nothing after it.
        ("emergency", "não tenho convênio nenhum, desmaiei agora"),
        (None, "não tenho sintoma nenhum, nem desmaio"),
    ],
)
def test_what_stands_elsewhere_in_the_message_decides(kind: str | None, said: str) -> None:
    flag = read(said)
    assert (flag and flag.kind) == kind


@pytest.mark.parametrize(
    "said",
    [
        # Another time is told, and a word of now beside it.
        "tive convulsão em 2015 e hoje eu tive outra",
        "tive avc em 2019, hoje eu não mexo o braço",
        "meu pai infartou em 98 e o peito dele aperta desde cedo",
        "caí da laje quando era pequeno e hoje caí de novo da laje, não sinto as pernas",
        "na pandemia meu pai tinha falta de ar e tá com falta de ar",
        "a saturação dela tá em 88 e ela sem ar",
        # Mended, and a turn that takes it back.
        "ele ficou sem ar, a crise foi controlada no posto, só que a bombinha não faz mais nada",
        "minha mãe desmaiou, disseram que era pressão baixa mas o rosto tá torto",
        "engasgou, cuspiu na hora, mas tá com a boca roxa",
        # A question in general, of somebody after all.
        "criança engasgada pode beber água?",
        "criança pode ficar sem ar assim? ele tá roxo",
        "a boca enche de sangue a cada minuto depois da extração",
        # A stranger who is near, or whose end is envied.
        "uma criança se afogou aqui na piscina",
        "meu professor infartou na sala e a ambulância não chega",
        "um rapaz se jogou da ponte e eu entendo ele",
        "minha vizinha se jogou do viaduto ontem e não sai da minha cabeça, dá vontade",
        # The same words with the other meaning.
        "comprei corda pra pular da ponte",
        "o cachorro mordeu a perna do meu filho e tá sangrando muito",
        "quero me despedir da doutora, não vou estar mais aqui",
        "a bolsa dela estourou e desceu água quente",
        "dormi de mau jeito, pescoço duro, sem febre mas vomitando e com manchas roxas",
    ],
)
def test_a_danger_told_in_a_harmless_frame_is_still_one(said: str) -> None:
    assert read(said) is not None


@pytest.mark.parametrize(
    "said",
    [
        "a limpeza tá 39 e meio mais cara e eu com o pescoço duro de esperar",
        "meu filho calça 38 e tem pescoço duro de tímido",
        "ela tem 39 anos e pescoço duro de tanto computador",
        "tenho umas manchinhas roxas na perna há anos, dermato some com elas?",
        "minha neném nasceu com 38 semanas, certinho",
        "o sapato do bebê custou 40 reais",
    ],
)
def test_a_price_a_size_or_an_age_is_no_fever(said: str) -> None:
    assert read(said) is None


@pytest.mark.parametrize(
    "said",
    [
        "minha prima gravou um vídeo de despedida e saiu dizendo que comprou chumbinho",
        "meu amigo mandou mensgem de despdida no grupo da família e levou a corda",
    ],
)
def test_a_farewell_with_the_means_calls_for_both_numbers(said: str) -> None:
    assert {flag.kind for flag in read_all(said)} == {"emergency", "self_harm"}


@pytest.mark.parametrize(
    "disguised",
    [
        "ESTOU COM DOR NO PEITO!!!",
        "estou com dor no pei\u200bto",
        "estou\u2060 com d\u00ador no peito",
        "dooooor no peeeeito",
        "𝗱𝗼𝗿 𝗻𝗼 𝗽𝗲𝗶𝘁𝗼",
        "dor\nno peito",
        "oi\nminha mãe\ndesmaiou",
        "não é nada demais. só dor no peito",
        "não tenho convênio e estou com dor no peito",
        "não estou bem, dor no peito",
        "não está passando a dor no peito",
        "não quero incomodar mas to com dor no peito",
    ],
)
def test_disguise_and_unrelated_negation_do_not_hide_a_danger(disguised: str) -> None:
    assert _flag(disguised).kind == "emergency"


def test_an_emergency_under_way_comes_before_the_intention_behind_it() -> None:
    flags = read_all("quero morrer, tomei uma cartela inteira")
    assert [(flag.kind, flag.code) for flag in flags] == [("emergency", "overdose"), ("self_harm", "suicide_ideation")]


def test_one_quiet_sentence_does_not_silence_the_next() -> None:
    assert _flag("Ano passado tive um infarto. Agora to com dor no peito de novo").code == "chest_pain"
    assert _flag("não estou com febre, mas minha mãe desmaiou").code == "unconscious"
    assert _flag("vocês atendem emergência? meu pai ta com a boca torta").code == "stroke"


def test_a_danger_at_the_end_of_a_flood_is_still_read() -> None:
    assert _flag("bla bla bla. " * 5_000 + "não consigo respirar").code == "breathing"


def test_reading_takes_a_few_milliseconds() -> None:
    read("oi")
    flood = "não sei o que dizer, queria marcar com a doutora que me atendeu no peito da serra. " * 40
    began = time.process_time()
    read(flood)
    assert time.process_time() - began < 0.25
    said = [text for *_, text in _positives(CASES)] + _benign(CASES)
    began = time.process_time()
    for text in said:
        read(text)
    assert (time.process_time() - began) / len(said) < 0.005


def test_weak_signs_add_up_and_one_alone_does_not() -> None:
    assert _flag("meu pai tá esquisito hoje, gelado e fraquinho").code == "unwell"
    assert _flag("não sirvo pra nada, acabou pra mim").code == "suicide_ideation"
    assert read("ando fraquinha, queria marcar um clínico") is None
    assert read("me despedi da doutora ontem, ela é um amor") is None
