"""Who may come in and what they may do: login, session, permission, password and account rules.

Serves 21 CFR 11.10(d), 11.10(g), 11.100(a), 11.200(a), 11.300; REQUIREMENTS 112; DESIGN 2.8.  Identity is the person:
an account is only a way in, so a `Principal` carries the person and everything that follows is asked of the person.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from models.kernel.refusal import Kind, Refusal
from models.kernel.time.clock import Clocks
from models.person.rules import known_roles
from models.person.rules.known_roles import known
from models.person.rules.roles import PERMISSION_NAMES, Permission, Roles

NOT_LOGGED_IN = Kind("AUTH-001", "21 CFR 11.10(d)", "请先登录。", "Please log in first.", 401)
WRONG_LOGIN = Kind(
    "AUTH-002",
    "21 CFR 11.10(d), 11.300(d)",
    "用户名或密码不正确。连续输错 {failures} 次会暂时锁定账号；可过一会儿再试，或请管理员解锁。",
    "The user name or the password is wrong. {failures} wrong passwords lock an account for a while; an administrator can"
    " unlock it.",
    401,
)
LOCKED = Kind(
    "AUTH-003",
    "21 CFR 11.300(d)",
    "密码连续输错 {failures} 次，账号暂时锁定，已通知管理员；请过一会儿再试，或找管理员解锁。",
    "The account is locked for a while after {failures} wrong passwords; the administrator has been told. Try again later, or ask"
    " the administrator to unlock it.",
    403,
)
DISABLED = Kind("AUTH-004", "21 CFR 11.300(b)", "此账号已停用。", "This account is disabled.", 403)
FORBIDDEN = Kind(
    "AUTH-005",
    "21 CFR 11.10(g); REQ 112",
    "您没有此操作的权限（{permission_zh}）；可以做的角色：{roles_zh}。",
    "You may not do this ({permission_en}); these roles may: {roles_en}.",
    403,
)
FORGED = Kind(
    "AUTH-006",
    "OWASP ASVS 4.2.2",
    "页面已过期或请求来自别处，请刷新页面再试。",
    "This page is out of date or the request came from somewhere else; reload the page and try again.",
    403,
)
EXPIRED = Kind(
    "AUTH-007", "21 CFR 11.200(a)(1)", "登录已超时，请重新登录。", "Your session has ended; please log in again.", 401
)
MUST_CHANGE = Kind(
    "AUTH-008",
    "21 CFR 11.200(a)(3), 11.300(b)",
    "密码由他人设置，或您尚未确认身份：请先设置自己的密码并确认身份。",
    "Your password was set by somebody else, or you haven't confirmed who you are: set your own password and confirm first.",
    403,
)
PASSWORD_LENGTH = Kind(
    "AUTH-009",
    "21 CFR 11.300(a); NIST SP 800-63B",
    "密码长度应为 {least} 到 {most} 个字符。",
    "A password has {least} to {most} characters.",
    422,
)
PASSWORD_GUESSABLE = Kind(
    "AUTH-010",
    "21 CFR 11.300(a); NIST SP 800-63B",
    "密码太容易猜：不能包含用户名，也不能只用一两个字符重复。",
    "This password is too easy to guess: don't use the user name, nor one or two characters over and over.",
    422,
)
PASSWORD_SAME = Kind(
    "AUTH-011",
    "21 CFR 11.300(b)",
    "新密码不能与现在的密码相同。",
    "The new password must differ from the present one.",
    422,
)
LOGIN_TAKEN = Kind(
    "AUTH-012",
    "21 CFR 11.100(a)",
    "用户名「{login}」已经用过；用户名永不重复使用。",
    "The user name “{login}” has been used before; user names are never used again.",
)
LOGIN_SHAPE = Kind(
    "AUTH-013",
    "21 CFR 11.300(a)",
    "用户名由 2 到 64 个小写字母、数字、点、横线组成。",
    "A user name has 2 to 64 lower-case letters, digits, dots and hyphens.",
    422,
)
DUTIES = Kind(
    "AUTH-014",
    "REQ 112; STANDARDS D 102",
    "职责必须分开：{granted_zh} 不能与 {others_zh} 同属一人。",
    "Duties are kept apart: {granted_en} can't sit in one person with {others_en}.",
)
UNKNOWN_ROLE = Kind("AUTH-015", "REQ 112", "没有角色「{role}」。", "There is no role “{role}”.", 422)
UNKNOWN_PERSON = Kind("AUTH-016", "DESIGN 2.5", "找不到人员「{person}」。", "There is no person “{person}”.", 404)
OWN_RIGHTS = Kind(
    "AUTH-017",
    "REQ 112; 21 CFR 11.200(a)(3)",
    "不能给自己授权、解锁或重置密码，请另一位管理员来做。",
    "Nobody gives themselves roles, unlocks or resets their own account; another administrator does.",
    403,
)
PERIOD = Kind(
    "AUTH-018",
    "REQ 89",
    "代理的结束时间必须晚于开始时间，且不在过去。",
    "The absence must end after it starts, and not in the past.",
    422,
)
NO_DEPUTY = Kind(
    "AUTH-019",
    "REQ 89, 112",
    "{name} 不能代理您：{why_zh}。",
    "{name} can't stand in for you: {why_en}.",
)
MACHINE = Kind(
    "AUTH-020",
    "21 CFR 11.200(b)",
    "机器账号不能登录页面，也不能签名。",
    "A machine's account can't log in to pages or sign.",
    403,
)
UNKNOWN_ACCOUNT = Kind("AUTH-021", "DESIGN 2.5", "找不到账号「{login}」。", "There is no account “{login}”.", 404)
TOO_MANY_FROM_HERE = Kind(
    "AUTH-034",
    "21 CFR 11.300(d)",
    "从这里输错的次数太多，请 {seconds} 秒后再试。",
    "Too many wrong logins came from here; try again in {seconds} s.",
    429,
)
CROWDED = Kind(
    "AUTH-029",
    "21 CFR 11.300(d)",
    "同时登录的人太多，请过几秒再试。",
    "Too many people are logging in at once; try again in a few seconds.",
    429,
)
INACTIVE = Kind(
    "AUTH-022",
    "21 CFR 11.100(a)",
    "{name} 已不在职，不能再授权。",
    "{name} is no longer active and can be given nothing.",
)
NO_ROLE = Kind(
    "AUTH-024",
    "21 CFR 11.10(d), 11.10(g)",
    "您的账号还没有任何角色，看不到记录；请管理员为您分配角色。",
    "Your account has no role yet, so the record is closed to you; ask an administrator for a role.",
    403,
)
PASSWORD_TWICE = Kind(
    "AUTH-023", "21 CFR 11.300(a)", "两次输入的新密码不一样。", "The two new passwords are not the same.", 422
)
UNPROVEN = Kind(
    "AUTH-025",
    "21 CFR 11.10(d), 11.10(g)",
    "无法确认此操作出自{name}本人的登录，请重新登录后再做一次。",
    "Nothing shows that this comes from {name}'s own session; log in and do it again.",
    403,
)
LEFT = Kind(
    "AUTH-026",
    "21 CFR 11.10(d), 11.100(a)",
    "{name} 已不在职，不能再操作。",
    "{name} is no longer active and can do nothing.",
    403,
)
NOT_A_PERSONS = Kind(
    "AUTH-027",
    "21 CFR 11.10(g)",
    "{who} 不能做此操作。",
    "{who} may not do this.",
    403,
)
NOT_FOR_ANOTHER = Kind(
    "AUTH-028",
    "21 CFR 11.10(g); REQ 89",
    "此操作不能代别人做，请 {name} 以自己的名义来做。",
    "This is not done in somebody's stead; {name} does it in their own name.",
    403,
)

MAX_FAILURES = 5
LOCK_FIRST, LOCK_LONGEST = timedelta(minutes=1), timedelta(hours=1)
"""For how long the fifth wrong password locks an account; each further one for twice as long, up to an hour."""
GUESSES_BY_ADDRESS = 20
"""Wrong logins from one address that are answered at once; from then on the next must wait, twice as long each time."""
ADDRESS_FORGOTTEN = timedelta(minutes=15)
"""An address from which nothing wrong came for so long is as new."""
ADDRESS_LONGEST = timedelta(minutes=1)
LOGINS_WAITING = 64
"""Logins that may wait for their turn; the next one is refused (AUTH-029) instead of making all wait longer."""
REFUSED_AFTER = timedelta(milliseconds=300)
"""A refused login is answered no sooner, so that the time doesn't tell whether there is such a login."""
IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
PASSWORD_LEAST, PASSWORD_MOST = 8, 200
LOGIN_PATTERN = r"[a-z0-9][a-z0-9.-]{1,63}"


