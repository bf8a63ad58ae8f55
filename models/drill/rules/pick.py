"""What a surprise drill is about: drawn by chance, weighted towards risk (REQUIREMENTS 80-82).

The draw is a function of its seed, so that an auditor can repeat it.  Implants weigh four times, what was drilled within a
year a quarter; more customers and more units outside weigh more, by their roots, so that the small are drawn too.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isqrt

IMPLANT, RECENT = 4, 4


@dataclass(frozen=True)
class Candidate:
    """A batch that customers have: units outside, how many customers, whether it is an implant or was drilled lately."""

    lot_no: str
    outstanding: Decimal
    customers: int
    implantable: bool
    drilled_lately: bool


def weight(one: Candidate) -> int:
    """At least 1 for whatever is outside; whole numbers, so that every machine draws the same."""
    risk = 100 * (1 + isqrt(int(one.outstanding))) * (1 + isqrt(one.customers))
    risk *= IMPLANT if one.implantable else 1
    return max(1, risk // (RECENT if one.drilled_lately else 1))


def pick(candidates: Sequence[Candidate], seed: str) -> Candidate | None:
    """One of them by chance of its weight; None where there is nothing to drill."""
    ordered = sorted(candidates, key=lambda one: one.lot_no)
    total = sum(map(weight, ordered))
    if not total:
        return None
    at = int.from_bytes(hashlib.sha256(seed.encode()).digest()) % total
    for one in ordered:
        at -= weight(one)
        if at < 0:
            return one
    raise AssertionError(seed)


def why(chosen: Candidate, candidates: Sequence[Candidate], seed: str) -> str:
    """How it was drawn and why just this one was likely, or unlikely: `中文 / English`, each whole (REQUIREMENTS 81)."""
    total = sum(map(weight, candidates))
    share = f"{weight(chosen)}/{total} ({100 * weight(chosen) / total:.1f} %)"
    outside = f"{chosen.outstanding.normalize():f}"
    zh = (
        f"抽取种子 {seed}，{len(candidates)} 批中抽中 {chosen.lot_no}：权重 {share}",
        f"在外 {outside}",
        f"客户 {chosen.customers}",
        *(("植入物 ×4",) if chosen.implantable else ()),
        "一年内已演练 ÷4" if chosen.drilled_lately else "一年内未演练",
    )
    en = (
        f"Drawn with seed {seed}: {chosen.lot_no} of {len(candidates)} batches, weight {share}",
        f"outside {outside}",
        f"customers {chosen.customers}",
        *(("implant ×4",) if chosen.implantable else ()),
        "drilled within a year ÷4" if chosen.drilled_lately else "not drilled within a year",
    )
    return f"{' · '.join(zh)} / {' · '.join(en)}"
