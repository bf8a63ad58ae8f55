"""The demo company as `batchwright up` loads it into an empty database; killed half-way, the next load goes on."""

import time
from functools import partial

from runtime import tls
from runtime.demo import stories
from runtime.demo.before.agenda import Agenda
from runtime.demo.company.ground import FOUNDER, PASSWORD, PEOPLE, Someone, furnish, to_stderr
from runtime.demo.people.office import Office, patiently
from runtime.demo.people.shift import Shift
from runtime.ports import LOOPBACK
from runtime.settings import Settings

__all__ = ["PASSWORD", "PEOPLE", "is_wanted", "load", "people"]


def people(settings: Settings, seconds: float = 20) -> tuple[Someone, ...]:
    """Who can log in, as soon as the plant is founded; nobody in a database of somebody's own."""
    from models.kernel.store.act import reading
    from models.kernel.store.db import engine
    from models.plant.store import demo

    connected = engine(str(settings.database_url), pool_size=1)
    deadline = time.monotonic() + seconds
    try:
        while True:
            with reading(connected) as session:
                state = demo.state(session)
            if state != "empty" or time.monotonic() > deadline:
                return PEOPLE if state in {"begun", "ended"} else ()
            time.sleep(0.2)
    finally:
        connected.dispose()


def is_wanted(settings: Settings) -> bool:
    """Whether loading has anything to do: in an empty database, or where it was interrupted."""
    from models.kernel.store.act import reading
    from models.kernel.store.db import engine
    from models.plant.store import demo

    connected = engine(str(settings.database_url), pool_size=1)
    try:
        with reading(connected) as session:
            return demo.state(session) in {"empty", "begun"}
    finally:
        connected.dispose()


def load(settings: Settings) -> None:
    """Found the plant, bring its history in, and let its people work through the API; nothing in a used database."""
    from models.clock.store import moved_clock
    from models.kernel.store.act import act, reading
    from models.kernel.store.db import engine
    from models.plant.store import demo

    connected = engine(str(settings.database_url), pool_size=2)
    with reading(connected) as session:
        if demo.state(session) in {"ended", "other"}:
            return
    began = time.monotonic()
    goods = furnish(connected, to_stderr)
    with reading(connected) as session:
        so_far = demo.progress(session)
    host = LOOPBACK if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104 - compared, not bound
    office = Office(f"{tls.scheme(settings)}://{host}:{settings.port}", PASSWORD, tls.client(settings))
    patiently(lambda: office["zhou.shen"])
    now = partial(moved_clock.now, connected)
    agenda = Agenda(goods.days, goods.numbers)
    stories.play(lambda: Shift(office, agenda, goods, now, so_far), goods)
    stories.claim(Shift(office, agenda, goods, now, so_far))
    office.close()
    with act(connected, FOUNDER) as session:
        demo.make_late(session, {(goods.numbers(key), stage): by for (key, stage), by in stories.LATE.items()})
        demo.end(session)
    connected.dispose()
    to_stderr(f"演示公司已就绪 / demo company complete ({time.monotonic() - began:.0f} s)")