def lock_time(failures: int) -> timedelta:
    """For how long an account is locked after so many wrong passwords in a row (21 CFR 11.300(d)); zero: not at all.

    Anybody can guess at anybody's account, so a lock is never for good: it grows until guessing is hopeless.
    """
    if failures < MAX_FAILURES:
        return timedelta()
    return min(LOCK_LONGEST, LOCK_FIRST * (1 << min(failures - MAX_FAILURES, 20)))


def address_pause(failures: int) -> timedelta:
    """How long the next login from an address has to wait after so many wrong ones from there, whatever the account."""
    if failures < GUESSES_BY_ADDRESS:
        return timedelta()
    return min(ADDRESS_LONGEST, timedelta(seconds=1) * (1 << min(failures - GUESSES_BY_ADDRESS, 20)))


@dataclass(frozen=True)
class StandIn:
    """An absent person whose tasks somebody may do until `until`: in the roles that both hold, and `lacks` is empty.

    `lacks` are skills of the absent person that the deputy hasn't proven.
    """

    person_id: int
    public_id: str
    name: str
    roles: frozenset[str]
    until: datetime
    lacks: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Principal:
    """The person behind a request, with the account and the session that proved it.

    `permissions`: everything that the person's own roles allow, read with them.  `clocks`: what the clocks said when the person was looked up; while they are wrong nothing is recorded (`models.kernel.time.clock`).
    """

    person_id: int
    public_id: str
    name: str
    account_id: int
    login: str
    roles: frozenset[str]
    permissions: frozenset[Permission] = frozenset()
    name_en: str | None = None
    must_change_password: bool = False
    certified: bool = True
    zone: str = "Asia/Shanghai"
    session_id: int = 0
    session_kind: str = "cookie"
    csrf: str = field(default="", repr=False)
    stands_in_for: tuple[StandIn, ...] = ()
    clocks: Clocks | None = None

    def may(self, permission: Permission) -> bool:
        """Whether the person's own roles allow it; a delegation passes on tasks, not permissions."""
        return permission in self.permissions

    @property
    def uuid(self) -> UUID:
        """The person's public id."""
        return UUID(self.public_id)


