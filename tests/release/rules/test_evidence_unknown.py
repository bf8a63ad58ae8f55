"""Nothing unknown is clean: what came from elsewhere, has no limits, or has nothing to be checked against is never passed."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.release.rules import evidence
from models.release.rules.batch_record import BatchRecord, Labels, Migrated, Parameter, Reading
from models.release.rules.evidence import Factor, Mark
from tests.release.rules.test_evidence import NOW, operation, parent, record
from tests.support.house.proves import proves

FREE = Parameter(name="转速", value=Decimal(3200), text="3200", unit="rpm", lower=None, upper=None)
UNREAD = Reading(quantity="pressure", value=Decimal(15), unit="Pa", lower=None, upper=None, measured_at=NOW)
WORDS = Parameter(name="目视", value=None, text="良好", unit=None, lower=None, upper=None)


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"parameters": (FREE,)}, Factor.METHOD),
        ({"parameters": (WORDS,)}, Factor.METHOD),
        ({"readings": (*operation().readings, UNREAD)}, Factor.ENVIRONMENT),
    ],
)
def test_a_value_without_limits_is_not_judged_and_never_shown_as_passed(change: dict[str, Any], factor: Factor) -> None:
    judged = evidence.assess(record(operations=(operation(**change),)), NOW)
    assert judged.cell(factor, "op10").mark is Mark.NOT_JUDGED
    assert any("未判定" in words for words in judged.cell(factor, "op10").zh)
    assert judged.open_points == evidence.OpenPoints(0, 0, 0, 1)
    assert not judged.clean
    with pytest.raises(Refusal, match="REL-002"):
        evidence.check_release(judged, None)
    evidence.check_release(judged, "已对照工艺卡核对")


@pytest.mark.parametrize("nothing", [" ", "-", "\u2013", "/", "n/a", "N/A", "无", "\u200b", "\u3000", "不适用", "——"])
def test_a_document_or_version_that_says_nothing_is_not_recorded(nothing: str) -> None:
    changes: tuple[tuple[dict[str, Any], str], ...] = (
        ({"document": nothing}, "EV-METHOD-7"),
        ({"document_version": nothing}, "EV-METHOD-21"),
    )
    for change, code in changes:
        judged = evidence.assess(record(operations=(operation(**change),)), NOW)
        assert code in [one.code for one in judged.exceptions], change


NEVER = Labels(printed=52, applied=50, scrapped=2)


@proves("case 18")
@pytest.mark.parametrize(
    ("change", "factor", "stage"),
    [
        ({"planned": (), "operations": (operation(),)}, Factor.MAN, "op10"),
        ({"planned": (), "operations": (operation(),)}, Factor.METHOD, "op10"),
        ({"balance": record().balance.model_copy(update={"ordered": None})}, Factor.MATERIAL, "inspection"),
        ({"labels": NEVER}, Factor.METHOD, "label"),
    ],
)
def test_what_there_is_nothing_to_check_against_is_not_checked(
    change: dict[str, Any], factor: Factor, stage: str
) -> None:
    """A step the order hasn't, a batch that no order put in, labels never held against the packed quantity."""
    judged = evidence.assess(record(**change), NOW)
    assert judged.cell(factor, stage).mark is Mark.NOT_CHECKED
    assert judged.cell(factor, stage) in judged.unchecked
    assert not judged.clean


def test_a_split_batch_is_not_asked_for_an_input_of_its_own() -> None:
    balance = record().balance.model_copy(update={"ordered": None})
    assert evidence.assess(record(balance=balance, came_from=("H-0",)), NOW).clean


def brought(lot_no: str, **more: Any) -> Migrated:
    return Migrated(**{"lot_no": lot_no, "source": "inventree", "brought_at": NOW, **more})


