"""Requests of the acts (DESIGN 12), with examples for the OpenAPI page."""

from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, model_validator

from api.frame.request.shapes import (
    Code,
    Day,
    EnglishName,
    Input,
    KnownCustomer,
    KnownEquipment,
    KnownLot,
    KnownPerson,
    KnownPlace,
    KnownSerial,
    KnownSupplier,
    KnownUnit,
    LabelledIn,
    LabelledItem,
    Load,
    LotNo,
    Moment,
    Name,
    Number,
    OrderNo,
    Reason,
    Scannable,
    ScannedIn,
    ShipmentNo,
    TrackingNo,
    Words,
)
from models.hold.rules import Scope
from models.identifier.rules.scanned_field import label

Quantity = Annotated[Number, Field(max_digits=20, decimal_places=6)]
Uom = Annotated[str | None, Field(max_length=20)]
Serials = Annotated[tuple[KnownSerial, ...], Field(max_length=10_000)]
SERIALS = Field(default=(), description="The serial numbers of its pieces, where they have numbers.")
UOM = Field(default=None, description="The unit of the quantity, where it isn't the lot's own.", examples=["mm"])


class ReceiveIn(Input):
    """A supplier's lot arrives."""

    lot_no: LotNo = Field(examples=["R-2611-07"])
    item_no: LabelledItem
    quantity: Quantity
    location: KnownPlace
    supplier_no: KnownSupplier | None = None
    supplier_lot_no: LotNo | None = Field(default=None, examples=["P88-12"])
    manufactured_on: str | None = Field(default=None, max_length=10, examples=["2026-10-01"])
    expires_on: Day | None = Field(default=None, max_length=10, examples=["2031-10"])
    uom: Uom = UOM
    expiry_reason: Reason | None = Field(
        default=None, description="Why the expiry is missing, past, or not what the item master gives."
    )
    retest_on: Day | None = Field(default=None, max_length=10, description="From when it isn't used untested.")
    labels: Annotated[tuple[Scannable, ...], Field(max_length=10)] = Field(
        default=(), description="Its labels as they were scanned; one that is scanned into a field counts by itself."
    )
    label_reason: Reason | None = Field(
        default=None, description="Why a label that says something else is right all the same (LOT-025)."
    )
    received_at: Moment | None = Field(default=None, description="When it arrived, if that was before this entry.")
    item_revision: Name | None = Field(
        default=None, description="The revision of the item that came, where suppliers are approved by it."
    )
    certificate_no: Code | None = Field(
        default=None, max_length=200, description="The supplier's certificate for this lot."
    )

    @model_validator(mode="before")
    @classmethod
    def _keep_labels(cls, given: Any) -> Any:
        """A label scanned into a field is its number there, and is kept whole to be compared."""
        if not isinstance(given, dict):
            return given
        typed = [given.get(name) for name in ("supplier_lot_no", "item_no", "lot_no")]
        scans = [one for one in typed if isinstance(one, str) and one.strip() and label(one)]
        labels = given.get("labels") or ()
        return {**given, "labels": [*labels, *scans]} if scans and isinstance(labels, list | tuple) else given


class AskedIn(Input):
    """A parameter or reading that a step asks for, by its name or its English one; limits are inclusive."""

    name: Name
    name_en: EnglishName = None
    unit: Name | None = None
    lower: Number | None = None
    upper: Number | None = None


class BillLineIn(Input):
    """How much of an item one unit of the product takes."""

    item_no: LabelledItem
    quantity: Quantity
    optional: bool = False


class StepIn(Input):
    """One operation of a routing: what must be recorded of it, within which limits, in which room."""

    seq: Annotated[int, Field(ge=1, le=9999)]
    code: Code
    title_zh: Name
    title_en: Name
    qualification: Code | None = None
    equipment_kind: Code | None = None
    environment: bool = False
    parameters: Annotated[tuple[AskedIn, ...], Field(max_length=200)] = ()
    readings: Annotated[tuple[AskedIn, ...], Field(max_length=50)] = ()
    room: KnownPlace | None = None


class WorkOrderIn(Input):
    """An order to make a lot."""

    work_order_no: Code
    lot_no: LotNo
    item_no: LabelledItem
    quantity: Quantity
    location: KnownPlace
    steps: Annotated[tuple[StepIn, ...], Field(max_length=200)]
    document: Code | None = None
    document_version: Code | None = None
    expires_on: Day | None = Field(default=None, max_length=10)
    expiry_reason: Reason | None = Field(
        default=None, description="Why it isn't the expiry that the item master gives."
    )
    bill: Annotated[tuple[BillLineIn, ...], Field(max_length=500)] | None = Field(
        default=None, description="What one unit takes; without it the item's bill of material is frozen."
    )
    opened_at: Moment | None = Field(
        default=None, description="When it was opened, if that was before this entry: no operation of it began earlier."
    )


class ConsumedIn(LabelledIn):
    """A quantity of a lot."""

    lot_no: KnownLot
    quantity: Quantity
    location: KnownPlace | None = None
    uom: Uom = UOM
    serials: Serials = SERIALS


class ParameterIn(Input):
    """A process value; its limits are the work order's, and given ones must be the same."""

    name: Name
    value: Number | None = None
    text: Words | None = None
    unit: Name | None = None
    lower: Number | None = None
    upper: Number | None = None


