"""The console as the browser gets it: the files built into `web/dist`. None of them is secret; all data comes by /api."""

from __future__ import annotations

import os
from pathlib import Path

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

ROOT = Path(__file__).parents[1]
DIST = ROOT / "web" / "dist"
_UNBUILT = Path(__file__).parent / "console_unbuilt.html"
_OTHERS = ("/api", "/assets", "/webhooks", "/health", "/ready", "/metrics", "/openapi.json")  # never a page's address
_FOREVER = "public, max-age=31536000, immutable"


class _Assets(StaticFiles):
    """What the pages load. Names there are made of the content, so what a name holds never changes."""

    async def check_config(self) -> None:
        """Nothing: the console may be built, or built again, while this process runs."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = _FOREVER
        return response


def install(app: FastAPI, dist: Path = DIST) -> None:
    """Serves the console at every address that is read and is nobody else's. Without a build: a page that says so, 503."""
    # Compressed here alone: behind /api a secret and a guess in one compressed body would leak by its length.
    app.mount("/assets", GZipMiddleware(_Assets(directory=dist / "assets", check_dir=False), compresslevel=6))
    nowhere = app.router.default

    async def shell(scope: Scope, receive: Receive, send: Send) -> None:
        is_page = scope["type"] == "http" and scope["method"] in ("GET", "HEAD") and not _is_others(scope["path"])
        await (_answer(dist, scope["path"]) if is_page else nowhere)(scope, receive, send)

    # Where nothing else matched, so that a wrong method on a route of ours is still a 405.
    app.router.default = shell


def _answer(dist: Path, path: str) -> Response:
    """A file beside `index.html`, such as the icon, or the page that every address has."""
    beside = dist / path.lstrip("/")
    fresh = {"Cache-Control": "no-cache"}
    if beside.parent == dist and not beside.name.startswith(".") and beside.is_file():
        return FileResponse(beside, headers=fresh)
    index = dist / "index.html"
    if index.is_file():
        return FileResponse(index, headers=fresh)
    return FileResponse(_UNBUILT, 503, headers={"Cache-Control": "no-store", "Retry-After": "10"})


def _is_others(path: str) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in _OTHERS)
