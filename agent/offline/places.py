"""Facts about the place: hours, addresses, phones, and the notes the clinic keeps by name (payment, parking…)."""

from __future__ import annotations

import re
from dataclasses import replace

from agent.offline.asking import one_root
from agent.offline.spelling import alike, content, fold
from agent.offline.temporal import WEEKDAYS, When, find_when
from agent.offline.turn import Turn
from agent.offline.view import Day, Dialogue, Unit
from agent.offline.words import at_unit, bulleted, listing, on_day, sentence_case, unit_name

_RANGE = re.compile(r"(\d{1,2})[:h]?(\d{2})?\s*(?:–|-|às|as|a|até)\s*(\d{1,2})[:h]?(\d{2})?")
_SPOKEN = re.compile(r"\b(\d{2}):(\d{2})\b")


def clock(text: str) -> str:
    """ "08:00–18:00" as it is said: "8h às 18h"."""
    said = _SPOKEN.sub(lambda m: f"{int(m[1])}h" + (m[2] if m[2] != "00" else ""), text)
    return re.sub(r"\s*[–-]\s*", " às ", said)


def hours(turn: Turn, d: Dialogue) -> str:
    r, b = turn.reading, turn.briefing
    when = r.when if r.when.names_day or d.about != "hours" else _day_before(turn)  # "e na outra unidade?"
    today = not when.names_day or when.covers_day(b.now.date())
    if today and b.days and re.search(r"\b(?:agora|ja|ainda|abert[oa]s?)\b", r.folded):
        return _open_now(turn, _there(turn, b.days[0]))
    if when.names_day:
        day = next((x for x in b.days if when.covers_day(x.date)), None)
        if day:
            return _on(turn, _there(turn, day))
        named = _weekday_lines(turn, when.day)
        return named or turn.say("hours_far", weekly=_weekly(turn))
    return _weekly(turn)


def _units(turn: Turn) -> tuple[Unit, ...]:
    every = turn.briefing.units
    return tuple(u for u in every if u.name == turn.reading.unit) or every


def _weekly(turn: Turn) -> str:
    blocks = []
    units = _units(turn)
    for unit in units:
        if unit.hours:
            head = f"*{sentence_case(unit_name(unit.name))}*: " if len(units) > 1 else ""
            lines = [line.replace(": ", ", ", 1) for line in unit.hours] if head else unit.hours
            blocks.append(head + "; ".join(lines))
    if len(blocks) > 1:
        return turn.say("hours_units", options=bulleted(blocks))
    return turn.say("hours", options=blocks[0]) if blocks else ""


def _day_before(turn: Turn) -> When:
    """The day the patient spoke of in the message before."""
    said = [text for who, text in turn.view.history if who == "patient"][-1:]
    return find_when(said[0], turn.briefing.now, turn.briefing.zone) if said else When()


def _there(turn: Turn, day: Day) -> Day:
    """The day as it is at the unit asked about, by its weekly hours unless the day is a special one."""
    unit = next((u for u in turn.briefing.units if u.name == turn.reading.unit and u.hours), None)
    if unit is None or "fechad" in fold(day.hours):
        return day
    own = [line.partition(":")[2].strip() for line in unit.hours if _covers(line, day.date.weekday())]
    if not own:
        return replace(day, hours="", label=f"{day.label}, {at_unit(unit.name)}")
    return day if day.note else replace(day, hours=", ".join(own))


def _weekday_lines(turn: Turn, said: str) -> str:
    wanted = [w for w in WEEKDAYS if re.search(rf"\b{w}", said.lower())]
    lines = [h for u in _units(turn) for h in u.hours if any(w in fold(h) for w in wanted)]
    return turn.say("hours", options="; ".join(dict.fromkeys(lines))) if lines else ""


def _on(turn: Turn, day: Day) -> str:
    note = f" ({day.note})" if day.note else ""
    elsewhere = turn.briefing.units if not day.hours and turn.reading.unit else ()
    open_lines = [f"{at_unit(u.name)}: {line.partition(':')[2].strip()}" for u in elsewhere if u.name != turn.reading.unit
                  for line in u.hours if _covers(line, day.date.weekday())]  # fmt: skip
    if open_lines:
        return turn.say("closed_there", day=sentence_case(on_day(day.label)), options=listing(open_lines))
    if "fechad" in fold(day.hours) or not day.hours:
        return turn.say("closed_on", day=sentence_case(on_day(day.label)), note=note)
    each = _each(turn, day)
    if each and day.date == turn.briefing.now.date():
        return turn.say("open_each_today", options=bulleted(each))
    if each:
        return turn.say("open_each", day=sentence_case(on_day(day.label)), options=bulleted(each))
    only = _units_open(turn, day)
    note = f", só {only}{note}" if only else note
    if day.date == turn.briefing.now.date():
        return turn.say("open_today", hours=clock(day.hours), note=note)
    return turn.say("open_on", day=on_day(day.label), hours=clock(day.hours), note=note)


def _each(turn: Turn, day: Day) -> list[str]:
    """Each unit's hours on an ordinary day when they open at different ones and none was asked about; else nothing."""
    if day.note or turn.reading.unit:
        return []
    opened = [(u, [line.partition(":")[2].strip() for line in u.hours if _covers(line, day.date.weekday())])
              for u in turn.briefing.units]  # fmt: skip
    told = {", ".join(hours) for _, hours in opened}
    return (
        [f"{sentence_case(unit_name(u.name))}: {', '.join(h)}" for u, h in opened] if len(told) > 1 and "" not in told else []
    )


