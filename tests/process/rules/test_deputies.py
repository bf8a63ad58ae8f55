"""Who may stand in for whom: a delegation passes on tasks, never a role or a skill (REQ 89, 112; 21 CFR 11.10(g), (i))."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.person.rules.auth import Principal, StandIn, check_deputy
from models.person.rules.roles import Role
from models.person.rules.shipped_roles import SHIPPED
from models.process import task as tasks

ROLES = some.frozensets(some.sampled_from(Role))
SKILLS = some.frozensets(some.sampled_from(["inspection", "machining", "cleaning"]))
THEN = datetime(2030, 1, 1, tzinfo=UTC)


def somebody(roles: frozenset[Role], *absent: StandIn) -> Principal:
    return Principal(1, "one", "甲", 1, "jia", roles, stands_in_for=absent)


@given(own=ROLES, theirs=ROLES, lacks=SKILLS, role=some.sampled_from(Role), assignee=some.sampled_from([None, 1, 2, 3]))
def test_nobody_does_a_task_without_its_role_and_a_deputy_not_without_the_skills(
    own: frozenset[Role], theirs: frozenset[Role], lacks: frozenset[str], role: Role, assignee: int | None
) -> None:
    absent = StandIn(2, "two", "乙", theirs, THEN, lacks)
    try:
        acting = tasks.acting_for(somebody(own, absent), tasks.TaskFacts("open", role, assignee, "某人"))
    except Refusal:
        return
    assert role in own
    assert assignee != 3
    assert (acting is not None) == (assignee == 2)
    if acting is not None:
        assert role in theirs
        assert not lacks


@given(absent=ROLES, deputy=ROLES, needed=SKILLS, held=SKILLS)
def test_a_deputy_who_is_taken_shares_a_role_and_has_every_skill(
    absent: frozenset[Role], deputy: frozenset[Role], needed: frozenset[str], held: frozenset[str]
) -> None:
    try:
        check_deputy(SHIPPED, "乙", absent, deputy, needed, held)
    except Refusal:
        return
    assert absent & deputy
    assert needed <= held


def test_a_deputy_is_told_what_is_missing() -> None:
    with pytest.raises(Refusal) as roles:
        check_deputy(SHIPPED, "李仓", frozenset({Role.QA_APPROVER}), frozenset({Role.WAREHOUSE}), (), ())
    assert "质量批准人" in roles.value.zh
    inspector = frozenset({Role.INSPECTOR})
    with pytest.raises(Refusal) as skills:
        check_deputy(SHIPPED, "李仓", inspector, inspector, ("inspection",), ())
    assert "inspection" in skills.value.en
