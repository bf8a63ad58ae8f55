"""Runs the Temporal worker: `python worker.py`, or as a child of `batchwright up`.

Three task queues: `quality` runs the workflows and every activity that writes the record, `outward` hands facts on, `mail`
talks to mail servers, so that a hanging mail server can't use up the slots in which people's signatures are
recorded.
"""

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator

from sqlalchemy.exc import DBAPIError
from temporalio.client import Client
from temporalio.service import RPCError

from runtime import logs, rubbish
from runtime.build import build_id
from runtime.clock import compare as engine_clock
from runtime.clock import moving as moving_clock
from runtime.health import QUEUES
from runtime.settings import Settings
from runtime.stack import SERVERS
from runtime.supervisor import running_stack
from runtime.temporal import connection, search_attributes
from runtime.temporal.workers import build_workers
from workflows.background import schedules
from workflows.temporal.start import ensure_outbox

log = logging.getLogger("batchwright.worker")


async def connect(settings: Settings) -> Client:
    """A client; waits for the server as long as it takes, for servers start in any order."""
    while True:
        try:
            return await connection.connect(settings, metrics=True)
        except (RuntimeError, RPCError) as error:
            log.warning("Temporal at %s doesn't answer yet: %s", settings.temporal_address, error)
            await asyncio.sleep(1)


async def bring_definitions(settings: Settings) -> None:
    """Ship processes that are new in this version; waits for the database and its migrations as long as it takes."""
    import models.nouns  # noqa: F401 - hands the nouns' kinds to the engine
    from models.kernel.store import db
    from models.plant.store import plant

    engine = db.engine(str(settings.database_url), pool_size=1)
    brought: list[str] = []
    try:
        while True:
            try:
                brought = await asyncio.to_thread(plant.bring_definitions, engine)
                await asyncio.to_thread(plant.ask_for_decisions, engine)
                await asyncio.to_thread(plant.check_declared, engine)
            except DBAPIError as error:
                log.warning("the database isn't ready: %s", error.orig)
                await asyncio.sleep(1)
            else:
                break
    finally:
        engine.dispose()
    if brought:
        log.info("new processes: %s", ", ".join(brought))


@contextlib.asynccontextmanager
async def signs_of_life(settings: Settings, client: Client) -> AsyncIterator[None]:
    """Write that the event loop turns, every two seconds; on an orderly stop, that nobody need wait for this worker.

    And compare the clocks, which is kept beside it.
    """
    from models.clock.store import signs_of_life as beats
    from models.kernel.store import db

    engine = db.engine(str(settings.database_url), pool_size=2)
    name = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"

    async def beat() -> None:
        while True:
            try:
                await asyncio.to_thread(beats.write, engine, name, os.getpid(), QUEUES, build_id())
            except DBAPIError as error:
                log.warning("no sign of life can be written: %s", error.orig)
            await asyncio.sleep(beats.EVERY)

    async def compare() -> None:
        await engine_clock.keep_comparing(engine, name, engine_clock.of(client))

    keeper = moving_clock.Keeper(engine, client, settings.zone)
    at_work = [asyncio.create_task(one()) for one in (beat, compare, keeper.keep)]
    try:
        yield
    finally:
        for one in at_work:
            one.cancel()
        await asyncio.gather(*at_work, return_exceptions=True)
        with contextlib.suppress(DBAPIError):
            await asyncio.to_thread(beats.forget, engine, name)
        engine.dispose()


async def run(settings: Settings) -> None:
    """Poll until SIGTERM or SIGINT, then finish what is in hand."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = await connect(settings)
    await bring_definitions(settings)
    async with contextlib.AsyncExitStack() as running:
        await search_attributes.look(client)
        for worker in build_workers(client, settings):
            await running.enter_async_context(worker)
        rubbish.leave_out_what_is_there()
        await running.enter_async_context(signs_of_life(settings, client))
        await ensure_outbox(client)
        await schedules.ensure_all(client, settings.site_zone)
        log.info("polling %s at %s", settings.temporal_namespace, settings.temporal_address)
        await stop.wait()


def main() -> None:
    """Read the settings and run; without addresses, with embedded servers."""
    rubbish.look_seldom()
    given = Settings()
    logging.basicConfig(
        stream=sys.stderr,
        level=given.log_level.upper(),
        format="%(asctime)s %(levelname)s %(name)s%(origin)s %(message)s",
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(logs.tell_origin)
    with running_stack(given, SERVERS) as stack:
        asyncio.run(run(stack.settings))


if __name__ == "__main__":
    main()
