import pytest

from app.kit.errors import AppError, NotFound, TooManyRequests, all_problems


def test_the_closed_list_holds_every_problem_by_slug():
    found = all_problems()
    assert found["not-found"] is NotFound
    assert list(found) == sorted(found)
    assert all(400 <= cls.status < 600 for cls in found.values())


def test_a_slug_can_be_used_once_only():
    with pytest.raises(TypeError, match="already used by NotFound"):

        class Lost(AppError):
            status, slug = 404, "not-found"


def test_a_narrower_problem_without_a_slug_of_its_own_keeps_its_parents():
    class TenderGone(NotFound):
        pass

    assert all_problems()["not-found"] is NotFound
    assert TenderGone().slug == "not-found"


def test_facts_cannot_hide_the_standard_members():
    with pytest.raises(TypeError, match="status"):
        AppError(status=200)


def test_two_instances_share_no_headers():
    first, second = NotFound(), NotFound()
    first.headers["Allow"] = "GET"
    assert second.headers == {}
    assert TooManyRequests(retry_after_seconds=7).headers == {"Retry-After": "7"}
