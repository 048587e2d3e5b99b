"""How a source is configured, as a person writes it: where it is, how its tables are called, how its rows are read.

Every name of a table or column is checked here and quoted where a statement is written; values are always parameters. The
defaults are a PrimeCare as its manual draws it: see docs/guides/report-source.md.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from channels.primecare.rows import Reading
from clinic.reports.models import Shift
from kit.text import plain

_NAME = re.compile(r"[^\W\d][\w$ -]{0,62}[\w$]|[^\W\d]", re.UNICODE)


def _identifier(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError("not a name of a column")
    return value


def _table(value: str) -> str:
    parts = value.split(".")
    if not 1 <= len(parts) <= 2 or not all(_NAME.fullmatch(part) for part in parts):
        raise ValueError("not a name of a table")
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("no such time zone") from None
    return value


Column = Annotated[str, AfterValidator(_identifier)]
Table = Annotated[str, AfterValidator(_table)]
Zone = Annotated[str, AfterValidator(_zone)]


class Part(BaseModel):
    """A part of the configuration: closed to unknown keys, never changed once read, described by its docstrings."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, coerce_numbers_to_str=True)


class LookedUp(Part):
    """A name kept in another table: the `column` of the row of `table` whose `key` is the report's `via`."""

    table: Table
    """The other table."""
    key: Column = "id"
    """Its key."""
    column: Column
    """What is wanted of it."""
    via: Column
    """The report's column that holds the key."""


class Section(Part):
    """One of several columns that make up the body."""

    column: Column
    """The text."""
    title: str = Field(default="", max_length=80)
    """What stands before it when it is not empty."""


class Closed(Part):
    """When a report counts as closed, beside having an instant of closing."""

    column: Column
    """The column that says so."""
    values: tuple[str, ...] = Field(min_length=1)
    """What it says then."""


class VitalFields(Part):
    """What the parts of a measurement are called: columns of a child table, or keys in a JSON column."""

    name: Column = "nome"
    value: Column = "valor"
    unit: Column | None = "unidade"
    at: Column | None = "aferido_em"


class MedicationFields(Part):
    """What the parts of a medicine are called: columns of a child table, of the report, or keys in a JSON column."""

    name: Column = "nome"
    dose: Column | None = "dose"
    at: Column | None = "horario"
    given: Column | None = "administrado"
    note: Column | None = "observacao"


class Measured(Part):
    """One measurement that has columns of its own in the report's table."""

    name: str = Field(min_length=1, max_length=80)
    """What it is called: PA."""
    columns: tuple[Column, ...] = Field(min_length=1, max_length=3)
    """Its column, or those to be joined with an x: systolic and diastolic."""
    unit: str = Field(default="", max_length=20)
    at: Column | None = None


class VitalsInTable(Part):
    """One row for each measurement, in a child table."""

    kind: Literal["table"]
    table: Table = "sinais_vitais"
    parent: Column = "relatorio_id"
    order: Column | None = "id"
    fields: VitalFields = VitalFields()


class VitalsInJson(Part):
    """A JSON column: a list of objects, or one object of names to values."""

    kind: Literal["json"]
    column: Column
    fields: VitalFields = VitalFields()


class VitalsInColumns(Part):
    """Columns of the report's own table."""

    kind: Literal["columns"]
    columns: tuple[Measured, ...] = Field(min_length=1, max_length=40)


class MedicationsInTable(Part):
    """One row for each medicine, in a child table."""

    kind: Literal["table"]
    table: Table = "medicacoes"
    parent: Column = "relatorio_id"
    order: Column | None = "id"
    fields: MedicationFields = MedicationFields()


class MedicationsInJson(Part):
    """A JSON column: a list of objects."""

    kind: Literal["json"]
    column: Column
    fields: MedicationFields = MedicationFields()


class MedicationsInColumns(Part):
    """Columns of the report's own table: one entry for each medicine it has room for."""

    kind: Literal["columns"]
    columns: tuple[MedicationFields, ...] = Field(min_length=1, max_length=40)


Vitals = Annotated[VitalsInTable | VitalsInJson | VitalsInColumns, Field(discriminator="kind")]
Medications = Annotated[MedicationsInTable | MedicationsInJson | MedicationsInColumns, Field(discriminator="kind")]


class Tables(Part):
    """Where a report is in somebody else's database."""

    table: Table = "relatorios"
    """One row for each shift report; a view will do."""
    external_id: Column = "id"
    """Unique, and never reused."""
    began_at: Column = "inicio"
    """When the shift began."""
    closed_at: Column = "fim"
    """When the report was closed; an index on it and the id makes runs quick."""
    changed_at: Column | None = None
    """When the row last changed, kept by the database itself and never null: then corrections are found however late."""
    closed: Closed | None = Closed(column="status", values=("fechado", "finalizado"))
    """Which rows are closed; none: those with an instant of closing."""
    subject_id: Column = "assistido_id"
    """Who was cared for."""
    subject_name: Column | LookedUp = LookedUp(table="assistidos", column="nome", via="assistido_id")
    """Their name."""
    born_on: Column | LookedUp | None = None
    """Their date of birth, by which measures are held against the limits of their age; none: an adult's."""
    caregiver: Column | LookedUp | None = LookedUp(table="cuidadores", column="nome", via="cuidador_id")
    """Who wrote it."""
    body: Column | tuple[Section, ...] = "texto"
    """What was written, in one column or several."""
    shift: Column | None = "turno"
    """What the source calls the shift; none: read from when it began."""
    vitals: Vitals | None = VitalsInTable(kind="table")
    """Where measurements are."""
    medications: Medications | None = MedicationsInTable(kind="table")
    """Where medicines are."""
    raw: dict[Table, Literal["utf-8", "cp1252", "latin-1"]] = {}
    """Text columns whose bytes are not in the character set the database believes, and which one they are in: `column` of the
    report's table, or `table.column`."""


