"""One read-only session with a MySQL or MariaDB, and every way it can fail in our words. Blocking: run it in a thread.

No message of the server is passed on: they name users, hosts and values.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import pymysql
from pymysql.constants import CR, ER
from pymysql.cursors import SSCursor

from channels.primecare.base import BadSource, SourceDown, SourceRefused, SourceSchema, SourceSlow, SourceTls
from channels.primecare.schema import MySqlConfig
from kit.errors import CarolError

_STATEMENT_TIMEOUT, _QUERY_TIMEOUT, _LOCK_WAIT = 1969, 3024, 1205  # MariaDB's, MySQL's, both
_SLOW = {_STATEMENT_TIMEOUT, _QUERY_TIMEOUT, _LOCK_WAIT}
_REFUSED = {
    ER.DBACCESS_DENIED_ERROR,
    ER.ACCESS_DENIED_ERROR,
    ER.TABLEACCESS_DENIED_ERROR,
    ER.COLUMNACCESS_DENIED_ERROR,
    ER.SPECIFIC_ACCESS_DENIED_ERROR,
    ER.HOST_NOT_PRIVILEGED,
    ER.HOST_IS_BLOCKED,
    1698,  # no password given
    1820,  # password expired
    1862,
    3118,  # account locked
    4151,
}
_SCHEMA = {
    ER.BAD_DB_ERROR,
    ER.NO_SUCH_TABLE,
    ER.BAD_FIELD_ERROR,
    ER.BAD_TABLE_ERROR,
    ER.PARSE_ERROR,
    ER.VIEW_INVALID,
    ER.CANT_AGGREGATE_2COLLATIONS,
}
_TLS = {CR.CR_SSL_CONNECTION_ERROR, 3159}  # 3159: the server takes no connection without TLS


class Session:
    """An open session. Rows come as tuples, in the order of the columns asked for."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    def rows(self, sql: str, values: Mapping[str, object]) -> Iterator[tuple[Any, ...]]:
        """The rows, fetched from the server as they are taken. Take all of them before the next statement."""
        cursor = self._connection.cursor()
        cursor.execute(sql, dict(values) or None)
        yield from cursor.fetchall_unbuffered()


@contextmanager
def session(config: MySqlConfig) -> Iterator[Session]:
    """One read-only transaction, undone at the end. Raises what `channels.primecare.base` lists."""
    connection, whole = None, False
    try:
        connection = _connect(config)
        prepare(connection, config)
        yield Session(connection)
        whole = True
    except (pymysql.err.Error, OSError, RuntimeError) as error:
        raise _ours(error) from None
    finally:
        if connection is not None:
            # Without a farewell when it broke: a statement that is still sending would be read to its end first.
            with suppress(Exception):
                connection.close() if whole else connection._force_close()


def _connect(config: MySqlConfig) -> Any:
    return pymysql.connect(
        host=config.host,
        port=config.port,
        user=config.user,
        password=config.password.get_secret_value().encode("utf-8"),  # of a str the driver would send Latin-1
        database=config.database,
        charset="utf8mb4",
        # No mode of the server's changes how names and values are quoted; a day that is none may stand in a comparison.
        sql_mode="ALLOW_INVALID_DATES",
        connect_timeout=config.connect_seconds,
        read_timeout=config.read_seconds,
        write_timeout=config.read_seconds,
        autocommit=True,
        cursorclass=SSCursor,
        local_infile=False,
        program_name="carol",
        ssl=_tls(config),
        ssl_disabled=config.tls == "off",
    )


def _tls(config: MySqlConfig) -> ssl.SSLContext | None:
    if config.tls == "off":
        return None
    try:
        context = ssl.create_default_context(cafile=config.ca)
    except (OSError, ssl.SSLError):
        raise BadSource("source of reports: ca is no file of certificates that can be read") from None
    if config.tls == "unverified":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def prepare(connection: Any, config: MySqlConfig) -> None:
    """Nothing this session sends can write, and no statement of it outlives its time, whatever the user may do."""
    maria = "mariadb" in connection.get_server_info().lower()
    seconds = config.statement_seconds
    with connection.cursor(pymysql.cursors.Cursor) as cursor:
        cursor.execute("SET SESSION TRANSACTION READ ONLY")
        cursor.execute(
            "SET SESSION max_statement_time = %s" if maria else "SET SESSION max_execution_time = %s",
            (seconds if maria else int(seconds * 1000),),
        )
        cursor.execute("SET SESSION time_zone = '+00:00'")
        cursor.execute("START TRANSACTION READ ONLY")


def _ours(error: Exception) -> CarolError:
    code = error.args[0] if error.args and isinstance(error.args[0], int) else 0
    cause = getattr(error, "original_exception", None) or error
    if code in _TLS or isinstance(cause, ssl.SSLError) or isinstance(error, RuntimeError):
        return SourceTls()  # RuntimeError: this way of signing in needs TLS, or a library that we do without
    if code in _REFUSED:
        return SourceRefused()
    if code in _SCHEMA:
        return SourceSchema()
    if code in _SLOW or (code == CR.CR_SERVER_LOST and "timed out" in str(error)):
        return SourceSlow()
    return SourceDown()
