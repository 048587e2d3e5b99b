"""The plain page that chats, until the console comes."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

PAGES = Path(__file__).parent / "pages"
router = APIRouter(include_in_schema=False)


@router.get("/")
async def chat_page() -> FileResponse:
    """The chat."""
    return FileResponse(PAGES / "chat.html")


@router.get("/login")
async def login_page() -> FileResponse:
    """Where the operator's password is asked for."""
    return FileResponse(PAGES / "login.html")


def assets() -> StaticFiles:
    """Styles and scripts; nothing in them is secret."""
    return StaticFiles(directory=PAGES / "assets")