_SHIFTS = {
    "manha": Shift.MORNING,
    "matutino": Shift.MORNING,
    "tarde": Shift.AFTERNOON,
    "vespertino": Shift.AFTERNOON,
    "noite": Shift.NIGHT,
    "noturno": Shift.NIGHT,
    **{shift.value: shift for shift in Shift},
}
_GIVEN = ("dada", "dado", "administrada", "administrado", "realizada", "realizado", "tomou", "aceitou")
_NOT_GIVEN = ("recusada", "recusado", "recusou", "nao dada", "nao dado", "nao administrada", "nao administrado", "nao tomou")


class SourceConfig(Part):
    """What every source is told."""

    timezone: Zone = "America/Sao_Paulo"
    """The zone of instants that do not say theirs."""
    look_back_hours: float = Field(default=24, ge=0, le=24 * 31)
    """What was closed this long before the last run is read again: rows are committed late and corrected afterwards."""
    retell_days: int = Field(default=90, ge=1, le=3660)
    """For how long a row that cannot be read is told again at each run."""
    max_body: int = Field(default=20_000, ge=100, le=30_000)
    """Characters of a body; a longer one is told as broken."""
    shifts: dict[str, Shift] = dict(_SHIFTS)
    """What the source calls the shifts."""
    given: tuple[str, ...] = _GIVEN
    """Words for a medicine that was given."""
    not_given: tuple[str, ...] = _NOT_GIVEN
    """Words for one that was not."""

    @property
    def look_back(self) -> timedelta:
        return timedelta(hours=self.look_back_hours)

    @property
    def retell(self) -> timedelta:
        return timedelta(days=self.retell_days)

    @property
    def reading(self) -> Reading:
        """How its values are understood."""
        given = {plain(word): True for word in self.given} | {plain(word): False for word in self.not_given}
        shifts = {plain(name): shift for name, shift in self.shifts.items()}
        return Reading(ZoneInfo(self.timezone), self.max_body, shifts, given)


class MySqlConfig(SourceConfig):
    """A MySQL or MariaDB, with a user that may only SELECT."""

    kind: Literal["mysql"]
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(default=3306, ge=1, le=65535)
    database: Column
    user: str = Field(min_length=1, max_length=128)
    password: SecretStr = Field(repr=False)
    tls: Literal["verify", "unverified", "off"] = "verify"
    """verify: encrypted, the server's certificate checked. unverified: encrypted. off: for this machine and closed networks."""
    ca: str | None = None
    """File of the authority that signed the server's certificate; none: the machine's own list."""
    connect_seconds: float = Field(default=5, gt=0, le=60)
    read_seconds: float = Field(default=30, gt=0, le=300)
    """The longest silence of the server."""
    statement_seconds: float = Field(default=20, gt=0, le=300)
    """The longest a statement may take."""
    tables: Tables = Tables()


class FilesConfig(SourceConfig):
    """A folder of .json, .jsonl and .csv files."""

    kind: Literal["files"]
    folder: str = Field(min_length=1)
    """Where they are; a relative one counts from Carol's own folder."""
    encoding: Literal["auto", "utf-8", "cp1252", "latin-1"] = "auto"
    """auto: UTF-8, with or without a mark at the beginning, else UTF-16 by its mark, else Windows-1252."""
    anchor: date | None = None
    """The day that `day: 0` means in rows with relative days; none: the day it is read, or, when they come again, any."""
    repeat_days: int | None = Field(default=None, ge=1, le=366)
    """Rows with relative days come again every so many days, forwards and backwards."""


AnyConfig = Annotated[MySqlConfig | FilesConfig, Field(discriminator="kind")]


def columns_of(mapping: Tables) -> dict[str, set[str]]:
    """Every table that is read, with its columns that are."""
    own = {mapping.external_id, mapping.began_at, mapping.closed_at, mapping.subject_id}
    own |= {one for one in (mapping.changed_at, mapping.shift) if one}
    own |= {mapping.closed.column} if mapping.closed else set()
    own |= {mapping.body} if isinstance(mapping.body, str) else {section.column for section in mapping.body}
    found: dict[str, set[str]] = {mapping.table: own}
    for one in (mapping.subject_name, mapping.caregiver, mapping.born_on):
        if isinstance(one, LookedUp):
            own.add(one.via)
            found.setdefault(one.table, set()).update((one.key, one.column))
        elif one:
            own.add(one)
    for place in (mapping.vitals, mapping.medications):
        match place:
            case VitalsInTable() | MedicationsInTable():
                wanted = {place.parent, *_given_names(place.fields), *([place.order] if place.order else [])}
                found.setdefault(place.table, set()).update(wanted)
            case VitalsInJson() | MedicationsInJson():
                own.add(place.column)
            case VitalsInColumns():
                own.update(column for one in place.columns for column in (*one.columns, one.at) if column)
            case MedicationsInColumns():
                own.update(column for one in place.columns for column in _given_names(one))
            case None:
                pass
    return found


def _given_names(fields: VitalFields | MedicationFields) -> list[str]:
    named: dict[str, Any] = fields.model_dump()
    return [column for column in named.values() if column]
