"""Links for people without an account: made of a random key and the server's secret, so that nobody else can make one.

Nothing in the database leads back to a link: who reads all of it still needs the secret.  What a link is for is part of what is signed, so
that one of a recall's notice opens nothing of a supplier's, and the other way round.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

from models.kernel.refusal import Kind

TOO_OFTEN = Kind(
    "SCR-028",
    "21 CFR 11.300(d)",
    "从这里打开无效链接的次数太多，请 {seconds} 秒后再试。",
    "Too many links that aren't valid were opened from here; try again in {seconds} s.",
    429,
)
LENGTH = 16
"""Bytes of the signature in a link: 128 bits, short enough to type from paper."""


def make(secret: bytes, purpose: bytes, key: UUID) -> str:
    """The token of what has that key."""
    return urlsafe_b64encode(key.bytes + _sign(secret, purpose, key)).decode().rstrip("=")


def read(secret: bytes, purpose: bytes, token: str) -> UUID | None:
    """The key that a token is for; None where we never made it for that purpose."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        key = UUID(bytes=raw[:16])
    except (Error, ValueError):
        return None
    if not hmac.compare_digest(raw[16:], _sign(secret, purpose, key)) or make(secret, purpose, key) != token:
        return None
    return key


def _sign(secret: bytes, purpose: bytes, key: UUID) -> bytes:
    return hmac.new(secret, purpose + b":" + key.bytes, hashlib.sha256).digest()[:LENGTH]