def test_batches_from_an_earlier_system_are_one_exception_of_their_own_class_however_many() -> None:
    """Forty parents, one line, one reason; the line carries every number and names the system and the day of the import."""
    lots = [f"IV-{n:02}" for n in range(40)]
    judged = evidence.assess(
        record(
            parents=tuple(parent(lot_no=one, origin="migrated") for one in lots),
            migrated=tuple(brought(one) for one in [*lots, "IV-UP"]),  # one further up as well
        ),
        NOW,
    )
    [item] = judged.exceptions
    assert (item.code, item.migrated, item.blocking, item.value) == ("EV-MATERIAL-13", True, False, "41")
    assert item.lots == tuple(sorted([*lots, "IV-UP"]))
    assert "InvenTree" in item.zh
    assert "2026-11-21" in item.en
    assert judged.cell(Factor.MATERIAL, "incoming").mark is Mark.MIGRATED
    assert judged.open_points == evidence.OpenPoints(0, 0, migrated=1)
    assert "EV-MATERIAL-13" in evidence.judged(record(), judged)["accepted"][0]
    with pytest.raises(Refusal, match="REL-002"):
        evidence.check_release(judged, None)
    evidence.check_release(judged, "旧系统的检验报告已存档核对")


def test_a_migrated_batch_is_passed_only_by_evidence_that_is_named() -> None:
    def seen(**more: Any) -> tuple[Mark, str, list[str]]:
        one = evidence.assess(record(parents=(parent(origin="migrated"),), migrated=(brought("R-1", **more),)), NOW)
        cell = one.cell(Factor.MATERIAL, "incoming")
        return cell.mark, cell.en[0], [item.code for item in one.exceptions]

    told = {"inspection_no": "IV-I-R-1", "inspected_at": NOW}
    assert seen()[2] == ["EV-MATERIAL-13"]
    assert seen(**told, accepted=True) == (
        Mark.PASSED,
        "R-1 migrated from InvenTree; inspected in InvenTree and accepted (IV-I-R-1, 2026-11-21)",
        [],
    )
    assert "inspected here" in seen(**told, accepted=True, inspected_here=True)[1]
    assert seen(**told, accepted=False)[2] == ["EV-MATERIAL-15"]
    assert seen(signed=True) == (Mark.PASSED, "R-1 released", [])


def test_a_migrated_batch_itself_is_never_clean_until_it_is_signed_here() -> None:
    accepted = {"inspection_no": "FQC-1", "accepted": True}
    judged = evidence.assess(record(migrated=(brought("H-1", **accepted),)), NOW)
    assert [(one.code, one.migrated) for one in judged.exceptions] == [("EV-LOT-9", True)]
    # its inspection there is shown as what it is
    assert judged.cell(Factor.METHOD, "inspection").mark is Mark.MIGRATED
    split = evidence.assess(record(migrated=(brought("H-0"),), came_from=("H-0",)), NOW)
    assert [one.code for one in split.exceptions] == ["EV-LOT-9"]


def test_a_migrated_parent_of_a_record_that_names_no_system_is_not_clean_either() -> None:
    """Signed records of before say only that it was migrated; they are still read."""
    text = record(parents=(parent(origin="migrated"),)).model_dump(mode="json")
    assert "migrated" not in text
    judged = evidence.assess(BatchRecord.model_validate(text), NOW)
    assert [one.code for one in judged.exceptions] == ["EV-MATERIAL-13"]
    assert "an earlier system" in judged.exceptions[0].en


@given(some.lists(some.tuples(some.booleans(), some.booleans(), some.booleans()), max_size=6))
def test_no_migrated_batch_is_ever_clean_without_a_signature_or_an_accepted_inspection(
    told: list[tuple[bool, bool, bool]],
) -> None:
    migrated = tuple(
        brought(f"M-{n}", signed=signed, inspection_no="I" if inspected else None, accepted=inspected and accepted)
        for n, (signed, inspected, accepted) in enumerate(told)
    )
    judged = evidence.assess(record(migrated=migrated), NOW)
    unproven = {
        one.lot_no for one in migrated if not one.accepted and (one.inspection_no is not None or not one.signed)
    }
    named = {lot for one in judged.exceptions for lot in one.lots}
    assert named == unproven
    assert judged.clean == (not unproven)
