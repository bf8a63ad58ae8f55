"""Whatever an act answers, its receipt stays small and says how many there were (DESIGN 6a)."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from models.kernel.act_receipt import LISTED, short

LONG = st.integers(0, 200).map(lambda many: list(range(many)))
TREE: st.SearchStrategy[Any] = st.recursive(
    LONG | st.integers(),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from("abcd"), part),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from("pqrs"), TREE))
def test_no_list_of_a_receipt_is_longer_than_a_person_reads(data: dict[str, Any]) -> None:
    def longest(value: Any) -> int:
        if isinstance(value, dict):
            return max((longest(one) for one in value.values()), default=0)
        if isinstance(value, list):
            return max(len(value), *(longest(one) for one in value), 0)
        return 0

    assert longest(short(data)) <= LISTED


def test_the_receipt_of_a_recall_of_two_hundred_thousand_batches_is_small_and_says_how_many() -> None:
    lots = [f"H-2611-{number:06}" for number in range(200_000)]
    done = short(
        {"recall_no": "RC-1", "difference": {"lots_added": lots, "lots_gone": []}, "grown_lots": lots, "version": 2}
    )
    assert len(json.dumps(done)) < 20_000
    assert (done["grown_lots_total"], done["difference"]["lots_added_total"]) == (200_000, 200_000)
    assert done["grown_lots"] == lots[:LISTED]
    assert (done["version"], done["difference"]["lots_gone"]) == (2, [])
