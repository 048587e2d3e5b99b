"""Provider payloads on disk, and events told in a line for tables of expectations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from channels.base import Echo, Event, Ignored, Inbound, LinkChange, Moved, Status, TemplateChange

OURS = Path(__file__).parents[1] / "fixtures" / "payloads"
SHARED = Path(__file__).parents[3] / "shared" / "payloads"


any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)


def load(wire: str, name: str) -> Any:
    return json.loads((OURS / wire / f"{name}.json").read_text(encoding="utf-8"))


def names(wire: str) -> list[str]:
    return sorted(path.stem for path in (OURS / wire).glob("*.json"))


def told(event: Event) -> tuple[str, ...]:
    """What matters of an event: who and what, or why it is ignored (`?` before a reason we do not know)."""
    match event:
        case Inbound():
            return ("in", event.provider_id, event.reply_to, event.kind, event.text)
        case Echo():
            return ("echo", event.provider_id, event.aliases[0].value, event.kind, event.text)
        case Status():
            return ("status", event.provider_id, event.status.value)
        case LinkChange():
            return ("link", event.state.value, event.reason, event.code or "")
        case TemplateChange():
            return ("template", event.name, event.language, event.state, event.reason or "")
        case Moved():
            return ("moved", event.before[0].value, event.reply_to)
        case Ignored():
            return ("ignored", ("?" if event.unknown else "") + event.reason)


@st.composite
def spoilt(draw: st.DrawFn, wire: str) -> Any:
    """One of our payloads with any one of its values replaced by any JSON value."""
    body = load(wire, draw(st.sampled_from(names(wire))))
    *parents, last = draw(st.sampled_from(_paths(body)[1:]))
    place = body
    for key in parents:
        place = place[key]
    place[last] = draw(any_json)
    return body


def _paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(inner_path for key, inner in pairs for inner_path in _paths(inner, (*path, key)))]
