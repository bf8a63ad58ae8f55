"""Bodies of master data: items, suppliers, customers, equipment, places."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.frame.request.shapes import (
    Code,
    EnglishName,
    EquipmentNo,
    Input,
    KnownItem,
    KnownPlace,
    KnownSite,
    Moment,
    Name,
    Number,
    PlanCode,
    Reason,
    Scannable,
    Words,
)
from models.place.rules import PlaceKind

Kind = Literal["raw", "component", "in_process", "finished", "packaged"]
Unit = Annotated[str, Field(min_length=1, max_length=20)]


class IdentifierInput(Input):
    """A device identifier at one packaging level."""

    agency: Literal["GS1", "HIBCC", "ICCBBA", "MA"] = "GS1"
    code: Scannable
    level: Name = "Primary"
    package_quantity: Annotated[int, Field(ge=1, le=10**9)] | None = None


class ItemInput(Input):
    """A material or product."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "item_no": "HS-1214",
                    "name": "髋关节柄 12/14",
                    "name_en": "Hip stem 12/14",
                    "kind": "finished",
                    "implantable": True,
                    "expiry_on_label": True,
                    "shelf_life_months": 60,
                    "identifiers": [{"agency": "GS1", "code": "00888480539391"}],
                }
            ]
        }
    )

    item_no: Code
    name: Name
    name_en: EnglishName = None
    kind: Kind
    uom: Unit = "pcs"
    description: Words | None = None
    brand: Name | None = None
    model: Name | None = None
    catalogue_no: Code | None = None
    labeler: Name | None = None
    category: Name | None = None
    gmdn: Name | None = None
    product_code: Name | None = None
    lot_on_label: bool = True
    serial_on_label: bool = False
    manufactured_on_label: bool = False
    expiry_on_label: bool = False
    implantable: bool | None = Field(default=None, description="Undecided where nobody says.")
    sterile: bool = False
    single_use: bool = False
    shelf_life_months: Annotated[int, Field(ge=1, le=1200)] | None = None
    retest_months: Annotated[int, Field(ge=1, le=1200)] | None = Field(
        default=None, description="After how many months its material is tested again."
    )
    tolerance_percent: Annotated[Number, Field(ge=0, le=100, max_digits=9, decimal_places=6)] = Field(
        default=Decimal(0), description="How far its mass balance may be off before a release has to explain it."
    )
    identifiers: Annotated[tuple[IdentifierInput, ...], Field(max_length=50)] = ()


class ImplantInput(Input):
    """Whether an item is an implant, and how the person knows."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"implantable": True, "reason": "注册证 产品结构及组成"}]}
    )

    implantable: bool
    reason: Words


class SupplierInput(Input):
    """A company that we buy from."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"supplier_no": "S-001", "name": "甲材料有限公司"}]})

    supplier_no: Code
    name: Name
    name_en: EnglishName = None
    status: Literal["approved", "conditional", "blocked"] = "approved"
    is_manufacturer: bool = False
    contact: Name | None = None
    email: Name | None = None
    phone: Name | None = None


class SupplierStatusInput(Input):
    """Approve, restrict or block."""

    status: Literal["approved", "conditional", "blocked"]
    reason: Reason


class NameInput(Input):
    """Other names for what has this number, the names that it was read with, and why."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "髋关节柄 12/14",
                    "name_en": "Hip stem 12/14",
                    "was": "髋关节柄 12/14",
                    "reason": "补充英文名称",
                }
            ]
        }
    )

    name: Name
    name_en: EnglishName = None
    was: Annotated[
        str,
        Field(min_length=1, max_length=4000, description="The name that you read: MST-011 if it isn't that any more."),
    ]
    was_en: (
        Annotated[str, Field(max_length=4000, description="The English name that you read, if there was one.")] | None
    ) = None
    reason: Reason


class SupplierItemInput(Input):
    """What a supplier calls our item."""

    item_no: KnownItem
    supplier_item_no: Code
    description: Words | None = None


ChainLevel = Annotated[
    Literal["wholesale", "retail", "user", "unknown"],
    Field(
        description="Where it stands in the distribution chain: the depth of a recall goes by it; unknown is always told."
    ),
]


Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166, two letters: whose market it is.")]


class CustomerInput(Input):
    """A consignee."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer_no": "C-001", "name": "第一医院", "phone": "+86 512 0000 0000"}]}
    )

    customer_no: Code
    name: Name
    name_en: EnglishName = None
    contact: Name | None = None
    email: Name | None = None
    phone: Name | None = None
    address: Words | None = None
    country: Country | None = None
    level: ChainLevel = "unknown"


