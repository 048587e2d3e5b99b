"""What a model reads beside the patient's words: that they were spoken, that a file came."""

from __future__ import annotations

from typing import Any

import pytest

from agent.marks import marked, unheard, unopened
from clinic.conversations.models import Attachment, Author, Message
from kit.clock import utc_now
from kit.ids import new_id


def message(kind: str = "text", text: str = "", **more: Any) -> Message:
    return Message(id=new_id(), seq=1, author=Author.PATIENT, kind=kind, text=text, at=utc_now(), **more)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        (message(text="quero marcar"), "quero marcar"),
        (message("audio", "quero marcar", heard=True), "(áudio transcrito) quero marcar"),
        (
            message("audio", file=Attachment("audio", "ready", "no_ears")),
            "(áudio que não foi possível ouvir; a equipe tem o áudio)",
        ),
        (message("audio"), "(áudio que não foi possível ouvir; a equipe tem o áudio)"),
        (
            message("image", "é este o pedido", file=Attachment("image", "ready")),
            "(imagem em anexo; você não vê imagens)\né este o pedido",
        ),
        (message("document", file=Attachment("document", "waiting")), "(documento em anexo; você não abre documentos)"),
        (
            message("image", "olha", file=Attachment("image", "refused", "broken")),
            "(arquivo em anexo que não pôde ser aberto)\nolha",
        ),
        (message("reaction"), ""),
    ],
)
def test_what_was_not_typed_is_marked(given: Message, read: str) -> None:
    assert marked(given, given.text) == read


def test_what_could_not_be_heard_or_opened() -> None:
    assert unheard(message("audio")) and not unheard(message("audio", "oi", heard=True)) and not unheard(message())
    assert unopened(message("image", file=Attachment("image", "failed", "gone")))
    assert not unopened(message("image", file=Attachment("image", "waiting"))) and not unopened(message("image"))
