"""What a scan is: the value that `identifiers.parse` returns, and every refusal and problem it can name.

A *refusal* means that there is nothing to look for.  A *problem* travels with the scan: the text was read, but it breaks
a rule of its own standard, and the person who decides must see that.  Serves requirement 19 and 95, STANDARDS U 83.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from models.identifier.rules.application_identifiers import Element
from models.kernel.refusal import Kind, Refusal
from models.kernel.time.moments import PrintedDate

_UDI = "21 CFR 830.20; GS1 General Specifications"

EMPTY = Kind(
    "ID-001", "REQ 19", "没有输入任何内容，请扫描或输入编号。", "Nothing was entered: scan or type an identifier.", 422
)
TOO_LONG = Kind(
    "ID-002",
    "REQ 19",
    "内容有 {length} 个字符，编号最多 {limit} 个字符，可能粘贴了整段文字。",
    "The text has {length} characters; an identifier has at most {limit}. Was a whole page pasted?",
    422,
)
UNPRINTABLE = Kind(
    "ID-003",
    "REQ 19",
    "编号里不能有控制字符或表情符号（第 {position} 个字符，{name}）。",
    "An identifier can't contain control characters or emoji (character {position}, {name}).",
    422,
)

CHECK_DIGIT = Kind(
    "ID-010",
    f"{_UDI} 7.9",
    "{value} 的校验位不对，应为 {expected}。",
    "The check digit of {value} is wrong; it should be {expected}.",
    422,
)
UNKNOWN_AI = Kind(
    "ID-011",
    f"{_UDI} 3",
    "不存在应用标识符 ({ai})。",
    "There is no application identifier ({ai}).",
    422,
)
SHAPE = Kind(
    "ID-012",
    f"{_UDI} 3",
    "({ai}) 的内容“{value}”长度或字符不符合规定。",
    "The value “{value}” of ({ai}) has a length or characters that are not allowed.",
    422,
)
CONTENT = Kind(
    "ID-013",
    f"{_UDI} 3",
    "({ai}) 的内容“{value}”不符合规则 {rule}。",
    "The value “{value}” of ({ai}) breaks the rule {rule}.",
    422,
)
REPEATED = Kind(
    "ID-014",
    f"{_UDI} 4.13",
    "({ai}) 出现两次且内容不同。",
    "({ai}) stands twice with different values.",
    422,
)
EXCLUSIVE = Kind(
    "ID-015",
    f"{_UDI} 4.13.1",
    "({first}) 与 ({second}) 不能同时出现。",
    "({first}) and ({second}) may not stand together.",
    422,
)
COMPANION = Kind(
    "ID-016",
    f"{_UDI} 4.13.2",
    "({ai}) 还需要：{needed}。",
    "({ai}) also needs: {needed}.",
    422,
)
NO_VALUE = Kind("ID-017", f"{_UDI} 3", "({ai}) 没有内容。", "({ai}) has no value.", 422)
SYMBOLOGY = Kind(
    "ID-018",
    "ISO/IEC 15424",
    "码制前缀 {prefix} 与内容不符。",
    "The symbology prefix {prefix} does not fit what follows.",
    422,
)
LINK = Kind(
    "ID-019",
    "GS1 Digital Link 1.5",
    "网址不符合 GS1 Digital Link：{part}。",
    "The address is no valid GS1 Digital Link: {part}.",
    422,
)
HIBC_CHECK = Kind(
    "ID-020",
    "ANSI/HIBC 2.6",
    "HIBC 校验字符不对，应为“{expected}”。",
    "The HIBC check character is wrong; it should be “{expected}”.",
    422,
)
HIBC_FORM = Kind(
    "ID-021",
    "ANSI/HIBC 2.6",
    "HIBC 数据“{part}”不符合格式。",
    "The HIBC data “{part}” does not follow the format.",
    422,
)
IMPOSSIBLE_DATE = Kind("ID-022", f"{_UDI} 7.12", "日期“{value}”不存在。", "The date “{value}” does not exist.", 422)
GTIN_LENGTH = Kind(
    "ID-023",
    f"{_UDI} 3.3",
    "{value} 有 {length} 位，GTIN 只能是 8、12、13 或 14 位。",
    "{value} has {length} digits; a GTIN has 8, 12, 13 or 14.",
    422,
)
MA_FORM = Kind(
    "ID-024",
    "国家药监局医疗器械唯一标识系统规则 7",
    "MA 码“{part}”不符合格式。",
    "The MA code part “{part}” does not follow the format.",
    422,
)
COMPRESSED_LINK = Kind(
    "ID-026",
    "GS1 Digital Link 1.5 (compression)",
    "这是压缩的 GS1 Digital Link，本系统不解压；请扫描标签上的条码，或输入标签上的批号、序列号。",
    "This is a compressed GS1 Digital Link, which isn't read here; scan the label's barcode, or type the lot or serial number"
    " printed beside it.",
    422,
)
NOT_SERIALISED = Kind(
    "ID-025",
    f"{_UDI} 4.13.2",
    "数字签名 (8030) 要求 ({ai}) 带有序列部分。",
    "The digital signature (8030) needs a serial part in ({ai}).",
    422,
)

RAN_ON = Kind(
    "ID-027",
    f"{_UDI} 7.8.6",
    "({ai}) 的内容“{value}”可能少了分隔符：扫描器也许把“{first}”和后面的“{rest}”连在了一起；请核对标签。",
    "The value “{value}” of ({ai}) may lack a separator: the scanner may have run “{first}” and “{rest}” together;"
    " compare it with the label.",
    422,
)
LOST_CHECK = Kind(
    "ID-028",
    "ANSI/HIBC 2.6",
    "HIBC 码末尾的校验字符（空格）丢失，无法校验；请核对标签。",
    "The check character at the end of the HIBC code (a blank) was lost, so the code can't be checked; compare it with the"
    " label.",
    422,
)
EPC = Kind(
    "ID-029",
    "GS1 EPC Tag Data Standard 2.1",
    "EPC 标识“{part}”不符合格式，或不是本系统读取的种类。",
    "The EPC “{part}” doesn't follow its form, or is of a kind that isn't read here.",
    422,
)


ScanDate = PrintedDate
"""A date on a label: a day, or a month (GS1 day 00)."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What was typed or scanned.

    `kind` is `gs1` (element strings), `digital_link`, `epc`, `gtin`, `sscc`, `hibc`, `ma` or `text`; `text` is what was entered,
    trimmed and in half-width characters.  `di` is the device identifier without check character (HIBC) or the 14-digit
    GTIN; `di_candidates` are all the ways a register may have stored it.
    """

    text: str
    kind: str
    symbology: str | None = None
    agency: str | None = None
    di: str | None = None
    gtin: str | None = None
    sscc: str | None = None
    lot: str | None = None
    serial: str | None = None
    expiry: ScanDate | None = None
    production: ScanDate | None = None
    quantity: int | None = None
    elements: tuple[Element, ...] = ()
    problems: tuple[Refusal, ...] = ()
    di_candidates: tuple[str, ...] = ()

    def problem_codes(self) -> tuple[str, ...]:
        """The codes of the problems, in order."""
        return tuple(problem.code for problem in self.problems)

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "text": self.text,
            "kind": self.kind,
            "symbology": self.symbology,
            "agency": self.agency,
            "di": self.di,
            "gtin": self.gtin,
            "sscc": self.sscc,
            "lot": self.lot,
            "serial": self.serial,
            "expiry": str(self.expiry) if self.expiry else None,
            "production": str(self.production) if self.production else None,
            "quantity": self.quantity,
            "elements": [{"ai": e.ai, "value": e.value, "title": e.title} for e in self.elements],
            "problems": [problem.as_dict() for problem in self.problems],
        }
