"""compose.yaml and render.yaml start what exists, set what is read, and keep secrets where they belong."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from api.console import DIST
from api.requests import _SAFE
from cli.main import app as carol
from cli.stack import Places
from cli.up import _children
from kit import fast_yaml
from kit.settings import Settings, load_settings, variable

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = fast_yaml.load((ROOT / "compose.yaml").read_text("utf-8"))
RENDER: dict[str, Any] = fast_yaml.load((ROOT / "render.yaml").read_text("utf-8"))
SERVING = ("api", "worker", "beat")
OURS = (*SERVING, "migrate")
READ = {variable(field) for field in Settings.model_fields}
ASKED = re.compile(r"\$\{([A-Z_]+)(:?[?-])?([^}]*)\}")


def services() -> dict[str, Any]:
    found: dict[str, Any] = COMPOSE["services"]
    return found


def environment(service: str) -> dict[str, str]:
    """What compose gives a container, with every password asked of the operator filled in."""
    return {key: ASKED.sub("a1b2c3d4e5", value) for key, value in services()[service]["environment"].items()}


def on_render() -> dict[str, Any]:
    """The backend's processes: neither the queue nor the pages."""
    others = ("keyvalue", "static")
    return {
        service["name"].removeprefix("carol-"): service
        for service in RENDER["services"]
        if not {service["type"], service.get("runtime")} & set(others)
    }


def static_site() -> dict[str, Any]:
    [found] = [service for service in RENDER["services"] if service.get("runtime") == "static"]
    return dict(found)


def verbs(words: list[str]) -> list[str]:
    """A command without its options and their values: what is run, and which part of it."""
    program, *rest = words
    if program == "celery":
        return [program, rest[rest.index("-A") + 1], next(word for word in rest if word in ("worker", "beat"))]
    return [program, *[word for word in rest if word.isalpha() or ":" in word]] if program != "uvicorn" else [program, rest[0]]


def test_compose_starts_what_carol_up_starts(tmp_path: Path) -> None:
    local = {child.name: verbs([child.module, *child.arguments]) for child in _children(Settings(), 8000, Places(tmp_path))}
    assert {service: verbs(services()[service]["command"]) for service in SERVING} == local


def test_render_starts_what_compose_starts() -> None:
    assert {name: verbs(shlex.split(service["dockerCommand"])) for name, service in on_render().items()} == {
        service: verbs(services()[service]["command"]) for service in SERVING
    }
    program, script = shlex.split(on_render()["api"]["preDeployCommand"])
    assert program == "python"
    assert (ROOT / script).exists()


