"""Conversations without anybody in them: who and what is personal is found and replaced, the same each time. Pure.

What the clinic knows of its people is certain; what only looks personal is replaced too, and told apart, so that somebody
can look. Replacing too much costs a second look, too little costs a patient.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from clinic.scenarios.inventing import Invented, check_digits
from kit import fast_yaml, ptbr
from kit.phone import canonical
from kit.text import plain

_PARTICLES = frozenset({"da", "de", "do", "das", "dos", "e", "di", "del"})
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_NEXT = re.compile(r" *([^\W\d_]+(?:['’-][^\W\d_]+)*)")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LINK = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w@.])@[A-Za-z][\w.]{2,}")
_CPF = re.compile(r"(?<!\d)\d{3}\.\d{3}\.\d{3}-\d{2}(?!\d)|(?<!\d)\d{9}-\d{2}(?!\d)|(?<!\d)\d{11}(?!\d)")
_ZIP = re.compile(r"(?<!\d)\d{5}-\d{3}(?!\d)|(?<=cep )\d{8}(?!\d)", re.IGNORECASE)
_STREET = re.compile(
    r"\b(?:rua|r\.|avenida|av\.?|alameda|travessa|praça|praca|rodovia|estrada|largo|beco)\s+(?=[^\W\d_])"
    r"[^\n,.;!?]{2,50}(?:,?\s*(?:n[º°o.]*\s*)?\d{1,5}\b)?(?:,?\s*(?:ap(?:to|artamento)?|bloco|casa)\.?\s*\w{1,5})?",
    re.IGNORECASE,
)
_FIGURES = re.compile(r"(?<!\d)(\d{1,2})(\s*[/.-]\s*)(\d{1,2})(\s*[/.-]\s*)(\d{4}|\d{2})(?!\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")
_SPELLED = re.compile(r"(?<!\d)(\d{1,2})(?:º|o)? de ([^\W\d_]+)(?: de | do ano de )(\d{4}|\d{2})(?!\d)", re.IGNORECASE)
_HOUR = re.compile(r"(?<!\d)\d{1,2}\s?(?::|h)\s?\d{2}(?!\d)", re.IGNORECASE)
_RUN = re.compile(r"(?<!\d)(\d{2})(\d{2})(\d{4})(?!\d)")
_SHORT = re.compile(r"(?<=nasc)(\D{1,25})(\d{1,2})/(\d{1,2})(?![\d/])", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\d)(?<!\d,)\+?\(?\d(?:[ .()/-]{0,2}\d){4,}(?!\d|,\d)")
_MONEY = re.compile(r"R\$\s*$")
_PLAN = re.compile(r"carteir|matr[ií]cula|conv[eê]nio|plano|unimed|amil|cart[aã]o", re.IGNORECASE)
_TITLED = re.compile(r"\b(?:dra?|sra?|doutora?)\.?\s*$", re.IGNORECASE)
_SENTENCE = re.compile(r"(?:^|[.!?\n]\s*)$")


@dataclass(frozen=True, slots=True)
class Known:
    """What the clinic knows of people. `near`: names of those this conversation is about, of whom one word is enough."""

    names: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    phones: frozenset[str] = frozenset()  # E.164
    births: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class Replaced:
    """Something personal that was replaced. `known`: the clinic knows it as somebody's, else it only looked like it."""

    what: str
    was: str
    now: str
    times: int
    known: bool


@dataclass(frozen=True, slots=True)
class _Span:
    start: int
    end: int
    what: str
    now: str
    known: bool


