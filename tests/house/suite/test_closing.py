"""An application that a test was served by leaves no connection behind, whatever still answered when it ended."""

import threading

from models.kernel.store import db
from tests.support.application import closing
from tests.support.servers.database import TestDatabase


def test_a_connection_that_comes_back_after_the_end_is_closed(database: TestDatabase) -> None:
    engine = db.engine(database.api_url)
    with closing(engine):
        lent = engine.connect()
        open_one = lent.connection.driver_connection
        engine.dispose()  # as the application does at its end
        late = threading.Timer(0.2, lent.close)
        late.start()
    late.join()
    assert open_one is not None
    assert open_one.closed
