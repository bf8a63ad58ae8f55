"""Every field of every request that takes text is one that reads scans, or is told here to be none (REQ 19; ID-030 to -032).

A new field that takes a number and doesn't read a scan fails here, whichever schema it stands in.
"""

import types
import typing
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from api.frame.request.shapes import Asks, Input, Names
from models.identifier.rules.scanned_field import Asked, seen
from models.kernel.refusal import Refusal
from tests.support.house import request_shapes

GTIN = "06901234567892"
LABELS = (
    f"]C101{GTIN}10PL-77",
    f"(01){GTIN}(17)311231(10)PL-77(21)S-9",
    f"(00)106141412345678908(02){GTIN}(37)5(10)PL-77",
    "+A123PRODUCT11/$PL-77A",
    "LOT:PL-77",
    "批号：PL-77",
    "S/N: S-9",
    "*PL-77*",
    "]C0PL-77",
    f"https://id.gs1.org/01/{GTIN}/10/PL-77",
    "urn:epc:class:lgtin:6901234.056789.PL-77",
    "urn:epc:id:sgtin:6901234.056789.S-9",
    "MA.156.M0.100001.1234.LPL-77",
    "(8004)M-07",
    "(414)0614141123452(254)A1",
)
WORDS = {"_upright", "_said", "_meant"}
"""The readers of names, sentences and days: what people write, not a number of anything."""
SENTENCES = {"acts.CompleteIn.form", "tasks.DraftInput.form"}
BY_THE_ACT = {
    "acts.BillLineIn.item_no": "an item, by its label too (items.meant)",
    "acts.ReceiveIn.item_no": "an item, by its label too (items.meant)",
    "acts.WorkOrderIn.item_no": "an item, by its label too (items.meant)",
    "acts.ReceiveIn.labels": "labels, to be compared",
    "shapes.LabelledIn.labels": "labels, to be compared",
    "shapes.LotLabelsIn.labels": "labels, to be compared",
    "acts.ShipmentIn.units": "cases and pallets, by their labels too (packing.read_number)",
    "packing.PackLineIn.unit_no": "a case or pallet, by its label too (packing.read_number)",
    "register.IdentifierInput.code": "a device identifier (master.check_device_identifier)",
}
"""Fields whose act reads the scan, with where."""
NO_CODE = {
    "acts.CompleteIn.form": "the fields of a form, each with its own rule",
    "acts.CompleteIn.outcome": "a word of the definition",
    "acts.CompleteIn.seen": "a digest",
    "acts.ConsumedIn.uom": "a unit",
    "acts.HoldIn.uom": "a unit",
    "acts.ReceiveIn.manufactured_on": "a day",
    "acts.ReceiveIn.uom": "a unit",
    "acts.ShipLineIn.uom": "a unit",
    "acts.SignatureIn.digest": "a digest",
    "acts.SignatureIn.meaning": "a word of ours",
    "acts.SignatureIn.password": "a secret",
    "auth.FirstInput.login": "a login",
    "auth.FirstInput.name": "a name",
    "auth.LoginInput.login": "a login",
    "auth.OwnAccountInput.login": "a login",
    "auth.OwnAccountInput.name": "a name",
    "auth.PasswordInput.name": "a name",
    "plant.FoundInput.country": "a country",
    "plant.FoundInput.login": "a login",
    "register.CharacteristicInput.unit": "a unit",
    "register.CustomerCountryInput.country": "a country",
    "register.CustomerInput.country": "a country",
    "register.ItemInput.uom": "a unit",
    "register.NameInput.was": "the name that was shown",
    "register.NameInput.was_en": "the name that was shown",
    "drift.WatchLotsIn.characteristic": "the name of a characteristic of the plan",
    "fault.ClockMoveInput.to": "a time",
    "people.AccountInput.login": "a login",
    "people.PersonInput.login": "a login",
    "recall.DrawIn.level": "a word of ours",
    "recall.RecallIn.notice": "the text of a notice",
    "listing.KeptView.name": "a name",
    "listing.KeptView.query": "part of an address",
    "listing.KeptView.shared": "a word of ours",
    "listing.NewView.list": "a word of ours",
    "tasks.DraftInput.form": "what is typed so far",
}
"""Other text, with what it is."""
NAMED_ONLY = {
    "plant.FoundInput.code", "plant.FoundInput.employee_no", "people.PersonInput.employee_no",
    "people.QualificationInput.code", "people.RenameInput.employee_no", "register.ItemInput.product_code",
    "recall.RecallByNumberIn.identifiers", "recall.RecallIn.identifiers",
}  # fmt: skip
"""Texts whose name looks like a number's and that are none: people's own, a registry's words, and what the resolver reads."""


BEGINS = {
    "acts.ReceiveIn.lot_no": "a new batch",
    "acts.ReceiveIn.supplier_lot_no": "the supplier's own",
    "acts.ShipmentIn.order_no": "the customer's own",
    "acts.ShipmentIn.shipment_no": "a new shipment",
    "acts.ShipmentIn.tracking_no": "the carrier's own",
    "acts.StepIn.code": "a new step",
    "acts.WorkOrderIn.lot_no": "a new batch",
    "acts.WorkOrderIn.work_order_no": "a new order",
    "register.CustomerInput.customer_no": "a new customer",
    "register.EquipmentInput.equipment_no": "a new machine",
    "register.IdentifierInput.code": "a new identifier",
    "register.ItemInput.catalogue_no": "a word on labels",
    "register.ItemInput.item_no": "a new item",
    "register.LocationInput.code": "a new place",
    "register.SupplierInput.supplier_no": "a new supplier",
    "register.SupplierItemInput.supplier_item_no": "the supplier's own",
    "reshape.MergeIn.into": "a new batch",
    "reshape.NewLotIn.lot_no": "a new batch",
    "reshape.RepackIn.into": "a new batch",
    "stock.SerialsIn.serials": "new numbers of pieces",
}
"""Fields that give a number to something new, or take somebody else's number: kept as it was typed, with what it is."""
NO_REGISTER = {
    "acts.OperationIn.document", "acts.OperationIn.document_version", "acts.ReceiveIn.certificate_no", "acts.StepIn.equipment_kind",
    "acts.StepIn.qualification", "acts.WorkOrderIn.document", "acts.WorkOrderIn.document_version",
    "register.PlanInput.qualification",
}  # fmt: skip
"""What has no register: versions of documents, certificates of suppliers, kinds of machines, skills."""


