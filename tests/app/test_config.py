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
