"""HTTPS by `--tls CERT KEY`; plain HTTP for this machine only (21 CFR 11.10(d), 11.300)."""

import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import ValidationError

from models.plant.rules import founding
from runtime import tls
from runtime.process import StartError
from runtime.settings import Settings
from tests.runtime.test_cli import batchwright
from tests.support.house.codes import OWN
from tests.support.servers import prepared
from tests.support.servers.stack import UP, Up, wait_for

KEYS = Path(__file__).resolve().parents[1] / "support" / "tls"
CERT, KEY = KEYS / "server.pem", KEYS / "server.key"

EVERYBODY = "0.0.0.0"  # noqa: S104 - what the rule is about
PLANT = {
    "code": "KM", "name": "昆明工厂", "zone": "Asia/Shanghai", "country": "CN", "language": "en", "administrator": "马丽",
    "login": "ma.li", "employee_no": "1",
}  # fmt: skip


@pytest.fixture(scope="module")
def up() -> Iterator[Up]:
    made = prepared.migrated("up-tls-")
    with Up(made, (*UP, "--tls", str(CERT), str(KEY))) as running:
        yield running
    shutil.rmtree(made)


def test_pages_and_api_come_over_https_and_over_nothing_else(up: Up) -> None:
    assert up.api.startswith("https://127.0.0.1:")
    trusted = tls.client(Settings(tls_cert=CERT, tls_key=KEY))
    with httpx.Client(base_url=up.api, verify=trusted, trust_env=False, timeout=20) as client:
        wait_for(lambda: client.get("/readyz").is_success, what="/readyz")
        with pytest.raises(httpx.TransportError):
            httpx.get(up.api.replace("https", "http") + "/healthz", trust_env=False, timeout=20)
    strangers = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with pytest.raises(httpx.ConnectError, match="certificate verify failed"):
        httpx.get(f"{up.api}/healthz", verify=strangers, trust_env=False, timeout=20)


def test_whoever_signs_in_over_https_gets_a_cookie_for_https_only(up: Up) -> None:
    trusted = tls.client(Settings(tls_cert=CERT, tls_key=KEY))
    code = founding.key(up.home.secret("session").encode())
    with httpx.Client(base_url=up.api, verify=trusted, trust_env=False, timeout=60) as client:
        page = client.get("/", follow_redirects=True)
        assert page.url.path == "/found"
        page = client.post("/found", data=PLANT | {"key": code})
        assert page.status_code == 200, page.text[:300]
        once = page.text.split('name="code" value="')[1].split('"')[0]
        own = {"login": "ma.li", "code": once, "name": "马丽", "binding": "true", "new": OWN, "again": OWN}
        inside = client.post("/welcome", data=own)
        assert inside.status_code == 303
        [cookie] = [one for one in inside.headers.get_list("set-cookie") if one.startswith("bw_session=")]
        assert "; Secure" in cookie
        assert client.get("/inbox").status_code == 200


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
