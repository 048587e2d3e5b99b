"""What `carol chat` says when a message is not taken: every refusal of a message has words in Portuguese."""

from __future__ import annotations

import pytest

from cli.chat import refused
from clinic.conversations import service
from kit.errors import CarolError, Unavailable


@pytest.mark.parametrize(
    "error", [service.EmptyMessage, service.LongMessage, service.BadPerson, service.BadMessageId, service.OtherWords]
)
def test_each_refused_message_is_explained_in_portuguese(error: type[CarolError]) -> None:
    assert refused(error()) not in ("", str(error()))


def test_any_other_error_says_what_it_says() -> None:
    assert refused(Unavailable("O banco não responde.")) == "O banco não responde."
