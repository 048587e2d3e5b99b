"""What is in range for whom: by age, as the clinic wishes, and as somebody's own doctor wishes for them. Pure; vitals.yaml.

The house's defaults for telling what stands out, wider than a ward's: **no clinician has signed them yet**. Drawn after
  adults: NEWS2 (Royal College of Physicians, 2017), about where one measure alone scores 2 or more; blood pressure wider than
    the Diretrizes Brasileiras de Hipertensão (2020), whose 140x90 half of those cared for at home have on a good day;
  glucose: Diretriz da Sociedade Brasileira de Diabetes: below 70 low, below 54 at once;
  elderly: fever from 37.5 on, as old people's temperatures run low (IDSA, long-term care, 2008);
  children: heart rate, breathing and lowest pressure after the PALS tables (American Heart Association, 2020), with room at
    both ends; a fever under three months is urgent from 38.0 on (AAP, 2021; NICE NG143).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from clinic.reports.reading import words_of

Limits = Mapping[str, float]  # of low, high, urgent_low, urgent_high, those that are said
Wishes = Mapping[str, Limits]  # by part: systolic, pulse, …
_ADULT = "adult"


@dataclass(frozen=True, slots=True)
class Ranges:
    """Somebody's limits. `age` in years, None when nobody knows it: then those of an adult. A doctor's (`own`) come before the
    clinic's, which come before the house's."""

    age: float | None = None
    clinic: Wishes = field(default_factory=dict)
    own: Wishes = field(default_factory=dict)

    @property
    def group(self) -> str:
        """newborn | infant | toddler | preschool | school | teen | adult | elderly."""
        return group_of(self.age)

    def of(self, part: str) -> Limits:
        """low, high, urgent_low and urgent_high of a part; a limit is never less urgent than the one beyond it."""
        house = _house(self.group, part)
        found = {**house, **self.clinic.get(part, {}), **self.own.get(part, {})}
        found["urgent_low"] = min(found["urgent_low"], found["low"])
        found["urgent_high"] = max(found["urgent_high"], found["high"])
        return found

    def basis(self, part: str) -> str:
        """Whose limits these are: person | clinic | age | unknown (an adult's, for want of an age)."""
        if part in self.own:
            return "person"
        if part in self.clinic:
            return "clinic"
        return "age" if self.age is not None else "unknown"

    @property
    def key(self) -> str:
        """The same for whom the same measures stand out."""
        wishes = sorted((name, sorted(one.items())) for name, one in {**self.clinic, **self.own}.items())
        return self.group if not wishes else f"{self.group} {wishes}"


ADULT = Ranges()  # nobody knows the age


def ranges_for(
    born: date | None, day: date, *, clinic: Mapping[str, Wishes] | None = None, own: Wishes | None = None
) -> Ranges:
    """The limits on a day of somebody born then. `clinic`: by group of age. A date of birth ahead of `day` is none."""
    age = (day - born).days / 365.25 if born is not None and born <= day else None
    return Ranges(age, (clinic or {}).get(group_of(age), {}), own or {})


def group_of(age: float | None) -> str:
    """The group of an age in years."""
    groups = words_of("vitals")["groups"]
    return next((str(one["group"]) for one in groups if age is not None and age < one["until"]), _ADULT)


def groups() -> tuple[str, ...]:
    """Every group, youngest first."""
    return tuple(str(one["group"]) for one in words_of("vitals")["groups"])


def parts() -> tuple[str, ...]:
    """Everything that has limits."""
    return tuple(words_of("vitals")["ranges"][_ADULT])


@lru_cache(maxsize=256)
def _house(group: str, part: str) -> dict[str, float]:
    ranges: dict[str, Any] = words_of("vitals")["ranges"]
    found: dict[str, float] = ranges[group].get(part) or ranges[_ADULT][part]
    return found
