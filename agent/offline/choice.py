"""Which of the things just offered the patient picked: a slot, or a name from a short list. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.offline.spelling import alike, content, fold
from agent.offline.temporal import WEEKDAYS
from agent.offline.understand import Reading
from agent.offline.view import Offer

_ORDINALS = ("primeir[oa]", "segund[oa]", "terceir[oa]", "quart[oa]", "quint[oa]", "sext[oa]")
_LEAD = r"(?:(?:a|o|opcao|op|numero|num|n|quero|pode ser|vou de|fico com|prefiro|escolho|vou querer|sim|isso|entao|acho que|" \
        r"marca|marque|seria|esse|essa|de|com|item|horario|agenda|e|melhor|ok|queria|ta bom|beleza)\W+)*"  # fmt: skip
_TAIL = r"\W*(?:por favor|pf|mesmo|ai|entao|ta|ok|pode ser|obrigad[oa]|opcao|por mim|sim|esta otimo|esta bom|e bom)?\W*$"
_DIGIT = re.compile(rf"^\W*{_LEAD}(\d{{1,2}})(?:[ao]|º|ª)?{_TAIL}")
_HANDLE = re.compile(r"\(opcao (s\d{1,4})\)")
_PIECES = re.compile(r"[,;\n]|\.\s|\s-\s")
_POINT = re.compile(
    r"\b(?:[oae]|n?ess[ae]|n?est[ae]|pode ser|quero|fico com|prefiro|vou de|marca) (?:[oa] |com )?(?:d[aeo]s? |n[ao] |com |\d)"
    r"|^\W*com\b"
)


def position(folded: str, count: int, *, weekdays: Sequence[int] = ()) -> int | None:
    """Index said by number or ordinal ("2", "a segunda opção", "o último"); None when none was.

    "segunda" to "sexta" are days when one of `weekdays` (0 is Monday) was offered, unless "opção" settles it.
    """
    found = next((f for piece in _PIECES.split(folded) if (f := _DIGIT.match(piece))), None)
    if found and 1 <= int(found.group(1)) <= count:
        return int(found.group(1)) - 1
    if re.search(r"\b(?:o|a|esse|essa|no|na)\s+(?:d[eo] )?ultim[oa]\b", folded):
        return count - 1
    for index, ordinal in enumerate(_ORDINALS[:count]):
        said = re.search(rf"\b(?:(o|a|na|no|d[ao])\s+)?({ordinal})\b(\s+(?:opcao|horario|data|vez))?", folded)
        if not said or (said.group(3) or "").strip() == "vez":
            continue
        is_day = any(WEEKDAYS[d] == said.group(2) for d in range(5))
        if said.group(3) or not is_day:
            return index
        if said.group(1) in ("a", "o") and WEEKDAYS.index(said.group(2)) not in weekdays:
            return index
    return None


def pick_offers(r: Reading, offers: Sequence[Offer], places: Sequence[str] = ()) -> tuple[Offer, ...]:
    """The offers the message may have picked: one is a choice, several need a question, none is no choice at all.

    `places` are the handles in the order of the list as it was shown, when some of it may be gone since.
    """
    if not offers:
        return ()
    if named := _HANDLE.search(r.folded):  # a tapped option, or a number of the list, as the desk words it
        return tuple(o for o in offers if fold(o.slot) == named.group(1))
    places = places or [o.slot for o in offers]
    index = position(r.folded, len(places), weekdays=[o.starts_at.weekday() for o in offers])
    if index is not None:
        return tuple(o for o in offers if o.slot == places[index])
    if r.has("latest") and not r.when.names_day:
        return (max(offers, key=lambda o: o.starts_at),)
    left = _fitting(r, offers)
    if r.has("any_slot", "earliest") and (left or not r.when or r.when.meant.asap):
        return (min(left or offers, key=lambda o: o.starts_at),)
    if not left:
        return ()
    if not _pointed(r):  # "tem quinta de manhã?" asks for more of that; "o da quinta" picks
        return ()
    return left


def _pointed(r: Reading) -> bool:
    """Whether the message points at an offer: by its clock time, or with an article ("o da quinta")."""
    exact = r.when.point is not None or (not r.when and _bare_hour(r.folded) is not None)
    return exact or (not r.question and _POINT.search(r.folded) is not None)


def _fitting(r: Reading, offers: Sequence[Offer]) -> tuple[Offer, ...]:
    """Offers that agree with everything said about day, time, professional and unit; () when nothing was said."""
    left, said = tuple(offers), False
    if r.when:
        fitting = tuple(o for o in left if r.when.covers(o.starts_at))
        said, left = True, fitting or tuple(o for o in left if _same_weekday(r, o))
    else:
        hour = _bare_hour(r.folded)
        if hour is not None:
            said, left = True, tuple(o for o in left if o.starts_at.minute == 0 and o.starts_at.hour in (hour, hour + 12))
    if r.professionals:
        names = {p.name for p in r.professionals}
        said, left = True, tuple(o for o in left if o.professional in names)
    if r.unit:
        said, left = True, tuple(o for o in left if o.unit == r.unit)
    return left if said else ()


def _same_weekday(r: Reading, offer: Offer) -> bool:
    """ "A de sexta" is the Friday on the list, even when a nearer one exists."""
    day = r.when.meant.first_day
    alone = day is not None and day == r.when.meant.last_day and not r.when.names_time
    named = day is not None and WEEKDAYS[day.weekday()][:3] in fold(r.when.day)
    return bool(alone and named and day and offer.starts_at.weekday() == day.weekday() and _POINT.search(r.folded))


def _bare_hour(folded: str) -> int | None:
    """A lone number beyond the list's places, read as an hour ("10")."""
    found = _DIGIT.match(folded)
    return int(found.group(1)) if found else None


def pick_name(r: Reading, options: Sequence[str]) -> str:
    """The option named by its place or by words that fit it alone; "" when none."""
    index = position(r.folded, len(options))
    if index is not None:
        return options[index]
    said = content(r.text)
    scores = [(sum(max((alike(s, w) for s in said), default=0.0) for w in content(o)), o) for o in options]
    top = max(scores, default=(0.0, ""))[0]
    best = [o for score, o in scores if score == top]
    return best[0] if top > 0 and len(best) == 1 else ""