def check_role_at_all(principal: Principal) -> None:
    """Refuse somebody whom nobody has given a role; to name the roles that may would not help them."""
    if not principal.roles:
        raise NO_ROLE()


def check_permission(principal: Principal, permission: Permission) -> None:
    """Refuse what the person's roles don't allow, naming the roles that do."""
    check_held(principal.permissions, permission)


def check_held(held: Collection[Permission], permission: Permission) -> None:
    """Refuse what somebody's roles don't allow, naming the roles that do."""
    if permission not in held:
        raise forbidden(permission)


def forbidden(permission: Permission) -> Refusal:
    """The refusal of somebody without a permission."""
    able = [role.key for role in known().holders(permission)]
    zh, en = PERMISSION_NAMES[permission]
    return FORBIDDEN(permission_zh=zh, permission_en=en, roles_zh=_zh(able), roles_en=_en(able))


def check_session(*, ended: bool, last_seen_at: datetime, expires_at: datetime, now: datetime, idle: timedelta) -> None:
    """Refuse a session that was ended, is too old, or was left alone."""
    if ended or now >= expires_at or now - last_seen_at >= idle:
        raise EXPIRED()


def check_password_shape(password: str, login: str) -> None:
    """Refuse a new password that is too short, too long or guessable."""
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_MOST:
        raise PASSWORD_LENGTH(least=PASSWORD_LEAST, most=PASSWORD_MOST)
    if login.casefold() in password.casefold() or len(set(password)) <= 2:
        raise PASSWORD_GUESSABLE()


def check_roles(roles: Roles, held: Iterable[str], granted: str) -> None:
    """Refuse to put two duties into one person that the plant keeps apart."""
    both = frozenset(held) | {granted}
    if roles.conflicts(both):
        others = [role for role in sorted(both) if role != granted]
        raise DUTIES(granted_zh=_zh([granted]), granted_en=_en([granted]), others_zh=_zh(others), others_en=_en(others))


def check_deputy(
    roles: Roles,
    name: str,
    absent: frozenset[str],
    deputy: frozenset[str],
    needed: Collection[str],
    skills: Collection[str],
) -> None:
    """Refuse a deputy who couldn't do the work in their own name: a delegation passes on neither a role nor a skill.

    One role in common is enough, for the tasks of that role; every skill of the absent person must be proven.
    """
    if roles.conflicts(deputy | absent):
        raise NO_DEPUTY(
            name=name, why_zh="对方的职责与您的职责必须分开", why_en="their duties must stay apart from yours"
        )
    if not absent & deputy:
        raise NO_DEPUTY(
            name=name,
            why_zh=f"对方没有您的任何角色（{_zh(sorted(absent))}）",
            why_en=f"they hold none of your roles ({_en(sorted(absent))})",
        )
    missing = sorted(set(needed) - set(skills))
    if missing:
        raise NO_DEPUTY(
            name=name,
            why_zh=f"对方没有资质「{'、'.join(missing)}」",
            why_en=f"they haven't proven the skill {', '.join(missing)}",
        )


def check_role(roles: Roles, key: str) -> None:
    """Refuse a role that the plant doesn't have."""
    if roles.find(key) is None:
        raise UNKNOWN_ROLE(role=key[:60])


def _zh(roles: Iterable[str]) -> str:
    return "、".join(known_roles.name(role).zh for role in roles)


def _en(roles: Iterable[str]) -> str:
    return ", ".join(known_roles.name(role).en for role in roles)
