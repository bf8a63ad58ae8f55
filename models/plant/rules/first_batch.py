"""What a plant must have before its first batch can be received, made, inspected, released by two and shipped (DESIGN 12).

A list to work through, and no wall: each act asks its own rules.  Whoever is listed has set the own password, since nobody
signs before (21 CFR 11.100(b)).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from models.person.rules.known_roles import known
from models.person.rules.roles import Permission, Role

WORKING = (
    Role.QUALITY_MANAGER,
    Role.PROCESS_OWNER,
    Role.WAREHOUSE,
    Role.INSPECTOR,
    Role.OPERATOR,
    Role.QA_REVIEWER,
    Role.QA_APPROVER,
)
"""The roles that a batch meets on its way."""
SIGNERS = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Need:
    """One thing on the list: how many there are and how many are needed; `permission` is what puts it there."""

    key: str
    there: int
    least: int
    permission: Permission
    met: bool
    details: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Readiness:
    """The whole list; `ready` when nothing on it is missing."""

    ready: bool
    needs: tuple[Need, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """What there is: how many of each key, and for what needs as many as something else asks for, how many that is."""

    there: Mapping[str, int]
    asked: Mapping[str, int]
    details: Mapping[str, tuple[str, ...]]


P = Permission
NEEDS: tuple[tuple[str, int, Permission], ...] = (
    *((f"role_{role.value}", 1, P.PEOPLE_WRITE) for role in WORKING),
    ("signers", SIGNERS, P.PEOPLE_WRITE),
    ("place_quarantine", 1, P.EQUIPMENT_WRITE),
    ("place_line", 1, P.EQUIPMENT_WRITE),
    ("place_storage", 1, P.EQUIPMENT_WRITE),
    ("supplier", 1, P.PARTNER_WRITE),
    ("customer", 1, P.PARTNER_WRITE),
    ("item_bought", 1, P.ITEM_WRITE),
    ("item_made", 1, P.ITEM_WRITE),
    ("bill", 1, P.ITEM_WRITE),
    ("plan_incoming", 1, P.PLAN_WRITE),
    ("plan_final", 1, P.PLAN_WRITE),
    ("gauge", 0, P.EQUIPMENT_WRITE),
    ("skill", 0, P.QUALIFICATION_WRITE),
)
"""In the order in which a plant does them."""


def readiness(found: Found) -> Readiness:
    """Hold what there is against what is needed."""
    needs = []
    for key, least, permission in NEEDS:
        wanted = max(least, found.asked.get(key, 0))
        there = found.there.get(key, 0)
        needs.append(
            Need(
                key=key,
                there=there,
                least=wanted,
                permission=permission,
                met=there >= wanted,
                details=found.details.get(key, ()),
            )
        )
    return Readiness(ready=all(one.met for one in needs), needs=tuple(needs))


def doers(permission: Permission) -> tuple[str, ...]:
    """Who may put it there: keys of roles."""
    return tuple(role.key for role in known().holders(permission))
