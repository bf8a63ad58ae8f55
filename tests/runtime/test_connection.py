"""How Temporal is reached: over TLS with certificates of both sides, with an API key, measured, and as a version of a deployment."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.service import RPCError, TLSConfig
from temporalio.testing import WorkflowEnvironment

from runtime.build import build_id
from runtime.ports import free_port
from runtime.settings import Settings
from runtime.stack import Stack
from runtime.supervisor import running_stack
from runtime.temporal import connection, search_attributes, workers
from workflows.background.upkeep import Upkeep
from workflows.process import searched

TLS = Path(__file__).parent.parent / "support" / "tls"
OURS = {
    "TEMPORAL_TLS_SERVER_CA_CERT_PATH": str(TLS / "ca.pem"),
    "TEMPORAL_TLS_CLIENT_CERT_PATH": str(TLS / "client.pem"),
    "TEMPORAL_TLS_CLIENT_KEY_PATH": str(TLS / "client.key"),
    "TEMPORAL_TLS_SERVER_NAME": "temporal.test",
}

made: Any = Settings
"""The names of the environment are unknown to the type checker."""


@contextlib.asynccontextmanager
async def behind_tls(address: str) -> AsyncIterator[str]:
    """The server behind a door that speaks TLS only and asks for a certificate."""
    host, _, port = address.rpartition(":")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(TLS / "ca.pem"))
    context.load_cert_chain(TLS / "server.pem", TLS / "server.key")
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])

    async def pour(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while some := await source.read(65536):
                target.write(some)
                await target.drain()
        target.close()

    async def come_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner, outer = await asyncio.open_connection(host, int(port))
        await asyncio.gather(pour(reader, outer), pour(inner, writer))

    door = await asyncio.start_server(come_in, "127.0.0.1", 0, ssl=context)
    try:
        yield f"127.0.0.1:{door.sockets[0].getsockname()[1]}"
    finally:
        door.close()


async def answers(given: dict[str, Any]) -> bool:
    try:
        client = await asyncio.wait_for(connection.connect(made(**given)), 10)
    except (RuntimeError, RPCError, TimeoutError):
        return False
    return await client.service_client.check_health()


async def test_a_server_that_asks_for_a_certificate_is_reached_with_ours_and_not_without(
    temporal_env: WorkflowEnvironment,
) -> None:
    async with behind_tls(str(temporal_env.client.service_client.config.target_host)) as address:
        whole = {"TEMPORAL_ADDRESS": address, **OURS}
        assert await answers(whole)
        for lacking in ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "TEMPORAL_TLS_SERVER_NAME"):
            assert not await answers({name: value for name, value in whole.items() if name != lacking}), lacking
        anonymous = {name: value for name, value in whole.items() if "CLIENT" not in name}
        assert not await answers(anonymous)
        assert not await answers({"TEMPORAL_ADDRESS": address})


async def test_an_api_key_goes_along_over_tls_and_stands_in_no_log() -> None:
    given = made(TEMPORAL_ADDRESS="temporal.test:7233", TEMPORAL_API_KEY="hush-hush")
    client = await connection.connect(given, lazy=True)
    assert client.service_client.config.api_key == "hush-hush"
    assert client.service_client.config.tls is True
    assert "hush" not in repr(given)
    plain = await connection.connect(made(TEMPORAL_ADDRESS="temporal.test:7233"), lazy=True)
    assert plain.service_client.config.tls is False


def test_a_certificate_without_its_key_is_refused_and_empty_is_unset() -> None:
    with pytest.raises(ValidationError, match="needs its key"):
        made(TEMPORAL_TLS_CLIENT_CERT_PATH="client.pem")
    assert connection.tls_of(made(**dict.fromkeys([*OURS, "TEMPORAL_API_KEY", "TEMPORAL_TLS"], ""))) is False
    assert connection.tls_of(made(TEMPORAL_TLS="true")) is True
    found = connection.tls_of(made(**OURS))
    assert isinstance(found, TLSConfig)
    assert (found.domain, found.client_private_key) == ("temporal.test", (TLS / "client.key").read_bytes())


def test_what_the_environment_says_of_another_server_is_not_for_the_embedded_one(tmp_path: Path) -> None:
    given = made(home=tmp_path, TEMPORAL_API_KEY="hush", **OURS)
    stack = Stack(given)
    assert stack.temporal is not None
    assert connection.tls_of(stack.settings) is False
    assert stack.settings.temporal_api_key is None
    told = stack.child_environment()
    assert {name: told[name] for name in [*OURS, "TEMPORAL_API_KEY", "TEMPORAL_TLS"]} == dict.fromkeys(
        [*OURS, "TEMPORAL_API_KEY", "TEMPORAL_TLS"], ""
    )
    elsewhere = Stack(made(home=tmp_path, TEMPORAL_ADDRESS="temporal.test:7233", **OURS))
    assert isinstance(connection.tls_of(elsewhere.settings), TLSConfig)
    assert not OURS.keys() & elsewhere.child_environment().keys()  # the children read the environment themselves


async def test_metrics_are_served_where_an_address_is_given(temporal_env: WorkflowEnvironment) -> None:
    with pytest.raises(ValidationError, match="host:port"):
        made(metrics="9464")
    address = f"127.0.0.1:{free_port()}"
    given = {"TEMPORAL_ADDRESS": temporal_env.client.service_client.config.target_host, "metrics": address}
    client = await connection.connect(made(**given), metrics=True)
    await client.count_workflows()
    async with httpx.AsyncClient(trust_env=False) as asking:
        said = (await asking.get(f"http://{address}/metrics")).text
    assert "temporal_request{" in said
    assert 'operation="CountWorkflowExecutions"' in said


async def test_workers_join_a_deployment_only_where_one_is_named(temporal_env: WorkflowEnvironment) -> None:
    assert workers.deployment(made()) is None
    named = workers.deployment(made(TEMPORAL_DEPLOYMENT_NAME="batchwright"))
    assert named is not None
    assert named.version.build_id == build_id()
    given = made(TEMPORAL_DEPLOYMENT_NAME="batchwright", TEMPORAL_WORKER_BUILD_ID="2026.11")
    client: Client = temporal_env.client
    versioned = workers.deployment(given)
    async with workers.build_worker(client, "versioned", workflows=[Upkeep], versioned=versioned):

        async def joined() -> bool:
            asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name="batchwright")
            try:
                found = await client.workflow_service.describe_worker_deployment(asked)
            except RPCError:
                return False
            summaries = found.worker_deployment_info.version_summaries
            return [one.deployment_version.build_id for one in summaries] == ["2026.11"]

        for _ in range(400):
            if await joined():
                break
            await asyncio.sleep(0.1)
        assert await joined()


async def test_the_embedded_server_knows_what_processes_are_found_by(folder: Path) -> None:
    with running_stack(Settings(home=folder), frozenset({"temporal"})) as stack:
        client = await connection.connect(stack.settings)
        try:
            assert await search_attributes.look(client)
        finally:
            searched.Server.knows = False
