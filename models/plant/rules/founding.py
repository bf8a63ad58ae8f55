"""How a plant begins: once, with its zone and language, and one administrator who comes in by a one-time code.

Serves REQUIREMENTS 112; DESIGN 12; 21 CFR 11.100.  The code to found stands on the console of the server, so whoever founds
by page is somebody who can see it.
"""

import hashlib
import hmac
from zoneinfo import available_timezones

from models.kernel.refusal import Kind
from models.person.rules.credential import ALPHABET, HALF, as_typed, in_groups

FOUNDED = Kind(
    "FND-001",
    "DESIGN 12; 21 CFR 11.10(d)",
    "工厂「{site}」已经建立；只能建立一次。",
    "The plant “{site}” is founded already; that happens once.",
)
ZONE = Kind(
    "FND-002",
    "21 CFR 11.10(e)",
    "没有时区「{zone}」，请写成 Asia/Shanghai 这样。",
    "There is no time zone “{zone}”; write it like Asia/Shanghai.",
    422,
)
WRONG_KEY = Kind(
    "FND-003",
    "21 CFR 11.10(d), 11.300(d)",
    "建厂码不正确；它显示在服务器启动 batchwright up 的窗口里。",
    "The founding code is wrong; it stands in the window in which batchwright up was started.",
    403,
)


NOWHERE = ("Factory", "local")
"""Beginnings of names of zones that say nothing of where the plant is, or another thing on each machine."""


def check_zone(zone: str) -> None:
    """Refuse what is no time zone, and what only this machine calls one (`right/…`): the record is read on others too."""
    if zone.startswith(NOWHERE) or zone not in available_timezones():
        raise ZONE(zone=zone[:60])


def key(secret: bytes) -> str:
    """The founding code of this installation, made from its secret: it is printed, and kept nowhere."""
    raw = hmac.new(secret, b"found a plant", hashlib.sha256).digest()
    return in_groups("".join(ALPHABET[one % len(ALPHABET)] for one in raw[:HALF]))


def check_key(secret: bytes, typed: str) -> None:
    """Refuse whoever doesn't see the console of the server."""
    if not hmac.compare_digest(as_typed(typed).encode("utf-8", "replace"), as_typed(key(secret)).encode()):
        raise WRONG_KEY()
