import pytest

from app.kit.metrics import Metrics


def test_requests_jobs_and_the_index_are_counted():
    metrics = Metrics()
    metrics.request_done(method="GET", route="/v1/tenders/{tender_id}", status=200, seconds=0.004, queries=2)
    with metrics.job("match"):
        pass
    with pytest.raises(ZeroDivisionError), metrics.job("match"):
        _ = 1 / 0
    metrics.ranked("startups", 0.02)
    metrics.watch_index("tender", age_seconds=lambda: 1.5, documents=lambda: 42)
    text = metrics.render().decode()
    labels = 'method="GET",route="/v1/tenders/{tender_id}"'
    assert f'safqa_http_requests_total{{{labels},status="200"}} 1.0' in text
    assert f'safqa_http_request_seconds_bucket{{le="0.005",{labels}}} 1.0' in text
    assert f"safqa_http_request_queries_sum{{{labels}}} 2.0" in text
    assert 'safqa_jobs_total{job="match",outcome="done"} 1.0' in text
    assert 'safqa_jobs_total{job="match",outcome="failed"} 1.0' in text
    assert 'safqa_ranking_seconds_bucket{le="0.025",of="startups"} 1.0' in text
    assert 'safqa_index_age_seconds{side="tender"} 1.5' in text
    assert 'safqa_index_documents{side="tender"} 42.0' in text


def test_two_registries_in_one_process_do_not_meet():
    first, second = Metrics(), Metrics()
    first.request_done(method="GET", route="/x", status=200, seconds=0, queries=0)
    assert "/x" not in second.render().decode()
