"""The choices of the profile's form."""

from __future__ import annotations

from app.web.founder.places import country_choices


def test_a_country_that_is_not_offered_stays_where_a_record_has_it() -> None:
    offered = dict(country_choices("fr"))
    assert next(iter(offered)) == "MA"
    assert not {"EH", "EU"} & offered.keys()
    assert "EH" in dict(country_choices("fr", "EH"))
    assert country_choices("fr", "<script>") == country_choices("fr")
