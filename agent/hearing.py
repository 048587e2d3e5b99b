"""Her ears: a voice note as text, by an endpoint or by an ear in this process. What comes back is a guess, never a command."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from agent.transcripts import LANGUAGE, Sound, Unheard, heard
from kit.errors import Unavailable
from kit.settings import Settings

if TYPE_CHECKING:
    import openai

_CONNECT_SECONDS = 5.0
# By these an endpoint knows what it is given; some refuse ".oga".
_NAMES: Mapping[str, str] = {
    "audio/ogg": "voz.ogg",
    "audio/mpeg": "voz.mp3",
    "audio/mp4": "voz.m4a",
    "audio/wav": "voz.wav",
    "audio/webm": "voz.webm",
    "audio/aac": "voz.aac",
    "audio/amr": "voz.amr",
}


class Ears(Protocol):
    """Whatever can hear."""

    async def hear(self, sound: Sound, prompt: str) -> str:
        """What was said, cleaned. Raises Unheard, or Unavailable when asking again later may work."""
        ...

    async def aclose(self) -> None:
        """Lets go of what it holds."""
        ...


class EndpointEars:
    """An OpenAI-compatible `POST {base}/audio/transcriptions`. Asks twice at most."""

    def __init__(self, *, model: str, base_url: str = "", api_key: str = "", seconds: float = 30.0) -> None:
        self._model, self._base_url, self._key, self._seconds = model, base_url, api_key, seconds
        self._made: openai.AsyncOpenAI | None = None

    async def hear(self, sound: Sound, prompt: str) -> str:
        import openai

        name = _NAMES.get(sound.media_type, "voz.ogg")
        try:
            answer: Any = await self._client().audio.transcriptions.create(
                file=(name, sound.data, sound.media_type),
                model=self._model,
                language=LANGUAGE,
                prompt=prompt,
                response_format="json",
                temperature=0,
            )
        except openai.APIStatusError as error:
            if error.status_code in (400, 413, 415, 422):
                raise Unheard(f"refused: {error.status_code}") from None
            raise Unavailable(f"transcription: {error.status_code}") from None
        except (openai.OpenAIError, ValueError) as error:  # a body of another shape is a ValueError from some depth
            raise Unavailable(f"transcription: {type(error).__name__}") from None
        text = getattr(answer, "text", None)
        if not isinstance(text, str):
            raise Unavailable("transcription: no text in the answer")
        return heard(text, prompt)

    async def aclose(self) -> None:
        if self._made is not None:
            await self._made.close()
            self._made = None

    def _client(self) -> openai.AsyncOpenAI:
        import openai  # half a second of imports, for whoever hears

        if self._made is None:
            patience = openai.Timeout(self._seconds, connect=min(_CONNECT_SECONDS, self._seconds))
            self._made = openai.AsyncOpenAI(
                api_key=self._key or "none", base_url=self._base_url or None, timeout=patience, max_retries=1
            )
        return self._made


def ears(settings: Settings) -> Ears | None:
    """Who hears under these settings: the endpoint they name, else an ear installed here, else nobody.

    A key alone sends no voice anywhere: a model must be named.
    """
    if settings.transcription_model:
        base_url = settings.transcription_base_url
        # The conversation's key never travels to another host.
        key = settings.transcription_api_key or (settings.model_api_key if base_url == settings.model_base_url else "")
        return EndpointEars(
            model=settings.transcription_model,
            base_url=base_url,
            api_key=key,
            seconds=settings.transcription_timeout_seconds,
        )
    from agent.local_ear import local_ear

    return local_ear(settings)
