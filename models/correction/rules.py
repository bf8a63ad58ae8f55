"""May this consumption be corrected, by whom, to what, and must the batch be held for it.

What was recorded stays; a correction is a new link that takes its place, and what was really used may be recorded even
where using it was wrong: a held or unreleased lot that went in all the same is the truth, and the evidence of the batch
then says so and blocks its release.  Serves REQUIREMENTS 13, 21, 25; 21 CFR 11.10(e), 820.180; ISO 13485 4.2.5, 7.5.9.

- Whoever recorded the operation corrects it until the batch is inspected; afterwards, and for everybody else's records,
  it takes somebody of quality.
- A batch that people have relied on (released, signed for, shipped, closed) is held by the correction itself.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from models.kernel.refusal import Kind
from models.lot.rules import lot as lot_rules
from models.lot.rules.lot import LotStatus
from models.person.rules.roles import Role

_CLAUSE = "REQ 21; ISO 13485 4.2.5"
NONE_FITS = Kind(
    "LNK-001",
    "DESIGN 2.5",
    "批次 {child} 没有这样一条来自 {parent} 的投料记录。",
    "Batch {child} has no such record of consuming {parent}.",
    404,
)
SEVERAL = Kind(
    "LNK-002",
    "DESIGN 5",
    "批次 {child} 有 {count} 条来自 {parent} 的投料记录（工序 {seqs}），请指明是哪一条。",
    "Batch {child} has {count} records of consuming {parent} (operations {seqs}); say which of them.",
)
CORRECTED = Kind(
    "LNK-003",
    _CLAUSE,
    "{parent} → {child} 的投料记录已由 {who} 于 {at} 更正，请核对后从新的记录更正。",
    "The record of {parent} going into {child} was corrected by {who} at {at}; look again, and correct what took its place.",
)
NOT_CONSUMED = Kind(
    "LNK-004",
    _CLAUSE,
    "{parent} → {child} 不是投料记录，不能这样更正。",
    "{parent} → {child} is no record of consumption; it can't be corrected like this.",
)
HOW_MANY = Kind(
    "LNK-005", "DESIGN 5", "请写明实际使用的 1 至 {most} 个批次。", "Name 1 to {most} lots that were really used.", 422
)
TWICE = Kind("LNK-006", "DESIGN 5", "批次 {lot} 写了两次。", "Lot {lot} is there twice.", 422)
LOOP = Kind(
    "LNK-007",
    "REQ 22",
    "批次 {lot} 就是 {child} 或由它制成，不可能投入其中。",
    "Lot {lot} is {child} itself or made of it; it can't have gone into it.",
)
NO_REASON = Kind("LNK-008", "21 CFR 11.10(e)", "更正必须写明理由。", "A correction needs a reason.", 422)
SAME = Kind(
    "LNK-009", "DESIGN 5", "这与已有记录完全相同，没有需要更正的内容。", "That is what is recorded already.", 422
)
NOT_YOURS = Kind(
    "LNK-010",
    "21 CFR 11.10(g)",
    "该投料由 {who} 记录，只有本人或质量人员可以更正。",
    "{who} recorded this consumption; only they, or somebody of quality, can correct it.",
    403,
)
INSPECTED = Kind(
    "LNK-011",
    "21 CFR 11.10(g); ISO 13485 8.2.6",
    "批次 {child} 已检验，此后只有质量人员可以更正。",
    "Batch {child} is inspected; from then on it takes somebody of quality to correct it.",
    403,
)
BAD_QUANTITY = Kind(
    "LNK-012",
    "DESIGN 5",
    "数量必须大于 0，最多六位小数。",
    "A quantity is more than 0 and has at most six decimals.",
    422,
)

MOST = 20
PLACES = Decimal("0.000001")
CONSUME = "consume"
QUALITY = frozenset({Role.QA_REVIEWER, Role.QA_APPROVER, Role.QUALITY_MANAGER})
"""Who corrects other people's records.  An inspector isn't among them: they would correct what they inspect."""
RELIED_ON = frozenset({LotStatus.RELEASED, LotStatus.CLOSED})
BEFORE_INSPECTION = frozenset({LotStatus.RECEIVED, LotStatus.IN_PROCESS, LotStatus.FINISHED})


@dataclass(frozen=True)
class Used:
    """A lot that was really used, and how much of it in its own unit."""

    lot_no: str
    quantity: Decimal


@dataclass(frozen=True)
class Link:
    """A recorded consumption.  `by` recorded its operation: a person's key and name, or nobody for an imported link."""

    id: int
    kind: str
    quantity: Decimal | None
    seq: int | None = None
    by: int | None = None
    by_name: str = ""
    recorded_at: datetime | None = None
    alive: bool = True


