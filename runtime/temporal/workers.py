"""The workers of all task queues, the same in production and in tests."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxRestrictions

from runtime.build import build_id
from runtime.settings import Settings, secret_of
from runtime.temporal.sandbox import Sandbox
from workflows.temporal.queues import MAIL, OUTWARD, QUALITY

# Activities block on PostgreSQL in threads; each holds one connection for the length of one transaction.  Acts are done
# inside their workflow tasks; the others are acts that the database kept waiting, and deliveries.
ACTS = 16
THREADS = {QUALITY: 4, OUTWARD: 4, MAIL: 4}
# On a stop, an act in hand is finished; the outbox, whose delivery goes on for minutes, is cut off and taken up again.
GRACE = {QUALITY: timedelta(seconds=10), OUTWARD: timedelta(seconds=1), MAIL: timedelta(seconds=1)}

# Modules that the sandbox needn't import again for each workflow: our own and the pure libraries below them.  What the
# sandbox would find in ours, the determinism check of tests/house finds on every line.  Each workflow would pay for importing
# Pydantic, the rules and the workflows anew: 18 ms of processor time for replaying a history, 13 without our workflows.
PASSED_THROUGH = (
    "workflows",
    "models",
    "pydantic",
    "pydantic_core",
    "annotated_types",
    "rfc8785",
    "orjson",
    "yaml",
    "biip",
)


def build_workers(client: Client, settings: Settings) -> list[Worker]:
    """A worker per queue; all know every activity, the workflow chooses the queue."""
    import activities
    from models.kernel.store.db import engine
    from models.process import kinds
    from workflows.temporal import registry

    context = activities.Context(
        engine=engine(str(settings.database_url), pool_size=ACTS + sum(THREADS.values()), acts=True, build=build_id()),
        settings=settings,
        client=client,
        build=build_id(),
        secret=secret_of(settings),
    )
    doing = activities.all_activities(context)
    registry.require(registry.named() | {f"kind {one.family}": one.workflow for one in kinds.every()})
    versioned = deployment(settings)
    return [
        build_worker(client, QUALITY, activities=doing, workflows=registry.ALL, versioned=versioned),
        build_worker(client, OUTWARD, activities=doing, versioned=versioned),
        build_worker(client, MAIL, activities=doing, versioned=versioned),
    ]


def deployment(settings: Settings) -> WorkerDeploymentConfig | None:
    """Worker Versioning, where a deployment is named; batches live for years, so they go on with whatever is current."""
    if settings.temporal_deployment is None:
        return None
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(settings.temporal_deployment, settings.temporal_build_id or build_id()),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def build_worker(
    client: Client,
    queue: str,
    *,
    activities: Sequence[Any] = (),
    workflows: Sequence[type] = (),
    versioned: WorkerDeploymentConfig | None = None,
) -> Worker:
    """One worker."""
    threads = THREADS.get(queue, 8)
    return Worker(
        client,
        task_queue=queue,
        workflows=workflows,
        activities=activities,
        activity_executor=ThreadPoolExecutor(threads + ACTS, thread_name_prefix=f"{queue}-activity"),
        max_concurrent_activities=threads,
        max_concurrent_local_activities=ACTS,
        workflow_runner=sandbox(),
        graceful_shutdown_timeout=GRACE.get(queue, timedelta()),
        deployment_config=versioned,
        # without a name of ours, Temporal's library would read and hash every module of the process for one
        build_id=None if versioned else build_id(),
    )


def sandbox() -> Sandbox:
    """Temporal's determinism sandbox, with the pure modules passed through."""
    return Sandbox(restrictions=SandboxRestrictions.default.with_passthrough_modules(*PASSED_THROUGH))
