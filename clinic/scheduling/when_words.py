"""The vocabulary of dates and hours in Brazilian chat, and the numbers that are neither. Patterns read folded text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

# Takes the place of what has been read or set aside; no pattern matches across it.
TAKEN = "#"
# What is read of a message; WhatsApp carries up to 65,536 characters, and nobody asks for a day after this many.
LONGEST = 4096

# fmt: off
NUMBERS: dict[str, int] = {
    word: value
    for value, words in enumerate(
        (
            "zero",
            "um|uma|hum",
            "dois|duas",
            "tres",
            "quatro",
            "cinco",
            "seis",
            "sete",
            "oito",
            "nove",
            "dez",
            "onze",
            "doze",
            "treze",
            "quatorze|catorze",
            "quinze",
            "dezesseis",
            "dezessete",
            "dezoito",
            "dezenove",
            "vinte",
            "vinte e um|vinte e uma",
            "vinte e dois|vinte e duas",
            "vinte e tres",
            "vinte e quatro",
            "vinte e cinco",
            "vinte e seis",
            "vinte e sete",
            "vinte e oito",
            "vinte e nove",
            "trinta",
            "trinta e um",
        )
    )
    for word in words.split("|")
}
# fmt: on
_WORDED = "|".join(sorted(NUMBERS, key=len, reverse=True))
NUMBER = rf"(?:\d{{1,2}}(?!\d)|(?:{_WORDED})\b)"

WEEKDAYS: tuple[str, ...] = (
    r"segundas?|sgunda|segnda|seg",
    r"tercas?|tersa|terc|ter",
    r"quartas?|qarta|qrta|qua",
    r"quintas?|kinta|qinta|qnta|qui",
    r"sextas?|sesta|sxta|sex",
    r"sabados?|sabdo|sab",
    r"domingos?|domigo|dom",
)

MONTHS: tuple[str, ...] = (
    "janeiro|jan", "fevereiro|fevereio|fev", "marco|mar", "abril|abr", "maio|mai", "junho|jun", "julho|jul",
    "agosto|ago", "setembro|set", "outubro|out", "novembro|nov", "dezembro|dezembo|dez",
)  # fmt: skip
MONTH = r"(?P<month>" + "|".join(MONTHS) + r")\b"
MONTH_IN_FULL = r"(?P<month>" + "|".join(names.split("|")[0] for names in MONTHS) + r")\b"

# Nouns that numbers count ("2 filhos"), and those that a feminine ordinal does ("segunda via").
COUNTED = (
    r"(?:opc(?:ao|oes)|consultas?|vias?|vez(?:es)?|sess(?:ao|oes)|doses?|parcelas?|pessoas?|filh[oa]s?|anos?|aninhos?|mes(?:es)?|"
    r"dias?|semanas?|minutos?|mins?|segundos?|reais|real|crianc\w+|dentes?|exames?|horarios?|vagas?|procedimentos?|pacientes?|"
    r"irma[os]?s?|kg|quilos?|cm|mg|ml|metros?|graus|comprimidos?|coisas?|duvidas?|perguntas?|menin[oa]s?|gemeos|gotas?|"
    r"profissiona\w+|medic[oa]s?|doutor\w*|dentistas?|unid\w*|limpezas?|retornos?)"
)
_ORDERED = (
    r"(?:opcao|consulta|via|vez|sessao|dose|alternativa|parcela|avaliacao|pessoa|filha|parte|etapa|tentativa|mensagem|gravidez|"
    r"gestacao|cirurgia|fase|unidade|aplicacao|opiniao|categoria|semana|quinzena|infancia|linha|duvida|pergunta|menina|medica|"
    r"dentista|limpeza|visita|ida|cadeira|coluna|data|hora|op)"
)

_NOISE = [
    r"\b(?:rua|avenida|av|praca|travessa|alameda|rodovia)\b\.? (?!d[aeo] (?:manha|tarde|noite))"
    r"[a-z0-9. ]{3,40}?(?=[,;!?]|$)(?:,\s*\d+)?",
    r"\bmais cedo\b(?! (?:possivel|que))",
    r"https?://\S+|\S+@\S+",
    r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b",
    r"(?:\+?\s?55\s?)?\(?\b\d{2}\)?\s?9?\s?\d{4}[-\s]?\d{4}\b|\b9?\d{4}-\d{4}\b",
    r"\b\d{5}-?\d{3}\b|\b\d{5,}\b",
    r"r\$\s*\d[\d.,]*|\b\d[\d.,]*\s*(?:reais|real|conto|pila|%|por cento|mil\b)",
    r"\b(?:pressao|pa)\b\D{0,20}\d{1,3}\s*(?:/|x|por)\s*\d{1,2}",
    r"\b(?:bom dia|boa tarde|boa noite|boas? noites?|bom fim de semana|boa semana|ate mais tarde)\b",
    r"\b(?:mais|muito|tao|ja e|esta|ta|ficou|ficando|cheguei|chegar|meio|demais|antes) tarde\b(?! d)|\btarde demais\b",
    r"\btodos? (?:os dias|dia)\b|\bdia a dia\b|\bbom humor\b|\b24/7\b",
    r"\b(?:n|nº|no|num|numero|sala|apto|ap|apartamento|casa|bloco|loja|andar|rua [a-z ]+,|av\w* [a-z ]+,)\.?[o°]?\s*\d{1,5}\b"
    r"(?!\s*(?:/|-\d|de \w|h|:))",
    r"\bjejum(?: de)? \S+ horas?\b|\b\d+\s*h(?:oras?)? (?:de|em) jejum\b",
    r"\bde \d+ em \d+ \w+|\ba cada \d+\s*\w*|\b\d{1,2}/\d{1,2}\s*h(?:oras)?\b",
    r"\b(?:nas proximas |em |as )?(?:24|48|72)\s*(?:h|hs|hrs|horas)\b",
    r"\b(?:opcao|opc|alternativa|item|horario)\s*(?:n\w*\s*)?\d\b(?!\s*(?:h|:|/))",
    r"\b(?:nasc\w*|aniversario|dn)\b\D{0,20}\d{1,2}(?:[/.-]\d{1,2}[/.-]\d{2,4}| de [a-z]+(?: de \d{4})?)",
    r"\b(?:nasci\w*|aniversario)\b (?:em|dia|no dia|e em) (?:dia )?\w+(?: de [a-z]+)?",
    rf"\b(?:ha|faz|fazem|desde|tem|uns|por)\s+(?:quase |mais de |uns |umas |cerca de |[ao]s? )?{NUMBER}\s+"
    r"(?:dias?|semanas?|mes(?:es)?|horas?)",
    r"\bdesde (?:[ao]s? )?(?:ontem|anteontem|hoje|segunda|terca|quarta|quinta|sexta|sabado|domingo)(?:[- ]feira)?",
    r"\b(?:dura|demora|leva|duracao(?: de)?|sessao de|consulta de)\s+(?:uns |umas |cerca de )?\S+\s*(?:h\b|horas?|min\w*)",
    r"\b\d+\s*min(?:utos?|utinhos?)?\b|\bmeia hora\b(?! (?:depois|antes))",
    rf"\b{NUMBER}\s+{COUNTED}\b",
    rf"\b(?:primeira|segunda|terceira|quarta|quinta|sexta|1a|2a|3a|4a|5a|6a)\s+{_ORDERED}\b",
    r"\b(?:segunda|quarta|quinta|sexta)\s+\w{3,}(?:cao|coes|sao|soes|gem|dade|tiva|ncia|agens)\b",
    r"\b(?:na|a|da) (?:primeira|segunda|terceira) (?:ou|e) (?:a|na)? ?(?:primeira|segunda|terceira)\b",
    r"\b(?:semana|mes|ano) passad[ao]\b|\b(?:terca|segunda|quarta|quinta|sexta)(?:[- ]feira)? passada\b|\bretrasad[ao]\b",
    r"\b\d+\s*(?:x|vezes)\b|(?<![\d.])(?<!as )\b\d+[.,]\d+\b(?![./])",
]
NOISE = re.compile("|".join(f"(?:{pattern})" for pattern in _NOISE))

# What a request counts from now and so is not noise, though it counts days or weeks.
COUNTED_FROM_NOW = re.compile(
    rf"\b(?:daqui(?: a)?|em|dentro de|para daqui(?: a)?|pra daqui(?: a)?|d'aqui(?: a)?)\s+(?:uns |umas )?"
    rf"(?P<count>{NUMBER})\s+(?P<unit>dias?|semanas?|mes(?:es)?|horas?)\b"
)

ASAP = re.compile(
    r"\bo?\s?(?:mais (?:rapido|cedo|breve|proximo|urgente)(?: que (?:der|puder|tiver|for)| possivel)|quanto antes|qto antes|"
    r"qnto antes|mais rapido)\b|\bassim que (?:possivel|der|puder|tiver)\b|\blogo que (?:der|possivel)\b|\basap\b|"
    r"\b(?:primeir[oa]|1[oa]|proxim[oa]) (?:horario|vaga|data|hora)(?: (?:livre|disponivel|que tiver|vag[oa]))?\b|\burgente\b"
)


def fold(text: str) -> str:
    """`text` in lower case without accents, exactly as long as it: positions in one are positions in the other."""
    return "".join(_bare(char) for char in text)


def _bare(char: str) -> str:
    base = unicodedata.normalize("NFKD", char)[0].lower()[0]
    return " " if base.isspace() else base


@dataclass(slots=True)
class Reading:
    """A message while it is read: what is taken is blanked in `rest`, so that each character means one thing."""

    original: str
    plain: str = field(init=False)
    rest: str = field(init=False)
    invalid: str | None = None

    def __post_init__(self) -> None:
        self.original = unicodedata.normalize("NFC", self.original[:LONGEST])
        self.plain = fold(self.original)
        self.rest = self.plain

    def take(self, start: int, end: int) -> None:
        self.rest = self.rest[:start] + TAKEN * (end - start) + self.rest[end:]

    def refuse(self, start: int, end: int) -> None:
        """Take what names no date or hour, and remember the first such span as it was written."""
        self.take(start, end)
        if self.invalid is None:
            self.invalid = self.original[start:end].strip()


def number(text: str) -> int:
    """The value of digits or of a word in NUMBERS."""
    return int(text) if text.isdigit() else NUMBERS[text]


def month(name: str) -> int:
    """1 to 12 for a name or abbreviation in MONTHS."""
    return next(n for n, names in enumerate(MONTHS, start=1) if name in names.split("|"))
