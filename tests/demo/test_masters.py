"""What an engineer of the trade looks at first in the demo company: bars that fit what is turned from them."""

from runtime.demo import history
from runtime.demo.company import OWN_COMPANY
from runtime.demo.stories import SCREW_BARS


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
