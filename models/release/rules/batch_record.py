"""The batch record: everything a release decision rests on, as one typed document that two people sign.

Values only, no judgement: `models.release.rules.evidence` judges.  Its canonical form (RFC 8785) gives the digest on the
signature, so every fact in here voids a signature when it changes (21 CFR 11.70; ISO 13485 7.5.1, 8.2.6).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, SerializerFunctionWrapHandler, model_serializer

from models.kernel.time.moments import PrintedDate


class Frozen(BaseModel):
    """Part of a record that is signed: immutable and complete."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Frozen):
    """A person at work, and the qualification that allowed it."""

    name: str
    needed: str | None
    qualification: str | None


class Machine(Frozen):
    """A machine at work and until when its calibration held."""

    equipment_no: str
    name: str
    due_at: datetime | None
    needs_calibration: bool
    kind: str = ""


class Parameter(Frozen):
    """A process value with its limits."""

    name: str
    value: Decimal | None
    text: str | None
    unit: str | None
    lower: Decimal | None
    upper: Decimal | None
    name_en: str | None = None
    """As the order's frozen step calls it in English; not said in records of orders without."""

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), name_en=None)


class Reading(Frozen):
    """An environment reading with its limits."""

    quantity: str
    value: Decimal
    unit: str
    lower: Decimal | None
    upper: Decimal | None
    measured_at: datetime
    name_en: str | None = None

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return _without(handler(self), name_en=None)


def _without(made: dict[str, Any], **silent: Any) -> dict[str, Any]:
    """A part as it is signed, without the words that say nothing."""
    return {name: value for name, value in made.items() if name not in silent or value != silent[name]}


class LateEntry(Frozen):
    """An operation that was told later than the plant allows: when, and why."""

    recorded_at: datetime
    reason: str


class Operation(Frozen):
    """An operation as it was done, and what the order's frozen step asks for (`asked_…`, `equipment_kind`)."""

    seq: int
    run_no: int
    code: str
    title_zh: str
    title_en: str
    started_at: datetime
    finished_at: datetime
    people: tuple[Person, ...]
    machines: tuple[Machine, ...]
    parameters: tuple[Parameter, ...]
    readings: tuple[Reading, ...]
    document: str | None
    document_version: str | None
    environment_needed: bool
    consumed: tuple[str, ...]
    recorded_by: str = ""
    """Who wrote it down, whoever did it; not said in records of before."""
    room: str | None = None
    equipment_kind: str | None = None
    asked_room: str | None = None
    asked_parameters: tuple[str, ...] = ()
    asked_readings: tuple[str, ...] = ()
    late: LateEntry | None = None
    asked_english: tuple[tuple[str, str], ...] = ()
    """What is asked for by its name, and what that is called in English."""

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the words where nothing was late or called in English: records signed before they were kept have none."""
        return _without(handler(self), late=None, asked_english=[])


class Parent(Frozen):
    """A lot that went into this one, as it stands now; `consumed_at` is the last time that any of it went in.

    `expiry_asked` says that its item must have an expiry.
    """

    lot_no: str
    item: str
    quantity: Decimal | None
    uom: str
    status: str
    held: bool
    expires_on: date | None
    origin: str
    expiry_precision: str = "day"
    consumed_at: datetime | None = None
    item_no: str = ""
    expiry_asked: bool = False
    retest_on: PrintedDate | None = None

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the words where they say nothing: records signed before they were kept have none."""
        return _without(handler(self), expiry_asked=False, retest_on=None)


class ShelfLife(Frozen):
    """What the item master says of this batch's dates; `computed` is the expiry that it gives, `reason` why it differs."""

    asked: bool
    months: int | None = None
    computed: date | None = None
    reason: str | None = None
    retest_on: PrintedDate | None = None


class LabelDiffers(Frozen):
    """What a label said otherwise when a batch was received or handled, and why that was right all the same."""

    lot_no: str
    what: str
    label: str
    told: str
    reason: str


class Migrated(Frozen):
    """A batch of these goods, or in them, that an import brought: from where, when, and what evidence came with it or was made here.

    `signed` says that its release was signed here since; `inspection_no` is its last inspection with results, in the earlier
    system unless `inspected_here`.
    """

    lot_no: str
    source: str
    brought_at: datetime | None
    signed: bool = False
    inspection_no: str | None = None
    inspected_at: datetime | None = None
    inspected_here: bool = False
    accepted: bool = False


class BillLine(Frozen):
    """How much of which item one unit takes, as the order froze it."""

    item_no: str
    quantity: Decimal
    optional: bool = False


class Deviation(Frozen):
    """A deviation or nonconformance of these goods and what was decided; `outcome` is empty while it is open."""

    number: str
    kind: str
    code: str
    about: str
    zh: str
    en: str
    outcome: str
    cause: str | None
    reason: str | None
    decided_by: str | None
    decided_at: datetime | None


class AncestorIssue(Frozen):
    """Something open on a lot upstream, however far."""

    lot_no: str
    depth: int
    kind: str
    number: str
    title: str


