import uuid

from app.kit.ids import new_request_id, new_uuid


def test_ids_are_standard_uuids_that_sort_by_time():
    made = [new_uuid() for _ in range(1000)]
    assert all(type(one) is uuid.UUID and one.version == 7 for one in made)
    assert made == sorted(made)
    assert len(set(made)) == 1000


def test_request_ids_are_plain_hexadecimal():
    assert int(new_request_id(), 16)
    assert len(new_request_id()) == 32
