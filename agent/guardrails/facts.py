"""The facts a Brazilian text states: days, times, prices, phones, links. Pure; reads, does not judge.

Everything is read from the flattened text (`kit.text.plain`), so positions and excerpts refer to that form.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache

from kit import ptbr
from kit.text import plain

_WEEKDAYS = ["segunda", "terca", "quarta", "quinta", "sexta", "sabado", "domingo"]
_MONTH = (
    r"(jan(?:eiro)?|fev(?:ereiro)?|marc?o?|abr(?:il)?|maio?|jun(?:ho)?"
    r"|jul(?:ho)?|ago(?:sto)?|set(?:embro)?|out(?:ubro)?|nov(?:embro)?|dez(?:embro)?)\b"
)
_WEEKDAY = r"(segunda|terca|quarta|quinta|sexta|sabado|domingo)s?(?:[- ]?feiras?)?"


@dataclass(frozen=True, slots=True)
class Day:
    """A day named between `start` and `end`: the `dates` it may be, or only `weekdays` (Monday 0) when no date is said.

    `at_odds` when a weekday and a date stand together and do not agree.
    """

    start: int
    end: int
    said: str
    dates: frozenset[date]
    weekdays: frozenset[int]
    at_odds: bool = False


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day, with the `times` it may be ("às 3" is 03:00 or 15:00)."""

    start: int
    end: int
    said: str
    times: frozenset[time]


