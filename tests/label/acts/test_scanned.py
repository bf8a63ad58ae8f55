"""What a label says is compared at every act that names a batch by a scan, the same at each (REQ 19, 27; ISO 13485 7.5.8)."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from api.correction.schemas import CorrectLinkIn
from api.frame.request.paths import InPath
from api.packing import schemas as packing_in
from api.process.schemas import acts as asked
from api.recall.schemas import DecisionIn, ReturnIn
from api.reshape import schemas as reshape_in
from api.stock import schemas as stock_in
from models.correction.messages import CorrectLink
from models.hold.messages import DecideAgain, PlaceHold
from models.item.tables import ItemIdentifier
from models.kernel.messages import LotLabels
from models.kernel.refusal import Refusal
from models.kernel.store.act import act, now, reading
from models.label.store import lot as lot_labels
from models.lot.queries import one as queries_lot
from models.lot.store import lots
from models.packing import messages as packing
from models.process.messages.process import By
from models.production.messages import RecordOperation
from models.recall.messages.begin import DecideLots
from models.release.rules import evidence
from models.release.store import batch_record
from models.reshape import messages as reshape
from models.returns.messages import BookReturn
from models.shipment.messages import Ship
from models.stock import messages as stock
from tests.support.often import often
from tests.support.plant.direct import do
from tests.support.plant.packing import packing as into_case
from tests.support.plant.packing import some
from tests.support.plant.plant import SETUP, Plant
from tests.support.record import refused

GTIN, MATERIAL, NOBODYS = "06901234567892", "06901234567908", "06901234567915"
Line = dict[str, Any]
Door = Callable[[By, Line, str | None], Any]


def label(lot_no: str, *, gtin: str = GTIN, expiry: str = "311000", serial: str = "") -> str:
    return f"(01){gtin}(17){expiry}(10){lot_no}" + (f"(21){serial}" if serial else "")


def command(kind: Any, by: By, shape: Any, values: dict[str, Any], **more: Any) -> Any:
    """What the API makes of a request."""
    read = shape.model_validate({name: value for name, value in values.items() if value is not None})
    return kind(**{"command_id": str(uuid4()), "by": by, **read.model_dump(by_alias=False), **more})


def merged(by: By, line: Line, why: str | None) -> Any:
    read = reshape_in.MergeIn.model_validate(
        {"others": [line["lot_no"]], "into": "M-1", "reason": "合并"} | ({"label_reason": why} if why else {})
    )
    scanned = tuple(LotLabels(**one.model_dump()) for one in read.scanned)
    rest = read.model_dump(exclude={"others", "scanned"})
    return reshape.MergeLots(command_id=str(uuid4()), by=by, lot_nos=("M-0", *read.others), scanned=scanned, **rest)


def in_path(line: Line) -> InPath:
    return InPath(asked.ConsumedIn.model_validate(line).lot_no, (line["lot_no"],))


def at_path(kind: Any, shape: Any, **values: Any) -> Door:
    """A door whose batch stands in its address."""

    def door(by: By, line: Line, why: str | None) -> Any:
        named = in_path(line)
        more = {"lot_nos": (named.number,)} if kind is PlaceHold else {"lot_no": named.number}
        return command(kind, by, shape, values | {"label_reason": why}, scanned=named.scanned, **more)

    return door


NOW = datetime.now(UTC)
DOORS: dict[str, tuple[str, Door]] = {
    "consume": ("wang.cao", lambda by, line, why: command(RecordOperation, by, asked.OperationIn, {"seq": 10, "started_at": NOW, "finished_at": NOW, "label_reason": why, "consumes": [line]}, work_order_no="W")),
    "ship": ("li.cang", lambda by, line, why: command(Ship, by, asked.ShipmentIn, {"shipment_no": "S", "customer_no": "C-1", "label_reason": why, "lines": [line]})),
    "pack": ("li.cang", lambda by, line, why: command(packing.PackUnit, by, packing_in.PackIn, {"label_reason": why, "contents": [line]}, unit_no="U")),
    "unpack": ("li.cang", lambda by, line, why: command(packing.UnpackUnit, by, packing_in.UnpackIn, {"label_reason": why, "contents": [line]}, unit_no="U")),
    "return": ("li.cang", lambda by, line, why: command(BookReturn, by, ReturnIn, {"customer_no": "C-1", "location": "RCV-01", "received_at": NOW, "label_reason": why, "lines": [line]}, recall_no="R")),
    "decide": ("wu.jingli", lambda by, line, why: command(DecideLots, by, DecisionIn, {"kind": "rework", "reason": "r", "label_reason": why, "lots": [line["lot_no"]]}, recall_no="R")),
    "move": ("li.cang", lambda by, line, why: command(stock.MoveStock, by, stock_in.MoveIn, {"lot_no": line["lot_no"], "from": "RM-A1", "to": "RM-A2", "reason": "r", "label_reason": why})),
    "correct": ("zhou.shen", lambda by, line, why: command(CorrectLink, by, CorrectLinkIn, {"wrong": "X", "reason": "r", "label_reason": why, "lots": [line]}, lot_no="Y")),
    "merge": ("li.cang", merged),
    "hold": ("zhou.shen", at_path(PlaceHold, asked.HoldIn, reason="r")),
    "decide again": ("zhou.shen", at_path(DecideAgain, asked.HoldIn, reason="r")),
    "split": ("li.cang", at_path(reshape.SplitLot, reshape_in.SplitIn, parts=[], reason="r")),
    "repack": ("li.cang", at_path(reshape.RepackLot, reshape_in.RepackIn, quantity=1, into="X", new_quantity=1, new_uom="box", reason="r")),
    "dispose": ("zhou.shen", at_path(reshape.ProposeDisposition, reshape_in.DispositionIn, rejected={"lot_no": "X", "quantity": 1}, reason="r")),
}  # fmt: skip
"""Every act that names a batch, as its request makes the command."""


@pytest.fixture(scope="module")
def plant(desk: Plant) -> Plant:
    """Product and material have identifiers of their own."""
    with act(desk.engine, SETUP) as session:
        for item_no, code in (("HIP-12", GTIN), ("PEEK-20", MATERIAL)):
            query = text("select id from item where item_no = :no")
            item = session.connection().execute(query, {"no": item_no}).scalar_one()
            session.add(ItemIdentifier(item_id=item, agency="GS1", code=code, level="primary"))
    return desk


@pytest.fixture(scope="module")
async def numbered(plant: Plant) -> Plant:
    """Two batches of the product whose pieces have numbers."""
    for lot_no, serial in (("H-L1", "SN-1"), ("H-L2", "SN-2")):
        await plant.material(f"R-{lot_no}")
        await plant.make(lot_no, f"R-{lot_no}")
        await plant.release(lot_no)
        by = plant.by("li.cang")
        do(
            plant.engine,
            "stock",
            stock.RegisterSerials(command_id=str(uuid4()), by=by, lot_no=lot_no, serials=(serial,)),
        )
    return plant


def code(plant: Plant, door: str, typed: str, why: str | None = None) -> str:
    """How the act ends: the code of its refusal."""
    login, ask = DOORS[door]
    said = ask(plant.by(login), {"lot_no": typed, "quantity": "1"}, why)
    name = {"PackUnit": "pack", "UnpackUnit": "pack", "RecordOperation": "record_operation", "Ship": "ship"}.get(
        type(said).__name__
    )
    name = name or {"move": "stock", "hold": "place_hold", "return": "book_return", "decide": "decide_lots"}.get(door)
    name = name or {"correct": "correct_link", "decide again": "decide_again"}.get(door, "reshape")
    with pytest.raises(Refusal) as caught:
        do(plant.engine, name, said)
    return caught.value.code


@pytest.mark.parametrize("door", [*DOORS])
async def test_a_label_that_contradicts_the_record_is_refused_at_every_door(numbered: Plant, door: str) -> None:
    assert code(numbered, door, label("H-L1", expiry="290630")) == "LOT-028", "another expiry, and nobody says why"
    assert code(numbered, door, label("H-L1", gtin=NOBODYS)) == "LOT-028", "an identifier that nobody registered"
    assert code(numbered, door, label("H-L1", gtin=MATERIAL), "看过实物") == "LOT-029", "another item is never right"
    assert code(numbered, door, label("H-L1", serial="SN-2"), "看过实物") == "LOT-030", "a piece of another batch"
    assert code(numbered, door, label("H-L1", serial="SN-9"), "看过实物") == "LOT-030", "a piece that nobody knows"


SAYS = st.fixed_dictionaries(
    {},
    optional={
        "gtin": st.sampled_from([GTIN, MATERIAL, NOBODYS]),
        "expiry": st.sampled_from(["311000", "311015", "290630", "311130"]),
        "serial": st.sampled_from(["SN-1", "SN-2", "SN-9"]),
    },
)


@settings(max_examples=often(4, 120))
@given(says=SAYS, why=st.sampled_from([None, "看过实物"]))
def test_whatever_a_label_says_reaches_every_door_in_the_same_way(numbered: Plant, says: Line, why: str | None) -> None:
    typed = label("H-L1", **says)
    ends = set()
    for login, ask in DOORS.values():
        said = ask(numbered.by(login), {"lot_no": typed, "quantity": "1"}, why)
        assert lot_labels.named(said) == {"H-L1": (typed,)}
        with reading(numbered.engine) as session:
            try:
                ends.add(str([data for _, data in lot_labels.compare(session, said)]))
            except Refusal as refusal:
                ends.add(refusal.code)
    assert len(ends) == 1


async def test_the_reason_why_a_label_is_right_is_read_in_the_timeline_and_at_the_release(plant: Plant) -> None:
    await plant.material("R-W1")
    await plant.order("H-W1", 10)
    consumes = [{"lot_no": label("R-W1", gtin=MATERIAL, expiry="300131"), "quantity": "10"}]
    told = asked.OperationIn.model_validate({"seq": 10, "started_at": NOW, "finished_at": NOW, "consumes": consumes})
    given_ = {"equipment": ("M-07",), "consumes": [one.model_dump() for one in told.consumes]}
    with refused(
        plant.engine,
        "LOT-028",
        422,
        zh="批次 R-W1 的标签与记录不一致：有效期，标签为 2030-01-31，此处没有记录",
        en="expiry",
    ):
        do(plant.engine, "record_operation", plant.operation("H-W1", 10, **given_))
    why = "供方补发证明 26-7"
    do(plant.engine, "record_operation", plant.operation("H-W1", 10, **given_, label_reason=why))
    with reading(plant.engine) as session:
        found = evidence.assess(batch_record.build(session, lots.get(session, "H-W1")), now(session)).exceptions
        facts = [one.fact for one in queries_lot.timeline(session, "R-W1", limit=100).items]
    assert [one.zh for one in found if one.code == "EV-MATERIAL-12"] == [
        f"R-W1 的标签与记录不一致：有效期（理由：{why}）"
    ]
    assert "lot.label_differs" in facts


async def test_a_label_of_the_batch_passes_and_leaves_no_word(numbered: Plant) -> None:
    held = into_case(numbered, "CASE-L1", some("H-L1", 1))
    line = packing_in.PackLineIn.model_validate({"lot_no": label("H-L1", expiry="311015"), "quantity": "1"})
    pieces = held.model_copy(
        update={"contents": (packing.PackLine(**line.model_dump(exclude={"quantity", "serial_no"}), serial_no="SN-1"),)}
    )
    assert do(numbered.engine, "pack", pieces).data["packed"]
    counted = numbered.scalar(
        "select count(*) from lot_fact f join lot l on l.id = f.lot_id where l.lot_no = 'H-L1' and f.fact = 'lot.label_differs'"
    )
    assert counted == 0


async def test_the_label_of_a_batch_that_was_split_off_may_still_say_the_number_of_before(plant: Plant) -> None:
    await plant.material("R-SP")
    split = reshape.SplitLot(
        command_id=str(uuid4()),
        by=plant.by("li.cang"),
        lot_no="R-SP",
        parts=(reshape.NewLot(lot_no="R-SP-A", quantity=10),),
        reason="分批",
    )
    do(plant.engine, "reshape", split)
    move = {"lot_no": "R-SP-A", "from": "RM-A1", "to": "RM-A2", "reason": "r"}
    for typed in (f"(01){MATERIAL}(10)R-SP", f"(01){MATERIAL}(10)P88-R-SP"):
        read = stock_in.MoveIn.model_validate(move | {"labels": [typed]})
        with reading(plant.engine) as session:
            said = stock.MoveStock(command_id="x", by=plant.by("li.cang"), **read.model_dump(by_alias=False))
            assert lot_labels.compare(session, said) == []
