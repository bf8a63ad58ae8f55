"""Requests of recalls (DESIGN 12), with examples for the OpenAPI page."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from api.frame.request.shapes import (
    Input,
    KnownCustomer,
    KnownLot,
    KnownPlace,
    KnownSerial,
    LabelledIn,
    Moment,
    Name,
    OtherLots,
    Reason,
    ScannedIn,
    Words,
)
from api.process.schemas.acts import Quantity, SignatureIn
from models.kernel.time.reported import day_since_clocks
from models.notice.rules.lot_list.reader import LIMIT
from models.notice.rules.receivers import MOST
from models.recall.store.preview import Holding, Telling


class RecallIn(Input):
    """A recall or a drill begins."""

    mode: Literal["recall", "drill"]
    identifiers: Annotated[tuple[Words, ...], Field(max_length=1000)] = Field(default=(), examples=[["P88-R-2611"]])
    notice: Annotated[str, Field(max_length=LIMIT)] | None = Field(
        default=None, description="The lot list of a supplier's notice, as received.", examples=[None]
    )
    questions_seen: bool = Field(default=False, description="Somebody looked at what the notice leaves open (RCL-015).")
    title: Name
    reason: Reason
    cause: Literal["manual", "complaint", "inspection", "supplier", "schedule"] = "manual"


class RecallByNumberIn(RecallIn):
    """One that begins without a notice: then there is something typed or scanned."""

    identifiers: Annotated[tuple[Words, ...], Field(min_length=1, max_length=1000)]


class DrawIn(Input):
    """How many customers are asked whether the notice worked; `share` in percent, for level B."""

    level: Annotated[str, Field(max_length=20)] = Field(examples=["C"])
    share: Decimal | None = None


class CheckIn(Input):
    """One try to reach a drawn customer.  Where somebody was reached, what they said has to be there too."""

    reached: bool
    channel: Literal["visit", "telephone", "email", "letter", "other"]
    contacted_at: Moment
    spoken_with: Name | None = None
    notice_received: bool | None = None
    acted: bool | None = None
    remark: Words | None = None


class ReturnedIn(LabelledIn):
    """How much of which lot came back; with its serial number where it has one."""

    lot_no: KnownLot
    quantity: Quantity
    serial_no: KnownSerial | None = None


class ReturnIn(ScannedIn):
    """Goods that came back from one customer."""

    customer_no: KnownCustomer
    lines: Annotated[tuple[ReturnedIn, ...], Field(min_length=1, max_length=1000)]
    location: KnownPlace = Field(examples=["RCV-01"])
    received_at: Moment
    reference: Name | None = None
    remark: Words | None = None


class DispositionIn(Input):
    """What becomes of returned goods, or of a part of them; `scrap` takes the signature over what `GET …/scrap` shows."""

    kind: Literal["scrap", "rework", "restock"]
    quantity: Quantity
    reason: Reason
    reference: Name | None = None
    signature: SignatureIn | None = None


class DecisionIn(OtherLots):
    """What becomes of batches in house; without `lots`, of all about which nobody has decided.

    `scrap` takes the signature over what `POST …/decisions/scrap` shows.
    """

    kind: Literal["scrap", "rework", "release"]
    reason: Reason
    lots: list[KnownLot] = Field(default_factory=list, max_length=10_000)
    reference: Name | None = None
    signature: SignatureIn | None = None


class ScrapLotsIn(Input):
    """Which batches in house are to be scrapped; without `lots`, all about which nobody has decided."""

    lots: list[KnownLot] = Field(default_factory=list, max_length=10_000)


class PreviewOut(Input):
    """What the steps that reach goods and people by one press would do now."""

    hold_all: Holding
    notify: Telling


Count = Annotated[Decimal, Field(ge=0, max_digits=18, decimal_places=6)]


class ReceiverIn(Input):
    """Somebody to whom recalled goods were passed on, how many, and how they are reached."""

    name: Name = Field(examples=["市第一医院"])
    quantity: Quantity
    contact: Name | None = None
    email: Name | None = None
    phone: Name | None = None


class AnswerIn(Input):
    """What a customer answers; on hand, used and passed on make what was received.

    `receivers` got what was passed on.  They need not be all of it: the rest is asked for again.
    """

    name: Name
    received: Count
    on_hand: Count
    used: Count
    will_return: Count
    remark: Words | None = None
    passed_on: Count = Decimal(0)
    receivers: Annotated[tuple[ReceiverIn, ...], Field(max_length=MOST)] = ()


class ReceiversIn(Input):
    """More of those to whom goods were passed on; `name` is who says so."""

    name: Name
    receivers: Annotated[tuple[ReceiverIn, ...], Field(min_length=1, max_length=MOST)]


class ClassIn(Input):
    """What the letter of an agency says of a recall's class in its market."""

    market: Literal["CN", "US", "EU"]
    level: Literal["I", "II", "III"]
    authority: Name = Field(examples=["FDA CDRH"])
    reference: Name = Field(examples=["Z-0123-2027"])
    classified_at: Moment


class FilingIn(Input):
    """A report that went to an authority."""

    kind: Literal["plan", "authority", "progress", "summary"]
    jurisdiction: Literal["CN", "US", "EU"]
    filed_at: Moment
    authority: Name
    reference: Name
    estimated_on: Annotated[date, AfterValidator(day_since_clocks)] | None = None
    remark: Words | None = None
