"""The one tree of errors. Leaves live beside their domain; translators turn them into HTTP, tool sentences or retries."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType


class CarolError(Exception):
    """Something Carol knows how to explain. `code` is stable and safe to show; the message is for staff."""

    code = "error"
    told: Mapping[str, object] = MappingProxyType({})  # what staff's pages may be told beside: who got there first

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (self.__doc__ or self.code).strip())


class NotFound(CarolError):
    """What was asked for does not exist in this clinic."""

    code = "not_found"


class Conflict(CarolError):
    """Someone else got there first."""

    code = "conflict"


class Forbidden(CarolError):
    """This caller may not do that."""

    code = "forbidden"


class Invalid(CarolError):
    """What was given cannot be accepted."""

    code = "invalid"


class Unavailable(CarolError):
    """A part we depend on does not answer; trying again later may work."""

    code = "unavailable"
