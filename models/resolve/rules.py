"""What a scan or a typed text may mean, how sure that is, and when a single meaning may be followed.

A hit is `exact` (the number that is meant, however it is spelled), `near` (the same only without its separators) or a `guess` (only a part of the
scan fits, or a letter that looks like a digit was read as one).  Hits are shown, never guessed between: a trace follows
a text only when everything that it exactly (else nearly) means leads to the same lots.  Serves requirement 19.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from models.identifier.rules.identifiers import compact, normalise, plain_dashes
from models.identifier.rules.identity import identity_key
from models.identifier.rules.scan import Scan
from models.kernel.refusal import Kind, Refusal
from models.kernel.text import Text
from models.register.rules import SEVERAL

_CLAUSE = "REQ 19"

UNKNOWN = Kind(
    "TRC-001",
    _CLAUSE,
    "找不到与“{text}”对应的批次、供方批号、序列号、物料、包装单元、单据或设备。",
    "Nothing is known under “{text}”: no lot, supplier lot, serial, item, case or pallet, order, shipment or equipment.",
    404,
)
UNKNOWN_AND_WRONG = Kind(
    "TRC-002",
    _CLAUSE,
    "找不到“{text}”，而且编码本身有误：{problem_zh}",
    "Nothing is known under “{text}”, and the code itself is wrong: {problem_en}",
    404,
)
ONLY_GUESSES = Kind(
    "TRC-004",
    _CLAUSE,
    "没有与“{text}”相符的编号。是否想找：{meanings_zh}？",
    "Nothing matches “{text}”. Did you mean {meanings_en}?",
    404,
)
NO_LOTS = Kind(
    "TRC-005",
    _CLAUSE,
    "{meanings_zh} 名下没有批次，无法追溯。",
    "{meanings_en} leads to no lot, so there is nothing to trace.",
    404,
)


class HitKind(StrEnum):
    """What was found."""

    LOT = "lot"
    SUPPLIER_LOT = "supplier_lot"
    SERIAL_UNIT = "serial_unit"
    ITEM = "item"
    LOGISTIC_UNIT = "logistic_unit"
    SHIPMENT = "shipment"
    ORDER = "order"
    TRACKING = "tracking"
    WORK_ORDER = "work_order"
    EQUIPMENT = "equipment"
    LOAD = "load"
    CUSTOMER = "customer"
    SUPPLIER = "supplier"
    LOCATION = "location"
    INSPECTION = "inspection"
    NONCONFORMANCE = "nonconformance"
    EXPOSURE = "exposure"


HIT_NAMES: dict[HitKind, Text] = {
    HitKind.LOT: Text("批次", "Lot"),
    HitKind.SUPPLIER_LOT: Text("供方批号", "Supplier lot"),
    HitKind.SERIAL_UNIT: Text("序列号", "Serial unit"),
    HitKind.ITEM: Text("物料", "Item"),
    HitKind.LOGISTIC_UNIT: Text("包装单元", "Logistic unit"),
    HitKind.SHIPMENT: Text("发货单", "Shipment"),
    HitKind.ORDER: Text("客户订单", "Customer order"),
    HitKind.TRACKING: Text("运单号", "Tracking number"),
    HitKind.WORK_ORDER: Text("生产订单", "Work order"),
    HitKind.EQUIPMENT: Text("设备", "Equipment"),
    HitKind.LOAD: Text("炉次", "Load"),
    HitKind.CUSTOMER: Text("客户", "Customer"),
    HitKind.SUPPLIER: Text("供应商", "Supplier"),
    HitKind.LOCATION: Text("库位", "Location"),
    HitKind.INSPECTION: Text("检验", "Inspection"),
    HitKind.NONCONFORMANCE: Text("不合格", "Nonconformance"),
    HitKind.EXPOSURE: Text("共同暴露", "Co-exposure"),
}


class Match(StrEnum):
    """How sure it is; in this order."""

    EXACT = "exact"
    NEAR = "near"
    GUESS = "guess"


_ORDER = {match: place for place, match in enumerate(Match)}
_KINDS = {kind: place for place, kind in enumerate(HitKind)}


@dataclass(frozen=True, slots=True)
class Hit:
    """One meaning.  `kind:key` (`reference`) names it for good; `detail` is what tells it from the others."""

    kind: HitKind
    key: str
    number: str
    match: Match
    name: str | None = None
    detail: str | None = None
    name_en: str | None = None

    @property
    def reference(self) -> str:
        """What to ask for when the text alone has several meanings."""
        return f"{self.kind}:{self.key}"

    @property
    def zh(self) -> str:
        """The label in Chinese."""
        return self._label(0)

    @property
    def en(self) -> str:
        """The label in English."""
        return self._label(1)

    def _label(self, language: int) -> str:
        parts = [
            f"{HIT_NAMES[self.kind][language]} {self.number}",
            (self.name_en if language else None) or self.name,
            self.detail,
        ]
        return " · ".join(part for part in parts if part)

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "kind": str(self.kind),
            "key": self.key,
            "reference": self.reference,
            "number": self.number,
            "name": self.name,
            **({"name_en": self.name_en} if self.name_en else {}),
            "detail": self.detail,
            "match": str(self.match),
            "label": {"zh": self.zh, "en": self.en},
        }


@dataclass(frozen=True, slots=True)
class Resolution:
    """Everything a text may mean, the surest first; `scan` is what the text says by itself.

    `contradictions` are what a label says otherwise than the record of what it means, where somebody asked.
    """

    text: str
    scan: Scan
    hits: tuple[Hit, ...]
    contradictions: tuple[Refusal, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return {
            "text": self.text,
            "scan": self.scan.as_dict(),
            "hits": [hit.as_dict() for hit in self.hits],
            "problems": [problem.as_dict() for problem in (*self.scan.problems, *self.contradictions)],
        }


def ordered(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Each meaning once, by its surest match; the surest first, then by kind and number."""
    best: dict[str, Hit] = {}
    for hit in hits:
        known = best.get(hit.reference)
        if known is None or _ORDER[hit.match] < _ORDER[known.match]:
            best[hit.reference] = hit
    return tuple(sorted(best.values(), key=lambda hit: (_ORDER[hit.match], _KINDS[hit.kind], hit.number, hit.key)))


