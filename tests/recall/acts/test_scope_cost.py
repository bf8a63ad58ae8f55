"""What a scope costs follows its size, also at its walls: for no batch of it are all links of the plant read (DESIGN 9)."""

from sqlalchemy import text
from sqlmodel import Session

from models.kernel.store.act import act, now
from models.recall.store import hold_and_notify
from models.recall.tables.recall import Recall
from tests.support import stock
from tests.support.plant.plant import SETUP, Plant

OPENED = text("""
insert into recall (recall_no, mode, title, reason, identifier, opened_by_id)
select 'RC-COST', 'recall', '髋关节柄', '投诉', :material, p.id from person p join account a on a.person_id = p.id where a.login = 'sun.zhao'
returning id, opened_by_id
""")
READ = text("select seq_tup_read from pg_stat_xact_user_tables where relname = 'genealogy_edge'")
"""Links that this transaction has read without an index."""


def read(session: Session) -> int:
    """So far, in this transaction."""
    return int(session.connection().execute(READ).scalar_one())


async def test_a_batch_of_a_scope_is_not_looked_for_among_all_links(stocked_desk: Plant) -> None:
    links = stocked_desk.scalar("select count(*) from genealogy_edge")
    with act(stocked_desk.engine, SETUP) as session:
        key, person = session.connection().execute(OPENED, {"material": stock.MATERIAL}).one()
        recall, before = session.get_one(Recall, key), read(session)
        found = hold_and_notify.scoped(session, recall, [stock.MATERIAL], person, now(session))
        passes = (read(session) - before) / links
    assert found.lots == stock.READY + 1
    assert passes < found.lots / 2, "a table this small is read whole at times, but not for each batch"
