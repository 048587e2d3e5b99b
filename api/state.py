"""What the process holds while it serves, opened and closed by the app's lifespan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, cast

from starlette.requests import Request

from api.changes import Changes
from api.wire_keys import WireKeys
from clinic.conversations.models import QuietWindow
from db.pool import Pool
from jobs.delivery import Delivery
from kit.blobs import Blobs
from kit.settings import Settings

if TYPE_CHECKING:
    from desk.runner import FrontDesk
    from desk.watch import Watch
    from knowledge.library import Library


@dataclass(slots=True)
class House:
    settings: Settings
    pool: Pool
    keys: WireKeys
    changes: Changes
    delivery: Delivery | None = None
    desk: FrontDesk | None = None
    watch: Watch | None = None  # beside the desk: the second reader of dangers
    library: Library | None = None
    blobs: Blobs | None = None
    hears: bool = False  # somebody here can hear a voice note
    head: str = field(default="")  # the schema revision this code needs

    @property
    def patience(self) -> timedelta:
        """How long an answer waits for a voice note to be heard."""
        return timedelta(seconds=self.settings.hearing_cap_seconds)

    @property
    def quiet(self) -> QuietWindow:
        """How long a patient is waited for before an answer."""
        chosen = self.settings
        return QuietWindow(
            chosen.quiet_window_seconds, chosen.quiet_window_cap_seconds, finished=chosen.quiet_window_finished_seconds
        )


def house(request: Request) -> House:
    """The house behind this request."""
    return cast(House, request.app.state.house)


def shelf(request: Request) -> Library:
    """The clinics' documents, behind this request."""
    library = house(request).library
    assert library is not None  # opened before the first request is taken
    return library


def files(request: Request) -> Blobs:
    """Where patients' files are kept, behind this request."""
    blobs = house(request).blobs
    assert blobs is not None  # opened before the first request is taken
    return blobs
