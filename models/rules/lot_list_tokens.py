"""Cuts the text of a notice into labels, codes, dates, range signs, separators and words, in Chinese and English.

The vocabulary stands here and nowhere else; what the pieces mean together is decided in `lot_list`.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

# What may follow a label's word: "Nos.", "number(s)", "#'s", "code:", "为".
_NUM = (
    r"(?:\s*(?:\(s\)|\(es\)|nos?\b\.?|num(?:ber)?s?\b\.?|codes?\b|ids?\b|\#'?s?|'s|range[sd]?\b|affected\b|号码?|编号))*"
    r"\s*(?:\b(?:are|is|include[sd]?|including)\b|为|是|包括|如下)?\s*[:=]?"
)
_ZH_LOT = r"(?:生产|产品|灭菌|涉及|受影响)?(?:批号|批次号|批次|批)(?:/序列号|或序列号)?"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)
_AI = r"\((?:01|10|11|17|21)\)"
_UNIT = r"(?:units?|pcs|pieces|boxes|cases|packs?|bags?|each|ea|件|盒|支|个|箱|套|片|根|瓶|台)"
_HYPHENS = dict.fromkeys(map(ord, "\u2010\u2011"), "-")

_PIECES: tuple[tuple[str, str], ...] = (
    ("udi", rf"{_AI}\s?[^\s(),;]+(?:\s?\(\d{{2,4}}\)[^\s(),;]+)*|https?://[^\s,;]+|\+[A-Z0-9][A-Z0-9/$+.%-]{{7,}}"),
    (
        "quantity",
        rf"\(\s*\d[\d,]{{0,9}}\s*{_UNIT}\s*(?:each)?\.?\s*\)|\b\d[\d,]{{0,9}}\s+{_UNIT}\b|(?:共|各|等)\s*\d+\s*(?:个?批次?|{_UNIT})",
    ),
    (
        "except",
        (
            r"\b(?:except(?:ing|ions?)?|excluding|excludes?|other\s+than|not\s+including|but\s+not)\b(?!\s+limited)"
            r"|除外|除|不包括|不含|不涉及"
        ),
    ),
    (
        "all",
        (
            r"\b(?:all|any|every)\s+(?:[a-z-]+\s+){0,3}?(?:lots?|batch(?:es)?|serials?|units|codes|products?|devices|sizes"
            r")\b(?:\s+(?:nos?\b\.?|numbers?|codes?))?|(?:全部|所有|全)(?:已?(?:生产|销售|上市))?的?(?:批次|批号|批|产品|序列号)"
        ),
    ),
    (
        "lot",
        (
            r"\b(?:affected\s+)?(?:lots?(?:\s*/\s*(?:batch|serial)(?:es)?)?|batch(?:es)?(?:\s*/\s*lots?)?)\b"
            rf"(?![-_/][A-Za-z0-9])\s*(?:\(es\))?{_NUM}|\bcontrol\s+n(?:o|umber)s?\b\.?{_NUM}|{_ZH_LOT}{_NUM}"
        ),
    ),
    (
        "serial",
        rf"\b(?:serials?\b|s/n\b|sn\b(?=\s*[:#.])){_NUM}|\bunits?\s*:|(?:产品)?(?:序列号|出厂编号|机身号){_NUM}",
    ),
    (
        "expiry",
        (
            r"\b(?:exp(?:iry|iration|ir(?:es?|ing|ed))?\b\.?(?:\s*dates?\b)?|(?:best\s+(?:if\s+)?(?:used?\s+)?(?:by|before)|"
            rf"use[- ]?by|use\s+before)\b(?:\s*dates?\b)?)\s*(?:is|are|of|on|in)?\s*:?|(?:失效日期|有效期至?|效期至?|失效期){_NUM}"
        ),
    ),
    (
        "made",
        (
            r"\b(?:manufactur(?:ed|ing)|produced|production|made|distributed|shipped|sold|sterili[sz]ed|dated)\b"
            rf"(?:\s+dates?\b)?(?:\s+on\b)?\s*:?|(?:生产|灭菌|销售|出厂|制造)(?:日期|时间)?{_NUM}"
        ),
    ),
    (
        "item",
        (
            r"\b(?:(?:cat(?:alog(?:ue)?)?|part|product|model|item|article|material|style|sku)\b\.?"
            r"(?=\s*(?:[:#]|nos?\b|num|codes?\b|ids?\b))|catalog(?:ue)?\b|model\b|ref(?:erence)?\b|udi(?:-di)?\b|gtin\b|upc\b|ndc\b"
            rf"|device\s+identifier\b|p/n\b){_NUM}|(?:规格型号|型号规格|型号|规格|货号|产品编码|产品货号|物料号|产品标识){_NUM}"
        ),
    ),
    ("other", r"\b(?:software|firmware)\b(?:\s+versions?\b)?\s*:?|软件版本(?:号)?\s*:?|固件版本"),
    ("zh_date", r"\d{4}年\d{1,2}月(?:\d{1,2}日)?"),
    (
        "date",
        (
            rf"\b(?:\d{{1,2}}[\s-]*)?{_MONTH}\b\.?[\s,-]*(?:\d{{1,2}}(?:st|nd|rd|th)?\b,?\s+)?\d{{4}}\b|\b{_MONTH}\s+\d{{1,2}}\b"
            r"|(?<![\w/.-])\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?![\w/-])|(?<![\w/.-])(?:0?[1-9]|1[0-2])/(?:20)?\d{2}(?![\w/-])"
        ),
    ),
    ("day", r"(?<![\w.-])(?:(?:19|20)\d{2}-\d{1,2}(?:-\d{1,2})?|\d{1,2}-\d{1,2}-\d{4})(?![\w-])"),
    ("to", r"\s+-\s*|\s*-\s+|\s*[–—―−~]+\s*|\s*\b(?:through|thru|to)\b\s*|\s*[至到]\s*|\s*\.{2,}\s*"),
    ("from", r"\b(?:from|between|ranging|ranges?)\b\s*:?|从|自|介于"),
    ("end", r"\s*;\s*|\s*\n\s*|\.\s+(?=\S)|\.$|。|\s{2,}"),
    ("and", r"\s*,\s*(?:and\b|or\b)?\s*|\s*、\s*|\s*&\s*|\b(?:and|or)\b|以及|和|及|与|或"),
    ("open", r"[(\[{]"),
    ("close", r"[)\]}]"),
    ("code", r"(?=[-./_*#A-Za-z]{0,40}[0-9])[A-Za-z0-9]+(?:[-./_*#][A-Za-z0-9]+)*"),
    ("caps", r"\b[A-Z]{1,4}\b(?:-[A-Z]{1,4}\b)?"),
    ("word", r"[A-Za-z][A-Za-z'\u2019]*|[\u3400-\u9fff]"),
    ("blank", r"\s"),
    ("sign", r"."),
)
_PIECE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _PIECES), re.IGNORECASE | re.DOTALL)
# Numbering of paragraphs: "1)", "(a)", "2.", "1) - 5)", "1) and 2)".
_NUMBERING = re.compile(
    r"\s*(?:\(?(?:\d{1,2}|[a-z])\)(?:\s*(?:-|,|and|&|to)+\s*\(?(?:\d{1,2}|[a-z])\))*(?!\d)|\d{1,2}\.(?=\s+\S))\s*",
    re.IGNORECASE,
)
LABELS = frozenset({"lot", "serial", "expiry", "made", "item", "other", "all", "except"})
HARMLESS = frozenset(
    "the a an of for with only inclusive following these this those our your each are is was were listed affected recalled"  # noqa: SIM905 - words
    " involved impacted product products device devices kit kits code codes number numbers no 的 个 号 为 是 共 产 品 涉 及"
    " 受 影 响 召 回 本 次".split()
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text: what kind, the words, where."""

    kind: str
    text: str
    start: int
    end: int


