"""Cuts the text of a notice into labels, codes, dates, range signs, separators and words, in Chinese and English.

The vocabulary stands here and nowhere else; what the pieces mean together is decided in `lot_list`.
"""

import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
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
# What a page of the web leaves in a pasted notice: characters by name, and tags that part lines or cells.
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}\d{0,2});", re.IGNORECASE)
_TAGS = (
    (re.compile(r"</?(?:br|p|div|tr|li|ul|ol|table|tbody|thead|h[1-6])\b[^<>]{0,300}>", re.IGNORECASE), "\n"),
    (re.compile(r"</t[dh]\s*>", re.IGNORECASE), "\t"),
    (re.compile(r"</?(?:td|th|a|b|i|u|em|strong|span|font|sup|sub)\b[^<>]{0,300}>", re.IGNORECASE), ""),
)
# A scanner's group separator ends a value: without it the lot and what follows would run together.
_SEPARATORS = re.compile(r"(?:\x1d|\u241d|<GS>|\{GS\})+(\(?)")
# Nothing is said by the ninth blank or stroke in a row, and a pattern that begins with one would try each of them again.
_BLANKS = re.compile(r"[^\S\n]{9,}")
_SIGNS = re.compile(r"([^\w\s])\1{8,}")
# Says that not all of what stands there is meant, or more than stands there.
_CONDITION = (
    r"\b(?:before|after|until|since|prior|earlier|later|than|beginning|starting|ending|higher|lower|above|below|greater"
    r"|less|newer|older|beyond|onwards?|etc|(?:un)?expired|unused|unopened|remaining|odd|even|not|within|whose|prefix|suffix|whichever|some"
    r"|first|last|certain|selected|contain(?:s|ing)?|components?(?=\s+lots?\b)"
    r"|only|if|unless|when|provided|pending|suspected|tbd|under\s+(?:investigation|review)"
    r"|(?:to\s+be|not\s+yet)\s+(?:confirmed|determined|decided|verified))\b"
    r"|\s*(?:\b(?:to|through|thru)|\s[-\u2013\u2014])\s+(?:the\s+)?(?:present|current|now|today|date)\b"
    r"|[<>\u2264\u2265\u2266\u2267]=?(?=\s*[A-Za-z0-9])|(?<=[A-Za-z0-9])\+(?=[\s,;)]|$)"
    r"|[单双]号|[奇偶]数|(?:以|之)[前后上下内]|[早晚大小]于|不超过|不早|不晚|不含|效期内|[未已]过期|未使用|未开封"
    r"|开头|结尾|尾号|[前后][一二三四五六七八九\d]位|部分|至今|仅|只有|如果|[如若](?=[^下上图表])|凡|除非|待(?:定|确认|查|调查)|疑似|调查中"
)
# Says that what stands there is not in scope, or was in that of another recall.
_SCOPE = r"(?:affected|included|recalled|impacted|involved|concerned)"
_GOODS = r"(?:lots?|batch(?:es)?|serials?|units?|products?|devices?|codes?)"
_WELL = r"(?:all\s+)?(?:fine|ok(?:ay)?|safe|good|clear(?:ed)?|conforming|unharmed|sound)"
_ILLS = r"(?:known\s+)?(?:problems?|defects?|issues?|risks?|faults?|complaints?|nonconformit(?:y|ies))"
_NOT_MEANT = (
    rf"(?:\b(?:is|are|was|were)\s+)?\b(?:not\s+(?:being\s+)?(?:{_SCOPE}|subject|part|(?:in|within)\s+(?:the\s+)?scope)"
    r"|unaffected|out(?:side)?(?:\s+of)?\s+(?:the\s+)?scope|exempt(?:ed)?|excluded"
    r"|(?:previously|already|earlier)\s+(?:recalled|removed|corrected|withdrawn|notified|reported))\b"
    rf"|\b(?:is|are|was|were)n['\u2019]t\s+(?:being\s+)?(?:{_SCOPE}|subject|part)\b"
    rf"|\b(?:no|none\s+of\s+the|neither)\s+(?:other\s+)?{_GOODS}\b(?:\s+(?:numbers?|nos?\b\.?))?"
    rf"(?:\s+(?:are|is|were|was|have\s+been))?(?:\s+{_SCOPE}\b)?\s*:?"
    rf"|\b(?:replaced|superseded|substituted)\s+(?:by|with)\b|\b(?:replacement|substitute|new|clean|good)\s+{_GOODS}\b"
    r"|(?:替代|替换|更换|换货|合格)批[号次]|(?:替换|更换|换|改发|改)(?:为|成)"
    # What is said to be well is not what is recalled, and whoever wrote it has to be asked: “批号A1无问题”, “lot A1 is fine”.
    rf"|\b(?:is|are|was|were)\s+(?:{_WELL})\b|\b(?:has|have|had)\s+no\s+(?:{_ILLS})\b|(?<!\w)no\s+(?:{_ILLS})\b"
    r"|\b(?:may|can)\s+(?:still\s+|continue\s+to\s+)?be\s+(?:used|sold|distributed|shipped)\b"
    r"|(?:无|没有|未见|未发现)(?:任何)?(?:问题|异常|缺陷|不良|风险|质量问题)|(?:均|都|为)?(?<!不)(?:正常|安全|良好)(?=[\s,，;；。.、)）]|$)"
    r"|(?<!不)(?:可|可以|能)(?:继续|正常|照常)(?:使用|销售|发货)|(?<!不)合格(?=[\s,，;；。.、)）]|$)"
    r"|非(?:本次)?(?:召回|受影响|涉及)(?:范围|产品|批次)?|(?:不|未|无需|不予|没有|无)(?:在|被|需|属于)?(?:本次)?(?:召回|涉及|受影响|受到影响)(?:范围)?"
    r"|(?:此前|之前|先前|前次|上次|早前|曾经?|已)(?:已经?|被|经)?召回过?|与(?:本次)?召回无关|已?排除"
)

