"""Turns a "no" of the database into the sentence that a person reads."""

from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionLeft

from models.kernel.refusal import Kind, Refusal

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

BAD_VALUE = Kind(
    "API-425",
    "DESIGN 2.5",
    "有一个值无法记录：数字过大，或含有不可用的字符。",
    "One of the values can't be recorded: a number is too large, or a text holds a character that no record takes.",
    422,
)

UNIQUE_VIOLATION = "23505"
INTEGRITY = "23"
LOCK_NOT_AVAILABLE = "55P03"
QUERY_CANCELED = "57014"
AWAY = ("08", "53", "57P0")
"""Beginnings of what PostgreSQL says when it stops, starts, or has no room left: it will be there again."""


def unreachable(error: Exception) -> bool:
    """Whether the record can't be reached just now: no answer and no fault, but something to wait for."""
    if isinstance(error, NoConnectionLeft):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None) or ""
    lost = isinstance(error, OperationalError | InterfaceError) and not state
    return error.connection_invalidated or lost or state.startswith(AWAY)


def too_slow(error: Exception) -> bool:
    """Whether a statement ran into its time limit."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) == QUERY_CANCELED


def refusal_of(error: DBAPIError) -> Refusal | None:
    """The refusal behind a database error, or None when it is a fault and not an answer.

    What the same command would meet again is an answer: tried for ever, it would block every other act on its batch.
    """
    state = getattr(error.orig, "sqlstate", None) or ""
    diagnostics = getattr(error.orig, "diag", None)
    constraint = getattr(diagnostics, "constraint_name", None) or getattr(diagnostics, "column_name", None) or ""
    refusal = None
    if isinstance(error, DataError):
        refusal = BAD_VALUE()
    elif state.startswith("BW"):
        refusal = WALL(what=getattr(diagnostics, "message_primary", str(error.orig)))
    elif state == UNIQUE_VIOLATION:
        refusal = DUPLICATE(what=constraint)
    elif state.startswith(INTEGRITY):
        refusal = WALL(what=constraint)
    elif state == LOCK_NOT_AVAILABLE:
        refusal = BUSY()
    return refusal
