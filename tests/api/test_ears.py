"""Her ears over HTTP: what is asked of a transcription endpoint, and what becomes of every way it can answer."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from agent import local_ear
from agent.hearing import Ears, EndpointEars, ears
from agent.transcripts import NoWords, Sound, Unheard, heard, prompt_for
from db.embedded import Urls
from kit.clock import utc_now
from kit.errors import Unavailable
from kit.settings import load_settings
from tests.emulators.transcription import TranscriptionEmulator
from tests.flows.house import brains_of, open_house
from tests.flows.scripted import ScriptedBrain

NOTE = Sound(b"OggS" + b"v" * 500, "audio/ogg")
PROMPT = "Áudio para a clínica Vila. Profissionais: Dra. Lívia Prado, Dr. Caio Reis. Serviços: limpeza de pele, consulta."


@pytest.fixture
def endpoint() -> Iterator[TranscriptionEmulator]:
    with TranscriptionEmulator() as running:
        yield running


@pytest.fixture
async def ear(endpoint: TranscriptionEmulator) -> AsyncIterator[Ears]:
    found = ears(load_settings(**endpoint.values, transcription_timeout_seconds=1.0))
    assert isinstance(found, EndpointEars)
    yield found
    await found.aclose()


async def test_a_note_is_sent_whole_with_the_clinics_names(ear: Ears, endpoint: TranscriptionEmulator) -> None:
    endpoint.says("  Oi, queria marcar\u200b com a doutora Lívia\u202e na terça.\n")
    assert await ear.hear(NOTE, PROMPT) == "Oi, queria marcar com a doutora Lívia na terça."
    [got] = endpoint.heard
    assert (got.name, got.media_type, got.data) == ("voz.ogg", "audio/ogg", NOTE.data)
    assert (got.language, got.prompt, got.model, float(got.temperature)) == ("pt", PROMPT, "whisper-1", 0.0)


@pytest.mark.parametrize("kind", ["audio/mpeg", "audio/mp4", "audio/wav", "audio/webm"])
async def test_every_kind_of_sound_has_a_name_that_endpoints_take(
    ear: Ears, endpoint: TranscriptionEmulator, kind: str
) -> None:
    assert await ear.hear(Sound(b"x" * 50, kind), "") == endpoint.default


async def test_one_failure_is_asked_again_and_two_are_for_later(ear: Ears, endpoint: TranscriptionEmulator) -> None:
    endpoint.faults.respond(500, {"error": {"message": "overloaded"}})
    assert await ear.hear(NOTE, "") == endpoint.default
    endpoint.faults.respond(503, {}, times=2)
    with pytest.raises(Unavailable):
        await ear.hear(NOTE, "")
    assert len(endpoint.calls) == 4


@pytest.mark.parametrize("fault", ["hang", "drop", "garble", "shape", "null", "array", "busy"])
async def test_an_endpoint_that_is_ill_may_hear_later(ear: Ears, endpoint: TranscriptionEmulator, fault: str) -> None:
    match fault:
        case "hang":
            endpoint.faults.hang(times=2)
        case "drop":
            endpoint.faults.drop(times=2)
        case "garble":
            endpoint.faults.garble(times=2)
        case "busy":
            endpoint.faults.respond(429, {}, times=2, headers={"retry-after-ms": "1"})
        case _:
            body = {"shape": {"texto": "oi"}, "null": {"text": None}, "array": []}[fault]
            endpoint.faults.respond(200, body, times=2)
    with pytest.raises(Unavailable):
        await ear.hear(NOTE, "")
    endpoint.faults.clear()
    assert await ear.hear(NOTE, "") == endpoint.default


async def test_a_file_it_refuses_is_not_sent_again(ear: Ears, endpoint: TranscriptionEmulator) -> None:
    with pytest.raises(Unheard) as refused:
        await ear.hear(Sound(b"#!AMR\n", "audio/amr"), "")
    assert not isinstance(refused.value, NoWords) and len(endpoint.calls) == 1


async def test_a_wrong_key_is_for_an_operator_not_for_the_patient(endpoint: TranscriptionEmulator) -> None:
    ear = ears(load_settings(**{**endpoint.values, "transcription_api_key": "outra"}))
    assert ear is not None
    with pytest.raises(Unavailable, match="401"):
        await ear.hear(NOTE, "")
    await ear.aclose()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   \n",
        "...",
        "♪ ♪",
        "[Música]",
        "Legendas pela comunidade Amara.org",
        "Legenda por Sônia Ruberti",
        "Obrigado por assistir!",
        "Inscreva-se no canal",
        "www.amara.org",
        "ご視聴ありがとうございました",
        "Спасибо за просмотр, до новых встреч",
        "Profissionais: Dra. Lívia Prado, Dr. Caio Reis. Serviços: limpeza de pele, consulta.",
    ],
)
async def test_what_nobody_said_is_not_believed(ear: Ears, endpoint: TranscriptionEmulator, text: str) -> None:
    endpoint.says(text)
    with pytest.raises(NoWords):
        await ear.hear(NOTE, PROMPT)


@pytest.mark.parametrize(
    "text",
    [
        "Obrigado!",
        "obrigada por me atender",
        "Sim.",
        "É 12345678901",
        "limpeza de pele",
        "Dra. Lívia Prado",
        "Quero a tradução do laudo, por favor",
        "Hello, I would like to book a cleaning",  # her language is for the reply to handle, the words were said
    ],
)
def test_what_was_said_is_believed(text: str) -> None:
    assert heard(text, PROMPT) == text


def test_a_transcript_has_an_end() -> None:
    assert len(heard("palavra " * 5_000)) == 4_000


async def test_names_of_the_clinic_are_told_first(database: Urls) -> None:
    async with open_house(database, brains_of(ScriptedBrain()), at=utc_now()) as house:  # type: ignore[arg-type]
        prompt = prompt_for(house.clinic)
    assert house.clinic.name in prompt and len(prompt) <= 600
    assert all(one.name in prompt for one in house.clinic.professionals)


def test_who_hears() -> None:
    assert ears(load_settings()) is None  # no ear is installed here
    assert ears(load_settings(transcription_api_key="sk-x", model_api_key="sk-y")) is None  # a key alone sends no voice out
    assert isinstance(ears(load_settings(transcription_model="whisper-1")), EndpointEars)


async def test_the_conversations_key_never_travels_to_another_host(endpoint: TranscriptionEmulator) -> None:
    base = {"transcription_model": "whisper-1", "transcription_base_url": endpoint.base_url, "model_api_key": endpoint.api_key}
    elsewhere, same = ears(load_settings(**base)), ears(load_settings(**base, model_base_url=endpoint.base_url))
    assert elsewhere and same
    with pytest.raises(Unavailable):
        await elsewhere.hear(NOTE, "")
    assert all(endpoint.api_key not in call.headers.get("authorization", "") for call in endpoint.calls)
    assert await same.hear(NOTE, "") == endpoint.default


def packages(folder: Path, *pieces: bytes) -> list[Path]:
    found = []
    for number, piece in enumerate(pieces, 1):
        data = folder / f"part{number}" / "data"
        data.mkdir(parents=True)
        (data / f"model.bin.part{number}").write_bytes(piece)
        for name in ("config.json", "tokenizer.json", "vocabulary.txt"):
            (data / name).write_text(name)
        found.append(data / f"model.bin.part{number}")
    return found


def test_packaged_weights_are_put_together_once_and_only_when_they_are_the_ones_we_know(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = packages(tmp_path, b"first ", b"second")
    monkeypatch.setattr(local_ear, "_found", lambda: parts)
    assert local_ear.weights(tmp_path / "cache" / "ear") is None
    assert not list((tmp_path / "cache").iterdir())
    monkeypatch.setattr(local_ear, "SHA256", hashlib.sha256(b"first second").hexdigest())
    where = local_ear.weights(tmp_path / "cache" / "ear")
    assert where and (where / "model.bin").read_bytes() == b"first second"
    assert {each.name for each in where.iterdir()} == {"model.bin", "config.json", "tokenizer.json", "vocabulary.txt"}
    monkeypatch.setattr(local_ear, "_found", lambda: None)
    assert local_ear.weights(tmp_path / "cache" / "ear") == where
