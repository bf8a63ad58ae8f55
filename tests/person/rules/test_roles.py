"""Duties that exclude each other sit in different people (REQUIREMENTS 112)."""

from hypothesis import given
from hypothesis import strategies as some

from models.person.rules.roles import Duty, Permission, Role
from models.person.rules.shipped_roles import NAMES, PERMISSIONS, QUALITY_ROLES, SHIPPED

BUSINESS_ROLES = {role.key for role in SHIPPED if role.duty is Duty.BUSINESS}
SETS = some.frozensets(some.sampled_from(Role))
DECISIONS = {
    Permission.RELEASE_SIGN,
    Permission.LOT_HOLD,
    Permission.LOT_LIFT,
    Permission.INSPECTION_RECORD,
    Permission.OPERATION_RECORD,
    Permission.LOT_RECEIVE,
    Permission.SHIPMENT_CREATE,
    Permission.RECALL_RUN,
    Permission.DEFINITION_WRITE,
}


def test_every_role_has_names_and_rights() -> None:
    assert set(NAMES) == set(PERMISSIONS) == set(Role)
    assert all(zh and en and zh != en for zh, en in NAMES.values())
    assert SHIPPED.permissions(frozenset(Role)) == set(Permission)


def test_an_administrator_decides_nothing_and_an_auditor_changes_nothing() -> None:
    assert not SHIPPED.permissions(frozenset({Role.ADMINISTRATOR})) & DECISIONS
    assert SHIPPED.permissions(frozenset({Role.AUDITOR})) == {Permission.RECORD_READ, Permission.AUDIT_READ}


def test_only_qa_signs_releases() -> None:
    signing = {role for role in Role if Permission.RELEASE_SIGN in PERMISSIONS[role]}
    assert signing == {Role.QA_REVIEWER, Role.QA_APPROVER, Role.QUALITY_MANAGER}


def test_the_roles_of_coming_processes_decide_nothing_about_a_batch() -> None:
    """Each takes part and keeps its own register; none of them releases, lifts, disposes of or makes a batch."""
    coming = {Role.SALES, Role.AFTER_SALES, Role.SUPPLIER_QUALITY, Role.EQUIPMENT, Role.DOCUMENTS, Role.TRAINING}
    assert coming <= BUSINESS_ROLES - QUALITY_ROLES
    own = {Role.SUPPLIER_QUALITY: Permission.PARTNER_WRITE, Role.EQUIPMENT: Permission.EQUIPMENT_WRITE,
           Role.TRAINING: Permission.QUALIFICATION_WRITE, Role.AFTER_SALES: Permission.RETURN_BOOK}  # fmt: skip
    assert all(permission in PERMISSIONS[role] for role, permission in own.items())
    everything = SHIPPED.permissions(frozenset(coming))
    assert Permission.RECORD_READ in everything
    assert not everything & (DECISIONS - {Permission.LOT_HOLD})
    assert not everything & {Permission.LOT_DISPOSE, Permission.RETURN_DISPOSE, Permission.AUDIT_READ}


@given(SETS)
def test_administration_and_audit_stay_apart_from_business_and_from_each_other(held: frozenset[Role]) -> None:
    apart = held & {Role.ADMINISTRATOR, Role.AUDITOR}
    clash = bool(apart and held & BUSINESS_ROLES) or len(apart) > 1
    assert bool(SHIPPED.conflicts(held)) is clash
    assert set(SHIPPED.conflicts(held)) <= held


@given(SETS, SETS)
def test_a_conflict_does_not_go_away_by_another_role(held: frozenset[Role], more: frozenset[Role]) -> None:
    if SHIPPED.conflicts(held):
        assert SHIPPED.conflicts(held | more)


@given(SETS, SETS)
def test_rights_add_up(held: frozenset[Role], more: frozenset[Role]) -> None:
    assert SHIPPED.permissions(held | more) == SHIPPED.permissions(held) | SHIPPED.permissions(more)
