"""The one mouth: whatever reaches a patient leaves here, from an outbox row, in the order of its conversation.

A send happens outside any transaction. When its answer never comes the message may be on the phone already: it waits a
grace for the wire to tell (a status with our reference, an echo of our text) and only then is sent again, twice at most.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TypeVar
from uuid import UUID

from channels.base import Outgoing, SendOutcome, SendResult
from channels.registry import BadChannel, ChannelKind
from clinic.conversations import outbox, statuses
from clinic.conversations.outbox import SENDS, Claimed
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db import system
from db.listening import hear
from db.pool import Pool
from db.session import Session, clinic_session
from jobs.circuit import wait_before
from jobs.senders import PER_ACCOUNT, Senders
from kit.clock import utc_now
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger
from kit.settings import Settings
from kit.tasks import end

log = get_logger(__name__)
Result = TypeVar("Result")

_AT_ONCE = 64  # conversations looked at in one go
_LEASE_SLACK = 10.0  # seconds a lease outlives the longest send
_NOTE_AGAIN = (0.2, 1.0, 3.0)  # seconds between tries to write down how a send ended


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How patient delivery is. Seconds."""

    timeout: float = 15.0
    grace: float = 60.0  # for the wire to say whether an unanswered send arrived
    resends: int = 2  # of a message that may have arrived
    max_attempts: int = 5
    patience: float = 900.0  # a message tried that often is given up once it is this old,
    too_old: float = 1800.0  # and in any case at this age: a late answer about free times misleads
    poll: float = 1.0

    @classmethod
    def of(cls, settings: Settings) -> Policy:
        return cls(
            timeout=settings.delivery_timeout_seconds,
            grace=settings.delivery_grace_seconds,
            max_attempts=settings.delivery_max_attempts,
            poll=settings.delivery_poll_seconds,
        )

    def gives_up(self, claimed: Claimed) -> bool:
        """Whether a message that could not be sent now is tried no more."""
        return claimed.age >= self.too_old or (claimed.attempts >= self.max_attempts and claimed.age >= self.patience)


async def deliver_due(pool: Pool, senders: Senders, settings: Settings | Policy) -> int:
    """Sends what is due, each conversation in order, conversations side by side; returns how many sends were tried."""
    policy = settings if isinstance(settings, Policy) else Policy.of(settings)
    due = await system.due_sends(pool, limit=_AT_ONCE, per_account=PER_ACCOUNT)
    return sum(await asyncio.gather(*(_Conversation(pool, senders, policy, *who).drain() for who in due)))


@dataclass(frozen=True, slots=True)
class _Conversation:
    pool: Pool
    senders: Senders
    policy: Policy
    clinic_id: UUID
    conversation_id: UUID
    account_id: UUID

    async def drain(self) -> int:
        """Sends until nothing of this conversation is due."""
        tried = 0
        async with self.senders.places[self.account_id]:
            while (claimed := await self._claim()) is not None:
                with bound(
                    clinic_id=str(self.clinic_id),
                    conversation_id=str(self.conversation_id),
                    outbox_id=str(claimed.id),
                    request_id=claimed.request_id,
                ):
                    tried += await self._treat(claimed)
        return tried

    async def _claim(self) -> Claimed | None:
        async with clinic_session(self.pool, self.clinic_id) as s:
            lease = timedelta(seconds=self.policy.timeout + _LEASE_SLACK)
            return await outbox.claim(s, self.conversation_id, lease=lease)

    async def _treat(self, claimed: Claimed) -> bool:
        """Sends it, or puts it aside. True when the provider was asked."""
        rest = self.senders.circuits.rest_of(claimed.account_id, monotonic())
        if rest:
            if self.policy.gives_up(claimed):
                await self._give_up(claimed, "account_resting")
            else:
                status = "unknown" if claimed.was == "unknown" else "queued"
                await self._put_back(claimed, status, rest, "account_resting", tried=False)
            return False
        try:
            kind, sender = await self.senders.of(self.pool, self.clinic_id, claimed.account_id)
        except BadChannel as error:
            log.error("channel_unusable", account_id=str(claimed.account_id), reason=str(error))
            await self._refused(claimed, SendResult(outcome=SendOutcome.RETRY, error_code=error.code, alarm=True))
            return False
        if kind != ChannelKind.CONSOLE and claimed.was == "sending":
            await self._put_back(claimed, "unknown", self.policy.grace, "sender_died", tried=False, unanswered=True)
            return False
        if claimed.was == "unknown" and claimed.unanswered > self.policy.resends:
            await self._give_up(claimed, "no_answer")
            return False
        message = Outgoing(to=claimed.reply_to, text=claimed.text, reference=str(claimed.id))
        await self._note(claimed, await self._ask(sender.send(message)))
        return True

    async def _ask(self, sending: Awaitable[SendResult]) -> SendResult:
        try:
            async with asyncio.timeout(self.policy.timeout):
                return await sending
        except TimeoutError:
            return SendResult(outcome=SendOutcome.UNKNOWN, error_code="no_answer")
        except Exception as error:  # a defect of a sender must not stop the mouth, nor may it hide that something left
            log.error("sender_broke", error=type(error).__name__, exc_info=True)
            return SendResult(outcome=SendOutcome.UNKNOWN, error_code="sender_broke")

    async def _note(self, claimed: Claimed, result: SendResult) -> None:
        code = result.error_code or result.outcome.value
        match result.outcome:
            case SendOutcome.SENT:
                self.senders.circuits.note_success(claimed.account_id)
                await self._sent(claimed, result.provider_id)
            case SendOutcome.RETRY:
                await self._refused(claimed, result)
            case SendOutcome.FAILED:
                if result.alarm:
                    log.error("account_alarm", account_id=str(claimed.account_id), code=code)
                await self._give_up(claimed, code)
            case SendOutcome.UNKNOWN:
                log.warning("send_unanswered", code=code, attempt=claimed.attempts)
                await self._put_back(claimed, "unknown", self.policy.grace, code, unanswered=True)

    async def _sent(self, claimed: Claimed, provider_id: str | None) -> None:
        clinic = await self._clinic()

        async def write(s: Session) -> None:
            if await outbox.note_sent(s, claimed, provider_id) == statuses.FAILED:
                await statuses.report_failure(s, clinic, self.conversation_id, now=utc_now())

        await self._written(write)
        log.info("sent", attempt=claimed.attempts, resend=claimed.unanswered > 0)

    async def _refused(self, claimed: Claimed, result: SendResult) -> None:
        """Surely not sent: later again, unless it has become too late."""
        code = result.error_code or "refused"
        wait = wait_before(claimed.attempts, result.retry_after, alarm=result.alarm)
        if self.senders.circuits.note_failure(claimed.account_id, monotonic(), wait=wait, alarm=result.alarm):
            say = log.error if result.alarm else log.warning
            say("account_rests", account_id=str(claimed.account_id), code=code, seconds=wait)
        if result.alarm:
            self.senders.forget(claimed.account_id)
        if self.policy.gives_up(claimed):
            await self._give_up(claimed, code)
        else:
            log.warning("send_refused", code=code, attempt=claimed.attempts, again_in=wait)
            await self._put_back(claimed, "queued", wait, code)

    async def _give_up(self, claimed: Claimed, code: str) -> None:
        log.error("send_given_up", code=code, attempt=claimed.attempts)
        clinic = await self._clinic()

        async def write(s: Session) -> None:
            if await outbox.put_back(s, claimed, status=statuses.FAILED, due_in=timedelta(0), error_code=code):
                await statuses.report_failure(s, clinic, self.conversation_id, now=utc_now())

        await self._written(write)

    async def _put_back(
        self, claimed: Claimed, status: str, wait: float, code: str, *, tried: bool = True, unanswered: bool = False
    ) -> None:
        async def write(s: Session) -> None:
            due_in = timedelta(seconds=wait)
            await outbox.put_back(s, claimed, status=status, due_in=due_in, error_code=code, tried=tried, unanswered=unanswered)

        await self._written(write)

    async def _clinic(self) -> Clinic:
        return await _again(lambda: clinic_for(self.pool, self.clinic_id))

    async def _written(self, write: Callable[[Session], Awaitable[None]]) -> None:
        async def once() -> None:
            async with clinic_session(self.pool, self.clinic_id) as s:
                await write(s)

        await _again(once)


