"""What this process is working on, as locks that PostgreSQL drops the moment the process dies.

A time limit would be too short for one request and too long for another; a lock of the connection isn't.  The connection
is one of its own, kept for the life of the process.  When PostgreSQL itself restarts, the locks are taken again with the
next call; until then somebody else might take over work that still goes on, which the acts bear: each has its id.
"""

import contextlib
import hashlib
import threading

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

TAKE = text("select pg_try_advisory_lock(:number)")
GIVE_BACK = text("select pg_advisory_unlock(:number)")
# a machine that vanished without a word is noticed after half a minute
NOTICE = text(
    "select set_config('tcp_keepalives_idle', '15', false), set_config('tcp_keepalives_interval', '5', false),"
    " set_config('tcp_keepalives_count', '3', false)"
)


def number_of(*names: str) -> int:
    """The lock's number for a piece of work."""
    return int.from_bytes(hashlib.sha256("\0".join(names).encode()).digest()[:8], signed=True)


class Underway:
    """The work of this process; safe for its threads."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._mutex = threading.Lock()
        self._mine: set[int] = set()
        self._connection: Connection | None = None

    def take(self, number: int) -> bool:
        """Begin a piece of work; False when somebody is at it, in this process or another."""
        with self._mutex:
            if number in self._mine:
                return False
            if not self._try(number):
                return False
            self._mine.add(number)
            return True

    def give_back(self, number: int) -> None:
        """End it, however it went."""
        with self._mutex:
            self._mine.discard(number)
            # who lost the connection has lost the lock
            with contextlib.suppress(DBAPIError):
                self._connected().execute(GIVE_BACK, {"number": number})

    def close(self) -> None:
        """End with the process."""
        with self._mutex:
            self._drop()

    def _try(self, number: int) -> bool:
        try:
            return bool(self._connected().execute(TAKE, {"number": number}).scalar_one())
        except DBAPIError:
            # PostgreSQL was restarted since the last call
            return bool(self._connected().execute(TAKE, {"number": number}).scalar_one())

    def _connected(self) -> Connection:
        if self._connection is not None and not self._connection.invalidated:
            return self._connection
        self._drop()
        made = self._connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        made.execute(NOTICE)
        for number in self._mine:
            made.execute(TAKE, {"number": number})
        return made

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.invalidate()  # closed, not given back to the pool with our locks on it
            self._connection.close()
            self._connection = None
