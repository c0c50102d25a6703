"""What every OCDS publisher's source shares: reading releases, and asking for the whole record of a mere update."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scrapers.base import Award, Read, Run, Source
from scrapers.client import Request
from scrapers.errors import RecordRejected, SourceChanged, SourceUnavailable
from scrapers.json_text import loads
from scrapers.ocds_awards import award_fields
from scrapers.ocds_documents import Held, Procedure, compiled, documents, grouped, held, is_ocds, line_documents
from scrapers.ocds_mapping import tender_fields
from scrapers.payload import Bundle


class OcdsSource(Source):
    """Reads OCDS. ``record_path``: where the whole record of a procedure is found, with ``{ocid}`` in it;
    ``ocid_prefix``: that of this publisher's procedures.
    """

    record_path: str | None = None
    ocid_prefix = ""

    def kind_of(self, body: bytes) -> str:
        """A saved page. Raises SourceChanged where all its procedures are another publisher's."""
        if self.ocid_prefix:
            ocids = {one.ocid for document in documents(body) for one in held(document) if isinstance(one, Held)}
            if ocids and not any(ocid.startswith(self.ocid_prefix) for ocid in ocids):
                raise SourceChanged(f"no ocid begins with {self.ocid_prefix}: another publisher's releases")
        return "page"

    def read(self, bundle: Bundle) -> Iterator[Read]:
        """One tender per procedure of the bundle, and its awards."""
        found: list[Held] = []
        for payload in bundle:
            reading = line_documents if payload.kind == "lines" else documents
            for document in reading(payload.body):
                parts = iter([document]) if isinstance(document, RecordRejected) else held(document)
                for one in parts:
                    if isinstance(one, RecordRejected):
                        yield one
                    else:
                        found.append(one)
        for group in grouped(found).values():
            yield from self._procedure(group)

    def _procedure(self, group: Sequence[Held]) -> Iterator[Read]:
        try:
            procedure = compiled(group)
        except RecordRejected as refusal:
            yield refusal
            return
        try:
            fields = tender_fields(procedure.release, published=procedure.published, tags=procedure.tags)
            # A tag like "delta" tells the consumer that what is missing here is unknown, not gone.
            yield {**self.completed(fields, procedure), **({"delta": True} if procedure.delta else {})}
        except RecordRejected as refusal:
            yield refusal
        for award in award_fields(procedure.release):
            yield Award(award)

    def completed(self, fields: Mapping[str, object], procedure: Procedure) -> Mapping[str, object]:  # noqa: ARG002
        """What this publisher's notices need beyond the standard."""
        return fields

    async def with_records(self, run: Run, bundle: Bundle, document: object) -> Bundle:
        """The bundle with the record of every procedure of which the page holds mere updates."""
        if self.record_path is None:
            return bundle
        groups = grouped(one for one in held(document) if isinstance(one, Held))
        payloads = list(bundle)
        for ocid, group in groups.items():
            if not _is_delta(group):
                continue
            # Percent signs aside, an ocid is letters, digits and dashes; anything else is no path of ours.
            if not ocid.replace("-", "").isalnum():
                continue
            request = Request(url=self.base + self.record_path.format(ocid=ocid), accept=frozenset({200, 404}))
            try:
                answer = await run.session.fetch(request)
                found = answer.status == 200 and is_ocds(loads(answer.body))
            except (SourceUnavailable, SourceChanged) as error:
                if isinstance(error, SourceUnavailable) and error.retry_after:
                    raise
                continue  # one record that cannot be had: its update stays marked as one
            if found:
                payloads.append(self.payload(answer, "record", ocid=ocid))
        return Bundle(tuple(payloads), bundle.ref, bundle.fingerprint)


def _is_delta(group: Sequence[Held]) -> bool:
    try:
        return compiled(group).delta
    except RecordRejected:
        return True  # releases without an order: the publisher's own record settles it


def release_refs(document: object) -> tuple[str, ...]:
    """The identity of every release of a page: procedure and release id."""
    return tuple(f"{one.ocid}/{one.release.get('id')}" for one in held(document) if isinstance(one, Held))
