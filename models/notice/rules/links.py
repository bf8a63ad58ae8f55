"""The link in a notice: signed, so that nobody can make one, and good for one answer (REQUIREMENTS 77).

Made from the notice's key and the server's secret, it can be printed again and needs no place in the database.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from uuid import UUID

from models.kernel.refusal import Kind

NO_LINK = Kind(
    "RCL-008",
    "DESIGN 6",
    "此链接无效，请使用通知中的最新链接，或联系我们。",
    "This link is not valid; use the newest link of the notice, or call us.",
    404,
)

LENGTH = 16
"""Bytes of the signature in a link: 128 bits, short enough to type from paper."""


def make(secret: bytes, notice_id: UUID) -> str:
    """The token of a notice."""
    return urlsafe_b64encode(notice_id.bytes + _sign(secret, notice_id)).decode().rstrip("=")


def read(secret: bytes, token: str) -> UUID:
    """The notice that a token is for; RCL-008 where we never made it."""
    try:
        raw = urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        notice_id = UUID(bytes=raw[:16])
    except (Error, ValueError):
        raise NO_LINK() from None
    if not hmac.compare_digest(raw[16:], _sign(secret, notice_id)) or make(secret, notice_id) != token:
        raise NO_LINK()
    return notice_id


def _sign(secret: bytes, notice_id: UUID) -> bytes:
    return hmac.new(secret, b"recall-notice:" + notice_id.bytes, hashlib.sha256).digest()[:LENGTH]
