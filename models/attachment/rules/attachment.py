"""What may be attached: how it is named, how large it is, and that it arrived whole (21 CFR 11.10(a), (c); REQUIREMENTS 92).

Pure: what a file's bytes say it is stands in `models.attachment.rules.sniff`.
"""

import unicodedata

from models.attachment.rules.sniff import EXTENSIONS, FileType
from models.kernel.refusal import Kind

CLAUSE = "21 CFR 11.10(c)"
EMPTY = Kind(
    "ATT-001",
    CLAUSE,
    "文件是空的，没有保存；请选择有内容的文件。",
    "The file is empty and wasn't kept; choose one with content.",
    422,
)
TOO_LARGE = Kind(
    "ATT-002",
    CLAUSE,
    "文件过大，最多 {limit} MiB；请压缩或分成几个文件。",
    "The file is too large; at most {limit} MiB. Compress it or send it in several files.",
    413,
)
NAME = Kind(
    "ATT-003",
    CLAUSE,
    "文件名“{name}”不能使用：须为 1 到 200 个字符，不含路径、控制字符或看不见的字符。",
    "The file name “{name}” can't be used: 1 to 200 characters, no path, no control characters or ones nobody sees.",
    422,
)
FORBIDDEN = Kind(
    "ATT-004",
    CLAUSE,
    "“{name}”的内容不是可以保存的类型；可以保存：{known}。",
    "The content of “{name}” is of no kind that is kept; these are: {known}.",
    422,
)
MISNAMED = Kind(
    "ATT-005",
    CLAUSE,
    "“{name}”的内容是 {type}，与扩展名不符；请改名后再传。",
    "“{name}” holds {type}, which its extension doesn't say; rename it and send it again.",
    422,
)
DIGEST = Kind(
    "ATT-006",
    "21 CFR 11.10(c); RFC 9530",
    "收到的文件与所报摘要不同（收到 {found}），没有保存；请重新上传。",
    "What arrived isn't what was announced (its digest is {found}) and wasn't kept; send it again.",
    422,
)
UNKNOWN = Kind("ATT-007", CLAUSE, "没有附件 {number}。", "There is no attachment {number}.", 404)
NOT_KEPT = Kind(
    "ATT-008",
    "21 CFR 11.10(c), 11.70",
    "附件 {digest} 没有保存在系统中；请先上传文件。",
    "The attachment {digest} isn't kept here; upload the file first.",
    422,
)
DAMAGED = Kind(
    "ATT-009",
    CLAUSE,
    "附件 {number} 的内容与其摘要不符，不能下载；请通知管理员。",
    "The content of attachment {number} isn't that of its digest and can't be given out; tell the administrator.",
)

MEBI = 1024 * 1024
NAME_LIMIT = 200
PART = MEBI
"""Content is kept and read in pieces of so many bytes."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def name_of(given: str) -> str:
    """The file's name as it is kept: composed characters, no blanks around it.  ATT-003."""
    name = unicodedata.normalize("NFC", given).strip()
    odd = any(unicodedata.category(one) in _UNSEEN or one in "/\\" for one in name)
    if odd or not 0 < len(name) <= NAME_LIMIT or not name.strip(". "):
        seen = "".join("�" if unicodedata.category(one) in _UNSEEN else one for one in name[:NAME_LIMIT])
        raise NAME(name=seen)
    return name


def check_size(size: int, limit: int) -> None:
    """A size in bytes against the limit in MiB.  ATT-001, ATT-002."""
    if size == 0:
        raise EMPTY()
    if size > limit * MEBI:
        raise TOO_LARGE(limit=limit)


def check_type(name: str, found: FileType | None) -> FileType:
    """What the content says, and that the name says nothing else.  ATT-004, ATT-005."""
    if found is None:
        raise FORBIDDEN(name=name, known=", ".join(EXTENSIONS))
    _, dot, extension = name.rpartition(".")
    if dot and extension.lower() not in EXTENSIONS[found]:
        raise MISNAMED(name=name, type=found)
    return found


def check_digest(found: str, announced: str | None) -> None:
    """The SHA-256 of what arrived against what was announced, both in hex.  ATT-006."""
    if announced is not None and announced.strip().lower() != found:
        raise DIGEST(found=found)


def parts_of(size: int) -> int:
    """In how many pieces so many bytes are kept."""
    return -(-size // PART)
