"""The database releases nothing that has expired."""

from runtime.postgres import SUPERUSER
from tests.support.fixtures.walls import Psql, refusal


def test_what_has_expired_is_not_released_by_the_database(psql: Psql) -> None:
    for day, of in (("current_date - 40", "month"), ("current_date - 2", "day")):
        with psql.transaction(SUPERUSER) as connection:
            connection.execute("alter table lot disable trigger lot_wall")  # it asks for the signatures first
            connection.execute("set local session_replication_role = replica")  # as a date of before
            connection.execute(
                f"update lot set expires_on = {day}, expiry_precision = '{of}' where lot_no = 'B-SEEN'"  # noqa: S608 - our own words
            )
            connection.execute("set local session_replication_role = origin")
            with refusal("BW199"):
                connection.execute("update lot set status = 'released' where lot_no = 'B-SEEN'")
