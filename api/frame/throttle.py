"""Wrong logins by address: after some, the next has to wait, each time longer (21 CFR 11.300(d)).

Kept in memory by each API process, for as long as it matters: it slows guessing down, and what it slows never reaches the
accounts, so that one address can't lock many of them.  Whoever has one IPv6 address has the other 2^64 of its network, which
therefore count as one (RFC 6177).  The lock of an account is the record's (`models.person.store.passwords`).
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv4Address, ip_address, ip_network
from math import ceil

from models.kernel.refusal import Kind
from models.person.rules import auth

MOST = 10_000
"""Addresses that are remembered; the one that was quiet longest is forgotten first."""


def network(address: str) -> str:
    """What counts as one address: of IPv6 its first 64 bits, and an IPv4 one however it is written."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network((known, 64), strict=False))


class Throttle:
    """How often which address was wrong.  `clock` gives seconds that never go back, `refusal` says how long it has to wait."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, refusal: Kind = auth.TOO_MANY_FROM_HERE) -> None:
        self._clock = clock
        self._refusal = refusal
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def check(self, address: str) -> None:
        """Refuse while the address has to wait."""
        address = network(address)
        with self._lock:
            failures, last = self._known(address)
        left = auth.address_pause(failures).total_seconds() - (self._clock() - last)
        if left > 0:
            raise self._refusal(seconds=ceil(left))

    def wrong(self, address: str) -> None:
        """One more wrong login from there."""
        address = network(address)
        with self._lock:
            failures, _ = self._known(address)
            self._wrong[address] = (failures + 1, self._clock())
            self._wrong.move_to_end(address)
            while len(self._wrong) > MOST:
                self._wrong.popitem(last=False)

    def _known(self, address: str) -> tuple[int, float]:
        failures, last = self._wrong.get(address, (0, 0.0))
        return (0, 0.0) if self._clock() - last > auth.ADDRESS_FORGOTTEN.total_seconds() else (failures, last)
