"""What an engineer of the trade looks at first in the demo company: bars that fit what is turned from them, gauges that fit limits."""

import re
from decimal import Decimal

from runtime.demo.before import history
from runtime.demo.company.ground import OWN_COMPANY
from runtime.demo.company.masters import CHECKS, GAUGE
from runtime.demo.stories import SCREW_BARS

RESOLUTION = {name: Decimal("0.001") for name in ("micrometer", "taper_gauge", "thickness_gauge")} | {
    "caliper": Decimal("0.01")
}
"""In millimetres."""


def test_screws_are_turned_from_thin_bar_and_stems_from_thick() -> None:
    item = {raw.number: raw.item for raw in history.RAW}
    bars: dict[str, set[str]] = {}
    for batch in history.FINISHED:
        bars.setdefault(batch.item, set()).update(
            item[used] for used in batch.uses if item.get(used, "").startswith("TI-")
        )
    assert bars[history.SCREW] == {"TI-08"} == {one["item_no"] for one in SCREW_BARS}
    assert bars[history.HIP] == {"TI-30"}
    assert "Ø8" in next(line for line in OWN_COMPANY.read_text(encoding="utf-8").splitlines() if '"TI-08"' in line)


def test_a_gauge_resolves_a_tenth_of_what_the_limits_allow() -> None:
    lengths = {key: check for key, check in CHECKS.items() if check.what.unit == "mm"}
    assert len(lengths) >= 6
    for key, check in lengths.items():
        assert check.what.lower is not None
        assert check.what.upper is not None, key
        width = check.what.upper - check.what.lower
        assert RESOLUTION[check.what.gauge] * 10 <= width, key
        assert check.what.gauge in GAUGE, key


def test_good_work_lies_within_its_limits_and_bad_work_without() -> None:
    for key, check in CHECKS.items():
        low, high = check.what.lower or Decimal("-Infinity"), check.what.upper or Decimal("Infinity")
        assert low <= Decimal(check.usual) <= high, key
        assert not check.wrong or not low <= Decimal(check.wrong) <= high, key


def test_tapers_of_the_past_were_measured_with_the_gauge_of_today() -> None:
    for batch in history.FINISHED:
        if batch.item == history.HIP:
            assert batch.steps[-1].machine == GAUGE["taper_gauge"]
            told = [one.value for one in (*batch.tests, batch.failed) if one is not None and one.key == "taper"]
            assert all(re.fullmatch(r"1[34]\.\d{3} mm", one) for one in told), told


def test_titanium_of_the_past_was_passivated_between_machining_and_cleaning() -> None:
    for batch in history.FINISHED:
        words = [step.words for step in batch.steps]
        assert ("Passivation" in words[1]) == (batch.item in {history.HIP, history.SCREW}), batch.key
