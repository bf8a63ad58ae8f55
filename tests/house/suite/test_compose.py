"""docker-compose.yml is valid, complete, and gives the owner's password to nobody but the migration."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import podman_compose
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
SECRETS = (
    "POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "WORKER_PASSWORD", "API_PASSWORD", "TEMPORAL_PASSWORD",
    "BATCHWRIGHT_SECRET",
)  # fmt: skip


def _config(env: dict[str, str]) -> dict[str, Any]:
    """The file with its variables filled in, by podman-compose's own reader; the container engine isn't needed for it."""
    written = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    return dict(podman_compose.normalize(podman_compose.rec_subs(written, env)))


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    return dict(_config({name: f"test-{name.lower()}" for name in SECRETS})["services"])


def test_every_server_and_job_is_there(services: dict[str, Any]) -> None:
    assert set(services) == {
        *("postgres", "temporal-schema", "temporal", "temporal-namespace", "temporal-ui"),
        *("migrate", "worker", "api"),
    }
    assert services["postgres"]["image"] == "postgres:18"
    assert not any("auto-setup" in service.get("image", "") for service in services.values())


def test_only_the_migration_knows_the_owner(services: dict[str, Any]) -> None:
    knowing = {name for name, service in services.items() if "owner_password" in str(service.get("environment", {}))}
    assert knowing == {"postgres", "migrate"}


def test_worker_and_api_log_in_as_roles_of_their_own(services: dict[str, Any]) -> None:
    role = {
        name: services[name]["environment"]["DATABASE_URL"].split("//")[1].split(":")[0] for name in ("worker", "api")
    }
    assert role == {"worker": "batchwright_worker", "api": "batchwright_api"}
    assert "app_password" in services["migrate"]["environment"]["DATABASE_URL"]


def test_worker_and_api_wait_for_migration_and_namespace(services: dict[str, Any]) -> None:
    for name in ("worker", "api"):
        conditions = {dep: how["condition"] for dep, how in services[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "temporal-namespace": "service_completed_successfully",
        }


def test_whatever_a_service_waits_for_or_keeps_is_declared(services: dict[str, Any]) -> None:
    declared = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")).get("volumes") or {})
    for name, service in services.items():
        assert set(service.get("depends_on", {})) <= set(services), name
        sources = {volume.split(":")[0] for volume in service.get("volumes", [])}
        assert {source for source in sources if not source.startswith((".", "/"))} <= declared, name


def test_every_mounted_script_exists_and_parses(services: dict[str, Any]) -> None:
    mounted = [
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if ".sh" in volume
    ]
    assert len(mounted) == 3
    for path in mounted:
        subprocess.run([shutil.which("sh") or "sh", "-n", str(ROOT / path)], check=True)


def test_the_example_names_every_secret_and_contains_none() -> None:
    example = dict(
        line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and line[0] != "#"
    )
    assert [example[name] for name in SECRETS] == [""] * len(SECRETS)


def test_nothing_starts_without_passwords() -> None:
    for missing in SECRETS:
        with pytest.raises(ValueError, match=missing):
            _config({name: "x" for name in SECRETS if name != missing})
