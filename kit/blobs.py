"""Files apart from rows: in a folder, or in a bucket of any S3-compatible service. Each belongs to an owner and to no other."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from kit.errors import Forbidden, NotFound, Unavailable
from kit.settings import Settings

_PATIENCE = "20s"


class NoBlob(NotFound):
    """The store has no such file."""

    code = "no_blob"


class OtherOwner(Forbidden):
    """This file belongs to somebody else."""

    code = "other_owner"


@dataclass(frozen=True, slots=True)
class Blob:
    """A stored file as a listing tells it. `owner` and `name` are None for a key that is not ours."""

    key: str
    owner: UUID | None
    name: UUID | None
    at: datetime


class Blobs:
    """The files of every owner, under `{owner}/{name}`. Whoever reads or deletes says whose file it is."""

    def __init__(self, opened: Callable[[], ObjectStore]) -> None:
        self._opened = opened

    @cached_property
    def _store(self) -> ObjectStore:
        return self._opened()

    async def put(self, owner: UUID, name: UUID, data: bytes) -> str:
        """Keeps a file, in the place of an earlier one of the same name; its key. Raises Unavailable."""
        key = f"{owner}/{name}"
        try:
            await obstore.put_async(self._store, key, data)
        except (BaseError, OSError) as error:
            raise Unavailable(f"media store: {type(error).__name__}") from None
        return key

    async def get(self, owner: UUID, key: str) -> bytes:
        """The bytes of a file. Raises NoBlob, OtherOwner, Unavailable."""
        _require(owner, key)
        try:
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())
        except (NotFoundError, FileNotFoundError):
            raise NoBlob from None
        except (BaseError, OSError) as error:
            raise Unavailable(f"media store: {type(error).__name__}") from None

    async def delete(self, owner: UUID, key: str) -> None:
        """Forgets a file; one that is not there is forgotten already. Raises OtherOwner, Unavailable."""
        _require(owner, key)
        try:
            await obstore.delete_async(self._store, key)
        except (NotFoundError, FileNotFoundError):
            return
        except (BaseError, OSError) as error:
            raise Unavailable(f"media store: {type(error).__name__}") from None

    async def listed(self, *, after: str = "", most: int) -> Sequence[Blob]:
        """At most `most` files whose keys come after `after`, by key. Raises Unavailable."""
        try:
            return await asyncio.to_thread(self._listed, after, most)
        except (BaseError, OSError) as error:
            raise Unavailable(f"media store: {type(error).__name__}") from None

    def _listed(self, after: str, most: int) -> list[Blob]:
        stream = obstore.list(self._store, offset=after or None, chunk_size=1_000)
        each = (one for chunk in stream for one in chunk)
        # A bucket lists by key; a folder in no order.
        found = sorted(each, key=lambda one: one["path"]) if isinstance(self._store, LocalStore) else each
        return [_blob(one["path"], one["last_modified"]) for one in islice(found, most)]


def open_blobs(settings: Settings) -> Blobs:
    """The store of these settings: `media` in the home, or their bucket. Reached when first used."""
    return Blobs(lambda: _folder(settings) if settings.media_store == "disk" else _bucket(settings))


def _folder(settings: Settings) -> LocalStore:
    return LocalStore(settings.home / "media", mkdir=True)


def _bucket(settings: Settings) -> S3Store:
    bucket, _, prefix = settings.media_store.removeprefix("s3://").partition("/")
    known = {
        "access_key_id": settings.s3_access_key,
        "secret_access_key": settings.s3_secret_key,
        "endpoint": settings.s3_endpoint.rstrip("/"),
    }
    return S3Store(
        bucket,
        prefix=prefix.strip("/") or None,
        region=settings.s3_region,
        virtual_hosted_style_request=not settings.s3_path_style,
        client_options={"timeout": _PATIENCE, "connect_timeout": "5s", "allow_http": True},
        retry_config={"max_retries": 2},
        **{name: value for name, value in known.items() if value},  # type: ignore[arg-type]
    )


def _require(owner: UUID, key: str) -> None:
    whose, _, name = key.partition("/")
    if whose != str(owner) or _uuid(name) is None:
        raise OtherOwner


def _blob(key: str, at: datetime) -> Blob:
    owner, _, name = key.partition("/")
    whose, which = _uuid(owner), _uuid(name)
    return Blob(key, whose if which else None, which if whose else None, at)


def _uuid(text: str) -> UUID | None:
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
