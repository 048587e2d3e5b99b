"""The order of thought of a conversation. Wiring only: what each step decides is in its own module."""

from __future__ import annotations

from functools import cache
from typing import Any

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from graphs import gather, speak, think
from graphs.state import State, Turn

Conversation = CompiledStateGraph[State, Turn, State, State]


@cache
def _builder() -> StateGraph[State, Turn, State, State]:
    graph: StateGraph[State, Turn, State, State] = StateGraph(State, context_schema=Turn)
    graph.add_node("screen", gather.screen)
    graph.add_node("identify", gather.identify)
    graph.add_node("think", think.think)
    graph.add_node("act", think.act)
    graph.add_node("check", speak.check)
    graph.add_node("reply", speak.reply)
    graph.add_node("handed_over", speak.handed_over)
    graph.add_node("human_only", speak.human_only)
    graph.add_edge(START, "screen")
    graph.add_conditional_edges("screen", gather.after_screen, ["identify", "reply", "handed_over", "human_only"])
    graph.add_edge("identify", "think")
    graph.add_conditional_edges("think", think.after_think, ["act", "check", "reply"])
    graph.add_edge("act", "think")
    graph.add_conditional_edges("check", speak.after_check, ["think", "reply"])
    graph.add_edge("reply", END)
    graph.add_edge("handed_over", END)
    graph.add_edge("human_only", "reply")
    return graph


def compile_conversation(saver: BaseCheckpointSaver[Any] | None) -> Conversation:
    """The graph over a checkpointer; None keeps no dialogue state (drawing, benches)."""
    return _builder().compile(checkpointer=saver)


def drawing() -> str:
    """The graph as Mermaid text, from the compiled graph itself."""
    return compile_conversation(None).get_graph().draw_mermaid()


def shape() -> tuple[list[str], list[tuple[str, str, bool]]]:
    """The states, and their ways as (from, to, whether it is one of several), from the compiled graph itself."""
    graph = compile_conversation(None).get_graph()
    return list(graph.nodes), [(edge.source, edge.target, edge.conditional) for edge in graph.edges]
