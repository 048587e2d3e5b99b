"""People who are nobody: names, numbers and dates in the place of others', the same for the same one. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from kit import fast_yaml
from kit.dice import dice
from kit.text import plain


class Invented:
    """`avoid`: words (plain) that must not come out, since somebody real is called so; `phones`: numbers that must not."""

    def __init__(self, seed: str, *, avoid: Iterable[str], phones: Iterable[str] = ()) -> None:
        self._dice = dice(seed)
        taken = set(avoid)
        self._left = {
            kind: [name for name in self._dice.sample(_words()[kind], len(_words()[kind])) if plain(name) not in taken]
            for kind in ("first_women", "first_men", "last")
        }
        self._phones_taken = set(phones)
        self._names: dict[str, str] = {}
        self._phones: dict[str, str] = {}
        self._digits: dict[str, str] = {}
        self._numbers: dict[str, int] = {}
        self._days: dict[date, date] = {}

    def name(self, word: str, *, first: bool) -> str:
        """A word of a name (plain) becomes this one, as a first name or as a family's."""
        if word not in self._names:
            woman = word.endswith("a") and word not in _words()["men_in_a"]
            kind = "last" if not first else "first_women" if woman else "first_men"
            self._names[word] = self._next(kind)
        return self._names[word]

    def _next(self, kind: str) -> str:
        left = self._left[kind]
        if len(left) > 1:
            return str(left.pop())
        return f"{left[0] if left else _words()[kind][0]}{'abcdefghijklmnopqrstuvwxyz'[len(self._names) % 26]}"

    def phone(self, phone: str) -> str:
        """A mobile number (E.164) of Belo Horizonte."""
        while phone not in self._phones:
            fresh = f"+55319{self._dice.randrange(6, 10)}{self._dice.randrange(10**7):07}"
            if fresh not in self._phones_taken:
                self._phones_taken.add(fresh)
                self._phones[phone] = fresh
        return self._phones[phone]

    def cpf(self, digits: str) -> str:
        """Eleven digits that check, in the place of these."""
        if digits not in self._digits:
            nine = f"{self._dice.randrange(10**9):09}"
            self._digits[digits] = nine + check_digits(nine)
        return self._digits[digits]

    def digits(self, digits: str) -> str:
        """As many other digits."""
        if digits not in self._digits:
            self._digits[digits] = "".join(str(self._dice.randrange(10)) for _ in digits)
        return self._digits[digits]

    def number(self, what: str) -> int:
        """1, 2, 3… for one thing after another."""
        return self._numbers.setdefault(what, len(self._numbers) + 1)

    def birth(self, day: date) -> date:
        """A birth date within a year of this one, never on its day."""
        if day not in self._days:
            self._days[day] = day - timedelta(days=self._dice.randrange(40, 320))
        return self._days[day]


def check_digits(nine: str) -> str:
    """The two digits that check nine digits of a CPF."""
    digits = [int(digit) for digit in nine]
    for _ in range(2):
        weights = range(len(digits) + 1, 1, -1)
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) * 10 % 11
        digits.append(0 if rest == 10 else rest)
    return "".join(map(str, digits[9:]))


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("clinic.scenarios").joinpath("redacting.yaml").read_text("utf-8"))
    return loaded
