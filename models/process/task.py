"""Who may take, give back, hand on and complete a task, and why not (REQUIREMENTS 87, 89; DESIGN 7).

A task belongs to a role until a person claims it.  Somebody who stands in for an absent colleague may do what is
assigned to the colleague, if they hold the role and the skills themselves; both names stay on what is done.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from models.definition.document import Definition, Stage, StageKind
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.person.rules import known_roles
from models.person.rules.auth import Principal, StandIn
from models.process.engine import RunState, check_people

UNKNOWN = Kind("TASK-001", "DESIGN 2.5", "找不到该待办。", "There is no such task.", 404)
DONE = Kind(
    "TASK-002",
    "DESIGN 7",
    "该待办已由 {name} 于 {at} 完成（{outcome_zh}）。",
    "{name} completed this task at {at} ({outcome_en}).",
)
CANCELLED = Kind("TASK-003", "DESIGN 7", "该待办已取消。", "This task was cancelled.")
OTHERS = Kind(
    "TASK-004",
    "DESIGN 7",
    "该待办已由 {name} 认领，需要对方释放或由经理改派。",
    "{name} has claimed this task; they must release it, or a manager reassigns it.",
)
ROLE = Kind(
    "TASK-005",
    "21 CFR 11.10(g)",
    "此待办需要角色「{role_zh}」，您没有该角色。",
    "This task takes the role “{role_en}”, which you don't hold.",
    403,
)
DELEGATION = Kind(
    "TASK-006",
    "21 CFR 11.10(g)",
    "{name} 现在没有委托您代办。",
    "{name} has no delegation to you in force.",
    403,
)
NOT_YOURS = Kind("TASK-007", "REQ 89", "您没有认领此待办。", "You have not claimed this task.")
NO_ROLE_THERE = Kind(
    "TASK-008",
    "21 CFR 11.10(g); REQ 89",
    "{name} 没有角色「{role_zh}」，不能接手。",
    "{name} doesn't hold the role “{role_en}” and can't take it over.",
)
TO_SELF = Kind("TASK-009", "REQ 89", "不能转交给自己。", "You can't hand a task to yourself.", 422)
DRAFT_LARGE = Kind(
    "TASK-010", "REQ 58", "草稿过大，最多 {limit} 个字符。", "The draft is too large; at most {limit} characters.", 422
)
NO_INSPECTION = Kind(
    "TASK-011",
    "DESIGN 2.5, 6a",
    "该待办不是检验，不能录入检验数据。",
    "This task is no inspection; it takes no measured values.",
)

NO_SKILL = Kind(
    "TASK-012",
    "21 CFR 11.10(i); ISO 13485 6.2",
    "您代 {name} 做此事还缺资质「{skills}」。",
    "To do this for {name} you lack the skill {skills}.",
    403,
)

DRAFT_LIMIT = 100_000


@dataclass(frozen=True)
class TaskFacts:
    """What the rules need to know about a task; the names are for the sentence that refuses."""

    status: str
    role: str
    assignee_id: int | None
    assignee_name: str = ""
    done_by: str = ""
    done_at: str = ""
    outcome: tuple[str, str] = Text("完成", "done")
    """What was decided, in zh and en."""


def check_open(task: TaskFacts) -> None:
    """Refuse to touch a closed task, and say who was faster."""
    if task.status == "cancelled":
        raise CANCELLED()
    if task.status != "open":
        zh, en = task.outcome
        raise DONE(name=task.done_by or "?", at=task.done_at, outcome_zh=zh, outcome_en=en)


def check_measures(kind: str) -> None:
    """Refuse measured values for a task that is no inspection: asked before the command travels and again by the act."""
    if kind != StageKind.INSPECTION:
        raise NO_INSPECTION()


def acting_for(principal: Principal, task: TaskFacts) -> StandIn | None:
    """On whose behalf the person would do the task: nobody's unless an absent colleague has claimed it.

    Raises TASK-004 when somebody else claimed it, TASK-005 when the person doesn't hold the role (a delegation passes
    none on), TASK-008 when the absent colleague doesn't, TASK-012 when the person lacks a skill of the colleague.
    """
    check_open(task)
    absent = None
    if task.assignee_id not in {None, principal.person_id}:
        absent = next((one for one in principal.stands_in_for if one.person_id == task.assignee_id), None)
        if absent is None:
            raise OTHERS(name=task.assignee_name)
    if task.role not in principal.roles:
        raise wrong_role(task.role)
    if absent is not None:
        check_stand_in(task.role, absent.name, absent.roles, absent.lacks)
    return absent


def check_stand_in(role: str, name: str, roles: Collection[str], lacks: Collection[str]) -> None:
    """Refuse to act for somebody who doesn't hold the role either, or whose skills one hasn't proven."""
    if role not in roles:
        raise NO_ROLE_THERE(name=name, **_named(role))
    if lacks:
        raise NO_SKILL(name=name, skills=", ".join(sorted(lacks)))


def check_mine(principal: Principal, task: TaskFacts) -> None:
    """Refuse to give back or hand on what one hasn't claimed."""
    check_open(task)
    if task.assignee_id is None:
        raise NOT_YOURS()
    absent = any(one.person_id == task.assignee_id for one in principal.stands_in_for)
    if task.assignee_id != principal.person_id and not absent:
        raise OTHERS(name=task.assignee_name)


def check_receiver(role: str, name: str, roles: frozenset[str]) -> None:
    """Refuse to hand a task to somebody whose own roles don't cover it."""
    if role not in roles:
        raise NO_ROLE_THERE(name=name, **_named(role))


def wrong_role(role: str) -> Refusal:
    """The task takes a role that the person doesn't hold."""
    return ROLE(**_named(role))


def _named(role: str) -> dict[str, str]:
    """A role in each language; a definition may name a role that nobody holds yet."""
    zh, en = known_roles.name(role)
    return {"role_zh": zh, "role_en": en}


def check_other_people(
    people: Collection[int],
    definition: Definition,
    stage: Stage,
    performers: Mapping[str, Collection[str]],
    groups: Mapping[str, Collection[str]] | None = None,
    everyone: Mapping[str, Collection[str]] | None = None,
) -> None:
    """Refuse, before the click, who did a step that this one excludes (PRC-005, as the engine will).

    Without `groups` only the steps of this run are looked at: a list can't know the makers of every lot on it.
    """
    known = {name: (groups or {}).get(name, ()) for name in stage.not_same_as if "." in name}
    so_far = RunState(
        definition=definition.key,
        performers={key: tuple(value) for key, value in performers.items()},
        everyone={key: tuple(value) for key, value in (everyone or {}).items()},
    )
    for person in people:
        check_people(definition, so_far, stage, (str(person),), known)