_PIECES: tuple[tuple[str, str], ...] = (
    # A star, a question mark or crosses in a number's place: a pattern, or a footnote.
    (
        "mask",
        (
            r"(?<![A-Za-z0-9])(?=[A-Za-z./_-]{0,20}[0-9])[A-Za-z0-9][A-Za-z0-9./_-]{0,40}"
            r"(?:[*?]+[A-Za-z0-9*?-]*|(?<=[0-9])X{2,}(?![A-Za-z0-9])|\#+(?![A-Za-z0-9#]))|(?<![*\w])\*[A-Za-z]{0,3}\d[A-Za-z0-9]*"
            r"|(?<![\w.])\d(?:\.\d{1,14})?E\+\d{1,3}(?!\w)"  # what a spreadsheet makes of a long number
        ),
    ),
    ("thousands", r"(?<![\w,.-])\d{1,2}(?:,\d{3})+(?![\w,-])"),
    (
        "udi",
        (
            rf"{_AI}\s?[^\s(),;]+(?:\s?\(\d{{2,4}}\)[^\s(),;]+)*|https?://[^\s,;]+"
            r"|\b01\d{14}(?:1[017]|21)[^\s,;()]+|\+[A-Z0-9][A-Z0-9/$+.%-]{{7,}}"
        ),
    ),
    (
        "quantity",
        (
            rf"\(\s*\d[\d,]{{0,9}}\s*{_UNIT}\s*(?:each)?\.?\s*\)|\b\d[\d,]{{0,9}}\s+{_UNIT}\b|(?:共|各|等)\s*\d{{1,9}}\s*(?:个?批次?|{_UNIT})"
            rf"|(?:\b(?:qty|quantity)\b\.?|数量)\s*[:=]?\s*\d[\d,]{{0,9}}(?:\s*{_UNIT})?(?![\w-])"
        ),
    ),
    (
        "except",
        (
            r"\b(?:except(?:ing|ions?)?|excluding|excludes?|other\s+than|not\s+including|but\s+not)\b(?!\s+limited)"
            rf"|\b(?:does|do)\s+not\s+include\b|{_NOT_MEANT}|除外|除|不包括|不包含|不含"
        ),
    ),
    (
        "all",
        (
            r"\b(?:all|any|every)\s+(?:[a-z-]{1,30}\s+){0,3}?(?:lots?|batch(?:es)?|serials?|units|codes|products?|devices|sizes"
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
            r"\b(?:exp(?:iry|iration|ir(?:es?|ing))?\b\.?(?:\s*dates?\b)?|(?:best\s+(?:if\s+)?(?:used?\s+)?(?:by|before)|"
            rf"use[- ]?by|use\s+before)\b(?:\s*dates?\b)?)\s*(?:is|are|of|on|in)?\s*:?|(?:失效日期|有效期(?!内)至?|效期(?!内)至?|失效期){_NUM}"
        ),
    ),
    (
        "made",
        (
            r"\b(?:manufactur(?:ed|ing)|produced|production|made|mfg|mfd|distributed|shipped|sold|sterili[sz]ed|dated)\b"
            rf"\.?(?:\s+dates?\b)?(?:\s+on\b)?\s*:?|(?:生产|灭菌|销售|出厂|制造)(?:日期|时间)?{_NUM}"
        ),
    ),
    (
        "item",
        (
            r"\b(?:(?:cat(?:alog(?:ue)?)?|part|product|model|item|article|material|style|sku)\b\.?"
            r"(?=\s*(?:[:#]|nos?\b|num|codes?\b|ids?\b))|catalog(?:ue)?\b|model\b|ref(?:erence)?\b|udi(?:\s?[-/]\s?di)?\b|gtin\b|upc\b|ndc\b"
            rf"|device\s+identifier\b|p/n\b){_NUM}|(?:规格型号|型号规格|型号|规格|货号|产品编码|产品货号|物料号|产品标识){_NUM}"
        ),
    ),
    ("other", r"\b(?:software|firmware)\b(?:\s+versions?\b)?\s*:?|软件版本(?:号)?\s*:?|固件版本"),
    (
        "zh_date",
        r"\d{4}年(?:\d{1,2}月(?:\d{1,2}日)?|第?[一二三四1-4]季度|[上下]半年)?|\d{1,2}月(?:\d{1,2}[日号]?)?",
    ),
    ("condition", _CONDITION),
    (
        "date",
        (
            # a spreadsheet's own: 4-Mar, Mar-24, 4-Mar-24
            rf"(?<![\w-])(?:\d{{1,2}}[-/]{_MONTH}(?:[-/]\d{{2,4}})?|{_MONTH}[-/]\d{{1,4}})(?![\w-])"
            rf"|\b(?:\d{{1,2}}[\s-]*)?{_MONTH}\b\.?[\s,-]*(?:\d{{1,2}}(?:st|nd|rd|th)?\b,?\s+)?\d{{4}}\b|\b{_MONTH}\s+\d{{1,2}}\b"
            r"|(?<![\w/.-])\d{1,2}/\d{1,2}/(?:\d{4}|\d{2})(?![\w/-])|(?<![\w/.-])(?:0?[1-9]|1[0-2])/(?:20)?\d{2}(?![\w/-])"
        ),
    ),
    (
        "day",
        (
            r"(?<![\w.-])(?:(?:19|20)\d{2}-\d{1,2}(?:-\d{1,2})?|\d{1,2}-\d{1,2}-\d{4}"
            r"|(?:19|20)\d{2}\.(?:0?[1-9]|1[0-2])\.(?:0?[1-9]|[12]\d|3[01]))(?![\w-])"
        ),
    ),
    (
        "to",
        (
            r"\s*(?:[-=]{1,8}>|[\u2190-\u21ff\u27a1\u2794\u279c])\s*|\s*-{2,8}\s*|\s+-\s*|\s*-\s+|\s*[‒–—―−~〜∼⁓⁃]+\s*"
            r"|\s*\b(?:up\s+)?(?:through(?:\s+to)?|thru|to)\b(?:\s+and\s+including\b)?\s*|\s*[至到]\s*|\s*\.{2,}\s*"
        ),
    ),
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
    r"\s*(?:\(?(?:\d{1,2}|[a-z])\)(?:\s*(?:-|,|and|&|to){1,4}\s*\(?(?:\d{1,2}|[a-z])\)){0,30}(?!\d)|\d{1,2}\.(?=\s+\S))\s*",
    re.IGNORECASE,
)
LABELS = frozenset({"lot", "serial", "expiry", "made", "item", "other", "all", "except"})
DATES = frozenset({"date", "zh_date", "day"})
RUN = frozenset({"code", "caps", "day", "to"})
PARTS = LABELS | {"end", "numbering", "open", "close"}  # an enumeration doesn't go over them
HARMLESS = frozenset(
    "the a an of for with only inclusive following these this those our your each are is was were listed affected recalled"  # noqa: SIM905 - words
    " involved impacted product products device devices kit kits code codes number numbers no 的 个 号 为 是 共 产 品 涉 及"
    " 受 影 响 召 回 本 次".split()
)

