"""What a signature covers: the record with its judgement, and the statement of who signs (21 CFR 11.50, 11.70)."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.process.sign.statement import statement
from models.process.store.signing import canonical, digest
from models.release.rules import evidence
from models.release.rules import matrix as evidence_matrix
from models.release.rules.batch_record import Balance, BatchRecord, Operation, Person

NOW = datetime(2026, 11, 1, tzinfo=UTC)
BASE: dict[str, Any] = {
    "record": "0" * 64, "meaning": "approved", "outcome": "approve", "form": {"recall_class": "class_i", "hazard": "感染"},
    "reason": "已复核", "signer": "陈批", "on_behalf_of": None, "earlier": ["1" * 64],
}  # fmt: skip
CHANGES: dict[str, Any] = {
    "record": "2" * 64, "meaning": "reviewed", "outcome": "withdraw", "form": {"recall_class": "class_ii", "hazard": "感染"},
    "reason": "另一个理由", "signer": "吴经理", "on_behalf_of": "周审", "earlier": [],
}  # fmt: skip


def sha(said: dict[str, Any]) -> str:
    return digest(canonical(statement(**said)))


@pytest.mark.parametrize("key", sorted(BASE))
def test_nothing_that_is_said_can_be_changed_under_the_signature(key: str) -> None:
    assert sha({**BASE, key: CHANGES[key]}) != sha(BASE)


def test_the_second_signer_signs_what_the_first_one_wrote() -> None:
    first = {**BASE, "earlier": [], "signer": "周审", "reason": "两项例外可接受"}
    second = {**BASE, "earlier": [sha(first)]}
    assert sha(second) != sha({**BASE, "earlier": [sha({**first, "reason": "没有例外"})]})


TEXTS = some.text(some.characters(codec="utf-8", exclude_characters="\x00"), max_size=8)
FORMS = some.dictionaries(TEXTS, TEXTS | some.integers(-(2**31), 2**31) | some.booleans() | some.none(), max_size=4)


@given(form=FORMS, reason=TEXTS)
def test_a_statement_that_travelled_is_the_same_statement(form: dict[str, Any], reason: str) -> None:
    """The API computes it before the proof, the activity again after Temporal has carried the command."""
    travelled = json.loads(json.dumps(form))
    assert sha({**BASE, "form": form, "reason": reason}) == sha({**BASE, "form": travelled, "reason": f" {reason} ".strip()}) or reason != reason.strip()  # fmt: skip


def record(**more: Any) -> BatchRecord:
    zero = Decimal(0)
    given: dict[str, Any] = {
        "lot_no": "B-1", "item_no": "HIP", "item": "髋关节柄", "kind": "finished", "quantity": Decimal(5), "uom": "pcs",
        "status": "packed", "expires_on": date(2031, 1, 1), "expiry_precision": "day", "manufactured_on": None,
        "supplier": None, "supplier_lot_no": None, "work_order": None, "definition": "", "planned": (), "operations": (),
        "parents": (), "ancestors": 0, "ancestor_issues": (), "inspections": (), "holds": (), "nonconformances": (),
        "labels": None, "zone": "Asia/Shanghai", "came_from": (),
        "balance": Balance(made=zero, stock=zero, consumed=zero, shipped=zero, scrapped=zero, samples=zero, reshaped=zero),
    }  # fmt: skip
    return BatchRecord(**{**given, **more})


def test_the_record_carries_its_judgement_with_the_version_of_the_rules() -> None:
    made = record()
    assessment = evidence.assess(made, NOW)
    said = evidence.judged(made, assessment)
    assert said["assessment"]["rules"] == evidence_matrix.RULES
    assert [one["code"] for one in said["assessment"]["exceptions"]] == [one.code for one in assessment.exceptions]
    assert said["lot_no"] == "B-1"


def test_a_signed_record_is_read_back_with_what_was_shown() -> None:
    made = record()
    assessment = evidence.assess(made, NOW)
    assert evidence.as_signed(canonical(evidence.judged(made, assessment))) == (made, assessment)


def test_a_record_that_was_signed_before_there_were_judgements_is_read_as_well() -> None:
    made = record()
    old = made.model_dump(mode="json")
    assert evidence.as_signed(canonical(old)) == (made, None)


def test_who_wrote_down_the_work_of_others_stands_in_what_is_signed_and_is_shown() -> None:
    worker = Person(name="王操", needed=None, qualification=None)
    operation = Operation(
        seq=10, run_no=1, code="MACH", title_zh="机加工", title_en="Machining", started_at=NOW, finished_at=NOW,
        people=(worker,), machines=(), parameters=(), readings=(), document=None, document_version=None,
        environment_needed=False, consumed=(), recorded_by="钱新",
    )  # fmt: skip
    made = record(operations=(operation,), planned=("10",))
    assessment = evidence.assess(made, NOW)
    assert any("钱新" in words for words in assessment.cell(evidence.Factor.MAN, "op10").zh)
    assert "钱新" in canonical(evidence.judged(made, assessment))
    own = record(operations=(operation.model_copy(update={"recorded_by": "王操"}),), planned=("10",))
    assert evidence.assess(own, NOW).cell(evidence.Factor.MAN, "op10").zh == ("王操",)
