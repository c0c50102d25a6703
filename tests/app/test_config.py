"""Settings that can't be right are refused without telling what is secret in them."""

from __future__ import annotations

import pytest
from pydantic import SecretStr, ValidationError

from app.config import Settings

SECRET = SecretStr("a secret that is only ever used in tests")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bob:hunter2@secret@db:abc/x",
        "postgresql://bob:hun/ter2@db/x",
        "postgresql://bob:hunter2@[::1/x",
        "mysql://bob:hunter2@db/x",
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(database_url=SecretStr(url), secret=SECRET)
    assert "hun" not in str([error["msg"] for error in refused.value.errors()])


@pytest.mark.parametrize(
    "url", ["postgresql://bob:hunter2@db:5432/x", "postgresql+asyncpg://postgres@/x?host=/tmp/a%20b", "postgres://db"]
)
def test_urls_that_can_be_read(url: str) -> None:
    assert Settings(database_url=SecretStr(url), secret=SECRET).database_url == SecretStr(url)


MAIL: dict[str, str] = {
    "smtp_host": "mail.example.org",
    "mail_from": "digests@safqa.example",
    "public_url": "https://safqa.example/",
}


def test_mail_needs_a_sender_and_a_place_for_its_links() -> None:
    whole = Settings.model_validate(MAIL)
    assert (whole.smtp_port, whole.smtp_tls, whole.public_url) == (587, "starttls", "https://safqa.example")
    for name in ("mail_from", "public_url"):
        with pytest.raises(ValidationError, match="required with SAFQA_SMTP_HOST"):
            Settings.model_validate({**MAIL, name: None})


@pytest.mark.parametrize(
    "wrong",
    [
        {"public_url": "http://safqa.example"},
        {"public_url": "https://"},
        {"public_url": "https://user@safqa.example"},
        {"public_url": "https://safqa.example/?x=1"},
        {"mail_from": "Safqa <digests@safqa.example>"},
        {"smtp_user": "safqa"},
        {"smtp_user": "safqa", "smtp_password": "hunter2", "smtp_tls": "none"},
    ],
)
def test_mail_settings_that_cannot_be_right(wrong: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({**MAIL, **wrong})
    assert "hunter2" not in str([error["msg"] for error in refused.value.errors()])


def test_links_may_lead_to_the_machine_itself() -> None:
    assert (
        Settings.model_validate({**MAIL, "public_url": "http://127.0.0.1:8000"}).public_url == "http://127.0.0.1:8000"
    )