@dataclass(frozen=True)
class Child:
    """The batch whose record is corrected.

    `inspected_at` is its newest verdict; `signed` means that somebody has signed its release, which is under way.
    """

    lot_no: str
    status: LotStatus
    inspected_at: datetime | None = None
    signed: bool = False
    shipped: bool = False


def check_lots(lots: Sequence[Used], reason: str) -> None:
    """Refuse what is wrong without asking the record."""
    if not reason.strip():
        raise NO_REASON()
    if not 1 <= len(lots) <= MOST:
        raise HOW_MANY(most=MOST)
    seen: set[str] = set()
    for one in lots:
        if one.lot_no in seen:
            raise TWICE(lot=one.lot_no[:80])
        seen.add(one.lot_no)
        if not one.quantity.is_finite() or one.quantity <= 0 or one.quantity != round(one.quantity, 6):
            raise BAD_QUANTITY()


def choose(child: str, parent: str, links: Iterable[Link], seq: int | None, link: int | None) -> Link | None:
    """The one link that is meant; None when what is meant was corrected already, for who did it is worth saying."""
    meant = [one for one in links if link is None or one.id == link]
    meant = [one for one in meant if seq is None or one.seq == seq]
    alive = [one for one in meant if one.alive]
    # a link of another kind is only meant where no consumption is, or where it is named
    wanted = [one for one in alive if one.kind == CONSUME]
    if not wanted:
        if alive:
            raise NOT_CONSUMED(child=child, parent=parent[:80])
        if any(one.kind == CONSUME for one in meant):
            return None
        raise NONE_FITS(child=child, parent=parent[:80])
    if len(wanted) > 1:
        seqs = ", ".join(sorted({str(one.seq) if one.seq is not None else "–" for one in wanted}))
        raise SEVERAL(child=child, parent=parent, count=len(wanted), seqs=seqs)
    return wanted[0]


def check_change(link: Link, wrong: str, lots: Sequence[Used]) -> None:
    """Refuse a correction that says what is recorded already."""
    if len(lots) == 1 and lots[0].lot_no == wrong and lots[0].quantity == link.quantity:
        raise SAME()


def check_loop(child: str, lots: Iterable[Used], below: Collection[str]) -> None:
    """Refuse the batch itself and all that was made of it."""
    for one in lots:
        if one.lot_no == child or one.lot_no in below:
            raise LOOP(lot=one.lot_no, child=child)


def check_duty(child: Child, link: Link, person: int, roles: Collection[str]) -> None:
    """Who may correct this record now."""
    if QUALITY & set(roles):
        return
    if link.by is None or link.by != person:
        raise NOT_YOURS(who=link.by_name or "系统迁入/an import")
    later = child.inspected_at is not None and (link.recorded_at is None or child.inspected_at >= link.recorded_at)
    if child.status not in BEFORE_INSPECTION or later:
        raise INSPECTED(child=child.lot_no)


def must_hold(child: Child) -> bool:
    """Whether people rely on the record that turns out wrong: then nothing more happens to the batch until they decide."""
    return child.status in RELIED_ON or child.signed or child.shipped


def plain(quantity: Decimal | None) -> str:
    """As people write it."""
    return "?" if quantity is None else f"{quantity.normalize():f}"


def hold_reason(wrong: str, quantity: Decimal | None, uom: str, lots: Iterable[tuple[Used, str]], reason: str) -> str:
    """What the automatic hold says: which correction it is, and why it was made."""
    used = ", ".join(f"{one.lot_no} {plain(one.quantity)} {unit}" for one, unit in lots)
    said = f"投料更正 correction: {wrong} {plain(quantity)} {uom} → {used}"
    return f"{said[:1000]}; {reason.strip()}"


def give_back(wanted: Decimal | None, taken: Sequence[lot_rules.Pick]) -> tuple[lot_rules.Pick, ...]:
    """Where the wrongly taken quantity goes back to: the places that it was taken from, most first."""
    left, picks = wanted or Decimal(0), []
    for pick in sorted(taken, key=lambda one: (-one.quantity, one.location_id)):
        back = min(pick.quantity, left)
        if back > 0:
            picks.append(lot_rules.Pick(pick.location_id, pick.location, back))
            left -= back
    return tuple(picks)
