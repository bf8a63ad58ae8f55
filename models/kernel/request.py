"""What a request to the API must look like; the refusals of the door itself, before any rule of the plant is asked.

Serves DESIGN 2.5 and 12: malformed JSON, unknown addresses, too much text, replayed `Idempotency-Key`s and broken
cursors are refused in the same shape as everything else.
"""

import base64
import binascii
import json
from typing import Any

from models.kernel.refusal import Kind

CLAUSE = "DESIGN 2.5; RFC 9457"

MALFORMED = Kind("API-400", CLAUSE, "请求内容不是有效的 JSON：{why}。", "The request is not valid JSON: {why}.", 400)
NOT_FOUND = Kind("API-404", CLAUSE, "没有这个地址。", "There is nothing at this address.", 404)
METHOD = Kind("API-405", CLAUSE, "此地址不接受 {method} 请求。", "This address takes no {method} request.", 405)
TOO_LARGE = Kind(
    "API-413", CLAUSE, "请求内容过大，最多 {limit} 字节。", "The request is too large; at most {limit} bytes.", 413
)
TOO_MANY = Kind(
    "API-414",
    CLAUSE,
    "一次请求最多包含 {limit} 个值，请分几次发送。",
    "One request holds at most {limit} values; send it in parts.",
    413,
)
COMMAND_TOO_LARGE = Kind(
    "API-415",
    CLAUSE,
    "这次操作的内容有 {size} 字节，流程引擎最多接受 {limit} 字节；请分几次进行。什么都没有记录。",
    "This act says {size} bytes and the process engine takes {limit} at most; do it in parts. Nothing was recorded.",
    413,
)
INVALID = Kind(
    "API-422",
    CLAUSE,
    "有 {count} 处填写不正确，请看各字段的说明。",
    "{count} field(s) are not right; see what is said for each.",
    422,
)
FAULT = Kind(
    "API-500",
    CLAUSE,
    "系统出错，没有保存任何内容；请重试，仍不行请把编号 {incident} 告诉管理员。",
    "Something went wrong and nothing was saved; try again, or give the administrator this number: {incident}.",
    500,
)
DATABASE_DOWN = Kind(
    "API-503",
    "DESIGN 4",
    "数据库暂时连不上，请稍后重试；您填写的内容请保留。",
    "The database can't be reached just now; keep what you typed and try again soon.",
    503,
)
RECORD_FULL = Kind(
    "API-506",
    "DESIGN 4",
    "数据库没有空间或没有空闲连接了，什么都没有保存；您填写的内容请保留，并通知管理员。",
    "The database has no room or no free connection left and nothing was saved; keep what you typed and tell the"
    " administrator.",
    503,
)
ENGINE_DOWN = Kind(
    "API-504",
    "DESIGN 4",
    "流程引擎暂时连不上，请稍后重试；您填写的内容请保留。",
    "The process engine can't be reached just now; keep what you typed and try again soon.",
    503,
)
HTTP = Kind("API-499", CLAUSE, "请求无法处理（{status}）。", "The request can't be served ({status}).", 400)

AS_IT_IS = Kind(
    "API-416",
    CLAUSE,
    "请直接发送文件内容本身，不要用表单。",
    "Send the file itself as the body, not a form with a file in it.",
    422,
)

KEY_SHAPE = Kind(
    "API-430",
    "DESIGN 12",
    "Idempotency-Key 应为 1 到 200 个可打印的 ASCII 字符。",
    "An Idempotency-Key has 1 to 200 printable ASCII characters.",
    422,
)
KEY_REUSED = Kind(
    "API-431",
    "DESIGN 12",
    "这个 Idempotency-Key 已用于另一个请求，请换一个。",
    "This Idempotency-Key was used for another request; use a new one.",
    422,
)
KEY_BUSY = Kind(
    "API-432",
    "DESIGN 12",
    "同一请求正在处理中，请稍后再问。",
    "The same request is being worked on; ask again in a moment.",
)
RECORDING = Kind(
    "API-437",
    "DESIGN 7.6",
    "正在记录，还没有结果。内容请勿改动，稍后再按一次即可看到结果，不会重复记录。",
    "It is being recorded and has not answered yet. Change nothing and press again in a moment: it is recorded once, and"
    " you see what became of it.",
    503,
)
FORM_CHANGED = Kind(
    "API-438",
    "DESIGN 12",
    "这张表单此前提交过，之后内容有改动。请先查看此前提交的是否已经记录；确实要按现在的内容提交，请再按一次。",
    "This form was sent before and has been changed since. See first whether what was sent then is recorded; to send it as"
    " it stands now, press again.",
    422,
)
CURSOR = Kind(
    "API-440",
    "DESIGN 12",
    "翻页标记无效，请从第一页开始。",
    "This cursor is not one of ours; start at the first page.",
    422,
)

NUL = Kind("API-433", CLAUSE, "请求里有不可见的空字符（NUL）。", "The request contains a NUL character.", 422)

BODY_LIMIT = 2_000_000
VALUES_LIMIT = 50_000
COMMAND_LIMIT = 1_900_000
"""Bytes of one command: Temporal fails whoever sends it a payload above 2 MiB, and says so in no language of ours."""
"""Values in one request; the largest that an act takes (5,000 measured values with all that is said of each) has fewer."""
PAGE_LIMIT = 200


def cursor(values: list[Any]) -> str:
    """Where the next page starts, as one opaque word."""
    return base64.urlsafe_b64encode(json.dumps(values, default=str).encode()).decode().rstrip("=")


def read_cursor(text: str, types: tuple[type, ...]) -> list[Any]:
    """The values in a cursor; each must be of its type (None is allowed), so that no other text reaches a query."""
    try:
        values = json.loads(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise CURSOR() from None
    if not isinstance(values, list) or len(values) != len(types):
        raise CURSOR()
    for value, kind in zip(values, types, strict=True):
        if value is not None and (not isinstance(value, kind) or isinstance(value, bool)):
            raise CURSOR()
        if isinstance(value, int) and abs(value) > 2**62:
            raise CURSOR()
        if isinstance(value, str) and ("\x00" in value or len(value) > 500):
            raise CURSOR()
    return values
