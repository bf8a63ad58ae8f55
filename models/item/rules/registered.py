"""What the register of items knows of the products on labels (REQUIREMENTS 19, 27)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Registered:
    """What the register knows of the products on the labels.

    `owners` says which item an identifier is registered for; `agencies` from which agencies the received item has any.
    """

    owners: dict[str, str]
    agencies: frozenset[str] = frozenset()
