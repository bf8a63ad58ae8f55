"""What became of the goods and the labels when a batch was packed: counted by people, held against what the books have.

Goods that nobody accounts for are asked about, never scrapped in silence.  Labels that don't add up are recorded as they
were counted: a refusal would only teach people to write down numbers that fit.  Serves REQUIREMENTS 25, 63; 21 CFR
820.45(b); ISO 13485 7.5.1, 8.3.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from models.kernel.refusal import Kind
from models.kernel.units.quantity import plain

TOO_MUCH = Kind(
    "STK-004",
    "DESIGN 6",
    "包装 {packed} 加留样 {samples} 加报废和短少 {lost} 超过现有 {there} {uom}。",
    "Packed {packed} plus samples {samples} plus scrapped and missing {lost} is more than the {there} {uom} that are there.",
    422,
)
NEGATIVE = Kind(
    "STK-005",
    "21 CFR 820.45(b)",
    "标签数量不能小于 0，请核对。",
    "A count of labels can't be below 0; please count again.",
    422,
)
OPEN = Kind(
    "STK-007",
    "ISO 13485 7.5.1; REQ 25",
    "还有 {open} {uom} 没有交代（现有 {there}）：请继续包装，或填写留样、报废（写明原因）、短少（写明原因），或先把剩余部分拆成单独批次。",
    "{open} {uom} of the {there} are not accounted for: pack them, or say what are samples, what is scrapped and why, what"
    " is missing and why; or split the rest into a batch of its own first.",
    422,
)
WHY = Kind(
    "STK-008",
    "21 CFR 11.10(e); ISO 13485 8.3",
    "报废或短少必须写明原因。",
    "What is scrapped or missing needs a reason.",
    422,
)


@dataclass(frozen=True)
class Labels:
    """Labels as they were counted; `each` is how many one piece carries."""

    printed: int
    applied: int
    scrapped: int
    samples: int = 0
    left: int = 0
    each: int = 1

    @property
    def unaccounted(self) -> int:
        """Printed labels of which nobody says where they are; below 0 there are more than were printed."""
        return self.printed - self.applied - self.scrapped - self.samples - self.left

    def misapplied(self, packed: Decimal, samples: Decimal) -> Decimal:
        """How many labels too many (or, below 0, too few) are on the goods; samples may carry theirs or not."""
        least, most = packed * self.each, (packed + samples) * self.each
        return max(self.applied - most, Decimal(0)) + min(self.applied - least, Decimal(0))


@dataclass(frozen=True)
class Packed:
    """What became of a batch when it was packed."""

    packed: Decimal
    samples: Decimal
    scrapped: Decimal
    missing: Decimal
    why: str
    labels: Labels

    @property
    def difference(self) -> Decimal:
        """Labels that are nowhere, or on too many or too few pieces; 0 when they add up."""
        return abs(Decimal(self.labels.unaccounted)) + abs(self.labels.misapplied(self.packed, self.samples))


def read(form: Mapping[str, Any], there: Decimal, uom: str) -> Packed:
    """The counts of the form, held against what is there.

    A batch whose process began before the form asked what was lost may still give the reason only by its own packing.
    """
    packed, samples = _number(form, "packed_quantity"), _number(form, "samples_kept")
    scrapped, missing = _number(form, "scrapped_quantity"), _number(form, "missing_quantity")
    why = str(form.get("loss_reason") or "").strip()
    open_ = there - packed - samples - scrapped - missing
    if open_ < 0 or packed <= 0 or min(samples, scrapped, missing) < 0:
        raise TOO_MUCH(
            packed=plain(packed),
            samples=plain(samples),
            lost=plain(scrapped + missing),
            there=plain(there),
            uom=uom,
        )
    if open_ > 0:
        raise OPEN(open=plain(open_), there=plain(there), uom=uom)
    if scrapped + missing > 0 and not why:
        raise WHY()
    counts = {
        name: int(form.get(f"labels_{name}") or 0) for name in ("printed", "applied", "scrapped", "samples", "left")
    }
    each = form.get("labels_each")  # a preview is asked with the form as a page sends it: left empty is not said
    labels = Labels(**counts, each=1 if each is None or each == "" else int(each))
    if min(counts.values()) < 0 or labels.each < 0:
        raise NEGATIVE()
    return Packed(packed, samples, scrapped, missing, why, labels)


def hold_reason(packed: Packed) -> str:
    """Why the batch is held until somebody has looked for the labels."""
    labels = packed.labels
    parts = [f"打印 {labels.printed}", f"使用 {labels.applied}", f"损坏 {labels.scrapped}"]
    parts += [f"留样 {labels.samples}"] if labels.samples else []
    parts += [f"剩余 {labels.left}"] if labels.left else []
    return f"标签核对差 {plain(packed.difference)} Labels off by {plain(packed.difference)}（{'，'.join(parts)}；包装 {plain(packed.packed)}）"


def _number(form: Mapping[str, Any], key: str) -> Decimal:
    return Decimal(str(form.get(key) or 0))