class Cover:
    """Replaces what is personal, one thing by one other thing wherever it comes. `keep`: the clinic's own words."""

    def __init__(self, known: Known, *, keep: Iterable[str], seed: str, today: date) -> None:
        self._known, self._today = known, today
        own = [word for text in keep for word in (*_WORD.findall(text), *_WORD.findall(text.replace("-", " ")))]
        self._keep = {plain(word) for word in own} | _set("common")
        self._places = [plain(text) for text in keep]
        taken = {plain(word) for text in (*known.names, *known.near, *keep) for word in _WORD.findall(text)}
        self._invented = Invented(seed, avoid=taken, phones=known.phones)
        self._near = {plain(word) for name in known.near for word in _parts(name)}
        self._by_first: dict[str, list[list[str]]] = {}
        for name in (*known.names, *known.near):
            parts = [plain(word) for word in _parts(name)]
            if parts:
                self._by_first.setdefault(parts[0], []).append(parts)
        self._found: dict[tuple[str, str, str, bool], int] = {}

    @property
    def replaced(self) -> list[Replaced]:
        """Everything that was replaced in texts, what is only suspected last."""
        told = [Replaced(what, was, now, times, known) for (what, was, now, known), times in self._found.items()]
        return sorted(told, key=lambda one: (not one.known, one.what, plain(one.was)))

    def name(self, name: str) -> str:
        """The invented name in the place of somebody's."""
        parts = [word for word in _parts(name) if plain(word) not in _PARTICLES]
        return " ".join(self._token(word, first=place == 0) for place, word in enumerate(parts)) or self._token("", first=True)

    def phone(self, phone: str) -> str:
        """The invented number (E.164) in the place of one."""
        return self._invented.phone(phone)

    def birth(self, day: date) -> date:
        """The invented birth date in the place of one: of about the same age."""
        return self._invented.birth(day)

    def text(self, text: str, *, name: bool = False) -> str:
        """The text without anybody in it. `name`: it answers somebody who asked for a name."""
        spans: list[_Span] = []
        for find in (
            self._emails, self._links, self._cpfs, self._zips, self._streets, self._births, self._days, self._numbers,
            self._known_names, self._answered if name else self._told_names, self._told_names, self._capitals,
        ):  # fmt: skip
            for span in find(text):
                if not any(span.start < other.end and other.start < span.end for other in spans):
                    spans.append(span)
        whole, at = "", 0
        for span in sorted(spans, key=lambda one: one.start):
            was = text[span.start : span.end]
            if was != span.now:
                key = (span.what, was, span.now, span.known)
                self._found[key] = self._found.get(key, 0) + 1
            whole, at = whole + text[at : span.start] + span.now, span.end
        return whole + text[at:]

    # --- what has a shape of its own ------------------------------------------------------------------------------------

    def _emails(self, text: str) -> Iterator[_Span]:
        for found in _EMAIL.finditer(text):
            yield _Span(*found.span(), "email", _say("email", number=self._invented.number(plain(found[0]))), False)

    def _links(self, text: str) -> Iterator[_Span]:
        for found in _LINK.finditer(text):
            yield _Span(*found.span(), "link", _say("link"), False)
        for found in _HANDLE.finditer(text):
            yield _Span(*found.span(), "link", _say("handle", number=self._invented.number(plain(found[0]))), False)

    def _cpfs(self, text: str) -> Iterator[_Span]:
        for found in _CPF.finditer(text):
            digits = re.sub(r"\D", "", found[0])
            if len(found[0]) > 11 or _is_cpf(digits):
                yield _Span(*found.span(), "cpf", _shaped(found[0], self._invented.cpf(digits)), False)

    def _zips(self, text: str) -> Iterator[_Span]:
        for found in _ZIP.finditer(text):
            if not any(found[0] in place for place in self._places):
                yield _Span(*found.span(), "address", _say("zip"), False)

    def _streets(self, text: str) -> Iterator[_Span]:
        for found in _STREET.finditer(text):
            told = plain(found[0])
            if not any(told in place or (len(told) > 8 and told[:12] in place) for place in self._places):
                number = self._invented.number(told) * 10
                yield _Span(*found.span(), "address", f"{_say('street')}, {number}", False)

    def _births(self, text: str) -> Iterator[_Span]:
        for found in _SPELLED.finditer(text):
            month = ptbr.month_number(found[2])
            if month and (day := self._born(found[3], month, found[1])):
                new = self.birth(day)
                told = f"{new.day} de {ptbr.month_name(new.month)} de {_year(new, found[3])}"
                yield _Span(*found.span(), "birth_date", told, day in self._known.births)
        shapes: list[tuple[re.Pattern[str], Callable[[re.Match[str]], tuple[str, str, str]], Callable[..., str]]] = [
            (_ISO, lambda m: (m[1], m[2], m[3]), lambda m, new: new.isoformat()),
            (_FIGURES, lambda m: (m[5], m[3], m[1]), lambda m, new: f"{new:%d}{m[2]}{new:%m}{m[4]}{_year(new, m[5])}"),
            (_RUN, lambda m: (m[3], m[2], m[1]), lambda m, new: f"{new:%d%m%Y}"),
        ]
        for pattern, parts, written in shapes:
            for found in pattern.finditer(text):
                year, month_said, day_said = parts(found)
                day = self._born(year, int(month_said), day_said)
                if day is not None:
                    yield _Span(*found.span(), "birth_date", written(found, self.birth(day)), day in self._known.births)
        for found in _SHORT.finditer(text):
            yield _Span(found.start(2), found.end(3), "birth_date", "10/10", False)

    def _days(self, text: str) -> Iterator[_Span]:
        """Days and hours ahead stay: they are the matter itself."""
        for pattern in (_ISO, _FIGURES, _SPELLED, _HOUR):
            for found in pattern.finditer(text):
                yield _Span(*found.span(), "day", found[0], False)

    def _born(self, year: str, month: int, day: str) -> date | None:
        """A date that lies a year back or more: nobody is asked for a visit then."""
        full = int(year)
        if len(year) == 2:
            full += 2000 if 2000 + full <= self._today.year else 1900
        try:
            found = date(full, month, int(day))
        except ValueError:
            return None
        old = date(1900, 1, 1) <= found <= self._today - timedelta(days=300)
        return found if old or found in self._known.births else None

    def _numbers(self, text: str) -> Iterator[_Span]:
        for found in _DIGITS.finditer(text):
            digits = re.sub(r"\D", "", found[0])
            if _MONEY.search(text[: found.start()]) or (re.fullmatch(r"[\d.]+\.\d{3}", found[0]) and len(digits) < 7):
                continue
            if re.fullmatch(r"\d{1,2}[ /.-]\d{1,2}(?:[ /.-]\d{2,4})?", found[0].strip()):
                continue  # a day ahead, which is the matter itself
            phone = canonical(found[0])
            if phone in self._known.phones:
                yield _Span(*found.span(), "phone", _shaped(found[0], self.phone(phone or "")), True)
            elif _PLAN.search(text[max(0, found.start() - 40) : found.start()]) and len(digits) >= 5:
                yield _Span(*found.span(), "convenio_number", _shaped(found[0], self._invented.digits(digits)), False)
            elif phone is not None and len(digits) >= 8:
                yield _Span(*found.span(), "phone", _shaped(found[0], self.phone(phone)), False)
            elif len(digits) >= 6:
                yield _Span(*found.span(), "number", _shaped(found[0], self._invented.digits(digits)), False)

    # --- names ----------------------------------------------------------------------------------------------------------

    def _known_names(self, text: str) -> Iterator[_Span]:
        words = list(_WORD.finditer(text))
        place = 0
        while place < len(words):
            length = self._known_at(words, place)
            if length:
                first, last = words[place], words[place + length - 1]
                yield _Span(
                    first.start(), last.end(), "name", self._named([word[0] for word in words[place : place + length]]), True
                )
            place += length or 1

    def _known_at(self, words: Sequence[re.Match[str]], place: int) -> int:
        """How many words from here are a name that the clinic knows; of people who are near, one is enough."""
        first = plain(words[place][0])
        if place and plain(words[place - 1][0]) in _set("titles"):
            return 0  # a professional of the house
        best = 0
        for parts in self._by_first.get(first, ()):
            taken, last, wanted = 1, 1, parts[1:]
            for offset, word in enumerate(words[place + 1 : place + 8], 2):
                told = plain(word[0])
                if told in _PARTICLES:
                    continue
                if told not in wanted:
                    break
                wanted, taken, last = wanted[wanted.index(told) + 1 :], taken + 1, offset
            if taken > 1:
                best = max(best, last)
        if best:
            return best
        near = first in self._near and first not in _PARTICLES and len(first) > 2
        return 1 if near and (words[place][0][0].isupper() or first not in self._keep) else 0

    def _answered(self, text: str) -> Iterator[_Span]:
        """A short answer to who asked for a name is one, written as it may be."""
        words = self._name_words(text, 0, capital=False)
        if words and words[-1].end() >= len(text.rstrip(" .!,")) and any(plain(word[1]) not in self._keep for word in words):
            yield _Span(words[0].start(1), words[-1].end(1), "name", self._named([word[1] for word in words]), False)

    def _told_names(self, text: str) -> Iterator[_Span]:
        for pattern, capital in _cues():
            for cue in pattern.finditer(text):
                words = self._name_words(text, cue.end(), capital=capital)
                if any(plain(word[1]) not in self._keep for word in words):
                    yield _Span(words[0].start(1), words[-1].end(1), "name", self._named([word[1] for word in words]), False)

    def _name_words(self, text: str, start: int, *, capital: bool) -> list[re.Match[str]]:
        """The words of a name from here on; written small, it ends where the sentence goes on."""
        found: list[re.Match[str]] = []
        at = start
        while len(found) < 6 and (word := _NEXT.match(text, at)) is not None:
            told, particle = plain(word[1]), plain(word[1]) in _PARTICLES and found
            if not particle and ((capital and not word[1][0].isupper()) or told in _set("stop") or told in _set("titles")):
                break
            found.append(word)
            at = word.end()
        while found and plain(found[-1][1]) in _PARTICLES:
            found.pop()
        return found

    def _capitals(self, text: str) -> Iterator[_Span]:
        """Names in the middle of a sentence, and two or more words with capitals anywhere."""
        if text.isupper():
            return
        run: list[re.Match[str]] = []
        for word in _NEXT.finditer(text):
            joined = bool(run) and word.start() == run[-1].end()
            particle = joined and plain(word[1]) in _PARTICLES
            capital = word[1][0].isupper() and plain(word[1]) not in self._keep
            if not (particle or (capital and (joined or not run))):
                yield from self._run(text, run)
                run = []
            if particle or capital:
                run.append(word)
        yield from self._run(text, run)

    def _run(self, text: str, run: list[re.Match[str]]) -> Iterator[_Span]:
        while run and plain(run[-1][0]) in _PARTICLES:
            run.pop()
        before = text[: run[0].start(1)] if run else ""
        begins = _SENTENCE.search(before) is not None and not _TITLED.search(before)
        if not run or (len(run) == 1 and (begins or len(run[0][1]) < 3)):
            return
        yield _Span(run[0].start(1), run[-1].end(1), "name", self._named([word[1] for word in run]), False)

    def _named(self, words: Sequence[str]) -> str:
        told: list[str] = []
        for word in words:
            if plain(word) not in _PARTICLES:
                new = self._token(word, first=not told)
                told.append(new.upper() if word.isupper() and len(word) > 1 else new.lower() if word.islower() else new)
        return " ".join(told)

    def _token(self, word: str, *, first: bool) -> str:
        return self._invented.name(plain(word), first=first)


