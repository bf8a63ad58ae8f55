"""Every setting of Batchwright, read from the environment; docs/reference/settings.md is generated from this class.

Without any setting everything runs on one machine from the data folder; `DATABASE_URL` and `TEMPORAL_ADDRESS` point the
same code at servers that somebody else operates (DESIGN 2.10).
"""

import os
import re
from functools import cached_property
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import platformdirs
from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from runtime.home import Home


def default_home() -> Path:
    """The data folder when nobody names one.

    root gets /var/lib because PostgreSQL refuses to run as root and its own user can't enter /root.
    """
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/batchwright")
    return platformdirs.user_data_path("batchwright", appauthor=False)


class Settings(BaseSettings):
    """Settings; a field's description is the sentence in the reference page."""

    model_config = SettingsConfigDict(env_prefix="BATCHWRIGHT_", frozen=True, extra="ignore", populate_by_name=True)

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL 18 as the application role, `postgresql+psycopg://…`. "
        "Empty: the embedded PostgreSQL of the data folder.",
    )
    database_owner_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_OWNER_URL",
        description="The same database as the role that owns the tables; only `migrate` and `up` use it.",
    )
    temporal_address: str | None = Field(
        default=None,
        validation_alias="TEMPORAL_ADDRESS",
        description="`host:port` of a Temporal server. Empty: the embedded Temporal of the data folder.",
    )
    temporal_namespace: str = Field(
        default="default",
        validation_alias="TEMPORAL_NAMESPACE",
        description="Temporal namespace that holds the workflows.",
    )
    temporal_tls: bool = Field(
        default=False,
        validation_alias="TEMPORAL_TLS",
        description="Talk to that server over TLS; a certificate, a CA, a server name or an API key implies it.",
    )
    temporal_tls_ca: Path | None = Field(
        default=None,
        validation_alias="TEMPORAL_TLS_SERVER_CA_CERT_PATH",
        description="PEM file of the authority that the server's certificate is from. Empty: those of the machine.",
    )
    temporal_tls_cert: Path | None = Field(
        default=None,
        validation_alias="TEMPORAL_TLS_CLIENT_CERT_PATH",
        description="PEM file of our certificate, where the server asks for one (mutual TLS).",
    )
    temporal_tls_key: Path | None = Field(
        default=None, validation_alias="TEMPORAL_TLS_CLIENT_KEY_PATH", description="PEM file of its private key."
    )
    temporal_tls_server_name: str | None = Field(
        default=None,
        validation_alias="TEMPORAL_TLS_SERVER_NAME",
        description="Name in the server's certificate, where it isn't the one in the address.",
    )
    temporal_api_key: SecretStr | None = Field(
        default=None,
        validation_alias="TEMPORAL_API_KEY",
        description="API key of the namespace, as Temporal Cloud gives it.",
    )
    temporal_deployment: str | None = Field(
        default=None,
        validation_alias="TEMPORAL_DEPLOYMENT_NAME",
        description="Name of the worker deployment: switches Worker Versioning on. Batches under way then go on with a "
        "new version when an operator has made it the current one. Empty: off.",
    )
    temporal_build_id: str | None = Field(
        default=None,
        validation_alias="TEMPORAL_WORKER_BUILD_ID",
        description="Version of the worker within its deployment. Empty: the build id that stands in the audit trail.",
    )
    metrics: str | None = Field(
        default=None,
        description="`host:port` at which the worker serves its metrics for Prometheus (`/metrics`). Empty: none.",
    )
    home: Path = Field(
        default_factory=default_home,
        description="Data folder: databases, logs, secrets of the embedded servers. "
        "Default: the user's data folder, `/var/lib/batchwright` for root.",
    )
    host: str = Field(default="127.0.0.1", description="Address the API and the pages listen on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port of the API and the pages; 0 takes a free one.")
    site_zone: str = Field(
        default="Asia/Shanghai",
        description="Time zone of the plant: expiry dates, due dates and all times on screen are in it.",
    )
    language: str = Field(
        default="zh",
        pattern="^(zh|en)$",
        description="Language of a person who hasn't chosen one: `zh` or `en`.",
    )
    min_free_mb: int = Field(
        default=256,
        ge=0,
        description="Room (MiB) that must be left where the data folder is; with less, `/readyz` says so.",
    )
    attachment_mb: int = Field(
        default=50, ge=1, le=200, description="Size (MiB) of the largest file that can be attached to a record."
    )
    secret: SecretStr | None = Field(
        default=None,
        description="Key that protects sessions and forms. Embedded: made once and kept in the data folder. "
        "On servers: at least 32 random characters, the same for every API process.",
    )
    tls_cert: Path | None = Field(
        default=None,
        description="PEM file of the certificate (with its chain) for API and pages, as `--tls` gives it. Empty: plain HTTP, on this machine only.",
    )
    tls_key: Path | None = Field(default=None, description="PEM file of its private key, without a password.")
    behind_proxy: bool = Field(
        default=False,
        description="A proxy that speaks HTTPS, or a container's port that only this machine reaches, is in front: plain HTTP may be spoken on any `BATCHWRIGHT_HOST`.",
    )
    secure_cookies: bool = Field(
        default=False, description="Send cookies over HTTPS only; set it wherever the pages are served over HTTPS."
    )
    public_url: str | None = Field(
        default=None,
        description="Address at which customers reach the pages, `https://quality.example.com`; it stands in the links of "
        "notices. Empty: letters name the address at which they are printed, and no notice is mailed.",
    )
    smtp_host: str | None = Field(
        default=None, description="Mail server that takes recall notices. Empty: notices are printed and posted."
    )
    smtp_port: int = Field(default=587, ge=1, le=65535, description="Port of the mail server.")
    smtp_security: str = Field(
        default="starttls",
        pattern="^(starttls|tls|none)$",
        description="`starttls` (port 587), `tls` from the first byte (465), or `none` for a server on the same machine.",
    )
    smtp_user: str | None = Field(default=None, description="Name to log in with at the mail server, where it asks.")
    smtp_password: SecretStr | None = Field(default=None, description="Password of that name.")
    mail_from: str | None = Field(
        default=None, description="Sender of notices, `recall@example.com`. Empty: no notice is mailed."
    )
    temporal_ui: bool = Field(
        default=True, description="Serve Temporal's own web pages beside the embedded Temporal (for the engineer)."
    )
    log_level: str = Field(
        default="info",
        pattern="^(debug|info|warning|error)$",
        description="How much the processes write to their logs.",
    )

    @field_validator(
        "database_url",
        "database_owner_url",
        "temporal_address",
        "tls_cert",
        "tls_key",
        "temporal_tls_ca",
        "temporal_tls_cert",
        "temporal_tls_key",
        "temporal_tls_server_name",
        "temporal_api_key",
        "temporal_deployment",
        "temporal_build_id",
        "metrics",
        "secret",
        "public_url",
        "smtp_host",
        "smtp_user",
        "smtp_password",
        "mail_from",
        mode="before",
    )
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        """Docker compose hands over an unset variable as an empty string."""
        return None if value == "" else value

    @field_validator("database_url", "database_owner_url")
    @classmethod
    def _driver(cls, value: str | None) -> str | None:
        """Accept the common spellings of a PostgreSQL address; SQLAlchemy needs the driver's name in it."""
        for prefix in ("postgres://", "postgresql://"):
            if value is not None and value.startswith(prefix):
                return "postgresql+psycopg://" + value.removeprefix(prefix)
        return value

    @field_validator("public_url")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        """An address without path, so that a link can be put behind it."""
        if value is not None and not re.fullmatch(r"https?://[^/?#\s]+/?", value):
            raise ValueError(f"{value!r} is no address; write it like https://quality.example.com")
        return value.rstrip("/") if value else None

    @field_validator("temporal_tls", mode="before")
    @classmethod
    def _empty_is_off(cls, value: object) -> object:
        return False if value == "" else value

    @field_validator("metrics")
    @classmethod
    def _host_and_port(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"\S+:\d{1,5}", value):
            raise ValueError(f"{value!r} is no host:port; write it like 127.0.0.1:9464")
        return value

    @model_validator(mode="after")
    def _certificate_with_key(self) -> Self:
        if (self.temporal_tls_cert is None) != (self.temporal_tls_key is None):
            raise ValueError("a client certificate needs its key, and a key its certificate")
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("BATCHWRIGHT_TLS_CERT and BATCHWRIGHT_TLS_KEY belong together")
        return self

    @field_validator("home")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @field_validator("site_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone; write it like Asia/Shanghai") from error
        return value

    @cached_property
    def zone(self) -> ZoneInfo:
        """`site_zone` as a zone."""
        return ZoneInfo(self.site_zone)


def secret_of(settings: Settings) -> bytes:
    """The server's secret; embedded, the one of the data folder."""
    if settings.secret is not None:
        return settings.secret.get_secret_value().encode()
    home = Home(settings.home)
    home.ensure()
    return home.secret("session").encode()