@dataclass(frozen=True, slots=True)
class Price:
    start: int
    end: int
    said: str
    cents: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something said as it is: a percentage, a phone, a link, a number of a document."""

    start: int
    end: int
    said: str


@dataclass(frozen=True, slots=True)
class Facts:
    """What one text states. `keys` are numbers of documents (CPF, CNPJ), which a transfer may be sent to."""

    text: str
    days: tuple[Day, ...]
    clocks: tuple[Clock, ...]
    prices: tuple[Price, ...]
    percents: tuple[Mark, ...]
    phones: tuple[Mark, ...]
    urls: tuple[Mark, ...]
    keys: tuple[Mark, ...]

    def pairs(self) -> Iterator[tuple[Day, Clock]]:
        """Each time with the day it belongs to: the one said right after it ("15h de terça"), else the last one before."""
        for clock in self.clocks:
            after = _JOINED.match(self.text, clock.end)
            owner = next((day for day in self.days if after and day.start == after.end()), None)
            owner = owner or next((day for day in reversed(self.days) if day.end <= clock.start), None)
            owner = owner or next((day for day in self.days if 0 <= day.start - clock.end <= 60), None)
            if owner is not None:
                yield owner, clock


_JOINED = re.compile(r"\s*(?:\(|(?:de|da|do|na|no|nesta|nessa|desta|dessa|neste|nesse)\s+)")
_ISO_TAIL = re.compile(r"(\d{4}-\d{2}-\d{2})[t ](\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?")
_URL = re.compile(
    # Each begins only where a run of its own characters begins, so that a long run is read once.
    r"https?://[^\s)>\]]+|www\.[^\s)>\]]+|(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?<![@.\w-])[-_]*|(?<=[@.]|[^\W_])-*_[-_]*)[a-z0-9][a-z0-9-]*(?:\.[a-z0-9-]+)*\.(?:com|net|org|app|site|online|link|me|io|br|ly)(?:\.br)?(?:/[^\s)>\]]*)?(?![^\W_]|@)"
)
_KEY = re.compile(r"(?<!\d)\d{2}\.?\d{3}\.?\d{3}/\d{4}-?\d{2}(?!\d)|(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)")
_PERCENT = re.compile(r"(?<!\d)\d+(?:,\d+)?\s*(?:%|por cento)")
_PHONE = re.compile(
    r"(?<![\d/.,$-])(?:\+?55[\s-]?)?(?:\(?0?\d{2}\)?[\s.-]?)?9?\s?\d{4}[\s.-]?\d{4}(?!\d|[/,]\d)|\b0800[\s-]?\d{3}[\s-]?\d{4}\b"
)


@lru_cache(maxsize=256)
def facts_in(text: str, today: date) -> Facts:
    """The facts stated in `text`; days without a year, "amanhã" and "dia 12" are read as of `today`."""
    flat = _ISO_TAIL.sub(r"\1 \2", plain(text))
    urls = tuple(_marks(_URL, flat))
    bare = _blanked(_URL, flat)
    keys = tuple(_marks(_KEY, bare))
    bare = _blanked(_KEY, bare)
    days = _days(bare, today)
    phones = tuple(mark for mark in _marks(_PHONE, bare) if not any(day.start <= mark.start < day.end for day in days))
    return Facts(
        text=flat,
        days=days,
        clocks=tuple(_clocks(bare)),
        prices=tuple(_prices(bare)),
        percents=tuple(_marks(_PERCENT, bare)),
        phones=phones,
        urls=urls,
        keys=keys,
    )


def _marks(pattern: re.Pattern[str], flat: str) -> Iterator[Mark]:
    for found in pattern.finditer(flat):
        begun = found.group().lstrip().lstrip("-_")
        said = begun.rstrip(".,;:!?")
        start = found.end() - len(begun)
        yield Mark(start, start + len(said), said)


def _blanked(pattern: re.Pattern[str], flat: str) -> str:
    return pattern.sub(lambda found: " " * len(found.group()), flat)


def digits(text: str) -> str:
    """Only the digits of `text`."""
    return re.sub(r"\D", "", text)


# ---- days -----------------------------------------------------------------------------------------------------------

_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})(?:/(\d{4}|\d{2}))?(?![\d/])")
_WRITTEN = re.compile(r"\b(\d{1,2})o?\s+de\s+" + _MONTH + r"(?:\s+de\s+(\d{4}))?")
_LISTED = re.compile(r"\bdias?\s+(\d{1,2}(?:\s*,\s*\d{1,2})*\s*(?:,|e|ou)\s+)(?=\d{1,2}\s+de\s+" + _MONTH + ")")
_ISO = re.compile(r"\b(\d{4})-(\d{2})-(\d{2})\b")
_OF_MONTH = re.compile(r"\bdia\s+(\d{1,2})(?![\d/:h]|\s*o?\s+de\s+[a-z]{3})")
_RELATIVE = re.compile(r"\b(depois de amanha|amanha|hoje|ontem)\b(?!\s+em\s+dia)")
_RANGE = re.compile(r"\b" + _WEEKDAY + r"\s+(?:a|ate|ate a)\s+" + _WEEKDAY + r"\b")
_ORDINAL = r"(?!\s+(?:via|opcao|dose|consulta|vez|etapa|sessao|unidade|parte|fase|pessoa|avaliacao|mensagem)\b)"
_NAMED = re.compile(r"\b" + _WEEKDAY + r"\b" + _ORDINAL)
_SHORT = re.compile(r"\b(seg|ter|qua|qui|sex|sab|dom)\.?,?\s*(?=\(?\d{1,2}/\d)")
_AGO = {"ontem": -1, "hoje": 0, "amanha": 1, "depois de amanha": 2}


def _days(text: str, today: date) -> tuple[Day, ...]:
    dated = list(_dated(text, today))
    taken = [(day.start, day.end) for day in dated]
    named: list[Day] = []
    for found in _RANGE.finditer(text):
        first, last = _WEEKDAYS.index(found.group(1)), _WEEKDAYS.index(found.group(2))
        span = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
        named.append(Day(found.start(), found.end(), found.group(), frozenset(), span))
        taken.append((found.start(), found.end()))
    for pattern in (_NAMED, _SHORT):
        for found in pattern.finditer(text):
            if not any(start <= found.start() < end for start, end in taken):
                weekday = next(at for at, name in enumerate(_WEEKDAYS) if name.startswith(found.group(1)[:3]))
                named.append(Day(found.start(), found.end(), found.group(), frozenset(), frozenset({weekday})))
    return tuple(sorted(_merged(dated, named, text), key=lambda day: day.start))


def _dated(text: str, today: date) -> Iterator[Day]:
    for found in _SLASHED.finditer(text):
        if found.group() != "24/7":
            yield _day(found, _resolve(int(found.group(1)), int(found.group(2)), found.group(3), today))
    for found in _WRITTEN.finditer(text):
        yield _day(found, _resolve(int(found.group(1)), _month(found.group(2)), found.group(3), today))
    for found in _LISTED.finditer(text):
        for number in re.finditer(r"\d{1,2}", found.group(1)):
            at = found.start(1) + number.start()
            dates = _resolve(int(number.group()), _month(found.group(2)), None, today)
            yield Day(at, at + len(number.group()), number.group(), dates, frozenset())
    for found in _ISO.finditer(text):
        yield _day(found, _valid(int(found.group(1)), int(found.group(2)), int(found.group(3))))
    for found in _OF_MONTH.finditer(text):
        months = [(today.year + (today.month - 1 + ahead) // 12, (today.month - 1 + ahead) % 12 + 1) for ahead in (-1, 0, 1, 2)]
        yield _day(found, frozenset().union(*(_valid(year, month, int(found.group(1))) for year, month in months)))
    for found in _RELATIVE.finditer(text):
        yield _day(found, frozenset({today + timedelta(days=_AGO[found.group(1)])}))


def _merged(dated: list[Day], named: list[Day], text: str) -> Iterator[Day]:
    """Dates, each with the weekday said beside it folded in; weekdays that stand alone as they are."""
    used: set[Day] = set()
    for day in dated:
        beside = next((name for name in named if len(name.weekdays) == 1 and _touches(name, day, text)), None)
        if beside is None:
            yield day
            continue
        used.add(beside)
        start, end = min(day.start, beside.start), max(day.end, beside.end)
        agreeing = frozenset(d for d in day.dates if d.weekday() in beside.weekdays)
        yield Day(start, end, text[start:end], agreeing or day.dates, frozenset(), at_odds=not agreeing)
    yield from (name for name in named if name not in used)


def _touches(name: Day, day: Day, text: str) -> bool:
    before = name.end <= day.start and re.fullmatch(
        r"\s*(?:que vem)?\s*[,(-]?\s*(?:e\s+)?(?:dia)?\s*\(?", text[name.end : day.start]
    )
    after = day.end <= name.start and re.fullmatch(r"\s*[,(-]?\s*(?:e?\s*(?:uma?|na|numa|no))?\s*", text[day.end : name.start])
    return bool(before or after)


def _day(found: re.Match[str], dates: frozenset[date]) -> Day:
    return Day(found.start(), found.end(), found.group(), dates, frozenset())


def _month(said: str) -> int:
    number = ptbr.month_number(said[:3])
    assert number is not None, said  # _MONTH matches nothing else
    return number


def _valid(year: int, month: int, day: int) -> frozenset[date]:
    try:
        return frozenset({date(year, month, day)})
    except ValueError:
        return frozenset()


def _resolve(day: int, month: int, year: str | None, today: date) -> frozenset[date]:
    """The date meant; without a year, the one nearest to today, the future preferred up to ten months ahead."""
    if year is not None:
        return _valid(int(year) + (2000 if len(year) == 2 else 0), month, day)
    near = (found for ahead in (-1, 0, 1) for found in _valid(today.year + ahead, month, day))
    return frozenset(found for found in near if -60 <= (found - today).days <= 304)


# ---- times ----------------------------------------------------------------------------------------------------------

_PERIOD = r"(?:\s*(?:horas?)?\s*d[ae]\s+(manha|tarde|noite|madrugada))?"
_MINUTED = re.compile(r"(?<![\d,.:])([01]?\d|2[0-3])\s?(?:h|hs|:)\s?([0-5]\d)(?:\s?(?:min|h|hs))?(?![\d:])" + _PERIOD)
_HOURED = re.compile(r"(?<![\d,./])([01]?\d|2[0-3])\s?(?:h|hs|hrs)\b(?!\s?\d)" + _PERIOD)
_SPOKEN = re.compile(
    r"\b(?:as|das|pelas|a partir das|ate as|umas)\s+([01]?\d|2[0-3])\b(?![:/,.]?\d|\s?h\b|\s?:|\s*%)"
    r"(?=\s*(?:$|[.,;!?)]|horas?\b|da\s|de\s+(?:segunda|terca|quarta|quinta|sexta|sabado|domingo|hoje|amanha)"
    r"|e\s|ou\b|no\b|na\b|com\b|em\s+ponto|as\s+\d|ate\b))"
    r"(?:\s*(?:horas?))?(?:\s+e\s+(meia|quinze|trinta))?" + _PERIOD
)
_NOON = re.compile(r"\bmeio[ -]dia(\s+e\s+meia)?\b|\bmeia[ -]noite\b")
_LASTS_BEFORE = re.compile(
    r"(?:jejum\s+(?:absoluto\s+)?de|ha|por|durante|cada|dura\w*(?:\s+(?:de|cerca de|em media))*|leva\w*|em ate|de ate"
    r"|antecedencia\s+(?:minima\s+)?de|minimo\s+(?:de)?|menos\s+de|mais\s+de|dentro\s+de|apos|prazo\s+de|cerca\s+de|pelo\s+menos|depois\s+de|faltando|espera\s+de)\s*$"
)
_LASTS_AFTER = re.compile(
    r"\s*(?:de\s+jejum|antes|depois|de\s+antecedencia|por\s+dia|de\s+duracao|uteis|seguidas|de\s+repouso|por\s+semana|apos|sem\s+comer)"
)


def _clocks(text: str) -> Iterator[Clock]:
    taken: list[tuple[int, int]] = []
    for pattern in (_MINUTED, _SPOKEN, _HOURED):
        for found in pattern.finditer(text):
            lasting = _LASTS_BEFORE.search(text[max(0, found.start() - 40) : found.start()])
            if lasting or _LASTS_AFTER.match(text, found.end()) or any(a <= found.start(1) < b for a, b in taken):
                continue
            taken.append((found.start(), found.end()))
            yield Clock(found.start(), found.end(), found.group().strip(), _times(found, pattern))
    for found in _NOON.finditer(text):
        midnight = found.group().startswith("meia")
        yield Clock(
            found.start(), found.end(), found.group(), frozenset({time(0 if midnight else 12, 30 if found.group(1) else 0)})
        )


def _times(found: re.Match[str], pattern: re.Pattern[str]) -> frozenset[time]:
    hour = int(found.group(1))
    period = found.group(found.re.groups)
    minute = 0
    if pattern is _MINUTED:
        minute = int(found.group(2))
    elif pattern is _SPOKEN and found.group(2):
        minute = 15 if found.group(2) == "quinze" else 30
    if period in ("tarde", "noite") and hour < 12:
        return frozenset({time(hour + 12, minute)})
    if pattern is _SPOKEN and period is None and 1 <= hour < 12:
        return frozenset({time(hour, minute), time(hour + 12, minute)})
    return frozenset({time(hour, minute)})


# ---- prices ---------------------------------------------------------------------------------------------------------

_MARKED = re.compile(r"r\$\s*(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?(?!\d)(\s+mil\b)?")
_NAMED_PRICE = re.compile(r"(?<![\d$.,])(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?(\s+mil)?\s+(?:reais|real|conto|pila)\b")
_IN_WORDS = re.compile(r"\b((?:(?:[a-z]+)\s+(?:e\s+)?){1,7})reais\b")
_UNITS = """zero um dois tres quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis dezessete
dezoito dezenove"""
_TENS = "vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"
_HUNDREDS = "cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
_WORDS = (
    {word: value for value, word in enumerate(_UNITS.split())}
    | {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
    | {word: 100 * value for value, word in enumerate(_HUNDREDS.split(), 1)}
    | {"cem": 100, "catorze": 14, "uma": 1, "duas": 2}
)


# A field of a tool's answer, and a column of a price list: amounts that no sign tells.
_FIELD = re.compile(r"\"?(?:price|preco|valor)\w*\"?\s*[:=|]\s*\"?(\d{1,3}(?:\.\d{3})+|\d+)(?:,(\d{2}))?(?![\d.,]*\d)()")


def _prices(text: str) -> Iterator[Price]:
    for pattern in (_MARKED, _NAMED_PRICE, _FIELD):
        for found in pattern.finditer(text):
            whole = int(found.group(1).replace(".", "")) * (1000 if found.group(3) else 1)
            yield Price(found.start(), found.end(), found.group(), whole * 100 + int(found.group(2) or 0))
    for found in _IN_WORDS.finditer(text):
        value = _spelled(found.group(1).split())
        if value is not None:
            yield Price(found.start(), found.end(), found.group(), value * 100)


def amounts(flat: str) -> frozenset[int]:
    """Every number of a clinic's flattened text that talks of money, in cents: lists of prices leave the sign to a heading."""
    if not _MONEY.search(flat):
        return frozenset()
    bare = _KEY.sub(" ", _URL.sub(" ", flat))
    return frozenset(int(n.group(1).replace(".", "")) * 100 + int(n.group(2) or 0) for n in _AMOUNT.finditer(bare))


_MONEY = re.compile(r"r\$|\b(?:valor(?:es)?|precos?|tabela|investimento|reais|particular)\b")
_AMOUNT = re.compile(
    r"(?<![\d/:.,-])(\d{1,3}(?:\.\d{3})+|\d{2,5})(?:,(\d{2}))?(?![\d/:h%]|[.,]\d|\s?(?:h|min|dias?|horas?|anos?|meses)\b)"
)


def _spelled(words: list[str]) -> int | None:
    """The number the last of `words` spell ("custa cento e oitenta" is 180), or None."""
    total, seen = 0, False
    tail: list[str] = []
    for word in reversed(words):
        if word not in _WORDS and word not in ("e", "mil"):
            break
        tail.insert(0, word)
    for word in tail:
        if word == "mil":
            total = max(total, 1) * 1000
            seen = True
        elif word in _WORDS:
            total += _WORDS[word]
            seen = True
    return total if seen else None
