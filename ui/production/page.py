"""Production (requirements 58, 59): work orders, and recording an operation with its 5M1E evidence."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from models.kernel.refusal import Refusal
from ui.frame.parts import Amount, Draft, Fact, FormField, LotRef, Pager, RecallBand
from ui.frame.render import Nav
from ui.frame.status import Mark


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderRow:
    """One order of the list."""

    number: str
    href: str
    item: str
    item_code: str
    mark: Mark
    amount: Amount
    lot: LotRef | None = None
    done: int = 0
    operations: int = 0
    changed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrdersPage:
    """The orders, newest first."""

    template: ClassVar[str] = "production/work_orders.html"
    nav: ClassVar[Nav | None] = "work_orders"

    rows: tuple[WorkOrderRow, ...]
    pager: Pager
    can_create: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLine:
    """One row of the routing editor, as typed; rows come back as repeated fields (`step_seq`, …)."""

    seq: str = ""
    code: str = ""
    title_zh: str = ""
    title_en: str = ""
    qualification: str = ""
    equipment_kind: str = ""
    environment: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkOrderPage:
    """Open an order, with its routing as plain rows."""

    template: ClassVar[str] = "production/new.html"
    nav: ClassVar[Nav | None] = "work_orders"

    fields: tuple[FormField, ...]
    steps: tuple[StepLine, ...] = (StepLine(),)
    skills: tuple[str, ...] = ()
    equipment_kinds: tuple[str, ...] = ()
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedStep:
    """One operation of the frozen routing and whether it has been done."""

    number: str
    title: str
    mark: Mark
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedOperation:
    """An operation that was recorded: who, with what, when, which lots in and out."""

    number: str
    title: str
    at: datetime
    people: tuple[str, ...]
    equipment: tuple[str, ...]
    load: str = ""
    consumed: tuple[LotRef, ...]
    produced: tuple[LotRef, ...]
    parameters: tuple[Fact, ...] = ()
    environment: tuple[Fact, ...] = ()
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LotLine:
    """One scanned line: what was typed, kept when refused; `error` stands under the line it is about."""

    lot_no: str = ""
    quantity: str = ""
    uom: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueLine:
    """One measured value with its limits, as typed: a process parameter or an environment reading."""

    name: str = ""
    value: str = ""
    unit: str = ""
    lower: str = ""
    upper: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usable:
    """Material that may be consumed, first expired first (FEFO)."""

    lot: LotRef
    amount: Amount
    expiry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationForm:
    """What an operator records.

    Lines come back as repeated fields: `consume_lot`, `consume_quantity`; `parameter_name`, `parameter_value`,
    `parameter_unit`, `parameter_lower`, `parameter_upper`, and the same of `environment_…`.
    """

    title: str
    fields: tuple[FormField, ...]
    people: FormField
    equipment: FormField
    parameters: tuple[ValueLine, ...]
    environment: tuple[ValueLine, ...]
    produced: tuple[FormField, ...]
    lines: tuple[LotLine, ...] = (LotLine(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderPage:
    """One order with its operations; `form` is missing when nothing more can be recorded."""

    template: ClassVar[str] = "production/work_order.html"
    nav: ClassVar[Nav | None] = "work_orders"

    number: str
    mark: Mark
    item: str
    item_code: str
    facts: tuple[Fact, ...]
    operations: tuple[RecordedOperation, ...]
    form: OperationForm | None = None
    refusal: Refusal | None = None
    blocked: Refusal | None = None
    draft: Draft | None = None
    command_key: str = ""
    lot: LotRef | None = None
    band: RecallBand | None = None
    plan: tuple[PlannedStep, ...] = ()
    usable: tuple[Usable, ...] = ()
    usable_more: bool = False
    copy_href: str = ""
    breakdown_href: str = ""
