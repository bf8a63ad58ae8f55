"""A refusal says each name in the language of its sentence, in whatever language its facts were read and wherever they were."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from models.kernel.refusal import Refusal
from models.kernel.store.act import act, read_by, reading
from models.kernel.store.english_names import retell
from models.lot.rules import lot
from models.partner.tables import Customer, Supplier
from models.person.rules import auth
from models.person.tables import Person
from models.receipt.messages import ReceiveLot
from models.returns import rules as recall_returns
from tests.support.plant.plant import SETUP, Plant
from ui.frame.words.units import in_words

HOSPITAL, HOSPITAL_EN = "命名第一医院", "Naming First Hospital"


@pytest.fixture(scope="module")
def named(desk: Plant) -> Plant:
    """Partners and people with English names, two of the same Chinese one with different English ones, one without."""
    with act(desk.engine, SETUP) as session:
        session.add(Supplier(supplier_no="NM-1", name="停供钛业", name_en="Stopped Titanium", status="blocked"))
        session.add(Customer(customer_no="NM-2", name=HOSPITAL, name_en=HOSPITAL_EN))
        session.add(Customer(customer_no="NM-3", name="同名医院", name_en="Hospital A"))
        session.add(Customer(customer_no="NM-4", name="同名医院", name_en="Hospital B"))
        session.add(Customer(customer_no="NM-5", name="无英文名医院"))
        session.add(Person(name="施易", name_en="Shi Yi", employee_no="NM-6"))
    return desk


async def test_an_act_that_is_refused_says_the_english_name_in_english_and_the_chinese_one_in_chinese(
    named: Plant,
) -> None:
    command = ReceiveLot(
        command_id="NM-R", by=named.by("li.cang"), lot_no="NM-R", quantity=Decimal(5), supplier_no="NM-1",
        item_no="PEEK-20", supplier_lot_no="P-NM", location="RCV-01",
    )  # fmt: skip
    with pytest.raises(Refusal, match="LOT-") as info:
        await named.door.receive_lot(named.client, command)
    assert "停供钛业" in info.value.zh
    assert "Stopped Titanium" not in info.value.zh
    assert "Stopped Titanium" in info.value.en
    assert info.value.en.isascii()
    assert (info.value.params["supplier"], info.value.params["supplier_en"]) == ("停供钛业", "Stopped Titanium")


def told(desk: Plant, language: str, refusal: Refusal) -> Refusal:
    """The refusal as it comes out of a session in which somebody of that language reads."""
    with pytest.raises(Refusal) as info, reading(read_by(desk.engine, language)):
        raise refusal
    return info.value


def too_many(customer: str) -> Refusal:
    return recall_returns.TOO_MANY(customer=customer, lot="H-1", there="30", wanted="31", uom="ea")


@pytest.mark.parametrize(("language", "read"), [("zh", HOSPITAL), ("en", HOSPITAL), ("en", HOSPITAL_EN)])
def test_in_whatever_language_the_name_was_read_it_is_told_in_both(named: Plant, language: str, read: str) -> None:
    refusal = told(named, language, too_many(read))
    assert refusal.zh.startswith(f"{HOSPITAL} 处的批次 H-1")
    assert refusal.en.startswith(f"{HOSPITAL_EN} has only 30")


def test_its_units_are_said_in_words_after_its_names(named: Plant) -> None:
    refusal = in_words(told(named, "zh", too_many(HOSPITAL)))
    assert refusal.zh == f"{HOSPITAL} 处的批次 H-1 只剩 30 件，不能退回 31 件。"
    assert refusal.en == f"{HOSPITAL_EN} has only 30 pcs of batch H-1 left and can't return 31 pcs."


@pytest.mark.parametrize("name", ["同名医院", "无英文名医院"])
def test_a_name_that_nobody_or_two_say_otherwise_in_english_stays_as_it_is(named: Plant, name: str) -> None:
    assert told(named, "zh", too_many(name)).en.startswith(f"{name} has only 30")


def test_what_was_looked_for_in_vain_stays_as_it_was_typed(named: Plant) -> None:
    assert told(named, "en", auth.UNKNOWN_PERSON(person="施易")).en == "There is no person “施易”."


def test_several_names_in_one_sentence_are_each_told(named: Plant) -> None:
    refusal = told(named, "zh", lot.BLOCKED_SUPPLIER(supplier=f"{HOSPITAL}, 停供钛业, 施易"))
    assert f"{HOSPITAL_EN}, Stopped Titanium, Shi Yi" in refusal.en
    assert f"{HOSPITAL}, 停供钛业, 施易" in refusal.zh


def test_a_transaction_that_a_wall_has_ended_tells_the_refusal_as_it_was(named: Plant) -> None:
    refusal = too_many(HOSPITAL)
    with Session(named.engine) as session:
        with pytest.raises(Exception, match="division by zero"):
            session.connection().exec_driver_sql("select 1 / 0")
        retell(session, refusal)
    assert refusal.en.startswith(HOSPITAL)
