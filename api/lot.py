"""Batches as they are read: lists, one batch, its timeline (REQUIREMENTS 2, 3, 54)."""

from fastapi import APIRouter

from api.frame.deps import EngineDep, Reader
from api.frame.paging import Cursor, Limit, Search
from api.frame.request.paths import ItemFilter, LotNumber, SupplierFilter
from api.register.schemas import Kind
from models.kernel.store.act import reading
from models.lot.queries import list as queries_lots
from models.lot.queries import one as queries_lot
from models.lot.queries.views import LotDetail, LotPage, Timeline
from models.lot.rules.lot import LotStatus

router = APIRouter(tags=["lots"])


@router.get("/lots", summary="Batches, newest first")
def list_lots(
    engine: EngineDep,
    _: Reader,
    limit: Limit = 50,
    cursor: Cursor = None,
    status: LotStatus | None = None,
    kind: Kind | None = None,
    item: ItemFilter = None,
    supplier: SupplierFilter = None,
    held: bool | None = None,
    q: Search = None,
) -> LotPage:
    """`q` is the beginning of a lot number or a supplier's lot number, written in any way; sorted by it then."""
    with reading(engine) as session:
        return queries_lots.page(
            session,
            limit=limit,
            after=cursor,
            status=status.value if status else None,
            kind=kind,
            item=item,
            supplier=supplier,
            held=held,
            q=q,
        )


@router.get("/lots/{lot_no:path}/timeline", summary="What happened to the batch")
def read_timeline(
    engine: EngineDep, _: Reader, lot_no: LotNumber, limit: Limit = 200, cursor: Cursor = None
) -> Timeline:
    """Facts in the order they happened."""
    with reading(engine) as session:
        return queries_lot.timeline(session, lot_no, limit=limit, after=cursor)


@router.get("/lots/{lot_no:path}", summary="One batch with everything that hangs on it")
def read_lot(engine: EngineDep, principal: Reader, lot_no: LotNumber) -> LotDetail:
    """Milestones, stock, holds, parents and children one step each way, inspections, tasks, signatures, shipments."""
    with reading(engine) as session:
        return queries_lot.detail(session, principal, lot_no)
