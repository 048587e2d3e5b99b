"""The clinic's side of each wire, and its credentials: kept as given, resolved when used. Nothing here is ever logged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

_FROM_ENVIRONMENT = "env:"


@dataclass(frozen=True, slots=True)
class Wire:
    """A channel account. `external_id` is the provider's own name for it: phone_number_id, instance, or the clinic's slug."""

    clinic_id: UUID
    id: UUID
    kind: str
    external_id: str
    stored: Mapping[str, str] = field(repr=False)
    state: str = "unknown"  # open | connecting | closed | unknown: as last seen

    def credentials(self, environ: Mapping[str, str]) -> dict[str, str]:
        """The values themselves: `env:NAME` is what the environment says, empty (which admits nobody) when it says nothing."""
        return {
            name: environ.get(value.removeprefix(_FROM_ENVIRONMENT), "") if value.startswith(_FROM_ENVIRONMENT) else value
            for name, value in self.stored.items()
        }
