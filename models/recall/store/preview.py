"""What the next step of a recall would do, before it is done: what is held where, who gets which letter (21 CFR 7.49).

The letters to send are computed once, here, for whoever looks and for the act; what a person has seen carries a digest, and
the act refuses where it would no longer do the same.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from sqlalchemy import text
from sqlmodel import Session, col, select

from models.kernel.mail import addresses as mail_addresses
from models.kernel.store.act import as_written
from models.kernel.units.quantity import plain
from models.partner.tables import Customer
from models.process.store import signing
from models.pull import store as pulls
from models.recall.rules import depth as recall_depth
from models.recall.rules import recall as rules
from models.recall.rules import report as recall_report
from models.recall.rules.depth import LeftOut
from models.recall.store import funnel as recall_funnel
from models.recall.store import recalls
from models.recall.tables.recall import Recall, RecallScope

HOLD, NOTIFY = "recall.hold_scope", "recall.notify"
STEPS = (HOLD, NOTIFY)
"""The effects that reach people and goods by one press: a step that has one is looked at first."""
HELD = text("""
select count(*) as lots, count(*) filter (where exists (
         select from hold h where h.lot_id = r.lot_id and h.recall_id = :recall and h.lifted_at is null)) as held
  from recall_lot r where r.scope_id = :scope
""")
AMOUNTS = text("""
select l.uom, sum(s.quantity) as quantity from recall_lot r join lot l on l.id = r.lot_id
  join stock s on s.lot_id = l.id and s.quantity > 0 where r.scope_id = :scope group by l.uom order by l.uom
""")
PLACES = text("""
select count(distinct s.location_id) from recall_lot r join stock s on s.lot_id = r.lot_id and s.quantity > 0
 where r.scope_id = :scope
""")


@dataclass(frozen=True, kw_only=True, slots=True)
class Holding:
    """What holding everything is about: batches, those that the opening holds already, units in house, places, errands."""

    lots: int
    held: int
    amounts: tuple[tuple[str, Decimal], ...]
    places: int
    errands: int
    digest: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Recipient:
    """A customer who is to be told, of which batches, and how they are reached."""

    key: int
    customer_no: str
    name: str
    name_en: str
    contact: str
    phone: str
    email: str
    country: str | None = None
    level: str | None = None
    lines: tuple[tuple[str, Decimal, str], ...]

    @property
    def mailed(self) -> bool:
        """Whether there is an address that mail can go to; else the letter is printed and posted."""
        return bool(mail_addresses.addresses(self.email))

    @property
    def unreachable(self) -> bool:
        """Whether nobody has said how to reach them at all."""
        return not (self.mailed or self.phone or self.contact)

    def as_lines(self) -> list[dict[str, str]]:
        """The lines of their notice."""
        return [{"lot_no": lot_no, "quantity": plain(quantity)} for lot_no, quantity, _ in self.lines]


@dataclass(frozen=True, kw_only=True, slots=True)
class Telling:
    """Who is told by the next notices; `digest` is over every recipient and line.

    `left_out` are not told, because the recall doesn't go down to their level; of whom nobody has said one (`unknown`), all are.
    """

    recipients: tuple[Recipient, ...]
    digest: str
    depth: str | None = None
    unknown: int = 0
    left_out: tuple[LeftOut, ...] = ()


def recipients(session: Session, recall: Recall, scope: RecallScope, *, lock: bool = False) -> tuple[Recipient, ...]:
    """One letter per customer and version of the scope, down to the depth; who was told of the same batches isn't told again.

    With `lock` nobody changes the level of a customer before the letters are written.
    """
    told: dict[int, set[str]] = defaultdict(set)
    for notice in recalls.notices(session, recall.id):
        told[notice.customer_id] |= {line["lot_no"] for line in notice.lines}
    lines: dict[str, list[tuple[str, Decimal, str]]] = defaultdict(list)
    for one in recall_funnel.shipped(session, recall, scope):
        if one.out:
            lines[one.customer_no].append((one.lot_no, one.out, one.uom))
    query = select(Customer).where(col(Customer.customer_no).in_(list(lines))).order_by(col(Customer.customer_no))
    if lock:
        query = query.with_for_update(read=True).execution_options(populate_existing=True)
    wanted: Sequence[Customer] = session.exec(query).all()
    found = []
    for customer in wanted:
        if not recall_depth.reaches(recall.depth, customer.level):
            continue
        news = tuple(line for line in lines[customer.customer_no] if line[0] not in told[customer.id])
        if news:
            found.append(
                Recipient(
                    key=customer.id,
                    customer_no=customer.customer_no,
                    name=customer.name,
                    name_en=customer.name_en or "",
                    contact=customer.contact or "",
                    phone=customer.phone or "",
                    email=customer.email or "",
                    country=customer.country,
                    level=customer.level,
                    lines=news,
                )
            )
    return tuple(found)


def holding(session: Session, recall: Recall, scope: RecallScope) -> Holding:
    """What holding everything would be about."""
    given = {"scope": scope.id, "recall": recall.id}
    connection = session.connection()
    counts = connection.execute(HELD, given).one()
    amounts = connection.execute(AMOUNTS, {"scope": scope.id}).all()
    return Holding(
        lots=counts.lots,
        held=counts.held,
        amounts=tuple((row.uom, row.quantity) for row in amounts),
        places=int(connection.execute(PLACES, {"scope": scope.id}).scalar_one()),
        errands=len(pulls.wanted(session, recall, scope)),
        digest=scope.digest,
    )


@as_written
def telling(session: Session, recall: Recall, scope: RecallScope) -> Telling:
    """Who would be told."""
    found = recipients(session, recall, scope)
    seen = {
        "record": "recall_notices",
        "recall": recall.recall_no,
        "scope": scope.digest,
        "letters": [{"customer": one.customer_no, "lines": one.as_lines()} for one in found],
    }
    left_out = recall_funnel.read(session, recall, scope).left_out
    if left_out:
        seen["left_out"] = [asdict(one) for one in left_out]
    return Telling(
        recipients=found,
        digest=signing.digest(signing.canonical(recall_report.wire(seen))),
        depth=recall.depth,
        unknown=sum(one.level is None for one in found),
        left_out=left_out,
    )


def waiting(session: Session, recall: Recall, scope: RecallScope) -> list[str]:
    """Customers who are to be told and have not been; a drill, which holds nothing, keeps nobody waiting for goods that go on."""
    return [] if recall.mode == "drill" else [one.customer_no for one in recipients(session, recall, scope)]


def check(session: Session, recall: Recall, scope: RecallScope, effect: str, seen: str | None) -> None:
    """Refuse a step that would do something else than what was looked at; who looked at nothing says so by no digest."""
    if seen is None:
        return
    now = scope.digest if effect == HOLD else telling(session, recall, scope).digest
    if now != seen:
        raise rules.SEEN_BEFORE()
