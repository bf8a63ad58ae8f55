"""Who has what of the goods of one notice: its customer, those whom they passed it on to, and so on (21 CFR 7.42(b)(1), 7.53).

What a receiver has leaves the place of whoever passed it on, so that every unit stays in exactly one place however far it went.
"""

from collections import deque
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

ZERO = Decimal(0)


class Said(NamedTuple):
    """A notice in the tree: what it told of, what was answered; `received` is None while there is no answer."""

    key: str
    told: Decimal
    received: Decimal | None = None
    used: Decimal = ZERO
    passed_on: Decimal = ZERO
    went_out: bool = True


class Share(NamedTuple):
    """So much of the goods is with the one of that notice, in that place of theirs."""

    key: str
    place: str
    quantity: Decimal


def shares(top: Said, below: Mapping[str, Sequence[Said]]) -> list[Share]:
    """What of a notice's goods isn't simply with its customer, in the order in which it is believed.

    Used goods come first, for they can't have come back; then what nobody is named for, whom no notice reached, who is silent,
    and what receivers say they have.  Goods that came back to us are taken off the end of this list: first they were the
    customer's own.  Nobody counts for more than they were given.
    """
    used, rest = list[Share](), list[Share]()
    waiting = deque([(top, top.told)])
    while waiting:
        one, given = waiting.popleft()
        if one.received is None:
            rest.append(Share(one.key, "silent" if one.went_out else "untold", given))
            continue
        gone = min(one.used, given)
        passed = min(one.passed_on, given - gone)
        used.append(Share(one.key, "used", gone))
        unnamed = passed
        for child in below.get(one.key, ()):
            got = min(child.told, unnamed)
            unnamed -= got
            waiting.append((child, got))
        rest.append(Share(one.key, "unnamed", unnamed))
        if one is not top:
            rest.append(Share(one.key, "answered", given - gone - passed))
    order = ("unnamed", "untold", "silent", "answered")
    rest.sort(key=lambda share: order.index(share.place))
    return [share for share in (*used, *rest) if share.quantity]
