"""Interval arithmetic agrees with sets of minutes, and does not trust wall clocks."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.scheduling.intervals import Interval, contains, intersect, merge, subtract, total

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
ZERO = datetime(2026, 3, 10, tzinfo=UTC)


def span(start: int, end: int) -> Interval:
    return Interval(ZERO + timedelta(minutes=start), ZERO + timedelta(minutes=end))


def minutes(intervals: list[Interval]) -> set[int]:
    return {
        n for i in intervals for n in range((i.start - ZERO) // timedelta(minutes=1), (i.end - ZERO) // timedelta(minutes=1))
    }


spans = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)).map(lambda p: span(p[0], p[0] + p[1])), max_size=8)


def is_canonical(intervals: list[Interval]) -> bool:
    return all(a.end < b.start for a, b in itertools.pairwise(intervals))


@given(spans)
def test_merge_keeps_every_minute_in_the_fewest_intervals(some: list[Interval]) -> None:
    assert minutes(merge(some)) == minutes(some)
    assert is_canonical(merge(some))


@given(spans, spans)
def test_subtract_and_intersect_are_those_of_sets(some: list[Interval], others: list[Interval]) -> None:
    assert minutes(subtract(some, others)) == minutes(some) - minutes(others)
    assert minutes(intersect(some, others)) == minutes(some) & minutes(others)
    assert is_canonical(subtract(some, others))
    assert is_canonical(intersect(some, others))


@given(spans, spans)
def test_what_is_cut_and_what_is_shared_make_the_whole(some: list[Interval], others: list[Interval]) -> None:
    assert merge([*subtract(some, others), *intersect(some, others)]) == merge(some)
    assert total(subtract(some, others)) + total(intersect(some, others)) == total(some)


@given(spans, st.integers(0, 60), st.integers(1, 20))
def test_contains_means_nothing_is_left_over(some: list[Interval], start: int, length: int) -> None:
    one = span(start, start + length)
    assert contains(some, one) == (not subtract([one], some))


def test_intervals_that_touch_do_not_overlap() -> None:
    assert not span(0, 10).overlaps(span(10, 20))
    assert span(0, 11).overlaps(span(10, 20))
    assert span(0, 10).holds(ZERO)
    assert not span(0, 10).holds(ZERO + timedelta(minutes=10))


def test_buffers_grow_both_sides() -> None:
    assert span(10, 20).padded(timedelta(minutes=5), timedelta(minutes=3)) == span(5, 23)


def test_the_same_instants_in_two_zones_are_one_interval() -> None:
    brasilia = timezone(timedelta(hours=-3))
    assert Interval(ZERO, ZERO + timedelta(hours=1)) == Interval(
        ZERO.astimezone(brasilia), (ZERO + timedelta(hours=1)).astimezone(brasilia)
    )


def test_the_hour_that_happens_twice_is_two_hours_long() -> None:
    start = datetime(2019, 2, 16, 23, 0, tzinfo=SAO_PAULO)
    assert Interval(start, datetime(2019, 2, 17, 0, 0, tzinfo=SAO_PAULO)).length == timedelta(hours=2)
    # By the wall clock this one would end before it starts.
    assert Interval(start.replace(minute=50), start.replace(minute=10, fold=1)).length == timedelta(minutes=20)


@pytest.mark.parametrize(
    ("start", "end"),
    [(datetime(2026, 3, 10), ZERO), (ZERO, datetime(2026, 3, 11)), (ZERO, ZERO), (ZERO + timedelta(1), ZERO)],
)
def test_naive_or_empty_intervals_are_refused(start: datetime, end: datetime) -> None:
    with pytest.raises(ValueError, match="interval"):
        Interval(start, end)