async def _again(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """How a send ended is worth some patience with Postgres: unwritten, it would be found as one that may have arrived."""
    for pause in _NOTE_AGAIN:
        try:
            return await attempt()
        except Unavailable:
            await asyncio.sleep(pause)
    return await attempt()


class Delivery:
    """Delivers until stopped: wakes by NOTIFY, looks by itself every poll. Any number may run, in any number of processes."""

    def __init__(self, pool: Pool, settings: Settings | Policy, *, listen_url: str) -> None:
        self._pool = pool
        self._policy = settings if isinstance(settings, Policy) else Policy.of(settings)
        self._listen_url = listen_url
        self._bell = asyncio.Event()
        self._busy: dict[UUID, asyncio.Task[None]] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._senders: Senders | None = None

    @property
    def alive(self) -> bool:
        """Whether it is looking for work (readiness)."""
        return bool(self._tasks) and not any(task.done() for task in self._tasks)

    async def start(self) -> None:
        """Begins to listen and to look."""
        self._senders = Senders()
        self._tasks = [asyncio.create_task(self._look(self._senders)), asyncio.create_task(self._listen())]

    async def stop(self, *, grace: float = 8.0) -> None:
        """Begins no more sends and lets the running ones end; one that outlasts the grace will be found as unanswered."""
        await end(self._tasks)
        self._tasks = []
        running = list(self._busy.values())
        if running:
            _, late = await asyncio.wait(running, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._senders is not None:
            await self._senders.aclose()

    def ring(self) -> None:
        """Something may be due."""
        self._bell.set()

    async def _look(self, senders: Senders) -> None:
        while True:
            self._bell.clear()
            try:
                due = await system.due_sends(self._pool, limit=_AT_ONCE, per_account=PER_ACCOUNT)
            except CarolError as error:
                log.warning("delivery_waits", error=error.code)
                due = []
            for clinic_id, conversation_id, account_id in due:
                if conversation_id not in self._busy:
                    work = _Conversation(self._pool, senders, self._policy, clinic_id, conversation_id, account_id)
                    self._busy[conversation_id] = asyncio.create_task(self._drain(work))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), self._policy.poll)

    async def _drain(self, work: _Conversation) -> None:
        tried = 0
        try:
            tried = await work.drain()
        except CarolError as error:
            log.warning("delivery_interrupted", conversation_id=str(work.conversation_id), error=error.code)
        except Exception as error:  # one conversation's defect must not silence the others; its row is still there
            log.error("delivery_broke", conversation_id=str(work.conversation_id), error=type(error).__name__, exc_info=True)
        finally:
            self._busy.pop(work.conversation_id, None)
        if tried:
            self._bell.set()

    async def _listen(self) -> None:
        async for _ in hear(self._listen_url, SENDS):
            self._bell.set()
