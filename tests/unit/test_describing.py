"""A clinic described back: the document made of it makes a clinic that answers alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml

from clinic.tenants.assembling import Ids, Keys, assemble, clinic_id_of
from clinic.tenants.describing import document_of, key_of
from clinic.tenants.document import ClinicDocument
from clinic.tenants.models import Clinic
from clinic.tenants.policies import Policies, Team
from clinic.tenants.reading import read

SEEDS = Path(__file__).parents[2] / "seeds"


def assembled(document: ClinicDocument) -> Clinic:
    return assemble(document, Keys.of(document, Ids(clinic_id_of(document.clinic.slug))))


def without_ids(clinic: Clinic) -> Any:
    """The clinic with each id replaced by what it names; order of lists kept but where it depends on ids."""
    things = (*clinic.units, *clinic.rooms, *clinic.equipment, *clinic.professionals, *clinic.services, *clinic.convenios)
    names: dict[UUID, str] = {one.id: one.name for one in things}
    names |= {one.id: f"{names[one.unit_id]}/{one.name}" for one in (*clinic.rooms, *clinic.equipment)}
    policies = replace(clinic.policies, team=Team(), messaging=replace(clinic.policies.messaging, templates=()))
    text = repr(replace(clinic, policies=Policies(**{n: getattr(policies, n) for n in policies.__slots__})))
    for id_, name in names.items():
        text = text.replace(repr(id_), f"<{name}>")
    return text


@pytest.mark.parametrize("path", ["demo/clinic.yaml", "examples/odonto.yaml"])
def test_what_is_described_is_loaded_again_as_it_was(path: str) -> None:
    clinic = assembled(read((SEEDS / path).read_text("utf-8")))
    again = assembled(read(yaml.safe_dump(document_of(clinic), allow_unicode=True, sort_keys=False)))
    assert without_ids(again) == without_ids(clinic)
    assert yaml.safe_dump(document_of(again)) == yaml.safe_dump(document_of(clinic))


def test_nobody_and_no_wire_is_in_it() -> None:
    clinic = assembled(read((SEEDS / "demo/clinic.yaml").read_text("utf-8")))
    assert not {"people", "visits", "channels", "team", "blocks"} & document_of(clinic).keys()


def test_two_of_one_name_have_two_keys() -> None:
    clinic = assembled(read((SEEDS / "demo/clinic.yaml").read_text("utf-8")))
    twin = replace(clinic.services[0], id=clinic.id)
    keys = [one["key"] for one in document_of(replace(clinic, services=(*clinic.services, twin)))["services"]]
    assert len(set(keys)) == len(keys)
    assert keys[-1] == f"{keys[0]}-2"
    assert key_of("Dra. Helena Prado (às terças)") == "dra-helena-prado-as-tercas"
