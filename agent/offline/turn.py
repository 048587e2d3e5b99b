"""One turn as every policy sees it: what was shown, what was understood, and the voice to answer with."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from agent.offline.acts import Reply
from agent.offline.understand import Reading
from agent.offline.view import Briefing, Day, Dialogue, Offer, Service, TurnView
from agent.offline.words import Voice


@dataclass(frozen=True, slots=True)
class Turn:
    view: TurnView
    reading: Reading
    voice: Voice

    @property
    def briefing(self) -> Briefing:
        return self.view.briefing

    def say(self, key: str, **fields: object) -> str:
        return self.voice.say(key, **fields)

    def knowing(self, days: tuple[Day, ...]) -> Turn:
        """The same turn with a calendar that a tool told."""
        briefing = replace(self.briefing, days=days or self.briefing.days)
        return replace(self, view=replace(self.view, briefing=briefing))

    def pending(self, d: Dialogue) -> dict[str, Any] | None:
        """The proposal the last words were about; one left behind by a new search no longer counts."""
        open_one = self.briefing.proposal if d.expect in ("confirm", "fix") or not d.task else None
        return open_one if open_one and open_one["proposal"] != d.declined else None

    def shown(self, d: Dialogue) -> tuple[Offer, ...]:
        """The offers the last list showed and that still stand, in the order shown."""
        by_slot = {o.slot: o for o in self.briefing.offers}
        return tuple(by_slot[s] for s in d.shown if s in by_slot)


def forget(d: Dialogue) -> Dialogue:
    """The dialogue after a task ended: only the service last spoken of stays."""
    return Dialogue(topic=d.service or d.topic, declined=d.declined)


def keep(d: Dialogue, **changes: Any) -> Dialogue:
    return replace(d, **{"misses": 0, **changes})


def ending(text: str, d: Dialogue, **changes: Any) -> Reply:
    return Reply(text, keep(d, **changes))


def bookable(briefing: Briefing) -> tuple[Service, ...]:
    return tuple(s for s in briefing.services if s.bookable)
