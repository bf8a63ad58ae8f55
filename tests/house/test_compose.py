"""docker-compose.yml is valid, complete, and gives the owner's password to nobody but the migration."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
SECRETS = ("POSTGRES_PASSWORD", "OWNER_PASSWORD", "APP_PASSWORD", "TEMPORAL_PASSWORD", "BATCHWRIGHT_SECRET")


def _config(env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("podman-compose")
    argv = [str(program), "-f", str(ROOT / "docker-compose.yml"), "config"]
    return subprocess.run(argv, capture_output=True, text=True, env={"PATH": os.environ["PATH"], **env}, check=False)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    done = _config({name: f"test-{name.lower()}" for name in SECRETS})
    assert done.returncode == 0, done.stderr
    return dict(yaml.safe_load(done.stdout)["services"])


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


def test_worker_and_api_wait_for_migration_and_namespace(services: dict[str, Any]) -> None:
    for name in ("worker", "api"):
        conditions = {dep: how["condition"] for dep, how in services[name]["depends_on"].items()}
        assert conditions == {
            "migrate": "service_completed_successfully",
            "temporal-namespace": "service_completed_successfully",
        }


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
    assert _config({}).returncode != 0
