"""Who may sign what: one person one signature, over the record that was shown, with a fresh proof of identity.

Serves REQUIREMENTS 35-38; 21 CFR 11.50, 11.70, 11.100, 11.200; DESIGN 7.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from models.kernel.refusal import Kind

NEEDED = Kind("SIG-001", "21 CFR 11.200(a)(1)", "此步骤需要电子签名。", "This step needs an electronic signature.", 422)
WRONG_PASSWORD = Kind(
    "SIG-002",
    "21 CFR 11.200(a)(1), 11.300(d)",
    "密码不正确，还可尝试 {left} 次。",
    "The password is wrong; {left} tries are left.",
    403,
)
LOCKED = Kind(
    "SIG-003",
    "21 CFR 11.300(d)",
    "密码连续输错，账号已锁定，已通知管理员。",
    "The account is locked after repeated wrong passwords; the administrator has been told.",
    403,
)
CHANGED = Kind(
    "SIG-004",
    "21 CFR 11.70",
    "您看到的内容之后有了变化，请重新查看再签名。",
    "The record changed after it was shown to you; look again before you sign.",
)
FIRST_VOID = Kind(
    "SIG-005",
    "21 CFR 11.70",
    "第一签之后记录有了变化，第一签失效，需要重新审核。",
    "The record changed after the first signature, which is void now; it must be reviewed again.",
)
TWICE = Kind(
    "SIG-006",
    "21 CFR 11.200(a)(3); DESIGN 2.7",
    "{name} 已经签过此记录；同一个人（包括换账号或代理）不能签两次。",
    "{name} has signed this record already; one person can't sign twice, by another account or a delegation either.",
    403,
)
STALE = Kind(
    "SIG-007",
    "21 CFR 11.200(a)",
    "验证已过期，请重新输入密码。",
    "The proof of identity is too old; enter the password again.",
)
MEANING = Kind(
    "SIG-008", "21 CFR 11.50(a)(3)", "签名含义应为「{right}」。", "The meaning of this signature is “{right}”.", 422
)
USED = Kind("SIG-009", "21 CFR 11.70", "这次验证已经用过。", "This proof of identity has been used already.")
MUST_CHANGE = Kind(
    "SIG-010",
    "21 CFR 11.100(b), 11.200(a)(3)",
    "密码由他人设置，或本人尚未确认身份：请先设置自己的密码并确认身份，再签名。",
    "The password was set by somebody else, or its owner hasn't confirmed who it is; do that before you sign.",
    403,
)
NOT_NEEDED = Kind("SIG-011", "DESIGN 7", "此步骤不需要签名。", "This step takes no signature.", 422)

FRESH = timedelta(minutes=10)
MAX_FAILURES = 5


@dataclass(frozen=True)
class Attempt:
    """A signing attempt as it stands in the record."""

    at: datetime
    person_id: int
    digest: str
    meaning: str
    accepted: bool
    used: bool
    task_id: int | None = None
    on_behalf_of_id: int | None = None
    act: str | None = None
    about: str | None = None
    statement: str | None = None
    own: bool = True
    """Whether the password that proved it was set, and the identity certified, by the person alone."""


@dataclass(frozen=True)
class Signing:
    """What an attempt must have been made for: the person, whom they stand in for, the task and the step's meaning.

    An act without a task (a hold is lifted) is named by `act` and by what it is `about`.
    """

    person_id: int
    on_behalf_of_id: int | None
    task_id: int | None
    meaning: str
    meaning_title: str
    act: str | None = None
    about: str | None = None


def check_attempt(attempt: Attempt | None, signing: Signing, now: datetime) -> Attempt:
    """The attempt that proves the signature; refuses one without a fresh, unused, accepted attempt of the same person at the same task."""
    if attempt is None or not attempt.accepted or attempt.person_id != signing.person_id:
        raise NEEDED()
    if not attempt.own:
        raise MUST_CHANGE()
    if attempt.used:
        raise USED()
    if (attempt.task_id, attempt.on_behalf_of_id) != (signing.task_id, signing.on_behalf_of_id):
        raise NEEDED()
    if (attempt.act, attempt.about) != (signing.act, signing.about):
        raise NEEDED()
    if now - attempt.at > FRESH:
        raise STALE()
    if attempt.meaning != signing.meaning:
        raise MEANING(right=signing.meaning_title)
    return attempt


def check_digest(shown: str, true: str, first: str | None) -> None:
    """Refuse when the record is not what was shown, or not what the first signer signed."""
    if shown != true:
        raise CHANGED()
    if first is not None and first != true:
        raise FIRST_VOID()


def check_statement(proven: str | None, true: str) -> None:
    """Refuse when what is recorded is not what the person said at the proof, or others have signed in between."""
    if proven != true:
        raise CHANGED()


def check_other_person(people: Collection[int], earlier: Collection[int], name: str) -> None:
    """Refuse when anybody behind this signature (signer or absent principal) stands behind an earlier one."""
    if not set(people).isdisjoint(earlier):
        raise TWICE(name=name)
