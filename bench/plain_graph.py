"""The floor: LangGraph's own think ⇄ act with the same model and one tool, nothing around it; with the stock saver, a peer."""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.graph.state import CompiledStateGraph
from langgraph.prebuilt import ToolNode

from bench.instant import ANSWERED, ASKED, Instant

_SERVICES = (
    '{"services": [{"name": "Limpeza dental", "aliases": ["limpeza", "profilaxia"], "category": "Odontologia", '
    '"duration_minutes": 40, "price": "R$ 220,00", "price_note": "", "description": "Remoção de placa e tártaro com '
    'polimento dos dentes.", "preparation": "Escove os dentes antes de vir.", "notes": "", "professionals": '
    '["Dra. Helena Prado", "Dr. Caio Brandão"], "convenios": ["Vida Mais"], "units": ["Savassi"], "bookable": true}]}'
)


class Talk(TypedDict):
    messages: Annotated[list[BaseMessage], add_messages]


@tool
async def list_services(query: str = "") -> str:
    """What the clinic does."""
    return _SERVICES


def plain_graph(model: Instant, saver: BaseCheckpointSaver[Any] | None = None) -> CompiledStateGraph[Any, Any, Any, Any]:
    """think ⇄ act, compiled once."""

    async def think(state: Talk) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])]}

    def after_think(state: Talk) -> str:
        last = state["messages"][-1]
        return "act" if isinstance(last, AIMessage) and last.tool_calls else END

    graph = StateGraph(Talk)
    graph.add_node("think", think)
    graph.add_node("act", ToolNode([list_services]))
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", after_think, ["act", END])
    graph.add_edge("act", "think")
    return graph.compile(checkpointer=saver)


def history(count: int) -> list[BaseMessage]:
    """`count` messages as they were said, oldest first."""
    return [HumanMessage(ASKED, id=f"h{n}") if n % 2 == 0 else AIMessage(ANSWERED, id=f"h{n}") for n in range(count)]
