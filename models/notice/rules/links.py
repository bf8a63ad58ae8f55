"""The link in a notice: signed, so that nobody can make one, and good for one answer (REQUIREMENTS 77).

Made from the notice's key and the server's secret, it can be printed again and needs no place in the database.
"""

from uuid import UUID

from models.kernel import links
from models.kernel.refusal import Kind

NO_LINK = Kind(
    "RCL-008",
    "DESIGN 6",
    "此链接无效，请使用通知中的最新链接，或联系我们。",
    "This link is not valid; use the newest link of the notice, or call us.",
    404,
)

PURPOSE = b"recall-notice"


def make(secret: bytes, notice_id: UUID) -> str:
    """The token of a notice."""
    return links.make(secret, PURPOSE, notice_id)


def read(secret: bytes, token: str) -> UUID:
    """The notice that a token is for; RCL-008 where we never made it."""
    found = links.read(secret, PURPOSE, token)
    if found is None:
        raise NO_LINK()
    return found
