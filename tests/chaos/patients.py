"""Who writes: each patient chats, sends bursts, asks for a visit, says yes to what is read back, and reads every answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tests.chaos.mind import TOKEN
from tests.chaos.providers import Providers, Wire

_LETTERS = "abcdefghijklmnop"
_ASKS = (
    ("limpeza dental", "para amanhã"),
    ("consulta com nutricionista", "para a semana que vem"),
    ("consulta dermatológica", "para a semana que vem"),
    ("avaliação odontológica", "para depois de amanhã"),
    ("limpeza dental", "para a semana que vem"),
)
_A_PERSON_KNOWS = "caso nº"
_CHATS = ("oi, é sobre {}", "vi aqui uma coisa, {}", "e também {}", "queria falar de {}, pode ser", "mais uma coisa: {}")


def token(patient: int, number: int) -> str:
    """A word that only this message has: z and nine letters."""
    return "z" + "".join(_LETTERS[(value >> shift) & 15] for value, width in ((patient, 3), (number, 6)) for shift in
                         range(4 * (width - 1), -1, -4))  # fmt: skip


@dataclass(slots=True)
class Handshake:
    """A visit asked for: `yes` was said to what was read back, `done` it was said to be booked."""

    read_back: bool = False
    yes: bool = False
    done: bool = False
    held: bool = False


@dataclass(slots=True)
class Patient:
    """One conversation. `go_on` tells whether to keep writing after the script is over."""

    number: int
    wire: Wire
    providers: Providers
    rng: Random
    messages: int
    go_on: Callable[[], bool]
    handshakes: list[Handshake] = field(default_factory=list)
    written: int = 0
    doing: str = ""
    _waiting: set[str] = field(default_factory=set)
    _new: list[str] = field(default_factory=list)
    _rung: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def phone(self) -> str:
        """As this wire spells it: without the ninth digit."""
        return f"55318{self.number:07d}"

    def heard(self, text: str) -> None:
        """Something reached the phone."""
        self._waiting -= set(TOKEN.findall(text))
        self._new.append(text)
        self._rung.set()

    def missed(self, text: str) -> None:
        """Something will never reach the phone: somebody of the team is told, and writes instead."""
        self._waiting -= set(TOKEN.findall(text))
        self._new.append(_A_PERSON_KNOWS)
        self._rung.set()

    async def live(self) -> None:
        while self.written < self.messages or self.go_on():
            if self.written % 10 == 6 and len(self.handshakes) < len(_ASKS):
                await self._visit()
            else:
                await self._chat()
        await self._answered()
        self.doing = "done"

    async def _chat(self) -> None:
        for _ in range(self.rng.choice((1, 1, 1, 2, 3))):
            self._say(self.rng.choice(_CHATS))
            await asyncio.sleep(self.rng.random() * 0.3)
        if self.rng.random() < 0.7:
            await self._answered()
        await asyncio.sleep(self.rng.random() * 0.5)

    async def _visit(self) -> None:
        await self._answered()
        service, when = _ASKS[len(self.handshakes)]
        one = Handshake()
        self.handshakes.append(one)
        asked = self._say(f"quero marcar {service} {when}, sou a Ana Lima. é sobre {{}}")
        text = await self._reply("asked", lambda text: asked in text and ("Posso marcar?" in text or "não deu" in text))
        one.held, one.read_back = asked not in text, "Posso marcar?" in text
        if not one.read_back:
            return
        one.yes = True
        said = self._say("sim, {}")
        text = await self._reply("said yes", lambda text: said in text)
        one.done, one.held = "Marquei" in text, said not in text

    async def _answered(self) -> None:
        """Until everything written so far was answered, or a person was promised for it."""
        self.doing = "waits for an answer"
        while self._waiting:
            self._rung.clear()
            await self._rung.wait()
            if any(_promises_a_person(text) for text in self._new):
                self._waiting.clear()
            self._new.clear()

    async def _reply(self, doing: str, wanted: Callable[[str], bool]) -> str:
        self.doing = doing
        while True:
            for text in self._new:
                if wanted(text) or _promises_a_person(text):
                    self._new.clear()
                    self._waiting.clear()
                    return text
            self._new.clear()
            self._rung.clear()
            await self._rung.wait()

    def _say(self, words: str) -> str:
        word = token(self.number, self.written)
        self.written += 1
        self._waiting.add(word)
        self.providers.write(self.wire, self.phone, words.format(word), f"{self.number:04d}.{self.written:04d}")
        return word


def _promises_a_person(text: str) -> bool:
    return _A_PERSON_KNOWS in text
