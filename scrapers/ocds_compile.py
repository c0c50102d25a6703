"""Several releases of one procedure to one compiled release, by the merging rules of OCDS 1.1."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from ocdsmerge import Merger
from ocdsmerge.exceptions import OCDSMergeError

from scrapers.errors import RecordRejected
from scrapers.normalise import parse_iso

# Lists that a later release replaces whole. Lists of texts are always replaced and lists of objects without ids too,
# so only those remain whose objects carry an ``id`` that is no identity of its own ("wholeListMerge" of the schema).
# Held here because ocdsmerge would otherwise fetch the schema from the network.
WHOLE_LISTS: Mapping[tuple[str, ...], str] = MappingProxyType(
    dict.fromkeys(
        (
            ("parties", "additionalIdentifiers"),
            ("tender", "additionalClassifications"),
            *((holder, "items", "additionalClassifications") for holder in ("tender", "awards", "contracts")),
        ),
        "wholeListMerge",
    )
)


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled release with what compiling drops: the first date and the tags of every release."""

    release: dict[str, object]
    published: str | None
    tags: frozenset[str]


def compile_releases(releases: Sequence[dict[str, object]]) -> Compiled:
    """Merge the releases of one procedure in the order of their instants.

    The same release sent twice counts once. Raises RecordRejected where the order cannot be known: no readable date,
    or two different releases with the same id and date.
    """
    dated: dict[tuple[dt.datetime, str], dict[str, object]] = {}
    for release in releases:
        key = (_instant(release.get("date")), str(release.get("id")))
        if dated.setdefault(key, release) != release:
            raise RecordRejected("ocds.no_order", "two different releases have the same id and date")
    ordered = [dated[key] for key in sorted(dated, key=lambda key: key[0])]
    # ocdsmerge sorts by the written date, in which offsets do not count: hand it texts that sort as the instants do.
    written = [{**release, "date": f"{at:06d}"} for at, release in enumerate(ordered)]
    try:
        merged = Merger(merge_rules=dict(WHOLE_LISTS)).create_compiled_release(written)
    except (OCDSMergeError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise RecordRejected("ocds.not_mergeable", f"the releases cannot be merged ({type(error).__name__})") from None
    merged["date"] = ordered[-1]["date"]
    merged["id"] = ordered[-1].get("id")
    tags = frozenset(
        tag
        for release in ordered
        if isinstance(found := release.get("tag"), list)
        for tag in found
        if isinstance(tag, str)
    )
    return Compiled(merged, str(ordered[0]["date"]), tags)


def _instant(written: object) -> dt.datetime:
    """Releases are put in order only; a date without an offset is ordered as if it were UTC and kept as written."""
    try:
        when = parse_iso(written) if isinstance(written, str) else None
    except ValueError:
        when = None
    if when is None:
        raise RecordRejected("ocds.no_order", "one of several releases has no readable date")
    if not isinstance(when, dt.datetime):
        when = dt.datetime.combine(when, dt.time(0))
    return when if when.utcoffset() is not None else when.replace(tzinfo=dt.UTC)
