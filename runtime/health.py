"""Whether each part works, named, within a few seconds: what `/readyz` and the supervisor show (DESIGN 4)."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Engine, text
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.client import Client

from models.audit import store as sealing
from models.clock.store import clocks, moved_clock
from models.clock.store import signs_of_life as beats
from models.kernel.time.moments import wire
from models.person.store import role_rights
from runtime.settings import Settings
from workflows.temporal.queues import MAIL, OUTWARD, QUALITY

QUEUES = (QUALITY, OUTWARD, MAIL)
SECONDS = 3.0  # a part that needs longer counts as down


@dataclass(frozen=True)
class Part:
    """One part's answer: `detail` is a version when it works and the reason when it doesn't."""

    name: str
    ok: bool
    detail: str
    milliseconds: int

    def as_dict(self) -> dict[str, Any]:
        """The wire form."""
        return asdict(self)


async def readiness(engine: Engine, client: Client | None, settings: Settings) -> list[Part]:
    """Every part, asked at the same time; `client` is None while no connection to Temporal has been made."""

    async def blocking(question: Callable[[Engine], str]) -> str:
        return await asyncio.to_thread(question, engine)

    questions: dict[str, Callable[[], Awaitable[str]]] = {
        "database": lambda: blocking(database),
        "migrations": lambda: blocking(migrations),
        "roles": lambda: blocking(roles),
        "sealing": lambda: blocking(seals),
        "clock": lambda: blocking(clock),
        "clock:temporal": lambda: blocking(engine_clock),
        "disk": lambda: asyncio.to_thread(disk, settings),
        "temporal": lambda: temporal(client),
        **{f"worker:{queue}": lambda queue=queue: serving(engine, client, queue) for queue in QUEUES},  # type: ignore[misc]
    }
    return list(await asyncio.gather(*(_ask(name, question) for name, question in questions.items())))


async def _ask(name: str, question: Callable[[], Awaitable[str]]) -> Part:
    began = time.monotonic()
    try:
        detail, ok = await asyncio.wait_for(question(), SECONDS), True
    except TimeoutError:
        detail, ok = f"no answer within {SECONDS:.0f} s", False
    except Exception as error:  # noqa: BLE001 - whatever is wrong with a part is its answer
        detail, ok = (str(error).splitlines() or [type(error).__name__])[0], False
    return Part(name, ok, detail, round((time.monotonic() - began) * 1000))


class PartDownError(RuntimeError):
    """A part answers, but what it says isn't good enough."""


def database(engine: Engine) -> str:
    """PostgreSQL's version, asked as the application role."""
    with engine.connect() as connection:
        return "PostgreSQL " + str(connection.execute(text("show server_version")).scalar_one())


def migrations(engine: Engine) -> str:
    """The database's migration level; down when this code needs another."""
    from models import migrations as alembic

    with engine.connect() as connection:
        current = alembic.current(connection)
    if current != alembic.newest():
        raise PartDownError(f"the database is at {current}, this version needs {alembic.newest()}: batchwright migrate")
    return str(current)


def roles(engine: Engine) -> str:
    """That the application's roles make no objects and can't become the owner; down when one could lift the walls."""
    with engine.connect() as connection:
        found = role_rights.excess(connection)
    if found:
        raise PartDownError(f"the application could lift its walls / 应用角色权限过大: {'; '.join(found)}")
    return "no more than rows / 仅可读写数据行"


def seals(engine: Engine) -> str:
    """That what changes is written down and sealed; down when a table is silent or a newest row's leaf isn't its own."""
    with engine.connect() as connection:
        found = sealing.look(connection)
    if found.silent:
        raise PartDownError(f"changes are not written down / 变更未记入审计: {', '.join(found.silent)}")
    if found.broken:
        raise PartDownError(
            f"audit rows were changed: {', '.join(map(str, found.broken[:10]))}; batchwright audit verify / 审计记录被改动"
        )
    return f"sealed up to {found.last or 0} / 审计已封存至 {found.last or 0}"


def clock(engine: Engine) -> str:
    """The record's clock; down when it shows less than the record already holds, for then nothing is recorded."""
    seen = clocks.look(engine).clocks
    if seen.behind and seen.last is not None:
        raise PartDownError(
            f"the clock shows {wire(seen.now)}, the last record is of {wire(seen.last)}: batchwright clock"
        )
    return wire(seen.now) + (" 测试库 test home" if moved_clock.look(engine) is not None else "")


def engine_clock(engine: Engine) -> str:
    """How the record's clock compares with Temporal's; down when they are apart, for then nothing is recorded.

    That nobody has compared lately is said, and holds nobody up: what keeps it from being compared is a part of its own.
    """
    seen = clocks.look(engine)
    if seen.clocks.ahead is None:
        since = "yet" if seen.since is None else f"for {seen.since:.0f} s"
        return f"not compared {since} / 尚未比较或已中断比较；不影响记录"
    least, most = (one.total_seconds() for one in (seen.clocks.ahead.least, seen.clocks.ahead.most))
    if seen.clocks.apart:
        raise PartDownError(
            f"the record's clock is ahead of the engine's by {least:.1f} to {most:.1f} s; nothing is recorded until they agree"
            f" / 数据库时钟比流程引擎时钟快 {least:.1f} 至 {most:.1f} 秒，一致之前暂停记录"
        )
    return f"agrees within {max(abs(least), abs(most)):.1f} s / 相差不超过 {max(abs(least), abs(most)):.1f} 秒"


def disk(settings: Settings) -> str:
    """Room where the data folder is; PostgreSQL stops for good when there is none."""
    folder = next(one for one in (settings.home, *settings.home.parents) if one.exists())
    free = shutil.disk_usage(folder).free // 2**20
    if free < settings.min_free_mb:
        raise PartDownError(f"{free} MiB left at {settings.home}, {settings.min_free_mb} are wanted")
    return f"{free} MiB free"


async def temporal(client: Client | None) -> str:
    """The namespace, as Temporal describes it."""
    if client is None:
        raise PartDownError("not connected")
    answer = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    return f"namespace {answer.namespace_info.name}"


async def serving(engine: Engine, client: Client | None, queue: str) -> str:
    """Who serves a task queue: it must have polled, and given a sign of life through the record just now."""
    polling = await pollers(client, queue)
    found = await asyncio.to_thread(beats.serving, engine, queue)
    if found.silent is None:
        raise PartDownError(f"no worker serves {queue}")
    if not found.alive:
        raise PartDownError(f"no sign of life from the worker of {queue} for {found.silent:.0f} s")
    return polling


async def pollers(client: Client | None, queue: str) -> str:
    """How many workers wait at a task queue; none is down.

    Temporal forgets a poller only minutes after it died, so this sees a worker that never came; `serving` sees one that hangs.
    """
    if client is None:
        raise PartDownError("not connected")
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    )
    answer = await client.workflow_service.describe_task_queue(request)
    if not answer.pollers:
        raise PartDownError(f"no worker polls {queue}")
    return f"{len(answer.pollers)} worker(s)"
