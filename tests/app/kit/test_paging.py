import base64
import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from app.kit.errors import InvalidCursor
from app.kit.paging import CursorSigner, Keyset, PageRequest, link_next

Key = tuple[float, dt.datetime | None, uuid.UUID]
BY_SCORE = Keyset("matches.score", TypeAdapter(Key))
BY_OTHER = Keyset("matches.other", TypeAdapter(Key))
BY_NUMBER = Keyset("numbers", TypeAdapter(tuple[int]))
SIGNER = CursorSigner(b"k" * 32)

keys = st.tuples(
    st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.datetimes(timezones=st.just(dt.UTC)),
    st.uuids(),
)


@given(keys)
def test_a_cursor_gives_back_its_key_to_the_last_bit(key):
    assert SIGNER.read(BY_SCORE, SIGNER.write(BY_SCORE, key)) == key


@given(keys, st.integers(min_value=0), st.integers(1, 255))
def test_a_cursor_with_any_byte_changed_is_refused(key, at, flip):
    cursor = SIGNER.write(BY_SCORE, key)
    raw = bytearray(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    raw[at % len(raw)] ^= flip
    with pytest.raises(InvalidCursor):
        SIGNER.read(BY_SCORE, base64.urlsafe_b64encode(raw).decode().rstrip("="))


@given(st.text(max_size=200))
def test_whatever_is_sent_as_a_cursor_is_refused_and_never_a_fault(text):
    with pytest.raises(InvalidCursor):
        SIGNER.read(BY_SCORE, text)


def test_a_cursor_of_another_list_or_another_secret_is_refused():
    key = (1.5, None, uuid.uuid4())
    cursor = SIGNER.write(BY_SCORE, key)
    with pytest.raises(InvalidCursor):
        SIGNER.read(BY_OTHER, cursor)
    with pytest.raises(InvalidCursor):
        CursorSigner(b"x" * 32).read(BY_SCORE, cursor)


@given(st.integers(1, 7), st.integers(0, 30))
def test_walking_the_pages_shows_every_row_once_in_order(limit, total):
    rows = list(range(total))
    seen: list[int] = []
    cursor = None
    while True:
        page = PageRequest(limit, cursor, SIGNER)
        after = page.after(BY_NUMBER)
        found = [row for row in rows if after is None or row > after[0]][: limit + 1]
        seen += found[:limit]
        cursor = page.next_cursor(found, BY_NUMBER, lambda row: (row,))
        if cursor is None:
            break
    assert seen == rows


def test_the_link_header_points_at_the_next_page():
    assert link_next("/v1/tenders?cursor=abc") == '</v1/tenders?cursor=abc>; rel="next"'