def leaks(texts: Iterable[str], known: Known) -> list[str]:
    """What of the clinic's people is in these texts after all: whole names, phones, birth dates."""
    names = {tuple(plain(word) for word in _parts(name)) for name in (*known.names, *known.near)}
    found: list[str] = []
    for text in texts:
        words = [plain(word) for word in _WORD.findall(text) if plain(word) not in _PARTICLES]
        rows = {tuple(words[at : at + size]) for size in {len(name) for name in names} for at in range(len(words) - size + 1)}
        found += [" ".join(name) for name in names & rows if len(name) > 1]
        digits = re.sub(r"\D", "", text)
        found += [phone for phone in known.phones if phone[-8:] in digits]
        found += [f"{day:%d/%m/%Y}" for day in known.births if f"{day:%d/%m/%Y}" in text or day.isoformat() in text]
    return list(dict.fromkeys(found))


def _parts(name: str) -> list[str]:
    return [word for word in _WORD.findall(name) if plain(word) not in _PARTICLES]


def _shaped(was: str, digits: str) -> str:
    """These digits in the shape of what was written; of a longer number the last ones."""
    left = [letter for letter in digits if letter.isdigit()][-sum(letter.isdigit() for letter in was) :]
    left = ["0"] * (sum(letter.isdigit() for letter in was) - len(left)) + left
    rest = iter(left)
    return "".join(next(rest) if letter.isdigit() else letter for letter in was)


def _year(day: date, like: str) -> str:
    return f"{day:%y}" if len(like) == 2 else f"{day:%Y}"


def _is_cpf(digits: str) -> bool:

    return len(set(digits)) > 1 and check_digits(digits[:9]) == digits[9:]


@cache
def _cues() -> tuple[tuple[re.Pattern[str], bool], ...]:
    return tuple(
        (re.compile(r"(?<!\w)(?:" + "|".join(_words()[key]) + r")(?=\W)\s*", re.IGNORECASE), capital)
        for key, capital in (("cues_any", False), ("cues_capital", True))
    )


@cache
def _set(key: str) -> frozenset[str]:
    return frozenset(plain(str(word)) for word in _words()[key])


def _say(key: str, **values: object) -> str:
    return str(_words()[key]).format(**values)


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("redacting.yaml").read_text("utf-8"))
    return loaded