class Bound(Frozen):
    """Something open that the batch (`depth` 0) or a batch upstream is part of, as a CAPA; `zh` and `en` say what such a thing is called."""

    lot_no: str
    depth: int
    zh: str
    en: str
    number: str
    title: str
    title_en: str
    subject: str


class Result(Frozen):
    """A measured characteristic; `unnamed` of its values were recorded by nobody known."""

    name_zh: str
    name_en: str
    lower: Decimal | None
    upper: Decimal | None
    unit: str | None
    samples: int
    failed: int
    values: tuple[str, ...]
    unnamed: int = 0


class LateMeasured(Frozen):
    """Values that came in later than the plant allows: when they were measured, when told, and why."""

    measured_at: datetime
    recorded_at: datetime
    reason: str


class Inspection(Frozen):
    """An inspection with its verdict; `inherited_from` is the lot that these goods were in when it was done."""

    inspection_no: str
    stage: str
    revision: int
    status: str
    inspector: str | None
    decided_at: datetime | None
    results: tuple[Result, ...]
    inherited_from: str | None = None
    recorded_by: tuple[str, ...] = ()
    """Who wrote down the values; not said in records of before."""
    late: tuple[LateMeasured, ...] = ()

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without late entries where there are none: records signed before they were told have none."""
        return _without(_without(handler(self), late=()), late=[])


class HoldPart(Frozen):
    """A hold, open or lifted."""

    reason: str
    cause: str = "manual"
    placed_by: str
    placed_at: datetime
    lifted_at: datetime | None
    lift_reason: str | None


class HeldAt(Frozen):
    """So much of the batch is held at a place; the release is about the rest (ISO 13485 8.3.1)."""

    quantity: str
    place: str
    reason: str


class Labels(Frozen):
    """Label reconciliation (21 CFR 820.45); `difference` is held against the packed quantity, too."""

    printed: int
    applied: int
    scrapped: int
    samples: int = 0
    left: int = 0
    difference: Decimal | None = None


class MaterialUse(Frozen):
    """What an order's bill of material says of a component, and what was consumed of it; `tolerance` in percent."""

    item: str
    expected: Decimal
    consumed: Decimal
    uom: str
    tolerance: Decimal


class Balance(Frozen):
    """Where the quantity went, in the lot's unit; `reshaped` went into other lots by split, merger or repacking.

    `ordered` is what the order put in, `operation_scrap` what its operations said they scrapped, `decided_scrap` what was
    scrapped apart from them, `missing` what nobody found when it was packed.  `tolerance` is the item's, in percent.
    """

    made: Decimal
    stock: Decimal
    consumed: Decimal
    shipped: Decimal
    scrapped: Decimal
    samples: Decimal
    reshaped: Decimal = Decimal(0)
    ordered: Decimal | None = None
    operation_scrap: Decimal = Decimal(0)
    decided_scrap: Decimal = Decimal(0)
    missing: Decimal = Decimal(0)
    tolerance: Decimal = Decimal(0)

    @property
    def difference(self) -> Decimal:
        """Made minus all that is accounted for; 0 when it balances."""
        known = self.stock + self.consumed + self.shipped + self.scrapped + self.samples + self.reshaped
        return self.made - known


class BatchRecord(Frozen):
    """Everything that a release decision rests on; its canonical form is what two people sign.

    `zone` is the plant's, in which a day of expiry ends.  `came_from` are the lots that these goods were split, merged or
    repacked from; what is said of them up to that moment is in here.  Fields with a default came later: what was signed without
    them is still shown.
    """

    lot_no: str
    item_no: str
    item: str
    kind: str
    quantity: Decimal
    uom: str
    status: str
    expires_on: date | None
    expiry_precision: str
    manufactured_on: PrintedDate | None
    supplier: str | None
    supplier_lot_no: str | None
    work_order: str | None
    definition: str
    planned: tuple[str, ...]
    operations: tuple[Operation, ...]
    parents: tuple[Parent, ...]
    ancestors: int
    ancestor_issues: tuple[AncestorIssue, ...]
    inspections: tuple[Inspection, ...]
    holds: tuple[HoldPart, ...]
    nonconformances: tuple[str, ...]
    labels: Labels | None
    balance: Balance
    zone: str = "UTC"
    came_from: tuple[str, ...] = ()
    materials: tuple[MaterialUse, ...] = ()
    implantable: bool = False
    bill: tuple[BillLine, ...] | None = None
    deviations: tuple[Deviation, ...] = ()
    shelf_life: ShelfLife | None = None
    label_differs: tuple[LabelDiffers, ...] = ()
    bound: tuple[Bound, ...] = ()
    migrated: tuple[Migrated, ...] = ()
    parts: tuple[HeldAt, ...] = ()

    @model_serializer(mode="wrap")
    def _as_signed(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without the words that say nothing: records signed before they were asked for have none."""
        made = _without(handler(self), shelf_life=None, label_differs=(), migrated=(), bound=(), parts=())
        return _without(made, label_differs=[], migrated=[], bound=[], parts=[])
