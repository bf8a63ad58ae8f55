"""What all requests have in common: nothing unknown is accepted, texts are trimmed and have an end."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from api.frame.request import meant
from models.equipment import tables as equipment_tables
from models.identifier.rules.identifiers import clean
from models.identifier.rules.scanned_field import Asked, seen
from models.identifier.rules.scanned_field import number as number_on
from models.inspection import tables as inspection_tables
from models.item.store import items
from models.kernel.time.reported import since_clocks
from models.kernel.typed import Digits, number, plain, unseen
from models.lot import tables as lot_tables
from models.packing import tables as packing_tables
from models.partner import tables as partner_tables
from models.person import tables as person_tables
from models.place import tables as place_tables
from models.production import tables as production_tables
from models.register.rules import Register
from models.stock import tables as stock_tables


class Input(BaseModel):
    """A request's body."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    @field_validator("*", mode="before")
    @classmethod
    def _is_what_it_says(cls, told: Any, info: ValidationInfo) -> Any:
        if info.context != meant.FORM and info.field_name is not None:
            meant.check(cls.model_fields[info.field_name].annotation, told)
        return told


def _meant(text: Any) -> Any:
    return plain(text) if isinstance(text, str) else text


def _number(told: Any) -> Any:
    """Text is read by the one reader of numbers; JSON numbers are what they are, with their digits where known."""
    if isinstance(told, bool):
        raise PydanticCustomError("decimal_type", "Input should be a number")
    if isinstance(told, Digits):
        known = number(told.text)
        return float(told) if known is None else known
    if not isinstance(told, str):
        return told
    found = number(told)
    if found is None:
        raise PydanticCustomError("decimal_parsing", "Input should be a valid decimal")
    return found


Number = Annotated[Decimal, BeforeValidator(_number)]
"""A number, however an input method or a paste wrote it, with the digits that were typed."""
Day = Annotated[str, BeforeValidator(_meant)]
"""A day or a month, likewise."""


