"""Patients' phones, for walks: an Evolution server at a wire of the demonstration clinic, told over loopback what happens."""

from __future__ import annotations

import base64
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg
from psycopg.types.json import Jsonb

from db.embedded import EmbeddedPostgres, urls_of
from kit.ids import new_id
from tests.emulators.evolution import EvolutionEmulator
from tests.emulators.server import Answer, Call, Emulator

SLUG = "jacaranda"


class Phone(Emulator):
    """POST / with `{"do": …}`: `begin`, `say`, `file`, `status`, `line`, `end`. Between `begin` and `end` the clinic has this
    wire. The answer is 200 when the webhook was taken."""

    def __init__(self, url: str, home: Path) -> None:
        super().__init__()
        self._url, self._home = url, home
        self._evolution = EvolutionEmulator(instance="savassi")

    def __enter__(self) -> Self:
        self._evolution.__enter__()
        return super().__enter__()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        super().__exit__(kind, error, trace)
        self._evolution.__exit__(kind, error, trace)

    def handle(self, call: Call) -> Answer:
        """Does what was asked; 400 for what it does not know."""
        asked: Mapping[str, Any] = call.body if isinstance(call.body, dict) else {}
        verbs = {
            "begin": self._begin,
            "say": self._say,
            "file": self._file,
            "status": self._status,
            "line": self._line,
            "end": self._end,
        }
        if (verb := verbs.get(asked.get("do", ""))) is None:
            return Answer(400, {})
        return Answer(verb(asked), {})

    def _begin(self, asked: Mapping[str, Any]) -> int:
        credentials = {**self._evolution.credentials, "webhook_token": self._evolution.secret}
        self._run(
            """INSERT INTO channel_accounts (clinic_id, id, kind, external_id, credentials)
               SELECT id, %(id)s, 'evolution', %(name)s, %(credentials)s FROM clinics WHERE slug = %(slug)s
               ON CONFLICT (kind, external_id) DO UPDATE SET active = true, credentials = excluded.credentials""",
            {"id": new_id(), "name": self._evolution.instance, "credentials": Jsonb(credentials), "slug": SLUG},
        )
        return self._line({"up": True})

    def _end(self, asked: Mapping[str, Any]) -> int:
        self._run("UPDATE channel_accounts SET active = false WHERE external_id = %(name)s", {"name": self._evolution.instance})
        return 200

    def _say(self, asked: Mapping[str, Any]) -> int:
        number, name = str(asked["number"]), str(asked["person"])
        return self._post(self._evolution.inbound(str(asked["text"]), number=number, name=name, at=int(time.time())))

    def _file(self, asked: Mapping[str, Any]) -> int:
        data = base64.b64decode(str(asked["data"]))
        kind, media_type, number = str(asked["kind"]), str(asked["media_type"]), str(asked["number"])
        name = str(asked.get("name", ""))
        body = self._evolution.file(kind, data, media_type, number=number, name=name, at=int(time.time()))
        body["data"]["pushName"] = str(asked["person"])
        return self._post(body)

    def _status(self, asked: Mapping[str, Any]) -> int:
        """What became of the newest message that has these words."""
        sent = [one for one in self._evolution.sent if str(asked["text"]) in one.text]
        return self._post(self._evolution.status(sent[-1].id, str(asked["ack"]), number=sent[-1].number)) if sent else 404

    def _line(self, asked: Mapping[str, Any]) -> int:
        self._evolution.connected = bool(asked["up"])
        return self._post(self._evolution.connection("open" if asked["up"] else "close"))

    def _post(self, body: Any) -> int:
        return self._evolution.post(f"{self._url}/webhooks/evolution/{self._evolution.instance}", body).status_code

    def _run(self, query: str, params: Mapping[str, Any]) -> None:
        endpoint = EmbeddedPostgres(self._home / "postgres").attach()
        assert endpoint is not None, "her Postgres runs"
        with psycopg.connect(urls_of(endpoint).superuser) as connection:
            connection.execute(query.encode(), params)
