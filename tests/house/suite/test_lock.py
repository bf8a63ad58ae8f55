"""The lock files pin every direct dependency with hashes and name no index."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _name(requirement: str) -> str:
    return re.split(r"[\[=<>!~ ;]", requirement, maxsplit=1)[0].lower().replace("_", "-")


def _locked(file: str) -> dict[str, str]:
    text = (ROOT / file).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9.-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_it_names_no_address(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8")
    assert "://" not in text
    assert "index" not in text.replace("importlib", "")


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_has_a_hash(file: str) -> None:
    text = (ROOT / file).read_text(encoding="utf-8").replace("\\\n", " ")
    assert all("--hash=sha256:" in line for line in text.splitlines() if line.strip())


def test_every_direct_dependency_is_locked_at_its_pin() -> None:
    groups = PROJECT["dependency-groups"]
    for file, wanted in (
        ("requirements.lock", PROJECT["project"]["dependencies"] + groups["build"]),
        ("requirements-dev.lock", PROJECT["project"]["dependencies"] + groups["build"] + groups["dev"]),
    ):
        locked = _locked(file)
        for requirement in wanted:
            assert "==" in requirement, f"{requirement} isn't pinned"
            assert locked.get(_name(requirement)) == requirement.split("==")[1], requirement


def test_both_locks_agree() -> None:
    few, many = _locked("requirements.lock"), _locked("requirements-dev.lock")
    assert few.items() <= many.items()
