"""The catalogue itself says whether a clinic's rows are safe: forced row-level security, policies, composite keys, roles."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from db.embedded import Urls

# LangGraph's own statements name these keys in ON CONFLICT; their thread ids begin with the clinic's id instead.
LIBRARY_KEYS = {"checkpoints", "checkpoint_blobs", "checkpoint_writes"}
# Not of one clinic: the list of clinics (its policy is on its id), and what no clinic owns.
WITHOUT_CLINIC = {"clinics", "unrouted_events", "beats", "checkpoint_migrations", "alembic_version"}


@pytest.fixture
def catalogue(database: Urls) -> Any:
    with psycopg.connect(database.superuser, row_factory=dict_row) as connection:
        yield lambda query: connection.execute(query).fetchall()


def tables(catalogue: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = catalogue(
        """SELECT c.oid::int AS oid, c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
                  EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'clinic_id') AS tenant
           FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')"""
    )
    return found


def test_every_table_belongs_to_a_clinic_or_is_known_not_to(catalogue: Any) -> None:
    assert {t["name"] for t in tables(catalogue) if not t["tenant"]} == WITHOUT_CLINIC


def test_row_level_security_is_forced_on_every_tenant_table(catalogue: Any) -> None:
    loose = [
        t["name"] for t in tables(catalogue) if (t["tenant"] or t["name"] == "clinics") and not (t["enabled"] and t["forced"])
    ]
    assert not loose


def test_every_tenant_table_has_its_policy_for_reading_and_writing(catalogue: Any) -> None:
    policies = catalogue("SELECT tablename, policyname, qual, with_check, roles::text AS roles, cmd FROM pg_policies")
    own = {
        p["tablename"]
        for p in policies
        if p["policyname"] == "own_clinic" and "current_clinic()" in (p["qual"] or "") and p["qual"] == p["with_check"]
    }
    assert own == {t["name"] for t in tables(catalogue) if t["tenant"]} | {"clinics"}
    wider = [p for p in policies if p["policyname"] not in {"own_clinic", "only_sandboxes_end"}]
    assert all(p["roles"] == "{carol_porter}" and p["cmd"] == "SELECT" for p in wider)


def test_keys_carry_the_clinic(catalogue: Any) -> None:
    keys = catalogue(
        """SELECT k.conrelid::regclass::text AS name, k.conname, k.contype::text AS kind,
                  pg_get_constraintdef(k.oid) AS definition,
                  k.confrelid::regclass::text AS target
           FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
           WHERE c.relnamespace = 'public'::regnamespace AND k.contype IN ('p', 'u', 'f', 'x')"""
    )
    tenant = {t["name"] for t in tables(catalogue) if t["tenant"]} - LIBRARY_KEYS
    without = [
        f"{k['name']}.{k['conname']}"
        for k in keys
        if k["name"] in tenant and "clinic_id" not in k["definition"].split("REFERENCES")[0]
    ]
    # One wire belongs to one clinic: the provider's own name for it is unique among all of them.
    assert without == ["channel_accounts.channel_accounts_kind_external_id_key"]


def test_unique_indexes_carry_the_clinic(catalogue: Any) -> None:
    indexes = catalogue(
        """SELECT i.indrelid::regclass::text AS name, pg_get_indexdef(i.indexrelid) AS definition FROM pg_index i
           JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique"""
    )
    tenant = {t["name"] for t in tables(catalogue) if t["tenant"]} - LIBRARY_KEYS
    assert not [
        i["definition"]
        for i in indexes
        if i["name"] in tenant and "clinic_id" not in i["definition"] and "kind, external_id" not in i["definition"]
    ]


def test_the_app_role_owns_nothing_and_cannot_bypass(catalogue: Any) -> None:
    role = catalogue(
        "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolinherit FROM pg_roles WHERE rolname = 'carol_app'"
    )
    assert role == [dict.fromkeys(("rolsuper", "rolbypassrls", "rolcreaterole", "rolcreatedb", "rolinherit"), False)]
    assert not catalogue("SELECT relname FROM pg_class WHERE relowner = 'carol_app'::regrole")


def test_no_view_and_no_definer_function_looks_past_the_policies(catalogue: Any) -> None:
    assert not catalogue("SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relowner = 'carol_owner'::regrole")
    assert not catalogue("SELECT proname FROM pg_proc WHERE prosecdef AND proowner = 'carol_owner'::regrole")


PORTER_SEES = {
    "clinics": {"id", "slug", "is_demo", "sandbox_of"},
    "channel_accounts": {"clinic_id", "id", "kind", "external_id", "active", "state"},
    "conversations": {"clinic_id", "id", "due_at", "lease_until", "dead_at", "owner", "hears_until"},
    "outbox": {"clinic_id", "id", "conversation_id", "account_id", "seq", "status", "due_at", "lease_until", "held"},
    "holds": {"clinic_id", "id", "expires_at"},
    "cases": {"clinic_id", "id", "climbs_at", "slips_at"},
    "notices": {"clinic_id", "id", "status", "due_at", "lease_until"},
    "media": {"clinic_id", "id", "status", "due_at", "lease_until"},
    "messages": {"clinic_id", "id", "direction", "looked_at", "stored_at"},
    "rehearsals": {"clinic_id", "expires_at"},
    "documents": {"clinic_id", "id", "status", "uploaded_at", "lease_until"},
    "eval_runs": {"clinic_id", "id", "state", "asked_at", "lease_until"},
    "report_desks": {"clinic_id", "next_run_at", "closed_day", "checked_at"},
    "reports": {"clinic_id", "id", "state", "review_due_at", "lease_until", "retry_at", "queued_at"},
    "pipeline_runs": {"clinic_id", "id", "status", "lease_until", "started_at"},
}


def test_the_porter_sees_only_what_routes_and_rings(catalogue: Any) -> None:
    grants = catalogue(
        """SELECT table_name, column_name, privilege_type FROM information_schema.column_privileges
           WHERE grantee = 'carol_porter' AND table_schema = 'public'"""
    )
    seen: dict[str, set[str]] = {}
    for grant in grants:
        assert grant["privilege_type"] == "SELECT"
        seen.setdefault(grant["table_name"], set()).add(grant["column_name"])
    assert seen == PORTER_SEES
