"""Every activity with a thread of its own goes on to its end (activities.transaction.uninterrupted)."""

import inspect

from sqlalchemy import create_engine
from temporalio import activity

import activities


def test_no_exception_is_thrown_into_a_transaction() -> None:
    nowhere = activities.Context(engine=create_engine("postgresql+psycopg://"), client=None)  # type: ignore[arg-type]
    threaded = [one for one in activities.all_activities(nowhere) if not inspect.iscoroutinefunction(one)]
    assert len(threaded) > 25
    marked = [activity._Definition.must_from_callable(one) for one in threaded]
    assert [one.name for one in marked if not one.no_thread_cancel_exception] == []
