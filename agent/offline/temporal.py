"""The patient's words about time, found in a sentence and kept apart: which day, and which time of that day. Pure.

The words go to the resolver of the agenda as they were said; nothing here turns them into a booking's date. What is
computed (`clock_times`, `names_day`) only compares a sentence with times that were already offered.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from agent.offline.spelling import fold

WEEKDAYS = ("segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo")
_MONTHS = ("janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro",
           "novembro", "dezembro")  # fmt: skip
_WD = r"(?:segunda|terca|quarta|quinta|sexta)(?:[\s-]*feira)?s?|sabados?|domingos?|sab\b|seg\b|ter\b|qua\b|qui\b|sex\b"
_MONTH = "|".join(_MONTHS)
_COUNT = r"(?:\d{1,2}|um|uma|dois|duas|tres|quatro|cinco|seis|sete|oito|nove|dez|quinze|vinte)"
_WEEK = r"(?:semana que vem|proxima semana|outra semana|semana seguinte|essa semana|esta semana|semana)"
_AFTER_DAY = r"(?:\s*,?\s*(?:que vem|da semana que vem|da proxima semana|da outra semana|agora|proxim[ao]|dessa semana" \
             r"|desta semana|sem ser (?:essa|esta)|da semana))"  # fmt: skip
_BOUND = r"(?:(?:a partir d[aeo]|depois d[aeo]|apos(?: [ao])?|ate(?: [ao])?|antes d[aeo]|so(?: n[ao])?|menos)\s+)"
_LEAD = r"(?:(?:n[ao]s?|n?ess[ae]s?|n?est[ae]s?|d[ao]s?|dess[ae]|dest[ae]|proxim[ao]s?|ou|e|para|toda)\s+)*"
_DAY = re.compile(
    rf"\b{_BOUND}?(?:"
    r"depois de amanha|amanha|hoje(?: mesmo| ainda)?|ainda hoje|daqui a pouco"
    rf"|{_LEAD}(?:{_WD}){_AFTER_DAY}?(?:\s*,?\s*(?:dia\s+)?\d{{1,2}}/\d{{1,2}}|\s*,?\s*dia \d{{1,2}})?"
    r"|\d{1,2}/\d{1,2}(?:/\d{2,4})?|\d{4}-\d{2}-\d{2}"
    rf"|(?:(?:no |do )?dias? )?\d{{1,2}}\s+(?:de\s+)(?:{_MONTH})(?:\s+de\s+\d{{4}})?"
    rf"|(?:no |do )?dias? \d{{1,2}}(?! (?:anos|meses))(?:\s+(?:do mes que vem|do proximo mes|desse mes|deste mes))?"
    rf"|(?:{_LEAD}){_WEEK}"
    r"|(?:no |proximo |este |esse |nesse )*(?:fim|final) de semana|fds"
    r"|(?:no )?(?:comeco|inicio|meio|meados|fim|final)(?: d[oae])? (?:mes(?: que vem)?|semana(?: que vem)?)"
    r"|(?:no |para o )?(?:mes que vem|proximo mes|outro mes|mes seguinte)|(?:esse|este) mes"
    rf"|(?:daqui a|daqui|dentro de|em) {_COUNT} (?:dias?|semanas?|mes(?:es)?)"
    rf"|(?:em|so em|para|de) (?:{_MONTH})\b"
    r")",
)
_HOUR = (
    r"(?:\d{1,2}(?::\d{2}|\s?h(?:oras?|s|rs)?\s?\d{2}|\s?h(?:oras?|s|rs)?)?|uma|duas|tres|quatro|cinco|seis|sete|oito"
    r"|nove|dez|onze|meio[\s-]dia)"
)
_CLOCK = (
    rf"{_HOUR}(?: e (?:meia|quinze|vinte|trinta|quarenta|meio))?(?: em ponto)?(?: (?:da|de) (?:manha|tarde|noite))?"
    r"(?!\d|/\d| (?:anos?|meses|mes|dias?|vezes|pessoas?|de " + _MONTH.replace("|", "|de ") + r"))"
)
_PERIOD = (
    r"(?:(?:no |pelo |pro )?(?:fim|final|finalzinho|comeco|inicio|meio)(?: d[ae])? (?:tarde|manha|dia|expediente)"
    r"|(?:de|da|pela|a|na|no|so|periodo da|turno da)\s+(?:manha|tarde|noite|tardinha|manhazinha|noitinha)"
    r"|(?:horario de|no|depois do|antes do|na hora do) almoco|bem cedo|cedinho|logo cedo|de manha cedo|meio[\s-]dia"
    r"|(?:o )?(?:primeiro|ultimo) horario(?: do dia| da manha| da tarde)?"
    r"|(?:depois|fora|fora do|apos) (?:do |o |d[ao] )?(?:trabalho|expediente|horario comercial))"
)
_TIME = re.compile(
    rf"\b(?:entre (?:as )?{_CLOCK} e (?:as )?{_CLOCK}|d[ae]s? {_CLOCK} (?:as|ate as|a) {_CLOCK}"
    rf"|(?:depois|antes|a partir) d[aeo]s? {_CLOCK}|(?:apos|ate|so apos)(?: as| a)? {_CLOCK}"
    rf"|(?:la )?pel[ao]s {_CLOCK}|por volta d[ae]s? {_CLOCK}|(?:as|a|umas|no das|o das|das|para as) {_CLOCK}"
    r"|\d{1,2}:\d{2}|\d{1,2}\s?h(?:oras?|rs|s)?(?:\s?\d{2})?\b|\d{1,2} (?:e meia )?(?:da|de) (?:manha|tarde|noite)"
    rf"|{_PERIOD})"
)
_BARE_PERIOD = re.compile(r"\b(?<!bom dia)(manha|tarde|noite|cedo)\b")
_GREETING = re.compile(r"\b(?:boa (?:tarde|noite)|bom dia|boas tardes|tarde demais|mais (?:tarde|cedo)|tao (?:tarde|cedo))\b")
_ANY_DAY = re.compile(r"\b(?:qualquer|qq|outro|algum) dia\b|\bdia nenhum\b")
_WORDS_OF_NUMBER = {"um": 1, "uma": 1, "dois": 2, "duas": 2, "tres": 3, "quatro": 4, "cinco": 5, "seis": 6, "sete": 7,
                    "oito": 8, "nove": 9, "dez": 10, "onze": 11}  # fmt: skip
_AT = re.compile(
    r"\b(?:(?P<num>\d{1,2})(?::(?P<colon>\d{2})|\s?h(?:oras?|rs|s)?\s?(?P<mins>\d{2})?)?|(?P<word>uma|duas|tres|quatro"
    r"|cinco|seis|sete|oito|nove|dez|onze)|(?P<noon>meio[\s-]dia))"
    r"(?:\s+e\s+(?P<half>meia|quinze|trinta|quarenta e cinco))?(?:\s+(?:da|de)\s+(?P<part>manha|tarde|noite))?\b"
)


@dataclass(frozen=True, slots=True)
class When:
    """`day` and `time`: the words said for each, folded; empty when not said."""

    day: str = ""
    time: str = ""

    def __bool__(self) -> bool:
        return bool(self.day or self.time)

    @property
    def exact_time(self) -> bool:
        return bool(clock_times(self.time)) and not re.search(r"depois|antes|partir|apos|ate|entre|\bdas .* as ", self.time)


def find_when(text: str) -> When:
    """The words about time in `text`, a date before a time."""
    folded = _GREETING.sub(lambda m: "." * len(m.group()), fold(text))
    folded = _ANY_DAY.sub(lambda m: "." * len(m.group()), folded)
    days = [m.group().strip() for m in _DAY.finditer(folded)]
    rest = _DAY.sub(lambda m: ";" * len(m.group()), folded)
    times = [m.group().strip() for m in _TIME.finditer(rest)]
    if not times:
        times = [_spelled(m.group(1)) for m in _BARE_PERIOD.finditer(rest)]
    return When(" ".join(_trim(d) for d in days), " ".join(times))


def _spelled(period: str) -> str:
    return {"manha": "de manha", "tarde": "a tarde", "noite": "a noite", "cedo": "de manha cedo"}[period]


def _trim(day: str) -> str:
    return re.sub(r"^(?:(?:e|ou|para)\s+)+", "", day)


def clock_times(text: str) -> tuple[tuple[int, int], ...]:
    """(hour, minute) of every clock time in `text`; an afternoon hour said small ("às 3") comes as it was said."""
    found = []
    for m in _AT.finditer(fold(text)):
        if m["noon"]:
            found.append((12, 30 if m["half"] in ("meia", "meio") else 0))
            continue
        hour = int(m["num"]) if m["num"] else _WORDS_OF_NUMBER[m["word"]]
        minute = int(m["colon"] or m["mins"] or {"meia": 30, "quinze": 15, "trinta": 30}.get(m["half"] or "", 0))
        if m["part"] in ("tarde", "noite") and hour < 12:
            hour += 12
        if hour < 24 and minute < 60:
            found.append((hour, minute))
    return tuple(found)


def names_day(words: str, day: date, today: date) -> bool:
    """Whether `words` about a day may mean `day` (weekday, day of the month, today, tomorrow); for offered days only."""
    checks: list[bool] = []
    folded = fold(words)
    if "depois de amanha" in folded:
        checks.append(day == today + timedelta(days=2))
    elif "amanha" in folded:
        checks.append(day == today + timedelta(days=1))
    elif "hoje" in folded:
        checks.append(day == today)
    weekdays = [i for i, name in enumerate(WEEKDAYS) if re.search(rf"\b(?:{name}|{name[:3]})s?\b", folded)]
    if weekdays:
        checks.append(day.weekday() in weekdays)
    numbers = [int(n) for n in re.findall(r"\b(?:dia |/)?(\d{1,2})(?=/| de |$|\s|,)", folded)]
    if numbers:
        checks.append(day.day in numbers)
    if "semana que vem" in folded or "proxima semana" in folded:
        monday = today - timedelta(days=today.weekday()) + timedelta(days=7)
        checks.append(monday <= day < monday + timedelta(days=7))
    return bool(checks) and all(checks)


def in_period(words: str, hour: int) -> bool | None:
    """Whether an hour lies in the part of day said; None when none was said."""
    folded = fold(words)
    if "manha" in folded or "cedo" in folded:
        return hour < 12
    if "noite" in folded:
        return hour >= 17
    if "tarde" in folded:
        return 12 <= hour < 19
    return None
