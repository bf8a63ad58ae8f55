"""Plain HTTP for this machine only, and which certificate serves (21 CFR 11.10(d), 11.300); pages over HTTPS are in test_up."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime import tls
from runtime.process import StartError
from runtime.settings import Settings
from tests.runtime.test_cli import batchwright

KEYS = Path(__file__).resolve().parents[1] / "support" / "tls"
CERT, KEY = KEYS / "server.pem", KEYS / "server.key"

EVERYBODY = "0.0.0.0"  # noqa: S104 - what the rule is about


@pytest.mark.parametrize("verb", ["up", "api"])
def test_plain_http_for_others_is_refused_in_both_languages_before_anything_starts(verb: str, tmp_path: Path) -> None:
    done = batchwright(verb, "--host", EVERYBODY, "--home", str(tmp_path / "home"), "--port", "0")
    assert done.returncode == 1
    assert "without HTTPS passwords would be readable" in done.stderr
    assert "密码会以明文传输" in done.stderr
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("host", [EVERYBODY, "::", "192.0.2.7", "plant.example", ""])
def test_no_other_address_may_speak_plain_http(host: str) -> None:
    with pytest.raises(StartError, match="HTTPS"):
        tls.check(Settings(host=host))


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.9", "::1", "localhost"])
def test_this_machine_may_speak_plain_http(host: str) -> None:
    tls.check(Settings(host=host))


def test_a_proxy_in_front_or_a_certificate_opens_other_addresses() -> None:
    tls.check(Settings(host=EVERYBODY, behind_proxy=True))
    tls.check(Settings(host=EVERYBODY, tls_cert=CERT, tls_key=KEY))


@pytest.mark.parametrize(
    ("cert", "key"),
    [(CERT, KEYS / "client.key"), (CERT, CERT), (KEYS / "README.md", KEY), (KEYS / "none.pem", KEY)],
    ids=["another's key", "no key", "no certificate", "no file"],
)
def test_a_certificate_that_serves_nobody_is_refused(cert: Path, key: Path) -> None:
    with pytest.raises(StartError, match="无法使用") as caught:
        tls.check(Settings(tls_cert=cert, tls_key=key))
    assert "belong together" in str(caught.value)


def test_a_certificate_comes_with_its_key() -> None:
    with pytest.raises(ValidationError, match="belong together"):
        Settings(tls_cert=CERT)
