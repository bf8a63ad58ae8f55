"""Goods that nobody accounts for are asked about; labels are recorded as they were counted."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from models.kernel.refusal import Refusal
from models.production.rules import packaging as rules


def read(**form: Any) -> rules.Packed:
    given_ = {
        "packed_quantity": "50",
        "samples_kept": "0",
        "labels_printed": 52,
        "labels_applied": 50,
        "labels_scrapped": 2,
    }
    return rules.read({**given_, **form}, Decimal(50), "pcs")


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"packed_quantity": "1"}, "STK-007"),
        ({"packed_quantity": "51"}, "STK-004"),
        ({"packed_quantity": "0"}, "STK-004"),
        ({"packed_quantity": "48", "scrapped_quantity": "2"}, "STK-008"),
        ({"packed_quantity": "48", "missing_quantity": "2", "loss_reason": " "}, "STK-008"),
        ({"packed_quantity": "48", "scrapped_quantity": "3", "missing_quantity": "-1", "loss_reason": "x"}, "STK-004"),
    ],
)
def test_packing_one_of_fifty_asks_for_the_other_forty_nine(form: dict[str, Any], code: str) -> None:
    with pytest.raises(Refusal) as no:
        read(**form)
    assert no.value.code == code


def test_a_difference_of_labels_is_recorded() -> None:
    assert read().difference == 0
    assert read(labels_printed=60).difference == 8
    assert read(labels_printed=60, labels_left=5, labels_samples=3).difference == 0
    assert read(labels_applied=49, labels_scrapped=3).difference == 1  # one piece without a label
    assert read(labels_applied=51, labels_scrapped=1).difference == 1  # one label on something else
    assert read(labels_printed=102, labels_applied=100, labels_each=2).difference == 0


def test_a_field_left_empty_on_the_page_is_not_said() -> None:
    assert read(labels_each="").difference == read(labels_each=None).difference == read().difference


def test_samples_may_carry_their_labels_or_not() -> None:
    for applied in (48, 49, 50):
        form = {
            "packed_quantity": "48",
            "samples_kept": "2",
            "labels_applied": applied,
            "labels_scrapped": 52 - applied,
        }
        assert read(**form).difference == 0


@given(
    packed=some.integers(1, 50),
    samples=some.integers(0, 50),
    scrapped=some.integers(0, 50),
    missing=some.integers(0, 50),
)
def test_whatever_is_let_through_is_accounted_for(packed: int, samples: int, scrapped: int, missing: int) -> None:
    form = {
        "packed_quantity": packed,
        "samples_kept": samples,
        "scrapped_quantity": scrapped,
        "missing_quantity": missing,
    }
    if packed + samples + scrapped + missing == 50:
        found = read(**form, loss_reason="跌落")
        assert found.packed + found.samples + found.scrapped + found.missing == 50
    else:
        with pytest.raises(Refusal, match=r"STK-00[47]"):
            read(**form, loss_reason="跌落")
