"""Options that several verbs share."""

from pathlib import Path
from typing import Annotated

import typer

from runtime.settings import Settings

HomeOption = Annotated[
    Path | None, typer.Option("--home", metavar="DIR", help="Data folder (else BATCHWRIGHT_HOME). / 数据目录")
]
PortOption = Annotated[
    int | None, typer.Option("--port", min=0, max=65535, help="Port of API and pages; 0: a free one. / 端口")
]
HostOption = Annotated[
    str | None,
    typer.Option("--host", help="Address to listen on; another than this machine's own needs HTTPS. / 监听地址"),
]
TlsOption = Annotated[
    tuple[Path, Path] | None,
    typer.Option(
        "--tls", metavar="CERT KEY", help="Serve over HTTPS: certificate and key as PEM files. / HTTPS 证书与私钥"
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document on stdout. / 输出 JSON")]


def settings_for(
    home: Path | None = None,
    port: int | None = None,
    host: str | None = None,
    tls: tuple[Path, Path] | None = None,
) -> Settings:
    """The environment's settings with what the command line says above them."""
    cert, key = (one.absolute() for one in tls) if tls else (None, None)
    given = {"home": home, "port": port, "host": host, "tls_cert": cert, "tls_key": key}
    said = {name: value for name, value in given.items() if value is not None}
    return Settings.model_validate({**Settings().model_dump(), **said})


def register(app: typer.Typer) -> None:
    """No verb: shared by the others."""
