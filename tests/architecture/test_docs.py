"""What the documents say exists: commands, settings, files, links; and pages made from the code are as the code is now."""

from __future__ import annotations

import re
import runpy
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psycopg
import pytest
from pydantic import TypeAdapter
from typer.main import get_command

from channels.registry import sender_for
from cli.main import app
from clinic.tenants.document import ChannelPart
from db.embedded import Urls
from evals.proving import shares
from kit import fast_yaml
from kit.settings import Settings, load_settings, variable

ROOT = Path(__file__).parents[2]
DOCS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
OTHERS = [ROOT / name for name in ("compose.yaml", "render.yaml", ".env.example", "deploy/provision.sql")]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
CODE = re.compile(r"```[a-z]*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
SETTINGS = {variable(field) for field in Settings.model_fields} | {"CAROL_MODEL_API_KEY", shares.SETTING}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def spans(path: Path) -> Iterator[str]:
    """The code of a document: fenced lines and inline spans."""
    for fenced, inline in CODE.findall(path.read_text("utf-8")):
        yield from (fenced or inline).splitlines()


def commands(program: str) -> Iterator[tuple[str, list[str]]]:
    """(where, words after the program) of every call of `program` in the documents."""
    for path in DOCS:
        for line in spans(path):
            for found in re.finditer(rf"(?:^|[\s(])(?:\./)?{program} ([a-z-].*)", line.split(" #")[0]):
                yield f"{name(path)}: {line.strip()}", shlex.split(re.split(r"[;|&…]", found[1])[0])


@pytest.mark.parametrize("path", DOCS, ids=name)
def test_links_resolve(path: Path) -> None:
    text = CODE.sub("", path.read_text("utf-8"))
    targets = [unquote(link.partition("#")[0]) for link in re.findall(r"\]\(([^)\s]+)\)", text)]
    assert not [link for link in targets if link and "://" not in link and not (path.parent / link).exists()]


def test_every_carol_command_in_the_documents_exists() -> None:
    unknown = []
    for where, words in commands("carol"):
        command: Any = get_command(app)
        while words and words[0] in getattr(command, "commands", ()):
            command = command.commands[words.pop(0)]
        options = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
        asked = {word.partition("=")[0] for word in words if word.startswith("--")}
        if (hasattr(command, "commands") and not command.invoke_without_command) or asked - options - {"--help"}:
            unknown.append(where)
    assert not unknown


def test_every_make_target_in_the_documents_exists() -> None:
    assert not [where for where, words in commands("make") if {w for w in words if w.isalpha()} - TARGETS]


@pytest.mark.parametrize("path", [*DOCS, *OTHERS], ids=name)
def test_every_setting_named_exists(path: Path) -> None:
    assert set(re.findall(r"\bCAROL_[A-Z0-9_]*[A-Z]\b", path.read_text("utf-8"))) <= SETTINGS | {"CAROL_HOME"}


def test_settings_shown_for_models_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    page = (ROOT / "docs/guides/models.md").read_text("utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 3
    for block in blocks:
        with monkeypatch.context() as patch:
            for line in block.splitlines():
                if found := re.match(r"([A-Z_]+)=(\S+)", line):
                    patch.setenv(found[1], found[2])
            assert not load_settings(_env_file=None).offline


@pytest.mark.parametrize("guide", ["whatsapp-evolution", "whatsapp-cloud"])
def test_channels_shown_are_accepted_and_make_a_sender(guide: str) -> None:
    import httpx

    page = (ROOT / "docs/guides" / f"{guide}.md").read_text("utf-8")
    [block] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    for channel in TypeAdapter(list[ChannelPart]).validate_python(fast_yaml.load(block)["channels"]):
        known = {key: "a-secret" if value.startswith("env:") else value for key, value in channel.credentials.items()}
        assert sender_for(channel.kind, known, httpx.AsyncClient())
        assert channel.external_id in known.values()
        webhook = (ROOT / "api/webhooks.py").read_text("utf-8")
        assert set(re.findall(r'secret\("(\w+)"\)', webhook)) & set(known)  # what its webhook is checked with


def test_pages_made_from_the_code_are_fresh() -> None:
    pages = runpy.run_path(str(ROOT / "docs/generate.py"))["PAGES"]
    stale = [page for page, make in pages.items() if (ROOT / "docs" / page).read_text("utf-8") != make()]
    assert not stale, "run: python docs/generate.py"


def test_files_named_in_code_spans_exist() -> None:
    """Paths of rooms we have, such as `clinic/scheduling/when.py`; globs and ellipses are left alone."""
    rooms = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = [(path, inline) for path in DOCS for _, inline in CODE.findall(path.read_text("utf-8"))]
    files = [(path, inline) for path, inline in named if re.fullmatch(r"[\w./-]+/[\w.-]*\.\w+|[\w-]+(/[\w-]+)*/", inline)]
    ours = [(path, inline) for path, inline in files if inline.split("/")[0] in rooms and not inline.endswith(".env")]
    assert ours
    assert not [f"{name(path)}: {inline}" for path, inline in ours if not (ROOT / inline).exists()]


def test_decisions_are_short_and_whole() -> None:
    for path in (ROOT / "docs/decisions").glob("*.md"):
        text = path.read_text("utf-8")
        assert len(text.splitlines()) <= 40, path.name
        assert all(f"**{part}" in text for part in ("Context.", "Decision.", "Consequences.", "Enforced by")), path.name


def test_the_table_of_tables_is_whole(database: Urls) -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
    section = text.split("## Tables")[1].split("\n## ")[0].split("\n\n")[1]
    with psycopg.connect(database.superuser) as connection:
        kept = {
            name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        }
    assert set(re.findall(r"`(\w+)`", section)) == kept - {"alembic_version"}
