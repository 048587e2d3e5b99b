"""Writes the pages that are made from the code: `python docs/generate.py`. A test fails while one is stale."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).parent

GRAPH = """# The conversation's graph

Drawn from the compiled graph by `python docs/generate.py`; not edited by hand.

```mermaid
{drawing}
```

| step | what it settles | where |
|---|---|---|
{steps}

Solid arrows always follow; dotted ones are decided by what the step found.
"""


def graph_page() -> str:
    """docs/graph.md as it must be: the drawing, and what each node's docstring promises."""
    from graphs.conversation import compile_conversation, drawing

    steps = []
    for name, node in compile_conversation(None).get_graph().nodes.items():
        if name.startswith("__"):
            continue
        work = getattr(node.data, "afunc", None)
        promise = " ".join((work.__doc__ or "").split())
        steps.append(f"| `{name}` | {promise} | `{work.__module__.replace('.', '/')}.py` |")
    return GRAPH.format(drawing=drawing().strip(), steps="\n".join(steps))


PAGES = {"graph.md": graph_page}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), "utf-8")