def _units_open(turn: Turn, day: Day) -> str:
    """ "na unidade Centro" when the others do not open on that weekday; "" when all do, or their hours do not tell."""
    units = [u for u in _units(turn) if u.hours]
    opened = [u for u in units if any(_covers(line, day.date.weekday()) for line in u.hours)]
    return listing([at_unit(u.name) for u in opened]) if opened and len(opened) < len(units) else ""


def _covers(line: str, weekday: int) -> bool:
    """Whether "segunda a sexta: …" or "sábado: …" speaks of a weekday (0 is Monday)."""
    named = [WEEKDAYS.index(w) for w in re.findall("|".join(WEEKDAYS), fold(line.partition(":")[0]))]
    if len(named) == 2 and re.search(r"\b(?:a|ate)\b", fold(line.partition(":")[0])):
        return named[0] <= weekday <= named[1]
    return weekday in named


def _open_now(turn: Turn, today: Day) -> str:
    if "fechad" in fold(today.hours) or not today.hours:
        return turn.say("closed_today", note=f" ({today.note})" if today.note else "", weekly=_weekly(turn))
    clock_now = turn.briefing.now.hour * 60 + turn.briefing.now.minute
    each = _each(turn, today)
    if each:
        states = {any(start <= clock_now < end for start, end in _spans(line)) for line in each}
        key = "open_each_today" if len(states) > 1 else "open_each_now" if True in states else "closed_each_now"
        return turn.say(key, options=bulleted(each))
    is_open = any(start <= clock_now < end for start, end in _spans(today.hours))
    return turn.say("open_now" if is_open else "closed_now", hours=clock(today.hours))


def _spans(hours: str) -> list[tuple[int, int]]:
    """Opening spans in minutes of the day."""
    return [(int(h1) * 60 + int(m1 or 0), int(h2) * 60 + int(m2 or 0)) for h1, m1, h2, m2 in _RANGE.findall(hours)]


def address(turn: Turn, d: Dialogue) -> str:
    units = _units(turn)
    if d.unit and not turn.reading.unit:
        units = tuple(u for u in units if u.name == d.unit) or units
    elif not turn.reading.unit and turn.briefing.visits:
        units = tuple(u for u in units if u.name in {v.unit for v in turn.briefing.visits}) or units
    directions = re.search(r"cheg|onibus|metro|referencia|perto|proximo|achando|como vou|van\b", turn.reading.folded)
    lines = []
    for unit in units:
        if unit.address:
            extra = f" {unit.directions.strip()}" if unit.directions and (directions or len(units) == 1) else ""
            head = f"*{sentence_case(unit_name(unit.name))}*: " if len(units) > 1 else ""
            lines.append(f"{head}{unit.address}.{extra}".replace("..", "."))
    if not lines:
        return ""
    if len(lines) == 1 and len(turn.briefing.units) > 1:
        return turn.say("address_of", unit=unit_name(units[0].name), options=lines[0])
    return turn.say("address", options=lines[0]) if len(lines) == 1 else turn.say("addresses", options=bulleted(lines))


def phone(turn: Turn, d: Dialogue) -> str:
    asked = noted(turn, ("site", "instagram", "email", "insta")) if re.search(r"site|insta|mail", turn.reading.folded) else ""
    if asked:
        return asked
    units = [u for u in _units(turn) if u.phone]
    if len(units) == 1:
        return turn.say("phone", phone=dialled(units[0].phone))
    return (
        turn.say("phones", options=bulleted([f"{sentence_case(unit_name(u.name))}: {dialled(u.phone)}" for u in units]))
        if units
        else ""
    )


def dialled(phone: str) -> str:
    """A Brazilian number as people write it: "+553130000210" → "(31) 3000-0210"; anything else as it came."""
    found = re.fullmatch(r"\+?55(\d{2})(\d{4,5})(\d{4})", phone)
    return f"({found[1]}) {found[2]}-{found[3]}" if found else phone


def payment(turn: Turn, d: Dialogue) -> str:
    return noted(turn, ("pagamento", "parcelamento", "pix", "cartao", "forma"))


def parking(turn: Turn, d: Dialogue) -> str:
    found = noted(turn, ("estacionamento", "carro", "vaga", "manobrista"))
    if found:
        return found
    for unit in _units(turn):
        sentences = re.split(r"(?<=[.!])\s+", unit.directions)
        about = [s for s in sentences if re.search(r"estacion|carro|vaga|manobr|garag", fold(s))]
        if about:
            return " ".join(about)
    return ""


def noted(turn: Turn, words: tuple[str, ...]) -> str:
    """The clinic's own note on a subject, by its name first and by its text second; "" when there is none."""
    facts = turn.briefing.facts
    asked = content(turn.reading.text)
    named = [(n, t) for n, t in facts.items() if any(alike(w, x) >= 0.8 for w in words for x in content(n))]
    if named:
        return max(named, key=lambda f: _nearness(asked, *f))[1].strip()
    for text in facts.values():
        if any(fold(w) in fold(text) for w in words[:2]):
            return text.strip()
    return ""


def _nearness(asked: list[str], name: str, text: str) -> float:
    """How much a note speaks of the words asked, its name counting double."""
    by_name = sum(max((_near(w, x) for x in content(name)), default=0.0) for w in asked)
    return 2 * by_name + sum(max((_near(w, x) for x in content(text)), default=0.0) for w in asked)


def _near(said: str, written: str) -> float:
    # "parcelar" is of "parcelamento", but a word that stands there as it was said ("débito") says more.
    return alike(said, written) or 0.45 * one_root(said, written)
