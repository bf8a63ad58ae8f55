"""What we ship from others is exactly what they published: name, version, licence and checksum of each file."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = [ROOT / "ui/frame/static/vendor", ROOT / "tests/support/vendor"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.parent.name)
def test_each_vendored_file_is_listed_and_unchanged(folder: Path) -> None:
    packages = json.loads((folder / "VENDOR.json").read_text())["packages"]
    listed: dict[str, str] = {}
    for package in packages:
        assert {"name", "version", "licence", "source"} <= package.keys()
        assert any(name.startswith("LICENSE") for name in package["files"]), package["name"]
        listed |= {f"{package['folder']}/{name}": digest for name, digest in package["files"].items()}
    there = {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "VENDOR.json"
    }
    assert there == listed