def inputs() -> Iterator[type[Input]]:
    """Every schema of a request."""
    known = frozenset(request_shapes.modules().values())
    waiting: list[type[Input]] = [Input]
    while waiting:
        one = waiting.pop()
        waiting += one.__subclasses__()
        if one.__module__ in known and not one.__name__.endswith("Out"):
            yield one


def leaves(annotation: Any, said: tuple[Any, ...] = ()) -> Iterator[tuple[Any, tuple[Any, ...]]]:
    """The plain types in an annotation, with what is said of each."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *more = typing.get_args(annotation)
        yield from leaves(inner, (*said, *more))
    elif origin in {typing.Union, types.UnionType, tuple, list, dict}:
        for inner in typing.get_args(annotation):
            yield from leaves(inner, said)
    else:
        yield annotation, said


def texts() -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Every field that takes text, by schema and name, with what is said of it."""
    for shape in dict.fromkeys(inputs()):
        hints = typing.get_type_hints(shape, include_extras=True)
        for name in shape.__annotations__:
            for kind, said in leaves(hints.get(name)):
                if kind is str:
                    yield f"{request_shapes.name_of(shape.__module__)}.{shape.__name__}.{name}", said


FIELDS = list(texts())
CODES = {
    name: next(one for one in said if isinstance(one, Asks))
    for name, said in FIELDS
    if any(isinstance(one, Asks) for one in said)
}


NAMED = {
    name: next(one for one in said if isinstance(one, Names))
    for name, said in FIELDS
    if any(isinstance(one, Names) for one in said)
}


def is_words(said: tuple[Any, ...]) -> bool:
    return any(getattr(getattr(one, "func", None), "__name__", "") in WORDS for one in said)


def test_every_field_that_takes_text_reads_scans_or_is_no_number() -> None:
    bare = {name for name, said in FIELDS if name not in CODES and not is_words(said)}
    assert bare == {*BY_THE_ACT, *NO_CODE}
    assert len(CODES) > 45


def test_no_field_that_is_called_a_number_is_read_as_mere_words() -> None:
    endings = ("_no", "_nos", "code", "serials", "lots", "others", "units", "identifiers")
    called = {name for name, said in FIELDS if name not in CODES and is_words(said) and name.endswith(endings)}
    assert called == NAMED_ONLY


def test_every_code_field_names_a_thing_of_a_register_or_is_told_here_to_begin_one() -> None:
    """A new field that refers to something and keeps the spelling that was typed fails here."""
    codes = {name for name in {*CODES, *BY_THE_ACT} if not name.endswith(".labels")}
    assert codes - {*NAMED} == {*BEGINS, *NO_REGISTER}
    assert {*NAMED} <= codes
    assert {name for name, one in NAMED.items() if one.begins} == {"acts.OperationIn.load", "register.PlanInput.code"}


@pytest.mark.parametrize("name", sorted(CODES))
def test_a_label_typed_into_a_field_is_the_number_that_it_asks_for_or_is_refused(name: str) -> None:
    """Never the whole label, whatever label it is."""
    field = TypeAdapter(typing.Annotated[str, *next(said for one, said in FIELDS if one == name)])
    found = [outcome(field, typed) for typed in LABELS]
    more = {Asked.ITEM: {"MA.156.M0.100001.1234"}, Asked.PLACE: {"A1"}}
    items = more.get(CODES[name].asked, set())
    assert set(found) <= {"ID-030", "ID-031", "PL-77", "S-9", "106141412345678908", "M-07", GTIN, *items}
    numbers = [one for one in found if not one.startswith("ID-")]
    assert all(seen(one) is None for one in numbers if one not in items)
    assert len(numbers) >= (4 if CODES[name].asked in {Asked.LOT, Asked.SERIAL} else 2)


def outcome(field: TypeAdapter[str], typed: str) -> str:
    """The number, or the code of the refusal."""
    try:
        return field.validate_python(typed)
    except Refusal as refused:
        return refused.code


NOBODY_SEES = ("\u200b\u2060", "\u3164", "\u2800 \u2800", "\ufeff", "\u202e\u202c", "\u00ad", " \u3000\t")
REASONS = [name for name, said in FIELDS if is_words(said) and name.rpartition(".")[2].endswith("reason")]


@pytest.mark.parametrize("name", sorted(REASONS))
def test_a_reason_that_nobody_sees_is_none(name: str) -> None:
    field = TypeAdapter(typing.Annotated[str, *next(said for one, said in FIELDS if one == name)])
    assert field.validate_python("换班\u200b") == "换班\u200b"
    for typed in NOBODY_SEES:
        try:
            said = field.validate_python(typed)
        except ValidationError:
            continue
        assert said == "", "where it may be left out it is"


def test_every_kind_of_reason_is_asked() -> None:
    assert len(REASONS) > 25
