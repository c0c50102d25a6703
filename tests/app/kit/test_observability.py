import io
import json
import logging

import pytest
import structlog
from sqlalchemy import create_engine, text

from app.kit.crypto import new_token
from app.kit.observability import (
    configure_logging,
    count_queries_of,
    count_query,
    current_work,
    get_logger,
    working,
)


@pytest.fixture
def lines():
    root = logging.getLogger()
    kept, level = root.handlers, root.level
    out = io.StringIO()
    configure_logging(stream=out)
    yield lambda: [json.loads(line) for line in out.getvalue().splitlines()]
    root.handlers, root.level = kept, level
    structlog.reset_defaults()


def test_what_is_bound_is_on_each_line_and_gone_afterwards(lines):
    log = get_logger("safqa.test")
    with working(request_id="r1", job="match"):
        log.info("inside", count=3)
        logging.getLogger("some.library").warning("%s said", "it")
    log.info("outside")
    inside, library, outside = lines()
    assert (inside["event"], inside["request_id"], inside["count"]) == ("inside", "r1", 3)
    assert (library["event"], library["job"], library["logger"]) == ("it said", "match", "some.library")
    assert "request_id" not in outside
    assert outside["level"] == "info"


def test_nested_work_gives_the_outer_context_back():
    with working(request_id="outer") as outer:
        with working(request_id="inner") as inner:
            assert current_work() is inner
        assert current_work() is outer
        assert structlog.contextvars.get_contextvars() == {"request_id": "outer"}
    assert current_work() is None


def test_secrets_are_never_written(lines):
    token = new_token("safqa_live")
    log = get_logger("safqa.test")
    password, webhook = "hunter2hunter2", "whsec_" + "QUJD" * 8

    def connect() -> None:
        raise ValueError(f"cannot reach postgresql+asyncpg://app:{password}@db/safqa with {token}")

    try:
        connect()
    except ValueError:
        log.exception("failed", headers={"Authorization": f"Bearer {token}"}, nested=[{"api_key": "plain-secret"}])
    log.info("the key is %s", token, password=password, body=f'{{"secret": "{webhook}"}}', api_key_id="0190")
    logging.getLogger("lib").error("header %s", f"Bearer {token}")
    written = json.dumps(lines())
    for secret in (token, token.rpartition("_")[2], password, webhook, "plain-secret"):
        assert secret not in written
    assert "postgresql+asyncpg://app:***@db/safqa" in written
    assert lines()[1]["api_key_id"] == "0190"


def test_a_terminal_gets_text_for_people(lines):
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    configure_logging(stream=out)
    get_logger("safqa.test").info("hello")
    assert "hello" in out.getvalue()
    assert not out.getvalue().startswith("{")


def test_statements_are_counted_for_the_work_that_sends_them():
    engine = create_engine("sqlite://")
    count_queries_of(engine)
    with engine.connect() as connection:
        connection.execute(text("SELECT 1"))
        with working() as work:
            connection.execute(text("SELECT 1"))
            connection.execute(text("SELECT 2"))
            count_query(rows=5)
    engine.dispose()
    assert work.queries == 3
    assert work.rows == 5