class CustomerLevelInput(Input):
    """Where a customer stands in the distribution chain, as far as anybody knows."""

    level: ChainLevel
    reason: Reason


class CustomerCountryInput(Input):
    """Whose market a customer is: whose recall clocks run."""

    country: Country
    reason: Reason


class EquipmentInput(Input):
    """A machine or gauge."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"equipment_no": "G-19", "name": "数显卡尺", "kind": "caliper"}]}
    )

    equipment_no: EquipmentNo
    name: Name
    name_en: EnglishName = None
    kind: Name
    needs_calibration: bool = True
    location: KnownPlace | None = None


class CalibrationInput(Input):
    """A calibration; the equipment may be used before the instant `due_at` only."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "performed_at": "2026-11-01T09:00:00+08:00",
                    "due_at": "2027-05-01T00:00:00+08:00",
                    "certificate": "CAL-2611-19",
                }
            ]
        }
    )

    performed_at: Moment
    due_at: Moment
    result: Literal["passed", "failed"] = "passed"
    certificate: Name | None = None


class EquipmentStatusInput(Input):
    """Into service or out of it."""

    status: Literal["in_service", "out_of_service"]
    reason: Reason


class LocationInput(Input):
    """A place where stock lies or work is done."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"code": "FG-A2", "name": "成品库 A2", "kind": "storage", "site": "SZ"}]}
    )

    code: Code
    name: Name
    name_en: EnglishName = None
    kind: PlaceKind = PlaceKind.STORAGE
    parent: KnownPlace | None = None
    site: KnownSite | None = None


class LocationKindInput(Input):
    """What a place is for."""

    kind: PlaceKind
    reason: Reason


class BillLineInput(Input):
    """How much of a component one piece of a product takes, in the component's unit."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"item_no": "HS-1214", "component_no": "PEEK-20", "quantity": "1"}]}
    )

    item_no: KnownItem
    component_no: KnownItem
    quantity: Annotated[Number, Field(gt=0, max_digits=20, decimal_places=6)]
    optional: bool = False


Count = Annotated[int, Field(ge=0, le=100_000)]


class CharacteristicInput(Input):
    """One thing to measure: a variable with a unit and limits, or an attribute that is good or not."""

    name_zh: Name
    name_en: Name
    kind: Literal["variable", "attribute"]
    unit: Unit | None = None
    lower: Annotated[Number, Field(max_digits=20, decimal_places=6)] | None = None
    upper: Annotated[Number, Field(max_digits=20, decimal_places=6)] | None = None
    sample_size: Annotated[int, Field(ge=1, le=100_000)] = 1
    accept: Count = Field(default=0, description="How many of the samples may be bad.")
    equipment_kind: Name | None = Field(default=None, description="The kind of gauge that it is measured with.")


class PlanInput(Input):
    """What is measured on one item, or on every item of a kind, at a stage; the code of an earlier plan makes its next version."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "code": "FQC-HS",
                    "title": "髋关节柄成品检验",
                    "stage": "final",
                    "item_no": "HS-1214",
                    "reason": "新产品",
                    "characteristics": [
                        {
                            "name_zh": "锥度直径",
                            "name_en": "Taper diameter",
                            "kind": "variable",
                            "unit": "mm",
                            "lower": "11.98",
                            "upper": "12.02",
                            "sample_size": 5,
                            "equipment_kind": "caliper",
                        }
                    ],
                }
            ]
        }
    )

    code: PlanCode
    title: Name
    title_en: EnglishName = None
    stage: Literal["incoming", "final"]
    item_no: KnownItem | None = None
    item_kind: Kind | None = None
    qualification: Code | None = Field(default=None, description="What whoever records results must hold.")
    characteristics: Annotated[tuple[CharacteristicInput, ...], Field(max_length=200)] = ()
    reason: Reason
