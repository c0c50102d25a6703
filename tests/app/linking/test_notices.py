"""A stored tender as the rules compare it."""

from __future__ import annotations

import uuid

from app.linking.notices import StoredNotice
from app.models.tender import TenderStatus
from matching.dedupe import blocking_keys

LONGEST_INDEXED_BYTES = 2_704
ID = uuid.UUID(int=1)


def test_no_key_is_longer_than_what_can_be_indexed_whatever_a_file_says_its_ids_are() -> None:
    unlike = "".join(chr(0x4E00 + at * 7 % 20_000) for at in range(5_000))
    record = {"ocid": unlike, "procedure_ids": [f"ted:{unlike}"], "publication_number": unlike, "procedure_id": unlike}
    keys = blocking_keys(StoredNotice(ID, ID, "import", TenderStatus.PUBLISHED, "MA", None, record).notice())
    assert keys
    assert max(len(key.encode()) for key in keys) < LONGEST_INDEXED_BYTES
