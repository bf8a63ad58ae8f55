"""What an administrator may change about the roles of the plant (DESIGN 8; REQUIREMENTS 112; STANDARDS D 102; 21 CFR 11.10(g)).

Nobody gives themselves rights, administration and quality stay apart, somebody who manages accounts stays, and what is in use stays in
use.  Pure: what is known of the role and of who asks comes in; the role as it then is goes out, or a refusal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from models.kernel.refusal import Kind
from models.kernel.text import Text
from models.person.rules.auth import check_role
from models.person.rules.roles import DUTY_NAMES, PERMISSION_NAMES, Duty, Permission, PlantRole, Roles, within

LAW = "REQ 112; STANDARDS D 102; 21 CFR 11.10(g)"
OWN_ROLE = Kind(
    "AUTH-047",
    LAW,
    "您自己担任角色「{role_zh}」，不能给它增加权限；请不担任此角色的另一位管理员来做。",
    "You hold the role “{role_en}” yourself and can't let it permit more; another administrator, who doesn't hold it, does.",
    403,
)
NOT_WITHIN = Kind(
    "AUTH-048",
    LAW,
    "「{duty_zh}」类角色不能有这些权限：{permissions_zh}。系统管理与质量决定必须分开。",
    "A role of {duty_en} can't permit this: {permissions_en}. Administration and decisions about quality are kept apart.",
    422,
)
KEY = Kind(
    "AUTH-049",
    "DESIGN 8",
    "角色代码由 2 到 40 个小写字母、数字和下划线组成，以字母开头。",
    "The key of a role has 2 to 40 lower-case letters, digits and underscores, and begins with a letter.",
    422,
)
TAKEN = Kind(
    "AUTH-050",
    "DESIGN 8",
    "已经有角色「{role_zh}」({key})；代码和名称都不能与已有的角色相同。",
    "There is a role “{role_en}” ({key}) already; neither the key nor a name is used twice.",
)
CHANGED = Kind(
    "AUTH-051",
    "DESIGN 2.2; 21 CFR 11.10(e)",
    "角色「{role_zh}」刚被别人更改过；请看现在的内容，再决定是否更改。",
    "Somebody else has just changed the role “{role_en}”; look at it as it is now, and decide again.",
)
HELD = Kind(
    "AUTH-052",
    LAW,
    "还有 {n} 人担任角色「{role_zh}」；请先收回，再停用。",
    "{n} people hold the role “{role_en}”; take it away from them first.",
)
IN_USE = Kind(
    "AUTH-053",
    "DESIGN 8; REQ 112",
    "角色「{role_zh}」正在使用，不能停用：{uses_zh}。",
    "The role “{role_en}” is in use and stays: {uses_en}.",
)
NOBODY_LEFT = Kind(
    "AUTH-054",
    "21 CFR 11.10(d), 11.10(g)",
    "这样一来就没有人能管理人员与账户了；请先让另一位可以登录的人有此权限。",
    "After that nobody could manage people and accounts; let somebody else who can log in do so first.",
)
NO_NAME = Kind(
    "AUTH-055",
    "DESIGN 5",
    "角色必须有中文和英文名称，各不超过 80 个字符。",
    "A role has a name in Chinese and one in English, of up to 80 characters each.",
    422,
)
NOT_ACTIVE = Kind(
    "AUTH-056",
    LAW,
    "角色「{role_zh}」已停用，不能授予。",
    "The role “{role_en}” is not in use and is given to nobody.",
)
KEY_LEAST, KEY_MOST, NAME_MOST = 2, 40, 80
USES: dict[str, Text] = {
    "definition": Text("生效的流程「{what}」", "the effective process “{what}”"),
    "task": Text("{what} 项未完成的待办", "open tasks: {what}"),
    "owner": Text("{what} 条负责人规则", "rules of owners: {what}"),
    "code": Text("系统自身", "Batchwright itself"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a role shall be called and permit."""

    name: Text
    permissions: frozenset[Permission]
    quality: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Where a role is in use: a word of `USES` and what of it."""

    where: str
    what: str = ""


def made(roles: Roles, key: str, duty: Duty, wanted: Wanted) -> PlantRole:
    """A role of the plant's own."""
    plain = key.replace("_", "")
    if not (
        KEY_LEAST <= len(key) <= KEY_MOST
        and plain.isascii()
        and plain.isalnum()
        and key == key.lower()
        and key[0].isalpha()
    ):
        raise KEY()
    known = roles.find(key)
    if known is not None:
        raise TAKEN(role_zh=known.name.zh, role_en=known.name.en, key=key)
    role = PlantRole(key=key, name=wanted.name, permissions=wanted.permissions, duty=duty, quality=wanted.quality)
    _check(roles, role)
    return role


def changed(roles: Roles, role: PlantRole, wanted: Wanted, version: int, mine: Collection[str]) -> PlantRole:
    """The role with other names or permissions; `version` is the one that was seen, `mine` are the roles of who asks."""
    check_version(role, version)
    after = replace(role, name=wanted.name, permissions=wanted.permissions, quality=wanted.quality)
    if role.key in mine and after.permissions - role.permissions:
        raise OWN_ROLE(role_zh=role.name.zh, role_en=role.name.en)
    _check(roles, after)
    return after


def check_version(role: PlantRole, version: int) -> None:
    """Refuse who has seen another state of it."""
    if role.version != version:
        raise CHANGED(role_zh=role.name.zh, role_en=role.name.en)


def check_unused(role: PlantRole, holders: int, uses: Sequence[Use]) -> None:
    """Refuse to set aside what somebody holds or something names."""
    if holders:
        raise HELD(n=holders, role_zh=role.name.zh, role_en=role.name.en)
    if uses:
        zh = "、".join(USES[one.where].zh.format(what=one.what) for one in uses)
        en = ", ".join(USES[one.where].en.format(what=one.what) for one in uses)
        raise IN_USE(role_zh=role.name.zh, role_en=role.name.en, uses_zh=zh, uses_en=en)


def check_given(roles: Roles, key: str) -> None:
    """Refuse to give a role that the plant doesn't have, or has set aside."""
    check_role(roles, key)
    role = roles.find(key)
    if role is not None and not role.active:
        raise NOT_ACTIVE(role_zh=role.name.zh, role_en=role.name.en)


def _check(roles: Roles, role: PlantRole) -> None:
    for said in role.name:
        if not said.strip() or len(said) > NAME_MOST:
            raise NO_NAME()
    may = within(role.duty)
    beyond = [one for one in Permission if one in role.permissions and one not in may]
    if beyond:
        raise NOT_WITHIN(
            duty_zh=DUTY_NAMES[role.duty].zh,
            duty_en=DUTY_NAMES[role.duty].en,
            permissions_zh="、".join(PERMISSION_NAMES[one].zh for one in beyond),
            permissions_en=", ".join(PERMISSION_NAMES[one].en for one in beyond),
        )
    if role.quality and role.duty is not Duty.BUSINESS:
        duty = DUTY_NAMES[role.duty]
        raise NOT_WITHIN(
            duty_zh=duty.zh, duty_en=duty.en, permissions_zh="质量签核", permissions_en="sign-offs about quality"
        )
    for other in roles.all:
        alike = any(one.casefold() == two.casefold() for one, two in zip(other.name, role.name, strict=True))
        if other.key != role.key and alike:
            raise TAKEN(role_zh=other.name.zh, role_en=other.name.en, key=other.key)