@dataclass(frozen=True)
class Asks:
    """Reads a scan into the number that the field asks for, with the blank at its end that may be a check character."""

    asked: Asked

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Before everything else that is asked of the text."""
        return core_schema.no_info_before_validator_function(self._read, handler(source))

    def _read(self, told: Any) -> Any:
        return number_on(told, self.asked) if isinstance(told, str) and told.strip() else told


@dataclass(frozen=True)
class Names:
    """The field refers to a thing of that register: its own number takes the place of what was typed (api.frame.request.named).

    `begins`: a number that the register doesn't have begins a new thing, and is kept as it was typed.
    """

    register: Register
    begins: bool = False


Scannable = Annotated[str, StringConstraints(min_length=1), AfterValidator(clean)]
"""Text as it was scanned: ID-001 to ID-003 refuse what nobody could look for."""
Code = Annotated[Scannable, Asks(Asked.NUMBER)]
"""A number that people print and scan; a scan of it is the number that it holds (models.identifier.rules.scanned_field)."""
LotNo = Annotated[Scannable, Asks(Asked.LOT)]
SerialNo = Annotated[Scannable, Asks(Asked.SERIAL)]
EquipmentNo = Annotated[Scannable, Asks(Asked.EQUIPMENT)]
OrderNo = Annotated[Scannable, Asks(Asked.ORDER)]
ShipmentNo = Annotated[Scannable, Asks(Asked.SHIPMENT)]
TrackingNo = Annotated[Scannable, Asks(Asked.TRACKING)]

KnownLot = Annotated[LotNo, Names(lot_tables.LOTS)]
"""The number of a batch that there is; what follows are other things that there are."""
KnownSerial = Annotated[SerialNo, Names(stock_tables.SERIALS)]
KnownEquipment = Annotated[EquipmentNo, Names(equipment_tables.EQUIPMENT)]
KnownPlace = Annotated[Scannable, Asks(Asked.PLACE), Names(place_tables.PLACES)]
KnownItem = Annotated[Scannable, Asks(Asked.ITEM), Names(items.ITEMS)]
LabelledItem = Annotated[Scannable, Names(items.ITEMS)]
"""An item, by its label too: what the label says is compared by the act."""
KnownUnit = Annotated[Scannable, Names(packing_tables.UNITS)]
"""A case or pallet; its label goes along whole, to be compared with what is in it."""
KnownSupplier = Annotated[Code, Names(partner_tables.SUPPLIERS)]
KnownCustomer = Annotated[Code, Names(partner_tables.CUSTOMERS)]
KnownSite = Annotated[Code, Names(person_tables.SITES)]
KnownPerson = Annotated[Code, Names(person_tables.LOGINS)]
Load = Annotated[Code, Names(production_tables.LOADS, begins=True)]
PlanCode = Annotated[Code, Names(inspection_tables.PLANS, begins=True)]


def _upright(text: Any) -> Any:
    """Without marks that turn the direction of what follows: a name must not be shown as another one (Unicode TR 36)."""
    return text.translate(_TURNING) if isinstance(text, str) else text


def _said(text: Any) -> Any:
    """The same of a sentence; what nobody sees says nothing."""
    return "" if isinstance(text, str) and unseen(text) else _upright(text)


_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])

Name = Annotated[str, StringConstraints(min_length=1, max_length=200), BeforeValidator(_upright)]
EnglishName = Annotated[
    Name | None, Field(description="What an English reader reads instead; without it, `name` is shown.")
]
Words = Annotated[str, StringConstraints(max_length=2000), BeforeValidator(_said)]
Reason = Annotated[str, StringConstraints(min_length=1, max_length=2000), BeforeValidator(_said)]
Moment = Annotated[AwareDatetime, AfterValidator(since_clocks)]
"""A moment that somebody tells; none before clocks began (TIM-001)."""


MOST = 10_000
"""Texts that any list of numbers takes; a longer one is refused by its field, and none of it is read before."""


def labels_of(given: Iterable[Any]) -> Iterator[str]:
    """Those of the typed texts that are labels, whole; of the texts themselves and of lists of texts."""
    for one in given:
        texts = (one,) if isinstance(one, str) else one if isinstance(one, list | tuple) and len(one) <= MOST else ()
        yield from (text for text in texts if isinstance(text, str) and text.strip() and seen(text) is not None)


class LabelledIn(Input):
    """A line that names a batch, perhaps by a scan: the number is read from the label, and the label is kept to be compared."""

    labels: Annotated[tuple[Scannable, ...], Field(max_length=10_000)] = Field(
        default=(),
        description="Its labels as they were scanned, to be compared; one that is scanned into a field counts by itself.",
    )

    @model_validator(mode="before")
    @classmethod
    def _keep_labels(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        scans = list(labels_of(given.get(name) for name in ("lot_no", "serial_no", "serials")))
        labels = given.get("labels") or ()
        return {**given, "labels": [*labels, *scans]} if scans and isinstance(labels, list | tuple) else given


class ScannedIn(Input):
    """An act whose batches may be named by scans."""

    label_reason: Reason | None = Field(
        default=None, description="Why a label that says something else is right all the same (LOT-028)."
    )


class LotLabelsIn(Input):
    """A batch and its labels."""

    lot_no: KnownLot
    labels: Annotated[tuple[Scannable, ...], Field(max_length=100)]


class OtherLots(ScannedIn):
    """An act that names batches in a list: the label of each is kept beside its number."""

    scanned: Annotated[tuple[LotLabelsIn, ...], Field(max_length=10_000)] = Field(
        default=(),
        description="Labels of the batches as they were scanned; one that is scanned into the list counts by itself.",
    )

    @model_validator(mode="before")
    @classmethod
    def _keep_list(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        lists = [given.get(name) for name in ("others", "lots") if isinstance(given.get(name), list | tuple)]
        found = [{"lot_no": one, "labels": [one]} for one in labels_of(lists)]
        return {**given, "scanned": [*(given.get("scanned") or ()), *found]} if found else given
