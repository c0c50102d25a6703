"""Every setting of Safqa, documented where it is declared. Read once at start and passed in as values.

Each is an environment variable with the prefix ``SAFQA_``; docs/operations.md lists them from this class.
Only the composition roots (``app.main``, ``app.worker``, ``app.cli``) import this module.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

_LONGEST_SAFE_PATH = 4_000
SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """What an operator can set."""

    model_config = SettingsConfigDict(env_prefix="SAFQA_", env_ignore_empty=True, extra="ignore", frozen=True)

    database_url: Annotated[
        SecretStr | None,
        Field(description="PostgreSQL server, `postgresql://user:password@host/name`. Unset: the embedded server."),
    ] = None
    data_dir: Annotated[
        Path | None,
        Field(
            description="Where the embedded PostgreSQL, the server secret and index files live. Unset: the user's "
            "data directory (`/var/lib/safqa` for root)."
        ),
    ] = None
    secret: Annotated[
        SecretStr | None,
        Field(
            description="At least 32 characters; hashes API keys, signs cursors, encrypts what is stored encrypted. "
            "Unset with the embedded server: made once and kept in the data directory. Required with "
            "`SAFQA_DATABASE_URL`. Changing it makes every key and cursor invalid, and attestations told as not "
            "verified."
        ),
    ] = None
    secret_file: Annotated[
        Path | None,
        Field(description="File that holds the secret, read at start; instead of `SAFQA_SECRET`, for containers."),
    ] = None
    api_key: Annotated[
        SecretStr | None,
        Field(description="API key that the tools of `safqa mcp` act with: its organisation, scopes and limits."),
    ] = None
    host: Annotated[str, Field(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535, description="Port to listen on; 0 picks a free one.")] = 8000
    log_level: Annotated[Literal["debug", "info", "warning", "error"], Field(description="Least level logged.")] = (
        "info"
    )
    log_format: Annotated[
        Literal["auto", "json", "console"], Field(description="`auto`: console on a terminal, JSON otherwise.")
    ] = "auto"
    stop_seconds: Annotated[
        int,
        Field(
            ge=1,
            le=600,
            description="How long a stop waits for requests, then for jobs, that are under way. Such requests are cut "
            "off; such jobs are begun anew at the next start.",
        ),
    ] = 10
    pool_size: Annotated[int, Field(ge=2, le=200, description="Database connections per process.")] = 16
    statement_timeout_seconds: Annotated[
        float, Field(gt=0, le=3_600, description="Longest single SQL statement of a request.")
    ] = 15.0
    max_body_bytes: Annotated[int, Field(ge=1_024, description="Largest request body other than an upload.")] = (
        2_000_000
    )
    max_upload_bytes: Annotated[int, Field(ge=1_024, description="Largest uploaded file.")] = 100_000_000
    import_memory_bytes: Annotated[
        int, Field(ge=128_000_000, description="Address space of the process that parses a file.")
    ] = 1_500_000_000
    import_seconds: Annotated[int, Field(ge=1, description="CPU seconds that parsing one file may take.")] = 900
    rate_limit: Annotated[
        int, Field(ge=0, description="Requests per minute and API key; 0 switches the limit off.")
    ] = 1_200
    cpu_threads: Annotated[int, Field(ge=1, le=64, description="Threads for ranking, beside the event loop.")] = Field(
        default_factory=lambda: max(1, os.cpu_count() or 1)
    )
    cpu_queue: Annotated[
        int, Field(ge=1, description="Rankings that may wait for a thread before requests are answered 503.")
    ] = 256
    rank_deadline_seconds: Annotated[float, Field(gt=0, description="Longest ranking of a request.")] = 5.0
    matches_per_tender: Annotated[int, Field(ge=1, le=1_000, description="Best startups kept as rows, per tender.")] = (
        50
    )
    matches_per_startup: Annotated[
        int, Field(ge=1, le=1_000, description="Best tenders kept as rows, per startup.")
    ] = 50
    model: Annotated[
        Path | None,
        Field(
            description="File of weights that `safqa train` wrote, to rank by instead of those that ship. The same for "
            "every process; read at start."
        ),
    ] = None
    cpv_table: Annotated[
        Path | None,
        Field(
            description="The official CPV table (CSV or XLSX, a column `CODE` and one for each language): the labels "
            "of codes then speak in rankings. The same for every process; read at start."
        ),
    ] = None
    job_concurrency: Annotated[int, Field(ge=1, le=64, description="Jobs that one worker runs at a time.")] = 4
    job_heartbeat_seconds: Annotated[
        float, Field(ge=1, le=300, description="A worker silent for this long loses its jobs to another.")
    ] = 30.0

    deadline_lead_hours: Annotated[
        int, Field(ge=1, le=720, description="How many hours before its deadline a call that matches is told of.")
    ] = 72
    events_kept_days: Annotated[
        int, Field(ge=31, le=3_650, description="How many days events are kept, to be read or sent again.")
    ] = 90

    sources: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="Portals to collect calls from, by name, separated by commas; none unless named. "
            "`safqa sources` lists them."
        ),
    ] = ()
    source_contact: Annotated[
        str | None,
        Field(
            description="Mail address at which a portal reaches whoever operates this installation, sent with every "
            "request. Required for every source that uses the network."
        ),
    ] = None
    sources_file: Annotated[
        Path | None,
        Field(description="TOML file with a table of options for each source (see docs/operations.md)."),
    ] = None
    sources_halted: Annotated[
        bool,
        Field(description="Stops all sources: no request is made. `safqa sources halt` does it without a restart."),
    ] = False
    sources_addresses: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="Addresses with their ports (`10.0.0.5:8080`), separated by commas, that sources may ask "
            "although they are not public: portals of the operator's own network."
        ),
    ] = ()
    sources_kept_days: Annotated[
        int, Field(ge=0, le=3_650, description="How many days the payloads of portals are kept.")
    ] = 90

    profile_websites: Annotated[
        bool,
        Field(
            description="Lets startups have their profile proposed from their website, which the worker then reads. "
            "Needs `SAFQA_SOURCE_CONTACT`."
        ),
    ] = False

    webhook_addresses: Annotated[
        tuple[str, ...],
        NoDecode,
        Field(
            description="Addresses with their ports (`10.0.0.5:8080`), separated by commas, that webhooks may be sent "
            "to although they are not public, also in plain http: receivers in the operator's own network."
        ),
    ] = ()

    streams: Annotated[
        int, Field(ge=1, le=100_000, description="Streams of events that one process has open at most.")
    ] = 500
    public_url: Annotated[
        str | None,
        Field(
            description="Where this installation is reached from outside, `https://safqa.example.org`: for the links "
            "in mails and the addresses on attestations. http is taken for the machine itself only."
        ),
    ] = None
    smtp_host: Annotated[
        str | None,
        Field(description="Mail server that letters are handed to. Unset: no mail is sent. Needs `SAFQA_MAIL_FROM`."),
    ] = None
    smtp_port: Annotated[int, Field(ge=1, le=65_535, description="Its port.")] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="`starttls` is required, never just tried; `tls` from the start (port 465); `none`."),
    ] = "starttls"
    smtp_user: Annotated[str | None, Field(description="Who logs in there; unset: nobody.")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="With which password.")] = None
    mail_from: Annotated[
        str | None, Field(description="Address that letters come from. Needs `SAFQA_PUBLIC_URL`, too.")
    ] = None

    sign_up: Annotated[
        Literal["confirmed", "open", "closed"] | None,
        Field(
            description="Who may enter a startup on the pages: `confirmed`, whoever follows the link that is mailed to "
            "them; `open`, anybody, the address unchecked; `closed`, nobody. Unset: `confirmed` where mail is sent, "
            "`closed` otherwise."
        ),
    ] = None

    oidc_issuer: Annotated[
        str | None,
        Field(
            description="Issuer of a provider of identities (OpenID Connect) by which people may sign in; its address "
            "as it writes it itself. Needs `SAFQA_OIDC_CLIENT_ID` and `SAFQA_PUBLIC_URL`."
        ),
    ] = None
    oidc_client_id: Annotated[str | None, Field(description="What the provider knows this installation by.")] = None
    oidc_client_secret: Annotated[
        SecretStr | None, Field(description="The secret shared with the provider. Unset: a public client, by PKCE.")
    ] = None
    oidc_name: Annotated[
        str | None, Field(description="What people call the provider, on the button. Unset: the issuer's host.")
    ] = None

    @field_validator("sources", "sources_addresses", "webhook_addresses", mode="before")
    @classmethod
    def _listed(cls, value: object) -> object:
        """Words separated by commas."""
        if isinstance(value, str):
            return tuple(dict.fromkeys(word.strip() for word in value.split(",") if word.strip()))
        return value

    @field_validator("webhook_addresses")
    @classmethod
    def _addresses_with_ports(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        from app.kit.safe_http import address_with_port

        for written in value:
            address_with_port(written)
        return value

    @field_validator("public_url")
    @classmethod
    def _reached_safely(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        own = parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if not parts.hostname or parts.username or not (parts.scheme == "https" or (parts.scheme == "http" and own)):
            raise ValueError("must be https://, with a host and without a user")
        if parts.query or parts.fragment or not value.isascii() or not value.isprintable() or " " in value:
            raise ValueError("must be an address without query, fragment, blanks and signs beyond ASCII")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if self.smtp_host is not None and (self.mail_from is None or self.public_url is None):
            raise ValueError("SAFQA_MAIL_FROM and SAFQA_PUBLIC_URL are required with SAFQA_SMTP_HOST")
        if self.sign_up == "confirmed" and self.smtp_host is None:
            raise ValueError("SAFQA_SIGN_UP=confirmed needs mail: set SAFQA_SMTP_HOST")
        if (self.smtp_user is None) != (self.smtp_password is None):
            raise ValueError("set SAFQA_SMTP_USER and SAFQA_SMTP_PASSWORD, or neither")
        if self.smtp_user is not None and self.smtp_tls == "none":
            raise ValueError("a password is not sent in the clear: SAFQA_SMTP_USER needs SAFQA_SMTP_TLS")
        return self

    @model_validator(mode="after")
    def _provider_is_whole(self) -> Self:
        if self.oidc_issuer is None:
            return self
        if self.oidc_client_id is None or self.public_url is None:
            raise ValueError("SAFQA_OIDC_CLIENT_ID and SAFQA_PUBLIC_URL are required with SAFQA_OIDC_ISSUER")
        parts = urlsplit(self.oidc_issuer)
        own = parts.scheme == "http" and parts.hostname in {"localhost", "127.0.0.1", "::1"}
        if not parts.hostname or not (parts.scheme == "https" or own):
            raise ValueError("SAFQA_OIDC_ISSUER must be https://")
        return self

    @field_validator("mail_from")
    @classmethod
    def _plain_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        from app.kit.mail_address import checked_mail_address

        return checked_mail_address(value)

    @field_validator("secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < SHORTEST_SECRET:
            raise ValueError(f"needs at least {SHORTEST_SECRET} characters")
        return value

    @field_validator("database_url")
    @classmethod
    def _postgres_only(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        url = value.get_secret_value()
        if not url.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
            raise ValueError("must start with postgresql://")
        try:
            _ = urlsplit(url).port
        except ValueError:  # its text quotes what could not be read, which may be a part of the password
            raise ValueError(
                "can't be read as a URL (is its port a number?); write / : @ ? in a password as %2F %3A %40 %3F"
            ) from None
        return value

    @model_validator(mode="after")
    def _secret_for_a_server(self) -> Self:
        if self.secret is not None and self.secret_file is not None:
            raise ValueError("set SAFQA_SECRET or SAFQA_SECRET_FILE, not both")
        if self.database_url is not None and self.secret is None and self.secret_file is None:
            raise ValueError(
                "SAFQA_SECRET (or SAFQA_SECRET_FILE) is required with SAFQA_DATABASE_URL: "
                "several processes must share it"
            )
        return self

    @property
    def folder(self) -> Path:
        """The data directory, absolute; not created here."""
        return (self.data_dir or _default_data_dir()).expanduser().absolute()


def _default_data_dir() -> Path:
    """Outside the checkout, kept over reboots, private to the user."""
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        return Path("/var/lib/safqa")
    base = os.environ.get("XDG_DATA_HOME")
    home = Path(base) if base else Path.home() / ".local" / "share"
    if (
        home.is_absolute()
        and len(str(home)) < _LONGEST_SAFE_PATH
        and (home.exists() or os.access(Path.home(), os.W_OK))
    ):
        return home / "safqa"
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:10]
    return Path("/var/tmp") / f"safqa-{os.getuid()}-{digest}"  # noqa: S108 (made 0700 and checked to be ours at start)
