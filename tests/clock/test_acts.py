"""Where the record is ahead of the clock because the clock was wrong before, an operator goes on with a reason."""

import pytest

from models.kernel.refusal import Refusal
from models.kernel.store.act import act
from models.person.store import sessions
from runtime.commands.server.clock import accept_at, compared
from runtime.postgres import Postgres
from tests.support.plant.plant import PASSWORD, SETUP, Plant
from tests.support.servers.clock_back import ahead


def test_an_operator_accepts_the_clock_as_it_is_and_the_record_says_so(
    desk: Plant, database_template: Postgres
) -> None:
    url = desk.engine.url.render_as_string(hide_password=False)
    sessions.log_in(desk.engine, "admin", PASSWORD)
    assert not compared(url)[1]
    with pytest.raises(Refusal, match="API-507"):
        accept_at(url, "没有必要")
    ahead(database_template, str(desk.engine.url.database))
    for _ in range(3):  # who looks meanwhile doesn't hide it
        sessions.log_in(desk.engine, "admin", PASSWORD)
    line, behind = compared(url)
    assert behind
    assert line.endswith("behind")
    with pytest.raises(Refusal, match="API-505"), act(desk.engine, SETUP):
        pass
    with pytest.raises(Refusal, match="API-508"):
        accept_at(url, "  ")
    accept_at(url, "主板电池更换，此前快两小时")
    assert not compared(url)[1]
    with act(desk.engine, SETUP):
        pass
    said = "select reason from audit_event where table_name = 'clock_jump' and actor_id = 'service:operator'"
    assert desk.scalar(said) == "主板电池更换，此前快两小时"