def plain(text: str) -> str:
    """Half-width, with one kind of hyphen; line ends and blanks are kept because they part things."""
    folded = unicodedata.normalize("NFKC", text).translate(_HYPHENS)
    return "".join(
        char
        for char in folded.replace("\r\n", "\n").replace("\r", "\n")
        if char in "\n\t" or unicodedata.category(char)[0] != "C"
    ).strip()


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a `plain` text, numbering of paragraphs left out."""
    position, depth, fresh, after_label = 0, 0, True, False
    while position < len(text):
        if fresh and depth == 0 and (numbering := _NUMBERING.match(text, position)):
            dotted = numbering[0].strip().endswith(".")
            if not (dotted and after_label) and numbering.end() < len(text):
                yield Piece("numbering", numbering[0], position, numbering.end())
                position, fresh = numbering.end(), False
                continue
        match = _PIECE.match(text, position)
        if match is None:  # every character is at least a sign
            break
        kind, position = str(match.lastgroup), match.end()
        if kind == "caps" and not match[0].isupper():
            kind = "word"
        depth = max(0, depth + (kind == "open") - (kind == "close"))
        if kind not in {"blank", "sign"}:
            yield Piece(kind, match[0], match.start(), match.end())
        if kind != "blank":
            after_label = kind in LABELS and not match[0].rstrip().endswith(":")
            fresh = kind in {"end", "and"} or kind in LABELS


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def written(date: str) -> str:
    """A date as ISO when it can be read in one way only (`December 2016` → `2016-12`), else as it is written."""
    if match := re.fullmatch(r"(0?[1-9]|1[0-2])/((?:19|20)\d{2})", date):
        return f"{match[2]}-{int(match[1]):02}"
    if match := re.fullmatch(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日)?", date):
        return "-".join([match[1], *(f"{int(part):02}" for part in match.groups()[1:] if part)])
    if match := re.fullmatch(
        r"(?:(\d{1,2})[\s-]*)?([A-Za-z]{3})[a-z]*\.?[\s,-]*(?:(\d{1,2})[a-z]{0,2},?\s+)?(\d{4})", date
    ):
        day = match[1] or match[3]
        return f"{match[4]}-{_MONTHS.index(match[2].lower()) + 1:02}" + (f"-{int(day):02}" if day else "")
    return date
