"""The same reports in two kinds of source: a MariaDB with the tables of the default configuration, and a folder."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from channels.primecare.base import Mark, Page, Source
from channels.primecare.sources import source_for
from tests.sources.mariadb import MariaDb

ZONE = ZoneInfo("America/Sao_Paulo")
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=ZONE)
READER, PASSWORD = "carol_leitora", "só-leitura-3210"
BODY = "Passou bem o turno, PA 130x80, aceitou bem o almoço. Sem queixas 😊"


@dataclass(frozen=True)
class Given:
    """A report as somebody wrote it into the source: local, naive, or plainly wrong."""

    id: str
    closed: Any
    began: Any = None
    body: str | None = BODY
    subject: Any = "7"
    name: str | None = "Zilda Prates"
    caregiver: str | None = "Neide"
    shift: str | None = "manhã"
    vitals: tuple[Mapping[str, Any], ...] = ()
    medications: tuple[Mapping[str, Any], ...] = ()
    born: str | None = None

    @property
    def start(self) -> Any:
        if self.began is not None:
            return self.began
        return self.closed - timedelta(hours=5) if isinstance(self.closed, datetime) else "2026-03-10 07:00:00"


def at(*minutes_before_noon: float) -> list[datetime]:
    """Local instants, so many minutes before noon."""
    return [NOON - timedelta(minutes=minutes) for minutes in minutes_before_noon]


def written(value: Any, zone: ZoneInfo) -> Any:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if isinstance(value, datetime) else value


class World(Protocol):
    """A source and the hand that writes in it. `kind` names it."""

    kind: str

    def put(self, *rows: Given) -> None:
        """Writes rows, or corrects those whose id is there."""
        ...

    def drop(self, external_id: str) -> None: ...

    def source(self, **changes: Any) -> Source: ...

    def away(self) -> Source:
        """A source that is not there."""
        ...


@dataclass
class Folder:
    """One file that is written anew."""

    home: Path
    zone: ZoneInfo = ZONE
    kind: str = "files"
    rows: dict[str, Given] = field(default_factory=dict)

    def put(self, *rows: Given) -> None:
        self.rows |= {row.id: row for row in rows}
        self._write()

    def drop(self, external_id: str) -> None:
        del self.rows[external_id]
        self._write()

    def source(self, **changes: Any) -> Source:
        return source_for({"kind": "files", "folder": str(self.home), "timezone": str(self.zone), **changes}, {})

    def away(self) -> Source:
        return self.source(folder=str(self.home / "nowhere"))

    def _write(self) -> None:
        lines = [json.dumps(self._line(row), ensure_ascii=False) for row in self.rows.values()]
        (self.home / "reports.jsonl").write_text("\n".join(lines) + "\n", "utf-8")

    def _line(self, row: Given) -> dict[str, Any]:
        return {
            "id": row.id,
            "subject_id": row.subject,
            "subject_name": row.name,
            "caregiver": row.caregiver,
            "began_at": written(row.start, self.zone),
            "closed_at": written(row.closed, self.zone),
            "body": row.body,
            "shift": row.shift,
            "vitals": [dict(one) for one in row.vitals],
            "medications": [dict(one) for one in row.medications],
            **({"born_on": row.born} if row.born else {}),
        }


TABLES = (
    "CREATE TABLE assistidos (id VARCHAR(20) PRIMARY KEY, nome VARCHAR(300), nascimento DATE)",
    "CREATE TABLE cuidadores (id INT PRIMARY KEY AUTO_INCREMENT, nome VARCHAR(300) UNIQUE)",
    "CREATE TABLE relatorios (id VARCHAR(64) PRIMARY KEY, assistido_id VARCHAR(20), cuidador_id INT, turno VARCHAR(20),"
    " inicio DATETIME, fim DATETIME, texto MEDIUMTEXT, status VARCHAR(20) NOT NULL DEFAULT 'aberto', KEY (fim, id))",
    "CREATE TABLE sinais_vitais (id INT PRIMARY KEY AUTO_INCREMENT, relatorio_id VARCHAR(64), nome VARCHAR(40),"
    " valor VARCHAR(40), unidade VARCHAR(20), aferido_em DATETIME, KEY (relatorio_id))",
    "CREATE TABLE medicacoes (id INT PRIMARY KEY AUTO_INCREMENT, relatorio_id VARCHAR(64), nome VARCHAR(80), dose VARCHAR(40),"
    " horario VARCHAR(40), administrado TINYINT NULL, observacao VARCHAR(200), KEY (relatorio_id))",
)


@dataclass
class Database:
    """The tables of the default configuration, in a database of this test alone."""

    server: MariaDb
    name: str
    zone: ZoneInfo = ZONE
    kind: str = "mysql"

    def make(self) -> None:
        self.server.run(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4")
        self.server.run(*TABLES, database=self.name)
        self.server.run(
            "SET SESSION sql_mode = ''",
            f"CREATE USER IF NOT EXISTS {READER}@127.0.0.1 IDENTIFIED BY '{PASSWORD}'",
            f"GRANT SELECT ON {self.name}.* TO {READER}@127.0.0.1",
        )

    def run(self, *statements: str, rows: Iterable[Mapping[str, Any]] = ()) -> list[Any]:
        return self.server.run(
            "SET SESSION sql_mode = 'ALLOW_INVALID_DATES'", *statements, database=self.name, rows=tuple(rows)
        )

    def put(self, *rows: Given) -> None:
        people = {str(row.subject): (row.name, row.born) for row in rows if row.subject is not None}
        self.run(
            "REPLACE INTO assistidos VALUES (%(id)s, %(name)s, %(born)s)",
            rows=[{"id": i, "name": name, "born": born} for i, (name, born) in people.items()],
        )
        names = {row.caregiver for row in rows if row.caregiver}
        if names:
            self.run("INSERT IGNORE INTO cuidadores (nome) VALUES (%(name)s)", rows=[{"name": name} for name in names])
        self.run(
            "REPLACE INTO relatorios VALUES (%(id)s, %(subject)s, (SELECT id FROM cuidadores WHERE nome = %(caregiver)s),"
            " %(shift)s, %(began)s, %(closed)s, %(body)s, 'fechado')",
            rows=[
                {
                    **{name: getattr(row, name) for name in ("id", "subject", "caregiver", "shift", "body")},
                    "began": written(row.start, self.zone),
                    "closed": written(row.closed, self.zone),
                }
                for row in rows
            ],
        )
        self._children(rows)

    def drop(self, external_id: str) -> None:
        self.run("DELETE FROM relatorios WHERE id = %(id)s", rows=[{"id": external_id}])

    def source(self, **changes: Any) -> Source:
        return source_for({**self.config(), **changes}, {"PRIMECARE_PASSWORD": PASSWORD})

    def config(self) -> dict[str, Any]:
        return {
            "kind": "mysql",
            "host": "127.0.0.1",
            "port": self.server.port,
            "database": self.name,
            "user": READER,
            "password": "env:PRIMECARE_PASSWORD",
            "tls": "off",
            "timezone": str(self.zone),
        }

    def away(self) -> Source:
        return self.source(port=1)

    def _children(self, rows: tuple[Given, ...]) -> None:
        blank = {"name": None, "value": None, "unit": None, "at": None, "dose": None, "given": None, "note": None}
        for table, columns, wanted, kept in (
            ("sinais_vitais", "nome, valor, unidade, aferido_em", "%(name)s, %(value)s, %(unit)s, %(at)s", "vitals"),
            (
                "medicacoes",
                "nome, dose, horario, administrado, observacao",
                "%(name)s, %(dose)s, %(at)s, %(given)s, %(note)s",
                "medications",
            ),
        ):
            self.run(f"DELETE FROM {table} WHERE relatorio_id = %(id)s", rows=[{"id": row.id} for row in rows])
            parts = [{**blank, **one, "parent": row.id} for row in rows for one in getattr(row, kept)]
            if parts:
                self.run(f"INSERT INTO {table} (relatorio_id, {columns}) VALUES (%(parent)s, {wanted})", rows=parts)


async def pages(source: Source, mark: Mark | None, until: datetime, limit: int = 500) -> list[Page]:
    """All the pages of a run."""
    found = [await source.closed_since(mark, until, limit)]
    while found[-1].more:
        found.append(await source.closed_since(found[-1].next, until, limit))
        assert len(found) < 20_000
    return found


@dataclass(frozen=True)
class Run:
    """What a run told, in its order."""

    ids: list[str]
    broken: dict[str, str]
    mark: Mark


async def run(source: Source, mark: Mark | None, until: datetime, limit: int = 500) -> Run:
    """A whole run. The mark is what somebody who stores keeps: without its position."""
    told = await pages(source, mark, until, limit)
    assert all(len(page.reports) + len(page.broken) <= limit + len(told[0].broken) for page in told)
    kept = replace(told[-1].next, position="")
    assert kept.closed_at.utcoffset() == timedelta() and kept == told[-1].next
    return Run(
        [report.external_id for page in told for report in page.reports],
        {one.external_id: one.code.value for page in told for one in page.broken},
        kept,
    )


def mark(instant: datetime) -> Mark:
    return Mark(instant.astimezone(UTC))
