"""What a reply claims to have done, promises to do, or advises: read from its wording, sentence by sentence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from re import Match, Pattern
from typing import Literal

from agent.guardrails.lexicon import flat, lexicon, sentences
from agent.guardrails.medical import asks_medical
from kit.text import plain

ClaimKind = Literal["ungrounded_booking", "ungrounded_promise"]

# A line that breaks off goes on in the next bubble; what begins a list's item does not.
_UNFINISHED = re.compile(r"(?<![\s.!?:;…])[ \t]*\n\s*(?![\s\-•*–\d])")
_TURNS = re.compile(r"\b(?:mas|porem|so que|entretanto|no entanto|de qualquer forma|enquanto isso)\b")


def claims(reply: str, receipts: frozenset[str]) -> Iterator[tuple[ClaimKind, str]]:
    """Claims of a booking and promises of a deed that no receipt stands behind, with the excerpt.

    `receipts` holds "booked", "moved", "cancelled", "held", "case_open" as they are standing; "visits" lets the state of a
    visit be told ("está marcada"), not an act ("agendei").
    """
    lists = _lists()
    said = sentences(reply)
    waits = any(text.endswith("?") and lists["promise_after_yes"].search(flat(text)) for text in said)
    for text in said:
        if text.endswith("?"):
            continue
        for words in _turns(text):
            yield from _bookings(words, receipts, waits)
            if "case_open" not in receipts and (found := _promised(words, waits)) is not None:
                yield "ungrounded_promise", found.group()


# What was done, as opposed to how things stand: needs the deed's own receipt even when the visit is on the books.
_DEED = re.compile(
    r"(?:ja\s+)?(?:agendei|marquei|confirmei|encaixei|garanti|deixei|consegui|acabei|anotei|registrei|lancei|coloquei|inclui|estou|to)\b"
)


def _bookings(words: str, receipts: frozenset[str], waits: bool) -> Iterator[tuple[ClaimKind, str]]:
    lists = _lists()
    for kind in ("booked", "held", "moved", "cancelled"):
        if kind in receipts:
            continue
        for found in lists[kind].finditer(words):
            told = "visits" in receipts and kind == "booked" and not _DEED.match(found.group())
            # A read-back ("sua consulta será terça às 15h. Confirma?") says what would be, and waits.
            proposed = waits and re.search(r"\b(?:e|sera|vai ser|fica)\b", found.group()) is not None
            if not told and not proposed and not _hedged(words, found) and not lists["hour_booked"].search(words):
                yield "ungrounded_booking", found.group()


def _hedged(words: str, found: Match[str]) -> bool:
    lists = _lists()
    before = words[: found.start()]
    clause = before.rpartition(",")[2]
    if any(match.end() >= len(clause.rstrip()) for match in lists["claim_unless_before"].finditer(clause)):
        return True
    # A leading condition ("assim que você confirmar, fica marcado") reaches over its comma; a deed already done does not bend.
    told = _DEED.match(found.group()) or re.search(r"\bja\b", found.group())
    if not told and re.match(r"\s*(?:se|caso|assim que|quando|depois que|apos|para)\b", before):
        return True
    return lists["claim_unless_after"].match(words[found.end() :].lstrip()) is not None


def _promised(words: str, waits: bool) -> Match[str] | None:
    lists = _lists()
    for found in lists["promise"].finditer(words):
        before = words[: found.start()].rpartition(",")[2]
        if any(match.end() >= len(before.rstrip()) for match in lists["promise_unless_before"].finditer(before)):
            continue
        if waits and re.match(r"(?:vou|vamos|irei|ja)\b", found.group()):
            continue
        return found
    return None


def advises(reply: str, quotable: tuple[str, ...], heard: tuple[str, ...]) -> Iterator[str]:
    """Diagnosis, prognosis, dose or treatment said by the reply and not a quotation of a clinic text; the excerpts.

    Naming back a condition the patient told (`heard`) is not a diagnosis: "você está com sinusite e quer marcar".
    """
    lists = _lists()
    for text in dict.fromkeys((*sentences(reply), *sentences(_UNFINISHED.sub(" ", reply)))):
        asks = text.endswith("?")
        for words in _turns(text):
            if lists["advice_unless"].search(words) or (asks and lists["intake"].search(words)):
                continue
            for topic in ("advice",) if asks else ("advice", "diagnosis", "prognosis"):
                for found in lists[topic].finditer(words):
                    if not _quoted(words, found, quotable) and not _told_back(found.group(), heard):
                        yield found.group()


def _told_back(excerpt: str, heard: tuple[str, ...]) -> bool:
    if not re.match(r"voce (?:tem|esta com)\b", excerpt):
        return False
    # What the patient asked about ("isso é candidíase?") was not told by them: said back it would be the answer.
    return any(excerpt.split()[-1] in flat(text) and not asks_medical(text) for text in heard)


def _quoted(words: str, found: Match[str], quotable: tuple[str, ...]) -> bool:
    """Whether a clinic text says the same: all stems of the excerpt, most stems of the sentence, and the same negation."""
    excerpt, sentence = _stems(found.group()), _stems(words)
    denied = _denied(words, found.start())
    for text in quotable:
        for passage, stems in _passages(text):
            if excerpt <= stems and len(sentence & stems) >= 0.6 * len(sentence):
                last = found.group().split()[-1][:5]
                place = passage.find(last)
                if place < 0 or _denied(passage, place, reach=6) == denied or denied == ("nao" in found.group().split()):
                    return True
    return False


def _denied(words: str, place: int, reach: int = 3) -> bool:
    return bool({"nao", "nunca", "sem"} & set(words[:place].split()[-reach:]))


def _stems(words: str) -> frozenset[str]:
    return frozenset(word[:5] for word in words.split() if len(word) > 3 or word.isdigit())


@lru_cache(maxsize=512)
def _passages(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((words, _stems(words)) for sentence in sentences(text) if (words := flat(sentence)))


def _turns(text: str) -> list[str]:
    """The flat clauses of a sentence, cut where it turns: a refusal before "mas" does not excuse the advice after it."""
    return [clause.strip(" ,") for clause in _TURNS.split(flat(text)) if clause.strip(" ,")]


def leaks(reply: str) -> Iterator[str]:
    """Marks of what is never a patient's to read: prompts, tool calls, internal ids, keys, errors."""
    for found in _lists()["secret"].finditer(plain(reply)):
        yield found.group()[:60]
    ours, said = _prompt(), _runs(reply)
    if (told := next((run for run in said if run in ours), None)) is not None:
        yield told[:60]


_RUN = 7  # words in a row: nobody says so many of the prompt's by chance


def _runs(text: str) -> list[str]:
    words = flat(text).replace(" , ", " ").split()
    return [" ".join(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1)]


@cache
def _prompt() -> frozenset[str]:
    """What the prompt says of itself, in runs of words; what a clinic fills in is left out."""
    written = files("agent").joinpath("prompts", "conversation.md").read_text("utf-8")
    return frozenset(run for line in written.splitlines() for part in re.split(r"\{\w+\}", line) for run in _runs(part))


@cache
def _lists() -> dict[str, Pattern[str]]:
    return lexicon("outgoing")