BEHIND = re.compile(  # stands behind what it excepts
    rf"(?:is|are|was|were)\s+(?:{_WELL})|(?:has|have|had)\s+no\s+(?:{_ILLS})|(?:may|can)\s.*"
    r"|.*?(?:问题|异常|缺陷|不良|风险|正常|安全|良好|合格|使用|销售|发货)"
    r"|(?!no\b|none\b|neither\b).*?(?:除外|影响|召回过?|涉及|范围|产品|批次|无关|affected|included|recalled|impacted|involved|concerned|subject"
    r"|part|scope|exempt(?:ed)?|excluded|removed|corrected|withdrawn|notified|reported)\s*",
    re.IGNORECASE | re.DOTALL,
)
QUIET = frozenset("\"'`´\u201c\u201d\u2018\u2019«»\u2022·●▪◦*#_.,")  # signs that say nothing between two numbers
CONDITION = frozenset(
    "before after until since prior earlier later than between beginning starting ending higher lower above below greater"  # noqa: SIM905 - words
    " less onward onwards up etc unexpired expired other remaining attached 附 前 后 之 以 早 晚 于 等".split()
)
ALL_OF = frozenset(  # what may stand inside “all … lots” without setting a condition
    "all any every of the our these affected recalled device product lot lots batch batches serial serials number numbers"  # noqa: SIM905 - words
    " no no. nos nos. code codes units products devices sizes 全部批次 所有批次 全部批号 所有批号 全部批 所有批 全批次 全批"
    " 全部的批次 所有的批次 全部产品 所有产品 全部的产品 所有的产品 全部序列号 所有序列号".split()
)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text: what kind, the words, where."""

    kind: str
    text: str
    start: int
    end: int


def around(start: int, run: Sequence[Piece]) -> Piece:
    """The run with what stands before it, from `start` on."""
    return Piece("around", "", min(start, run[0].start), run[-1].end)


def loaded(run: Sequence[Piece]) -> bool:
    """Whether there are words that say more than “the following”."""
    return any(each.kind == "word" and each.text.lower() not in HARMLESS for each in run)


def plain(text: str) -> str:
    """Half-width, with one kind of hyphen and without HTML; line ends and blanks are kept because they part things."""
    shown = _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
    shown = _SEPARATORS.sub(lambda run: run[1] or "^", shown)
    for tag, instead in _TAGS:
        shown = tag.sub(instead, shown)
    folded = unicodedata.normalize("NFKC", shown).translate(_HYPHENS)
    seen = "".join(
        char
        for char in folded.replace("\r\n", "\n").replace("\r", "\n")
        if char in "\n\t" or unicodedata.category(char)[0] != "C"
    ).strip()
    return _SIGNS.sub(lambda run: run[0][:8], _BLANKS.sub(lambda run: run[0][:8], seen))


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of a `plain` text, every character in one of them."""
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