# --- what to look for --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Wanted:
    """The spellings under which a value may stand in the register.

    `exact` counts as the text itself, and so does what folds to one of `identities`; `forms` are spellings for columns
    without a key, `keys` meet the generated `*_key` columns, which know no separators.
    """

    exact: tuple[str, ...]
    forms: tuple[str, ...]
    keys: tuple[str, ...]
    identities: tuple[str, ...]

    @classmethod
    def of(cls, *texts: str | None) -> "Wanted":
        """Of a value as typed and, if it differs, as read."""
        exact = dict.fromkeys(text for each in texts if each for text in (each.strip(), " ".join(each.split())) if text)
        forms = dict.fromkeys(exact)
        keys: dict[str, None] = {}
        for text in dict.fromkeys(other for each in exact for other in (each, plain_dashes(each))):
            key = compact(text)
            forms.update(dict.fromkeys((text, text.upper(), text.lower(), normalise(text), key, key.lower())))
            keys[key] = None
        identities = dict.fromkeys(identity_key(each) for each in exact)
        return cls(
            tuple(exact),
            tuple(form for form in forms if form),
            tuple(key for key in keys if key),
            tuple(each for each in identities if each),
        )

    def is_said(self, *values: str | None) -> bool:
        """Whether one of the stored values is the number that is meant, however it is spelled."""
        return any(value in self.exact or identity_key(value) in self.identities for value in values if value)

    def match(self, *values: str | None) -> Match:
        """Exact when one of the stored values is the number that is meant, else near."""
        return Match.EXACT if self.is_said(*values) else Match.NEAR


_SWAPS = {"O": "0", "0": "O", "I": "1", "1": "I", "L": "1", "S": "5", "5": "S", "B": "8", "8": "B", "Z": "2", "2": "Z"}


