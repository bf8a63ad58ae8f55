"""Who may take, give back, hand on and complete a task, and why not (REQUIREMENTS 87, 89; DESIGN 7).

A task belongs to a role until a person claims it.  Somebody who stands in for an absent colleague may do what the
colleague's roles allow, and what is assigned to the colleague; both names stay on what is done.
"""

from dataclasses import dataclass

from models.rules.auth import Principal, StandIn
from models.rules.refusals import Kind
from models.rules.roles import ROLE_NAMES, Role

UNKNOWN = Kind("TASK-001", "DESIGN 2.5", "找不到这个待办。", "There is no such task.", 404)
CLAIMED = Kind("TASK-002", "REQ 89", "{name} 已经认领此待办。", "{name} has claimed this task.")
ROLE = Kind(
    "TASK-003",
    "21 CFR 11.10(g); REQ 89",
    "此待办需要「{zh}」角色，您没有，也没有在代理有此角色的人。",
    "This task needs the role “{en}”, which neither you nor anybody you stand in for holds.",
    403,
)
CLOSED = Kind("TASK-004", "21 CFR 11.10(f)", "此待办已经结束。", "This task is closed.")
NOT_YOURS = Kind("TASK-005", "REQ 89", "您没有认领此待办。", "You have not claimed this task.")
NO_ROLE_THERE = Kind(
    "TASK-006",
    "21 CFR 11.10(g); REQ 89",
    "{name} 没有「{zh}」角色，不能接手。",
    "{name} doesn't hold the role “{en}” and can't take it over.",
)
TO_SELF = Kind("TASK-007", "REQ 89", "不能转交给自己。", "You can't hand a task to yourself.", 422)
DRAFT_LARGE = Kind(
    "TASK-008", "REQ 58", "草稿过大，最多 {limit} 个字符。", "The draft is too large; at most {limit} characters.", 422
)
REASON = Kind("TASK-009", "21 CFR 11.10(e)", "改派必须写明理由。", "Reassigning needs a reason.", 422)

DRAFT_LIMIT = 100_000


@dataclass(frozen=True)
class TaskFacts:
    """What the rules need to know about a task."""

    status: str
    role: str
    assignee_id: int | None
    assignee_name: str = ""


def check_open(task: TaskFacts) -> None:
    """Refuse to touch a closed task."""
    if task.status != "open":
        raise CLOSED()


def acting_for(principal: Principal, task: TaskFacts) -> StandIn | None:
    """On whose behalf the person would do the task: nobody's when their own role or claim allows it.

    Raises TASK-002 when somebody else claimed it, TASK-003 when neither the person nor anybody they stand in for
    holds the role.
    """
    check_open(task)
    absent = next((one for one in principal.stands_in_for if one.person_id == task.assignee_id), None)
    if task.assignee_id not in {None, principal.person_id} and absent is None:
        raise CLAIMED(name=task.assignee_name)
    if absent is not None and task.role in absent.roles:
        return absent
    if task.role in principal.roles:
        return None
    able = next((one for one in principal.stands_in_for if task.role in one.roles), None)
    if able is None:
        raise ROLE(**role_words(task.role))
    return able


def check_mine(principal: Principal, task: TaskFacts) -> None:
    """Refuse to give back or hand on what one hasn't claimed."""
    check_open(task)
    if task.assignee_id is None:
        raise NOT_YOURS()
    absent = any(one.person_id == task.assignee_id for one in principal.stands_in_for)
    if task.assignee_id != principal.person_id and not absent:
        raise CLAIMED(name=task.assignee_name)


def check_receiver(task: TaskFacts, name: str, roles: frozenset[Role]) -> None:
    """Refuse to hand a task to somebody whose own roles don't cover it."""
    if task.role not in roles:
        raise NO_ROLE_THERE(name=name, **role_words(task.role))


def role_words(role: str) -> dict[str, str]:
    """A role's names; a definition may name a role that nobody holds yet."""
    zh, en = ROLE_NAMES.get(Role(role), (role, role)) if role in set(Role) else (role, role)
    return {"zh": zh, "en": en}
