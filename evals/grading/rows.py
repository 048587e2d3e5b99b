"""The rows that were expected beside those that changed, in a closed world. Pure.

Each row meets one expectation; the pickiest expectations choose first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from clinic.scenarios.schema import Expect, Rows
from evals.changes import Changed
from evals.evidence import Evidence
from evals.words import folded

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Met:
    """A row as it was and is (None: not there). `missing`: was expected; `unwanted`: nobody expected it; `met`: both.
    `optional`: it was met, and need not have been."""

    how: Literal["met", "missing", "unwanted"]
    noun: str
    was: Row | None
    now: Row | None
    optional: bool = False


def compared(expect: Expect, evidence: Evidence) -> tuple[Met, ...]:
    """Every row expected or changed. Of several right ends, the one that is nearest to what happened."""
    ends = [[expect.state, one] for one in expect.one_of] or [[expect.state]]
    return min((_against(end, evidence) for end in ends), key=lambda found: sum(one.how != "met" for one in found))


def _against(states: Sequence[Mapping[Any, Rows]], evidence: Evidence) -> tuple[Met, ...]:
    wanted: dict[str, list[Rows]] = {}
    for state in states:
        for noun, rows in state.items():
            wanted.setdefault(str(noun), []).append(rows)
    nouns = dict.fromkeys([*wanted, *(one.noun for one in evidence.changed.rows)])
    return tuple(met for noun in nouns for met in _noun(noun, wanted.get(noun, ()), _happened(noun, evidence)))


def _happened(noun: str, evidence: Evidence) -> list[Changed]:
    """What changed of a noun; not what follows from a row that is compared itself."""
    found = list(evidence.changed.of(noun))
    if noun == "relationships":  # whoever is registered is registered by somebody
        fresh = {one.now["name"] for one in evidence.changed.of("people") if one.was is None and one.now}
        found = [one for one in found if not (one.was is None and one.now and one.now["person"] in fresh
                                              and one.now["phone"] == evidence.phone)]  # fmt: skip
    if noun == "aliases":  # the writer's own number, the first time they write
        found = [one for one in found if not (one.was is None and one.now and one.now["phone"] == evidence.phone)]
    if noun == "conversations":  # a person is asked for by a case, which is compared
        found = [one for one in found if one.now is None or one.now["given_up"] or one.now["phone"] != evidence.phone]
    return found


def _noun(noun: str, expected: Sequence[Rows], left: list[Changed]) -> Iterator[Met]:
    for wanted in (
        [_Wanted(None, row) for rows in expected for row in rows.inserted],
        [_Wanted(one.was, one.now) for rows in expected for one in rows.updated],
        [_Wanted(row, None) for rows in expected for row in rows.deleted],
    ):
        yield from _taken(noun, left, wanted)
    optional = [_Wanted(None, row) for rows in expected for row in rows.optional]
    yield from (replace(one, optional=True) for one in _taken(noun, left, optional) if one.how == "met")
    yield from (Met("unwanted", noun, one.was, one.now) for one in left)


@dataclass(frozen=True, slots=True)
class _Wanted:
    was: Row | None
    now: Row | None

    def met_by(self, one: Changed) -> bool:
        return _like(self.was, one.was) and _like(self.now, one.now)


def _taken(noun: str, left: list[Changed], wanted: Sequence[_Wanted]) -> Iterator[Met]:
    """Takes from `left` what is wanted, each once."""
    for one in sorted(wanted, key=lambda each: sum(each.met_by(changed) for changed in left)):
        found = next((changed for changed in left if one.met_by(changed)), None)
        if found is None:
            yield Met("missing", noun, one.was, one.now)
        else:
            left.remove(found)
            yield Met("met", noun, found.was, found.now)


def _like(wanted: Row | None, row: Row | None) -> bool:
    if wanted is None or row is None:
        return wanted is None and row is None
    return all(name in row and same(value, row[name]) for name, value in wanted.items())


def same(wanted: Any, value: Any) -> bool:
    """Whether a value is the one that was written: true is not 1, words without accents or case, numbers to the cent."""
    if isinstance(wanted, bool) or isinstance(value, bool) or wanted is None or value is None:
        return wanted is value
    if isinstance(wanted, int | float) and isinstance(value, int | float):
        return abs(wanted - value) < 0.005
    return folded(str(wanted)) == folded(str(value))
