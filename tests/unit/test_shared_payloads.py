"""Every payload we hold, ours and (where the folder stands beside the repository) the shared collection; spoilt ones too."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from channels.base import Event, Inbound
from channels.whatsapp.cloud.parse import parse as parse_cloud
from channels.whatsapp.evolution.parse import parse as parse_evolution
from tests.unit.payloads import OURS, SHARED, any_json, spoilt, told

Parse = Callable[[Any], list[Event]]
PARSERS: dict[str, Parse] = {"evolution": parse_evolution, "meta": parse_cloud}
FILES = [
    pytest.param(parser, path, id=f"{folder.parent.name}-{wire}-{path.stem}")
    for root in (OURS, SHARED)
    for wire, parser in PARSERS.items()
    for folder in [root / wire]
    for path in sorted(folder.glob("*.json"))
    if not path.name.startswith("_")
]
# Shapes of webhooks we answer without keeping: everything else in the collections is understood.
_NOT_WEBHOOKS = ("response_", "request_", "synthetic_lynkbyte__responses", "unknown_", "not_decrypted")


@pytest.mark.parametrize(("parse", "path"), FILES)
def test_parses_to_known_events_the_same_each_time(parse: Parse, path: Path) -> None:
    body = json.loads(path.read_text(encoding="utf-8"))
    events = parse(body)
    assert events
    assert parse(body) == events
    if not path.name.startswith(_NOT_WEBHOOKS):
        assert not any(getattr(event, "unknown", False) for event in events)
    for event in events:
        if isinstance(event, Inbound):
            assert event.aliases and event.reply_to
            assert event.sent_at is not None and event.sent_at.tzinfo is not None
            assert "\x00" not in event.text


@pytest.mark.parametrize("wire", sorted(PARSERS))
def test_the_other_rails_bodies_are_never_taken_for_messages(wire: str) -> None:
    other = next(parser for name, parser in PARSERS.items() if name != wire)
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((OURS / wire).glob("*.json"))]
    assert not [event for body in bodies for event in other(body) if isinstance(event, Inbound)]


@pytest.mark.parametrize("wire", sorted(PARSERS))
def test_replayed_and_reordered_bodies_name_the_same_set_of_events(wire: str) -> None:
    bodies = [json.loads(path.read_text(encoding="utf-8")) for path in sorted((OURS / wire).glob("*.json"))]
    once = {repr(event) for body in bodies for event in PARSERS[wire](body)}
    assert {repr(event) for body in bodies[::-1] + bodies for event in PARSERS[wire](body)} == once


@pytest.mark.parametrize("wire", sorted(PARSERS))
@given(body=any_json)
@settings(max_examples=150, deadline=None)
def test_any_json_value_gives_events(wire: str, body: Any) -> None:
    assert PARSERS[wire](body)


@pytest.mark.parametrize("wire", sorted(PARSERS))
@given(data=st.data())
@settings(max_examples=300, deadline=None)
def test_a_payload_spoilt_anywhere_still_gives_whole_events(wire: str, data: st.DataObject) -> None:
    for event in PARSERS[wire](data.draw(spoilt(wire))):
        assert "\x00" not in "".join(told(event))
        "".join(told(event)).encode()
        if isinstance(event, Inbound):
            assert event.aliases and event.reply_to and event.provider_id
