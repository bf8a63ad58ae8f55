"""One machine, one time: what may be one load (REQ 62)."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.kernel.refusal import Refusal
from models.load.rules import Ran, check_load

T0 = datetime(2026, 11, 1, tzinfo=UTC)


def ran(begins: int, ends: int, *machines: str) -> Ran:
    return Ran("N-1", T0 + timedelta(hours=begins), T0 + timedelta(hours=ends), frozenset(machines))


@pytest.mark.parametrize(
    ("here", "other", "code"),
    [
        (ran(0, 2), ran(0, 2, "AUTO-1"), "OPR-018"),
        (ran(0, 2, "AUTO-2"), ran(0, 2, "AUTO-1"), "OPR-019"),
        (ran(3, 5, "AUTO-1"), ran(0, 2, "AUTO-1"), "OPR-020"),
        (ran(0, 2, "AUTO-1"), ran(3, 5, "AUTO-1"), "OPR-020"),
        (ran(1, 3, "AUTO-1", "THERMO"), ran(0, 2, "AUTO-1"), None),
    ],
)
def test_what_is_no_load_is_refused(here: Ran, other: Ran, code: str | None) -> None:
    if code is None:
        check_load("ST-1", here, [other], "UTC")
        return
    with pytest.raises(Refusal) as said:
        check_load("ST-1", here, [other], "UTC")
    assert said.value.code == code


_times = st.tuples(st.integers(0, 9), st.integers(0, 5)).map(lambda one: (one[0], one[0] + one[1]))
_batches = st.lists(st.tuples(_times, st.sampled_from(["A", "B"])), min_size=1, max_size=6)


@given(batches=_batches)
def test_whatever_is_let_in_was_in_one_machine_at_one_time(batches: list[tuple[tuple[int, int], str]]) -> None:
    inside: list[Ran] = []
    for (begins, ends), machine in batches:
        one = ran(begins, ends, machine)
        try:
            check_load("ST-1", one, inside, "UTC")
        except Refusal:
            continue
        inside.append(one)
    assert len({machine for one in inside for machine in one.machines}) == 1
    # intervals that meet pairwise have an instant in common
    assert max(one.started_at for one in inside) <= min(one.finished_at for one in inside)
