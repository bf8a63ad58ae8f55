"""Whose password it is: who may set it, how somebody comes to their first one, and when it may sign.

Serves 21 CFR 11.100 (identity is verified and certified before a signature counts), 11.200(a)(3) (nobody can use another
person's signature unless two people work together) and 11.300; REQUIREMENTS 112.  Nobody ever sets a password for
somebody else: a one-time code goes to the person's own mail address, or two people hand over one half each.
"""

import re
from datetime import timedelta
from typing import Literal

from models.identifier.rules.identity import near_key
from models.kernel.mail.addresses import addresses
from models.kernel.refusal import Kind

SECOND_LOGIN = Kind(
    "AUTH-030",
    "21 CFR 11.100(a), 11.200(a)(3)",
    "{name} 已有用户名「{login}」。第二个用户名只能由本人登录后自己添加。",
    "{name} has the user name “{login}” already. A second one is made by nobody but the person, once logged in.",
)
KNOWN_PERSON = Kind(
    "AUTH-031",
    "21 CFR 11.100(a)",
    "{what}「{value}」已属于 {name}；同一个人只登记一次。",
    "The {what_en} “{value}” belongs to {name} already; a person is registered once.",
)
NAMESAKE = Kind(
    "AUTH-032",
    "21 CFR 11.100(a)",
    "已有人名叫 {name}。若是另一个人，两人都必须有工号且工号不同。",
    "Somebody is called {name} already. If this is another person, both need employee numbers, and different ones.",
)
NO_MAIL = Kind(
    "AUTH-033",
    "21 CFR 11.200(a)(3)",
    "不能寄一次性密码：{name} 没有登记邮箱，或系统未配置邮件服务器。请选择由两人分别交付。",
    "No one-time code can be mailed: {name} has no mail address on record, or no mail server is set up."
    " Choose hand-over by two people.",
)
WRONG_CODE = Kind(
    "AUTH-043",
    "21 CFR 11.300(d)",
    "一次性密码不正确、已用过或已过期。请让管理员重新发一个。",
    "The one-time code is wrong, used or too old. Ask an administrator for a new one.",
    403,
)
SAME_HANDS = Kind(
    "AUTH-035",
    "21 CFR 11.200(a)(3)",
    "您已看过其中一半；另一半必须由另一位管理员或质量经理领取并当面交给本人。",
    "You have seen one half; somebody else (an administrator or quality manager) takes the other and hands it over.",
    403,
)
NO_HALF = Kind(
    "AUTH-036",
    "21 CFR 11.200(a)(3)",
    "用户名「{login}」没有待交付的一次性密码，或两半都已领取。需要时请重新重置。",
    "No one-time code of “{login}” waits to be handed over, or both halves are taken. Reset again if need be.",
)
NOT_CERTIFIED = Kind(
    "AUTH-037",
    "21 CFR 11.100(b), 11.100(c)",
    "请确认：这是您本人，您的电子签名与手写签名具有同等法律效力。",
    "Confirm that this is you, and that your electronic signature is the legally binding equivalent of your handwritten one.",
    422,
)
OTHER_NAME = Kind(
    "AUTH-038",
    "21 CFR 11.100(b)",
    "输入的姓名与登记的不一致。若这不是您的账号，请停止操作并告诉质量部门。",
    "The name typed is not the one on record. If this is not your account, stop and tell the quality department.",
    422,
)
MAIL_SHAPE = Kind(
    "AUTH-039",
    "21 CFR 11.100(b)",
    "邮箱应是一个地址，例如 zhang.san@example.com。",
    "The mail address is one address, such as zhang.san@example.com.",
    422,
)
NO_ADDRESS_NO_NUMBER = Kind(
    "AUTH-040",
    "21 CFR 11.100(a), 11.100(b)",
    "能登录的人必须有工号或本人的邮箱，否则无法分辨是谁。",
    "Somebody who can log in has an employee number or a mail address of their own; else nobody can tell who it is.",
    422,
)
OWN_ADDRESS = Kind(
    "AUTH-041",
    "21 CFR 11.200(a)(3)",
    "邮箱只能由本人登录后更改：一次性密码会寄到那里。",
    "A mail address is changed by nobody but the person, for one-time codes are sent there.",
    403,
)