def test_the_commands_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Modules import, factories are callable, subcommands exist; nothing is started and nothing outside is asked."""
    from uvicorn.importer import import_from_string

    for name, value in environment("api").items():
        monkeypatch.setenv(name, value)
    for service in SERVING:
        program, *words = services()[service]["command"]
        if program == "uvicorn":
            assert callable(import_from_string(words[0]))
        else:
            from celery.bin.celery import celery

            context = celery.make_context(program, list(words[:2]), resilient_parsing=True)
            assert words[2] in celery.list_commands(context)
            celery.commands[words[2]].make_context(words[2], list(words[3:]), parent=context, resilient_parsing=True)
    command: Any = get_command(carol)
    for word in services()["migrate"]["command"][1:]:
        command = command.commands[word]


def test_what_they_set_is_read_and_right(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for service in OURS:
        with monkeypatch.context() as patch:
            for name in [name for name in os.environ if name in READ]:
                patch.delenv(name)
            for name, value in environment(service).items():
                assert name in READ
                patch.setenv(name, value)
            settings = load_settings()
        assert not settings.on_loopback
        assert settings.operator_password is not None
    for group in RENDER["envVarGroups"]:
        assert {variable["key"] for variable in group["envVars"]} <= READ | {"PORT"}


def test_whoever_keeps_patients_files_sees_the_same_folder() -> None:
    folder = f"{environment('api')['CAROL_HOME']}/media"
    shared = {
        service: next((v for v in services()[service]["volumes"] if v.endswith(f":{folder}")), None) for service in SERVING
    }
    assert shared["api"] == shared["worker"] is not None
    # A volume takes its owner from the image: without the folder in it, only root could write there.
    assert re.search(rf"install -d -o carol .*{folder}\n", (ROOT / "deploy/Dockerfile").read_text("utf-8"))


def test_no_password_has_a_default() -> None:
    asked = ASKED.findall((ROOT / "compose.yaml").read_text("utf-8"))
    assert {name for name, how, _ in asked if how != ":?"} == {"PUBLISH"}
    assert all(explanation for _, how, explanation in asked if how == ":?")


def test_serving_processes_do_not_know_the_owner() -> None:
    assert "OWNER_DB_PASSWORD" in str(services()["migrate"]["environment"])
    for service in SERVING:
        assert "owner" not in str(services()[service]["environment"]).lower()
    assert all("ports" not in services()[service] for service in ("postgres", "queue"))
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_images_are_pinned() -> None:
    images = {service["image"] for service in services().values()}
    froms = set(re.findall(r"^FROM (\S+)", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE))
    assert images >= {"carol:local"}
    for image in (images | froms) - {"carol:local"}:
        assert re.search(r":\d+\.\d+\.\d+", image), image


def test_everything_has_a_health_check_or_says_why_not() -> None:
    without = {name for name, service in services().items() if "healthcheck" not in service}
    assert without == {"migrate", "beat"}  # one ends by itself; the other serves nobody, and is restarted when it dies
    assert all(service["restart"] == "unless-stopped" for name, service in services().items() if name != "migrate")


def test_the_health_paths_are_routes() -> None:
    from api import health

    paths = {getattr(route, "path", "") for route in health.router.routes}
    assert on_render()["api"]["healthCheckPath"] in paths
    [asked] = re.findall(r"127\.0\.0\.1:\d+(/\w+)", str(services()["api"]["healthcheck"]))
    assert asked in paths


def test_the_queue_keeps_what_it_is_given() -> None:
    command = services()["queue"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"
    assert command[command.index("--appendonly") + 1] == "yes"
    [queue] = [service for service in RENDER["services"] if service["type"] == "keyvalue"]
    assert queue["maxmemoryPolicy"] == "noeviction"
    assert queue["ipAllowList"] == []


def test_render_references_what_it_defines() -> None:
    groups = {group["name"] for group in RENDER["envVarGroups"]}
    databases = {database["name"] for database in RENDER["databases"]}
    queues = {service["name"] for service in RENDER["services"] if service["type"] == "keyvalue"}
    for service in on_render().values():
        for entry in service["envVars"]:
            assert entry.get("fromGroup", next(iter(groups))) in groups
            assert entry.get("fromDatabase", {"name": next(iter(databases))})["name"] in databases
            assert entry.get("fromService", {"name": next(iter(queues))})["name"] in queues
    assert all(database["ipAllowList"] == [] for database in RENDER["databases"])


def test_a_change_of_the_console_alone_does_not_deploy_the_backend() -> None:
    for service in on_render().values():
        assert service["branch"] == "main"
        assert service["autoDeployTrigger"] == "checksPass"
        assert "web/**" in service["buildFilter"]["ignoredPaths"]
        assert (ROOT / service["dockerfilePath"]).exists()


def test_the_pages_deploy_by_themselves() -> None:
    site = static_site()
    assert site["branch"] == "main"
    assert site["autoDeployTrigger"] == "checksPass"
    assert site["buildFilter"] == {"paths": ["web/**"]}
    assert (ROOT / site["rootDir"] / "package-lock.json").exists()
    scripts = json.loads((ROOT / site["rootDir"] / "package.json").read_text("utf-8"))["scripts"]
    asked = re.findall(r"npm run (\w+)", site["buildCommand"])
    assert asked
    assert set(asked) <= set(scripts)
    assert (ROOT / site["rootDir"] / site["staticPublishPath"]) == DIST


def test_what_the_pages_ask_reaches_the_api_and_all_else_is_a_page() -> None:
    *asked, last = [(route["source"], route["destination"]) for route in static_site()["routes"]]
    assert last == ("/*", "/index.html")  # the first route that fits is taken
    assert {source for source, _ in asked} == {"/api/*", "/ready"}
    api = next(service for service in RENDER["services"] if service["name"] == "carol-api")["name"]
    assert all(destination == f"https://{api}.onrender.com{source}" for source, destination in asked)


def test_the_pages_are_as_safe_there_as_here() -> None:
    given = {header["name"]: header["value"] for header in static_site()["headers"] if header["path"] == "/*"}
    assert given == _SAFE


def test_one_node_builds_the_console_everywhere() -> None:
    [inside] = re.findall(r"^FROM node:(\S+?)-", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    [on_render_too] = [variable["value"] for variable in static_site()["envVars"] if variable["key"] == "NODE_VERSION"]
    assert inside == on_render_too


def test_files_mounted_or_copied_exist() -> None:
    for service in services().values():
        for volume in service.get("volumes", []):
            source = volume.partition(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert {".env", ".git", ".carol", "deploy/*.env", "**/node_modules", "web/dist"} <= set(ignored)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert name not in ignored
