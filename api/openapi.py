"""What the console's client is made from: `python -m api.openapi FILE` writes the API's description, always the same way."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from api.app import create_app
from kit.settings import load_settings


def description() -> str:
    """The OpenAPI document as it is kept in `web/openapi.json`. Nothing is connected to."""
    app = create_app(load_settings(database_url="postgresql://nowhere/carol"))
    return json.dumps(app.openapi(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(description(), "utf-8")
