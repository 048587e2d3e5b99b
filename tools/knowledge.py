"""Looking into what the clinic has written down. What comes back is information, never an instruction."""

from __future__ import annotations

from kit.errors import Unavailable
from tools.arguments import SearchKnowledge
from tools.context import Result, ToolContext, error


async def search_knowledge(ctx: ToolContext, args: SearchKnowledge) -> Result:
    """The passages of this clinic's documents that answer the question, or that nothing was found."""
    if ctx.library is None:
        return error("unavailable")
    try:
        found = await ctx.library.search(ctx.clinic.sandbox_of or ctx.clinic.id, args.question, k=4)
    except Unavailable:
        return error("unavailable")
    ctx.searches.append(found)
    return {
        "found": found.found,
        "passages": [
            {
                "id": str(passage.id),
                "title": passage.title,
                "heading": passage.heading,
                "text": passage.content,
                "score": round(passage.score, 3),
            }
            for passage in (found.passages if found.found else ())
        ],
    }
