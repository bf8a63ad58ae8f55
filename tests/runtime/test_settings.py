"""Settings: spellings that people use, and what is refused."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime.settings import Settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "TEMPORAL_ADDRESS", "BATCHWRIGHT_HOME", "BATCHWRIGHT_SECRET"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_common_spelling_of_a_database_address_works(scheme: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://app:pw@db/batchwright")
    assert Settings().database_url == "postgresql+psycopg://app:pw@db/batchwright"


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "")
    monkeypatch.setenv("BATCHWRIGHT_SECRET", "")
    assert Settings().temporal_address is None
    assert Settings().secret is None


def test_the_secret_is_not_printed() -> None:
    assert "hush" not in repr(Settings(secret="hush"))


def test_the_home_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCHWRIGHT_HOME", "~/bw")
    assert Settings().home == Path.home() / "bw"


@pytest.mark.parametrize(
    ("name", "value"),
    [("BATCHWRIGHT_SITE_ZONE", "Mars/Olympus"), ("BATCHWRIGHT_PORT", "70000"), ("BATCHWRIGHT_LANGUAGE", "de")],
)
def test_a_wrong_value_is_refused_at_the_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError):
        Settings()


def test_every_setting_says_what_it_means() -> None:
    assert all(field.description for field in Settings.model_fields.values())
