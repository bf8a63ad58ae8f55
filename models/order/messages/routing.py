"""What an order is made by: the steps of its routing with what each asks for, and its bill of material."""

from decimal import Decimal

from models.kernel.messages import Message


class AskedValue(Message):
    """A parameter or reading that a step asks for, with its limits."""

    name: str
    name_en: str | None = None
    unit: str | None = None
    lower: Decimal | None = None
    upper: Decimal | None = None


class BillLine(Message):
    """How much of an item one unit of the product takes."""

    item_no: str
    quantity: Decimal
    optional: bool = False


class PlannedStep(Message):
    """One operation of a routing, with what must be recorded of it, within which limits, in which room."""

    seq: int
    code: str
    title_zh: str
    title_en: str
    qualification: str | None = None
    equipment_kind: str | None = None
    environment: bool = False
    parameters: tuple[AskedValue, ...] = ()
    readings: tuple[AskedValue, ...] = ()
    room: str | None = None
