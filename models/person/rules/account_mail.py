"""What a person is told by mail about the own account: a one-time code, and everything that others did with it.

Serves 21 CFR 11.200(a)(3), 11.300(b), 11.300(d): whoever's password is reset hears of it where only that person reads.
Chinese, then English.  The code is made when the mail is sent and stands nowhere else.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from models.clock.rules import MARK
from models.kernel.text import Text
from models.person.rules.credential import WRONG_CODE

News = Literal["code", "new", "reset", "unlocked", "own_password", "renamed", "second_login"]
TRIES = 12
"""Tries before a mail is left; with growing pauses, about two hours."""
KIND = "account"
"""As this kind, news about an account travel on the queue of mails."""
LENGTH = 24

_SAID: dict[str, Text] = {
    "code": Text(
        "{by} 为您的用户名 {login} 申请了一次性密码。请用它设置只有您知道的密码，并确认您的身份。有效期至 {until}。",
        (
            "{by} has asked for a one-time code for your user name {login}. Use it to set a password that only you know and to"
            " confirm who you are. It is good until {until}."
        ),
    ),
    "new": Text(
        "{by} 为您建立了用户名 {login}。两位同事会当面交给您一次性密码的两半。",
        "{by} has made the user name {login} for you. Two colleagues will hand you one half of a one-time code each.",
    ),
    "reset": Text(
        "{by} 重置了您的用户名 {login}：原密码已失效。两位同事会当面交给您一次性密码的两半。",
        (
            "{by} has reset your user name {login}: the password no longer works. Two colleagues will hand you one half of a"
            " one-time code each."
        ),
    ),
    "unlocked": Text(
        "{by} 解锁了您的用户名 {login}。密码没有改变。",
        "{by} has unlocked your user name {login}. The password is unchanged.",
    ),
    "own_password": Text(
        "您的用户名 {login} 已设置新密码，并以您的姓名确认了身份；从现在起可以签名。",
        "A new password was set for your user name {login} and your identity was confirmed in your name; it can sign from now on.",
    ),
    "renamed": Text(
        "{by} 更改了您的登记姓名。下次登录时请重新确认身份。",
        "{by} has changed your name on record. Confirm who you are at the next sign-in.",
    ),
    "second_login": Text(
        "您的登记下新增了第二个用户名 {login}。",
        "A second user name, {login}, was added to your record.",
    ),
}
_CODE = (
    "打开此链接 / open this link:\n{link}",
    "在登录页选择「一次性密码」并输入 / at the login page choose “one-time code” and enter:\n{code}",
)
_WARN = Text(
    "如果您不知道此事，请立即告诉质量部门。",
    "If you know nothing of this, tell the quality department at once.",
)


@dataclass(frozen=True)
class Letter:
    """What stands in a mail."""

    news: str
    name: str
    login: str
    by: str
    until: str
    site: str
    test: bool = False


def subject(letter: Letter) -> str:
    """One line, without anything secret."""
    mark = MARK if letter.test else ""
    return f"{mark}Batchwright · {' '.join(letter.site.split())} · 您的账号 / your account {letter.login}"[:200]


def body(letter: Letter, code: str, address: str | None) -> str:
    """The whole text; `code` only where the news is one."""
    zh, en = _SAID[letter.news].filled(by=letter.by, login=letter.login, until=letter.until)
    parts = [letter.name, zh, en]
    if letter.news == "code":
        parts.append(_CODE[0].format(link=f"{address}/welcome/{code}") if address else _CODE[1].format(code=code))
    return "\n\n".join([*parts, *_WARN, letter.site]) + "\n"


def make(secret: bytes, code_id: UUID) -> str:
    """The code that a mail carries; made from the server's secret, so that the database doesn't hold it."""
    return urlsafe_b64encode(code_id.bytes + _sign(secret, code_id)).decode().rstrip("=")


def read(secret: bytes, token: str) -> UUID:
    """Which code a token is; AUTH-043 where we never made it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        code_id = UUID(bytes=raw[:16])
    except (Error, ValueError):
        raise WRONG_CODE() from None
    if not hmac.compare_digest(raw[16:], _sign(secret, code_id)) or make(secret, code_id) != token:
        raise WRONG_CODE()
    return code_id


def _sign(secret: bytes, code_id: UUID) -> bytes:
    return hmac.new(secret, b"one-time-code:" + code_id.bytes, hashlib.sha256).digest()[:LENGTH]
