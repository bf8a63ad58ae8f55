"""Turns a "no" of the database into the sentence that a person reads."""

from sqlalchemy.exc import DBAPIError

from models.rules.refusals import Kind, Refusal

WALL = Kind(
    "API-900",
    "DESIGN 2.4",
    "数据库拒绝了此操作：{what}。",
    "The database refused this: {what}.",
)
DUPLICATE = Kind(
    "API-409",
    "DESIGN 2.4",
    "已经存在相同的记录（{what}），请换一个编号。",
    "There is one already ({what}); choose another number.",
)
BUSY = Kind(
    "API-423",
    "DESIGN 2.4",
    "别人正在修改同一批次，请重试。",
    "Somebody else is changing the same batch; please try again.",
)

UNIQUE_VIOLATION = "23505"
LOCK_NOT_AVAILABLE = "55P03"


def refusal_of(error: DBAPIError) -> Refusal | None:
    """The refusal behind a database error, or None when it is a fault and not an answer."""
    state = getattr(error.orig, "sqlstate", None)
    diagnostics = getattr(error.orig, "diag", None)
    if state is None:
        return None
    if state.startswith("BW"):
        return WALL(what=getattr(diagnostics, "message_primary", str(error.orig)))
    if state == UNIQUE_VIOLATION:
        return DUPLICATE(what=getattr(diagnostics, "constraint_name", ""))
    if state == LOCK_NOT_AVAILABLE:
        return BUSY()
    return None