def look_alikes(key: str, *, at_most: int = 256) -> tuple[str, ...]:
    """Keys that an eye may have read as this one: O and 0, I, L and 1, S and 5, B and 8, Z and 2.

    Empty when there would be more than `at_most`: then the text is no misreading of one number.
    """
    choices = [(char, _SWAPS[char]) if char in _SWAPS else (char,) for char in key]
    choices = [(*each, "L") if "1" in each else each for each in choices]
    size = 1
    for each in choices:
        size *= len(each)
        if size > at_most:
            return ()
    return tuple(dict.fromkeys("".join(chars) for chars in itertools.product(*choices) if "".join(chars) != key))


_REFERENCE = re.compile(rf"({'|'.join(HitKind)}):(?=\S)(.+)", re.DOTALL)


def read_reference(text: str) -> tuple[HitKind, str] | None:
    """`kind:key` as a hit names itself, or `kind:number` as a person narrows a text."""
    match = _REFERENCE.fullmatch(text.strip())
    return (HitKind(match[1]), match[2].strip()) if match else None


# --- what may be followed ----------------------------------------------------------------------------------------------


def candidates(resolution: Resolution) -> tuple[Hit, ...]:
    """The hits of the surest kind there is; guesses are never followed."""
    if not resolution.hits:
        raise unknown(resolution.text, resolution.scan)
    best = resolution.hits[0].match
    if best is Match.GUESS:
        zh, en = _meanings(resolution.hits)
        raise ONLY_GUESSES(text=_short(resolution.text), meanings_zh=zh, meanings_en=en)
    hits = tuple(hit for hit in resolution.hits if hit.match is best)
    said = {resolution.text, resolution.scan.text, resolution.scan.lot, resolution.scan.serial}
    # of several numbers of our own that fold alike the one that was typed is meant; a supplier's are one number
    literal = {hit.kind for hit in hits if hit.number in said and hit.kind is not HitKind.SUPPLIER_LOT}
    return tuple(hit for hit in hits if hit.kind not in literal or hit.number in said)


def beside(resolution: Resolution, followed: Collection[Hit]) -> tuple[Hit, ...]:
    """What bears a number that folds to the same, or to the same without its separators, and is not followed."""
    taken = {hit.reference for hit in followed}
    return tuple(hit for hit in resolution.hits if hit.match is not Match.GUESS and hit.reference not in taken)


def follow(
    resolution: Resolution, hits: Collection[Hit], lots: Mapping[str, frozenset[int]], *, wide: bool = False
) -> tuple[tuple[Hit, ...], frozenset[int]]:
    """The hits and their lots when they don't contradict each other; `lots` is by `Hit.reference`.

    `wide` takes all that is meant: what was one thing when it was typed may have become several since.
    """
    leading = [hit for hit in hits if lots.get(hit.reference)]
    if not leading:
        zh, en = _meanings(hits)
        raise NO_LOTS(meanings_zh=zh, meanings_en=en)
    if wide:
        return tuple(leading), frozenset().union(*(lots[hit.reference] for hit in leading))
    if len({lots[hit.reference] for hit in leading}) > 1:
        zh, en = _meanings(leading)
        raise SEVERAL(text=_short(resolution.text), count=len(leading), meanings_zh=zh, meanings_en=en)
    return tuple(leading), lots[leading[0].reference]


def unknown(text: str, scan: Scan) -> Refusal:
    """Nothing was found; a wrong check digit is said, for it is the likeliest reason."""
    if scan.problems:
        problem = scan.problems[0]
        return UNKNOWN_AND_WRONG(text=_short(text), problem_zh=problem.zh, problem_en=problem.en)
    return UNKNOWN(text=_short(text))


def _meanings(hits: Collection[Hit]) -> Text:
    """Up to eight meanings with the reference to ask for, and how many more there are."""
    shown = list(hits)[:8]
    more = len(hits) - len(shown)
    zh = "；".join(f"{hit.zh} [{hit.reference}]" for hit in shown) + (f"；另有 {more} 个" if more else "")
    en = "; ".join(f"{hit.en} [{hit.reference}]" for hit in shown) + (f"; and {more} more" if more else "")
    return Text(zh, en)


def _short(text: str) -> str:
    return text if len(text) <= 80 else text[:79] + "…"
