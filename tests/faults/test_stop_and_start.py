"""Everything is stopped in the middle of an open task and started again: the task and the half-filled form are there."""

import pytest

from tests.faults import ledger
from tests.faults.conftest import Site
from tests.faults.lives import measure, receive
from tests.support.house.proves import proves

pytestmark = [pytest.mark.faults, pytest.mark.slow]

HALF = {"remark": "外观合格, 尺寸待复"}


@proves("R9")
@pytest.mark.parametrize("how", ["stopped", "killed"])
def test_an_open_task_and_its_half_filled_form_are_there_after_a_restart(site: Site, how: str) -> None:
    lot_no, inspector = f"HALF-{how}", site.people["lin.jian"]
    receive(site.people, lot_no)
    task = inspector.task(lot_no, "inspect")
    inspector.draft(task, HALF)
    if how == "stopped":
        assert site.up.stop() == 0
    else:
        site.up.kill_supervisor()
    site.up.start()
    seen = inspector.read(f"/tasks/{task}")
    assert (seen["task"]["status"], seen["task"]["stage"], seen["draft"]) == ("open", "inspect", HALF)
    measure(site.people, lot_no)
    inspector.sign(lot_no, "inspect", "accepted", form=HALF)
    ledger.check_whole(site.engine)
