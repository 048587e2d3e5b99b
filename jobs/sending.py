"""One conversation's messages, in their order: each is sent, or waits, or is given up and told to a person.

A send happens outside any transaction. When its answer never comes the message may be on the phone already: the wire is
asked whether it arrived, several times; one that cannot tell gets a grace to say so by itself (a status with our
reference, an echo of our text). Only then is it sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic
from typing import TypeVar
from uuid import UUID

from channels.base import Outgoing, Sender, SendOutcome, SendResult
from channels.contents import BadContent, content_of
from channels.registry import BadChannel, ChannelKind
from clinic.conversations.outgoing import outbox, statuses, withholding
from clinic.conversations.outgoing.outbox import Claimed
from clinic.reports import sending as reports
from clinic.reports import sends_store
from clinic.tenants import rails_store
from clinic.tenants.models import Clinic
from clinic.tenants.service import clinic_for
from db.pool import Pool
from db.session import Session, clinic_session
from jobs import links, pacing, rails, readiness
from jobs.circuit import wait_before
from jobs.patience import Policy
from jobs.reconcile import Look, look, next_look
from jobs.senders import Senders
from kit.clock import utc_now
from kit.errors import CarolError, Unavailable
from kit.log import bound, get_logger

log = get_logger(__name__)
Result = TypeVar("Result")

_LEASE_SLACK = 10.0  # seconds a lease outlives the longest send
_NOTE_AGAIN = (0.2, 1.0, 3.0)  # seconds between tries to write down how a send ended


@dataclass(frozen=True, slots=True)
class Conversation:
    """Whose turn it is to be sent to; `account_id` is the wire its oldest message leaves by."""

    pool: Pool
    senders: Senders
    policy: Policy
    clinic_id: UUID
    conversation_id: UUID
    account_id: UUID

    async def drain(self) -> int:
        """Sends until nothing of this conversation is due; returns how many sends were tried."""
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
                    await self._settle(claimed)
        return tried

    async def _claim(self) -> Claimed | None:
        async with clinic_session(self.pool, self.clinic_id) as s:
            lease = timedelta(seconds=self.policy.timeout + pacing.NAP * 2 + _LEASE_SLACK)
            return await outbox.claim(s, self.conversation_id, lease=lease)

    async def _settle(self, claimed: Claimed) -> None:
        """A report whose last message this was is sent, or not, at once; what goes wrong here the clock makes good."""
        if (report_id := sends_store.report_of(claimed.dedupe_key)) is None:
            return
        try:
            async with clinic_session(self.pool, self.clinic_id) as s:
                await reports.settle(s, report_id)
        except CarolError as error:
            log.info("report_settles_later", code=error.code)

    async def _treat(self, claimed: Claimed) -> bool:
        """Sends it, or puts it aside. True when the provider was asked to send it."""
        rest = self.senders.circuits.rest_of(claimed.account_id, monotonic())
        if (rest or claimed.account_id in self.senders.doubted) and await self._moved(claimed):
            return False
        if rest:
            await self._rest(claimed, rest)
            return False
        try:
            kind, sender = await self.senders.of(self.pool, self.clinic_id, claimed.account_id)
            content = content_of(claimed.content)
        except BadChannel as error:
            log.error("channel_unusable", account_id=str(claimed.account_id), reason=str(error))
            await self._refused(claimed, SendResult(outcome=SendOutcome.RETRY, error_code=error.code, alarm=True))
            return False
        except BadContent as error:
            await self._give_up(claimed, error.code)
            return False
        message = Outgoing(to=claimed.reply_to, text=claimed.text, reference=str(claimed.id), content=content)
        doubtful = claimed.was != "queued" or claimed.unanswered > 0
        if kind != ChannelKind.CONSOLE and doubtful and await self._perhaps_sent(claimed, sender, message):
            return False
        wait = await self._ready(claimed, kind, sender)
        if wait is None:
            return False
        if wait:
            await asyncio.sleep(wait)
        await self._note(claimed, await self._ask(sender.send(message)))
        return True

    async def _rest(self, claimed: Claimed, rest: float) -> None:
        if self.policy.gives_up(claimed):
            await self._give_up(claimed, "account_resting")
        else:
            status = "queued" if claimed.was == "queued" else "unknown"
            await self._put_back(claimed, status, rest, "account_resting", tried=False, unanswered=claimed.was == "sending")

    async def _moved(self, claimed: Claimed) -> bool:
        """Whether another wire of the clinic speaks for this one."""
        return await rails.move(self.pool, self.senders, await self._clinic(), claimed, after=self.policy.fail_over_after)

    async def _perhaps_sent(self, claimed: Claimed, sender: Sender, message: Outgoing) -> bool:
        """Settles a send whose answer never came, or puts it aside; False when it is to be sent again."""
        tells = sender.capabilities.history
        if claimed.was == "sending":
            wait = min(next_look(0.0, self.policy.grace) or 0.0, self.policy.grace) if tells else self.policy.grace
            await self._put_back(claimed, "unknown", wait, "sender_died", tried=False, unanswered=True)
            return True
        found: str | Look = Look.SILENT
        if tells:
            others = await self._written(lambda s: outbox.ids_of(s, claimed))
            found = await look(sender, message, queued_at=claimed.created_at, but=others, timeout=self.policy.timeout)
            if isinstance(found, str):
                log.info("found_sent", looks_for=round(claimed.asked_ago or 0.0, 1))
                await self._sent(claimed, found)
                return True
            pause = next_look(claimed.asked_ago if claimed.asked_ago is not None else self.policy.grace, self.policy.grace)
            if pause is not None:
                await self._put_back(claimed, "unknown", pause, "no_answer", tried=False, looked=True)
                return True
        most = self.policy.max_attempts - 1 if found is Look.ABSENT else self.policy.resends
        if claimed.unanswered > most:
            await self._give_up(claimed, "no_answer")
            return True
        return False

    async def _ready(self, claimed: Claimed, kind: str, sender: Sender) -> float | None:
        """Seconds until it may leave, its place taken; None when it was put aside."""
        if kind == ChannelKind.CONSOLE and not claimed.proactive and claimed.expires_at is None:
            return 0.0
        clinic = await self._clinic()
        rate = self.senders.rates.get(claimed.account_id)

        async def decide(s: Session) -> float | None:
            if not await readiness.may_leave(s, clinic, claimed, sender.capabilities):
                return None
            return await readiness.place(s, claimed, sender.capabilities, rate, pace=self.policy.pace)

        return await self._written(decide)

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
                await links.proved_open(self.pool, self.senders, self.clinic_id, claimed.account_id)
            case SendOutcome.RETRY:
                await self._refused(claimed, result)
            case SendOutcome.FAILED:
                if result.alarm:
                    log.error("account_alarm", account_id=str(claimed.account_id), code=code)
                await self._failed(claimed, code)
            case SendOutcome.UNKNOWN:
                log.warning("send_unanswered", code=code, attempt=claimed.attempts)
                _, sender = await self.senders.of(self.pool, self.clinic_id, claimed.account_id)
                grace = self.policy.grace
                wait = next_look(0.0, grace) or 0.0 if sender.capabilities.history else grace
                await self._put_back(claimed, "unknown", wait, code, unanswered=True)

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
        if code == pacing.PAIR_RATE:
            wait = pacing.pair_backoff(claimed.attempts, result.retry_after)
        else:
            wait = wait_before(claimed.attempts, result.retry_after, alarm=result.alarm)
            await self._account_refuses(claimed.account_id, code, wait, alarm=result.alarm)
        if result.alarm:
            self.senders.forget(claimed.account_id)
        if self.policy.gives_up(claimed):
            await self._give_up(claimed, code)
        else:
            log.warning("send_refused", code=code, attempt=claimed.attempts, again_in=wait)
            await self._put_back(claimed, "unknown" if claimed.unanswered else "queued", wait, code)

    async def _account_refuses(self, account_id: UUID, code: str, wait: float, *, alarm: bool) -> None:
        if code in pacing.LIMITS:

            async def write(s: Session) -> None:
                rate = self.senders.rates.get(account_id)
                await rails_store.back_off(s, account_id, seconds=wait + (rate.burst / rate.per_second if rate else 0.0))

            await self._written(write)
        if self.senders.circuits.note_failure(account_id, monotonic(), wait=wait, alarm=alarm):
            say = log.error if alarm else log.warning
            say("account_rests", account_id=str(account_id), code=code, seconds=wait)
            if code not in pacing.LIMITS:
                await links.proved_down(self.pool, self.senders, self.clinic_id, account_id, code, alarm=alarm)

    async def _failed(self, claimed: Claimed, code: str) -> None:
        """Surely not sent and never to be as it is; a text refused for its window may still wait for the patient."""
        clinic = await self._clinic()

        async def write(s: Session) -> bool:
            await readiness.note_template(s, claimed, code)
            return code == withholding.REFUSED and await withholding.refused(s, clinic, claimed.id)

        if await self._written(write):
            log.warning("send_withheld", code=code)
        else:
            await self._give_up(claimed, code)

    async def _give_up(self, claimed: Claimed, code: str) -> None:
        log.error("send_given_up", code=code, attempt=claimed.attempts)
        clinic = await self._clinic()

        async def write(s: Session) -> None:
            if await outbox.put_back(s, claimed, status=statuses.FAILED, due_in=timedelta(0), error_code=code):
                await statuses.report_failure(s, clinic, self.conversation_id, now=utc_now())

        await self._written(write)

    async def _put_back(
        self,
        claimed: Claimed,
        status: str,
        wait: float,
        code: str,
        *,
        tried: bool = True,
        unanswered: bool = False,
        looked: bool = False,
    ) -> None:
        async def write(s: Session) -> None:
            due_in = timedelta(seconds=wait)
            await outbox.put_back(
                s, claimed, status=status, due_in=due_in, error_code=code, tried=tried, unanswered=unanswered, looked=looked
            )

        await self._written(write)

    async def _clinic(self) -> Clinic:
        return await _again(lambda: clinic_for(self.pool, self.clinic_id))

    async def _written(self, write: Callable[[Session], Awaitable[Result]]) -> Result:
        async def once() -> Result:
            async with clinic_session(self.pool, self.clinic_id) as s:
                return await write(s)

        return await _again(once)


async def _again(attempt: Callable[[], Awaitable[Result]]) -> Result:
    """How a send ended is worth some patience with Postgres: unwritten, it would be found as one that may have arrived."""
    for pause in _NOTE_AGAIN:
        try:
            return await attempt()
        except Unavailable:
            await asyncio.sleep(pause)
    return await attempt()