NUMBER_STAYS = Kind(
    "AUTH-042",
    "21 CFR 11.100(a)",
    "工号已登记为「{number}」，不能更改。",
    "The employee number is on record as “{number}” and stays.",
)

TWO_THERE = Kind(
    "AUTH-044",
    "21 CFR 11.200(a)(3)",
    "已有至少两人可以交付一次性密码，另一半由他们中的一位领取；服务器上不再显示。",
    "At least two people can hand over one-time codes; one of them takes the other half, and the server shows none.",
)

NOBODY_TO_BEGIN = Kind(
    "AUTH-046",
    "21 CFR 11.300(b), 11.10(d)",
    "没有等待首次登录的首位管理员：尚未建厂，或已有人登录；之后的一次性密码由两人各交付一半。",
    "No first administrator waits to sign in: there is no plant yet, or somebody has signed in; later codes are handed over by two"
    " people.",
)

ONE_STAYS = Kind(
    "AUTH-045",
    "21 CFR 11.10(d), 11.10(g)",
    "{name} 是最后一位可以登录的系统管理员；请先让另一位担任，再做这一步。",
    "{name} is the last administrator who can log in; let somebody else become one first.",
)

Way = Literal["mail", "hands", "console"]
LASTS: dict[str, timedelta] = {"mail": timedelta(days=3), "hands": timedelta(days=1), "console": timedelta(days=3)}
"""How long a code may be used; after that a new one is asked for."""
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that looks like something else on paper; one half has 16 of them, 79 bits."""
HALF = 16
CERTIFIED = {
    "zh": "我是 {name} 本人。我在本系统中的电子签名与我的手写签名具有同等法律效力。",
    "en": "I am {name}. My electronic signature in this system is the legally binding equivalent of my handwritten signature.",
}
"""What a person confirms before the first signature (21 CFR 11.100(b), (c)); kept word by word."""

_TAG = re.compile(r"\+[^@]*")
_TYPED = re.compile(r"[\s–—_-]+")


def mail_key(address: str | None) -> str:
    """What makes two mail addresses one mailbox: case, blanks and a `+tag` don't matter.  `mail_key` of the database."""
    # parted first: asked for an `@` behind it, each plus sign would read all the rest again
    box, at, domain = near_blank(address).rpartition("@")
    return f"{_TAG.sub('', box)}{at}{domain}".lower()


def near_blank(text: str | None) -> str:
    """The text without blanks around it."""
    return (text or "").strip()


def name_key(name: str) -> str:
    """What makes two spellings one name: case, width, blanks, dashes and points don't matter."""
    return near_key(name)


def check_mail(address: str | None) -> None:
    """Refuse what is not exactly one mail address."""
    if address is not None and (len(addresses(address)) != 1 or addresses(address)[0] != address.strip()):
        raise MAIL_SHAPE()


def check_namesake(name: str, number: str | None, other: str, others_number: str | None) -> None:
    """Refuse a second person of one name unless the employee numbers tell the two apart."""
    if name_key(name) != name_key(other):
        return
    if not number or not others_number or near_key(number) == near_key(others_number):
        raise NAMESAKE(name=other)


def check_number(known: str | None, given: str | None) -> None:
    """Refuse to change an employee number; one that is missing may be written down."""
    if known and given and near_key(known) != near_key(given):
        raise NUMBER_STAYS(number=known)


def check_way(way: Way, name: str, address: str | None, *, mails: bool) -> None:
    """Refuse to mail where nothing can be mailed."""
    if way == "mail" and not (mails and address):
        raise NO_MAIL(name=name)


def check_certified(given: str | None, name: str, *, binding: bool) -> None:
    """Refuse a first sign-in that doesn't confirm the name on record and what a signature means."""
    if not binding or not given:
        raise NOT_CERTIFIED()
    if name_key(given) != name_key(name):
        raise OTHER_NAME()


def as_typed(code: str) -> str:
    """A code as it was made, however it was typed: in groups, in small letters."""
    return _TYPED.sub("", code).upper()


def in_groups(code: str) -> str:
    """A code as people read it to each other."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))