class ReadingIn(Input):
    """An environment reading, taken within an hour of the work; its limits are the work order's."""

    quantity: Name
    value: Number
    unit: Name
    lower: Number | None = None
    upper: Number | None = None
    measured_at: Moment | None = None


class OperationIn(ScannedIn):
    """One operation as it was done: man, machine, material, method, environment."""

    seq: Annotated[int, Field(ge=1, le=9999)]
    started_at: Moment
    finished_at: Moment
    people: Annotated[tuple[KnownPerson, ...], Field(max_length=50)] = ()
    equipment: Annotated[tuple[KnownEquipment, ...], Field(max_length=50)] = ()
    consumes: Annotated[tuple[ConsumedIn, ...], Field(max_length=500)] = ()
    parameters: Annotated[tuple[ParameterIn, ...], Field(max_length=500)] = ()
    environment: Annotated[tuple[ReadingIn, ...], Field(max_length=500)] = ()
    location: KnownPlace | None = None
    document: Code | None = None
    document_version: Code | None = None
    produced: Quantity = Decimal(0)
    scrapped: Quantity = Decimal(0)
    finish: bool = False
    load: Load | None = Field(
        default=None, description="The cycle that batches of one load share.", examples=["ST-2611-114"]
    )
    scrapped_serials: Serials = Field(
        default=(), description="The serial numbers of reworked pieces that don't come out again."
    )
    late_reason: Words | None = Field(
        default=None, description="Why it is told so late; asked for when the plant's limit for entries has passed."
    )


class ShipLineIn(LabelledIn):
    """How much of which lot."""

    lot_no: KnownLot
    quantity: Quantity
    location: KnownPlace | None = None
    serial_no: KnownSerial | None = None
    uom: Uom = UOM
    serials: Serials = SERIALS


class ShipmentIn(ScannedIn):
    """Goods leave for a customer."""

    shipment_no: ShipmentNo
    customer_no: KnownCustomer
    lines: Annotated[tuple[ShipLineIn, ...], Field(max_length=1000)] = ()
    order_no: OrderNo | None = None
    carrier: Name | None = None
    tracking_no: TrackingNo | None = None
    units: Annotated[tuple[KnownUnit, ...], Field(max_length=200)] = Field(
        default=(),
        description="Cases and pallets that leave with all that is in them.",
        examples=[["006141411234567890"]],
    )


class WhyIn(ScannedIn):
    """Why a batch goes to a newer decision."""

    reason: Reason


class HoldIn(WhyIn):
    """Freeze a lot: alone, with everything that was made of it, however far down (`parts`), or so much of it at one `place`."""

    scope: Scope = Scope.LOT
    location: KnownPlace | None = Field(default=None, examples=["FG-A1"])
    quantity: Quantity | None = Field(default=None, examples=["20"])
    uom: Uom = UOM


class SignatureIn(Input):
    """The proof, the meaning and the digest of what was shown (21 CFR 11.50, 11.200)."""

    password: Annotated[str, Field(min_length=1, max_length=200)]
    meaning: Annotated[str, Field(max_length=60)]
    digest: Annotated[str, Field(max_length=64)]


class LiftIn(Input):
    """Lift a hold: why, and the signature over what `GET …/record` shows."""

    reason: Reason
    signature: SignatureIn | None = None


class LiftPartIn(LiftIn):
    """Lift a quantity that is held at a place; without `quantity` all of it."""

    quantity: Quantity | None = Field(default=None, examples=["8"])


class HandOverIn(Input):
    """Give a subject another owner: whom, why, and the signature over what `GET …/owner/record` shows."""

    to: Annotated[Name, Field(description="A login or the id of a person")]
    reason: Reason
    signature: SignatureIn | None = None


class SignedActOut(Input):
    """What the signature of an act is over: its record with the digest and the meaning that go back with the signature."""

    act: str
    about: str
    digest: str
    record: dict[str, Any]
    meaning: str
    title: dict[str, str]


class CompleteIn(Input):
    """A task is done.  `seen` is the digest of a preview: the step is refused where it would do something else by now."""

    outcome: Annotated[str, Field(max_length=60)] | None = None
    form: Annotated[dict[str, Any], Field(default_factory=dict)]
    reason: Words | None = None
    signature: SignatureIn | None = None
    seen: Annotated[str, Field(max_length=100)] | None = None


class MeasuredIn(Input):
    """One measured value."""

    characteristic: int
    sample_no: Annotated[int, Field(ge=1)]
    value: Number | None = None
    passed: bool | None = None
    equipment_no: KnownEquipment | None = None
    reason: Words | None = None


class ResultsIn(Input):
    """Measured values, some or all."""

    values: Annotated[tuple[MeasuredIn, ...], Field(min_length=1, max_length=5000)]
    measured_at: Moment | None = Field(
        default=None,
        description="When these were measured, where that is not now: gauge and inspector are judged by that time.",
    )
    late_reason: Words | None = Field(default=None, description="Why they come later than the plant allows (INS-030).")


class ReceiptOut(Input):
    """What is true after the act."""

    act: str
    at: Moment
    data: dict[str, Any]


class RecordOut(Input):
    """What a signature of this task is over, and what keeps this person from giving it."""

    task: UUID
    stage: str
    digest: str
    record: dict[str, Any] | None
    assessment: dict[str, Any] | None
    meaning: str | None
    outcomes: list[str]
    first_signature_void: bool
    why_not: dict[str, Any] | None
