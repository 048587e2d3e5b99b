"""Rows of evals as the JSON that pages read. What a run wrote is read forgivingly: old ones stay readable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Literal
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from api import suites
from api.evals_shapes import (
    AskedOut,
    CallOut,
    ComparisonOut,
    FiguresOut,
    GainOut,
    JudgedOut,
    MovedOut,
    NamedOut,
    RowOut,
    RunOut,
    RunWhole,
    SuiteCountOut,
    TrialBrief,
    TrialOut,
    TrialTurn,
)
from api.instants import local_fields
from api.telling import steps
from clinic.scenarios.comparing import Comparison, Moved
from clinic.scenarios.models import RunRow, SuiteCount, TrialRow, TrialWhole
from clinic.scenarios.rows import call_done, row_told
from kit import fast_yaml

_SIMULATOR = "patient"  # the rubric about whoever played the patient


def run(row: RunRow, zone: ZoneInfo) -> RunOut:
    """A run in a list."""
    return RunOut(**_run(row, zone))


def _run(row: RunRow, zone: ZoneInfo) -> dict[str, Any]:
    told = local_fields(row, zone)
    told["asked"] = AskedOut.model_validate(row.asked, from_attributes=True)
    told["stopping"] = row.state == "running" and row.stop_asked_at is not None
    return told | {"seconds_left": row.seconds_left, "reasons": list(row.reasons)}


def whole(row: RunRow, counts: Iterable[SuiteCount], zone: ZoneInfo) -> RunWhole:
    """A run with its suites."""
    told = _run(row, zone) | {
        "suites": [SuiteCountOut(title=title_of(one.suite), **local_fields(one, zone)) for one in counts],
        "figures": _figures(row.figures),
        "report": row.reported,
        "noise": [str(kind) for kind in row.head.get("noise") or () if kind],
        "commit": str(row.head.get("commit") or ""),
    }
    return RunWhole(**told)


def _figures(given: Mapping[str, Any]) -> FiguresOut | None:
    if not given:
        return None
    share = given.get("share") or {}
    flat = {**given, "share": share.get("share"), "low": share.get("low"), "high": share.get("high")}
    try:
        return FiguresOut.model_validate({name: flat[name] for name in FiguresOut.model_fields if name in flat})
    except ValidationError:
        return None


def title_of(suite: str) -> str:
    """What staff call it."""
    return suites.titles().get(suite, suite)


def brief(row: TrialRow, zone: ZoneInfo) -> TrialBrief:
    """A trial in a list."""
    return TrialBrief(**_brief(row, zone))


def _brief(row: TrialRow, zone: ZoneInfo) -> dict[str, Any]:
    lists = {"failures": list(row.failures), "violations": list(row.violations)}
    return local_fields(row, zone) | lists | {"mark": row.mark, "suite_title": title_of(row.suite)}


def trial(row: TrialWhole, zone: ZoneInfo) -> TrialOut:
    """A trial with all that it left."""
    spoken = [bool(one.get("spoken")) if isinstance(one, dict) else False for one in _turns_of(row.document)]
    turns = [one for one in row.evidence.get("turns") or () if isinstance(one, dict)]
    told = _brief(row, zone) | {
        "document": dict(row.document),
        "phone": row.evidence.get("phone"),
        "turns": [_turn(one, place < len(spoken) and spoken[place]) for place, one in enumerate(turns)],
        "rows": [_row(one) for one in row.told.get("rows") or ()],
        "judged": sorted(
            (_judged(name, one, row) for name, one in row.judged.items() if isinstance(one, dict)),
            key=lambda one: (not one.counts, one.about, one.id),
        ),
    }
    return TrialOut(**{name: told[name] for name in TrialOut.model_fields})


def _turns_of(document: Mapping[str, Any]) -> Sequence[Any]:
    patient = document.get("patient")
    found = patient.get("turns") if isinstance(patient, Mapping) else None
    return found if isinstance(found, list) else []


def _turn(given: Mapping[str, Any], spoken: bool) -> TrialTurn:
    return TrialTurn(
        said=list(given.get("said") or ()),
        spoken=spoken,
        agrees=bool(given.get("agrees")),
        replies=list(given.get("replies") or ()),
        calls=[_call(one) for one in given.get("calls") or ()],
        passages=[str(one) for one in given.get("passages") or ()],
        outcome=str(given.get("outcome") or ""),
        tokens=int(given.get("tokens") or 0),
        cost_brl=float(given.get("cost_brl") or 0),
        seconds=float(given.get("seconds") or 0),
        steps=steps(list(given.get("trace") or ())),
    )


def _call(given: Mapping[str, Any]) -> CallOut:
    tool, error = str(given.get("tool") or ""), str(given.get("error") or "")
    told = call_done(tool)
    return CallOut(
        tool=tool,
        told=_words()["refused"].format(told=told) if error else told,
        ok=bool(given.get("ok")),
        effect=str(given.get("effect") or ""),
        error=error,
        args=dict(given.get("args") or {}),
        result=dict(given.get("result") or {}),
    )


def _row(given: Mapping[str, Any]) -> RowOut:
    noun, how = str(given["noun"]), given["how"]
    was, now = given.get("was"), given.get("now")
    return RowOut(noun=noun, how=how, stands=given["stands"], was=was, now=now, told=row_told(noun, how, was, now))


def _judged(name: str, given: Mapping[str, Any], row: TrialRow) -> JudgedOut:
    rubric, _, version = str(given.get("rubric") or "").partition("@")
    number = version.partition("#")[0]
    about: Literal["carol", "patient"] = "patient" if rubric == _SIMULATOR else "carol"
    standing = given.get("standing")
    answer = given.get("answer")
    return JudgedOut(
        id=name,
        ask=str(given.get("ask") or ""),
        rubric=rubric,
        version=int(number) if number.isdigit() else None,
        about=about,
        answer=answer if isinstance(answer, bool) else None,
        reasons=[str(one) for one in given.get("reasons") or () if one],
        standing=standing if standing in ("gates", "shown") else "unfit",
        counts=standing == "gates" and about == "carol" and not row.critical,
    )


def comparison(before: RunRow, after: RunRow, found: Comparison, played: Sequence[TrialRow], zone: ZoneInfo) -> ComparisonOut:
    """Two runs side by side."""
    names = {one.scenario: one for one in played}
    gain = found.gain
    told = {*found.violations, *found.unseen, *found.changed, *found.only_before, *found.only_after}
    return ComparisonOut(
        before=run(before, zone),
        after=run(after, zone),
        common=found.common,
        gain=GainOut(share=gain.share, low=gain.low, high=gain.high) if gain else None,
        better=[_moved(one, names) for one in found.better],
        worse=[_moved(one, names) for one in found.worse],
        violations=list(found.violations),
        unseen=list(found.unseen),
        changed=list(found.changed),
        only_before=list(found.only_before),
        only_after=list(found.only_after),
        regressed=found.regressed,
        named={name: NamedOut(title=one.title, suite=one.suite) for name, one in names.items() if name in told},
    )


def _moved(one: Moved, names: Mapping[str, TrialRow]) -> MovedOut:
    known = names[one.scenario]
    return MovedOut(
        scenario=one.scenario,
        title=known.title,
        suite=known.suite,
        before_passed=one.before[0],
        before_of=one.before[1],
        after_passed=one.after[0],
        after_of=one.after[1],
    )


@cache
def _words() -> dict[str, Any]:
    loaded: dict[str, Any] = fast_yaml.load(files("api").joinpath("evals.yaml").read_text("utf-8"))
    return loaded
