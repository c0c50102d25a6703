"""``/evidence``: papers with their last days, files behind them, and the facts that calls ask for."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from typing import Annotated

from fastapi import Path
from fastapi.responses import Response

from app.api.upload import filename_of
from app.db.base import JsonObject
from app.evidence import service
from app.evidence.endpoints_files import download_evidence_file
from app.kit.errors import AppError, FieldError, NotFound, ValidationFailed
from app.kit.i18n import translate
from app.kit.ids import StartupId
from app.web.forms import Form, sent_file, sent_form
from app.web.founder import evidence_form as forms
from app.web.founder.changes import merged
from app.web.founder.evidence_form import PIECE_LISTS, PieceList
from app.web.founder.evidence_view import SOON_DAYS, papers
from app.web.founder.here import Editing, Here, Reading, Writing
from app.web.founder.rows import rows_of
from app.web.pages import page_router
from scrapers.evidence import EvidenceRecord, PaperKind
from scrapers.normalise import HOME_ZONE

router = page_router("/evidence")
Position = Annotated[int, Path(ge=0, le=1_000)]
NEW = -1
_ANY_VERSION = "*"


@router.get("")
async def show_papers(here: Reading) -> Response:
    """What there is, how long it is valid, what is missing."""
    if here.choice is None:
        return here.none_yet()
    shown = await service.show(here.db, here.caller, here.startup_id)
    told = EvidenceRecord.model_validate(shown.document)
    today = here.now.astimezone(HOME_ZONE).date()
    return here.show(
        "founder/evidence.html", papers=papers(shown, today, here.lang), told=told, lists=PIECE_LISTS, soon=SOON_DAYS,
        most_files=service.MOST_FILES, most_bytes=service.MOST_BYTES,
    )  # fmt: skip


@router.get("/facts")
async def edit_facts(here: Editing) -> Response:
    """Turnover, references, team and means, as a form."""
    shown = await service.show(here.db, here.caller, here.startup_id)
    return _facts_page(here, forms.facts_form(shown.document, shown.version))


@router.post("/facts")
async def save_facts(here: Writing) -> Response:
    """Keep them, unless somebody else has changed them since: then both are shown."""
    sent = await sent_form(here.request)
    held = await service.hold(here.db, here.caller, here.startup_id, _ANY_VERSION)
    if sent.value("version") != str(held.version):
        base = await _document_at(here, sent.value("version"), held)
        document, theirs = merged(base, held.document, forms.facts_of(sent, base), here.lang)
        return _facts_page(here, forms.facts_form(document, held.version), 409, theirs=theirs)
    evidence, wrong = forms.checked(forms.facts_of(sent, held.document))
    if evidence is None:
        return _facts_page(here, forms.facts_errors(sent, wrong, here.lang), 422)
    await service.replace(here.db, here.caller, held, evidence, here.now)
    return here.on_to("/evidence", done="facts-kept")


@router.get("/files/{file_id}")
async def download(file_id: uuid.UUID, here: Reading) -> Response:
    """A file as it came, to be saved."""
    return await download_evidence_file(here.startup_id, file_id, here.caller, here.db)


@router.post("/files/{file_id}/remove")
async def remove_file(file_id: uuid.UUID, here: Writing) -> Response:
    """Delete a file for good."""
    await service.delete_file(here.db, here.caller, here.startup_id, file_id, here.now)
    return here.on_to("/evidence", done="file-removed")


@router.get("/{name}/new")
async def new_piece(name: PieceList, here: Editing, kind: PaperKind | None = None) -> Response:
    """The form of a new piece; ``kind``: of the paper that a link says is missing."""
    shown = await service.show(here.db, here.caller, here.startup_id)
    piece: JsonObject = {"kind": kind.value} if kind is not None else {}
    return _piece_page(here, name, NEW, forms.piece_form(name, piece, shown.version))


@router.get("/{name}/{position}")
async def edit_piece(name: PieceList, position: Position, here: Editing) -> Response:
    """A piece as a form."""
    shown = await service.show(here.db, here.caller, here.startup_id)
    form = forms.piece_form(name, _piece_at(shown.document, name, position), shown.version)
    return _piece_page(here, name, position, form)


@router.post("/{name}")
async def add_piece(name: PieceList, here: Writing) -> Response:
    """Enter a piece, with its file."""
    held = await service.hold(here.db, here.caller, here.startup_id, _ANY_VERSION)
    return await _keep(here, held, name, NEW)


@router.post("/{name}/{position}")
async def change_piece(name: PieceList, position: Position, here: Writing) -> Response:
    """Change a piece, or replace its file; it is found again where others moved it meanwhile."""
    sent = await sent_form(here.request)
    held = await service.hold(here.db, here.caller, here.startup_id, _ANY_VERSION)
    at = await _found_again(here, held, name, position, sent)
    if at is None:
        return _piece_page(here, name, NEW, _at_version(sent, held.version), 409, gone=True)
    return await _keep(here, held, name, at)


@router.post("/{name}/{position}/remove")
async def remove_piece(name: PieceList, position: Position, here: Writing) -> Response:
    """Remove a piece, and the file that shows nothing else."""
    sent = await sent_form(here.request)
    held = await service.hold(here.db, here.caller, here.startup_id, _ANY_VERSION)
    at = await _found_again(here, held, name, position, sent)
    if at is None:
        raise NotFound
    pieces = _pieces(held.document, name)
    gone = pieces.pop(at)
    evidence, _ = forms.checked(_with(held.document, name, pieces))
    assert evidence is not None
    await service.replace(here.db, here.caller, held, evidence, here.now)
    await _drop_file(here, held, gone)
    return here.on_to("/evidence", done="paper-removed")


async def _keep(here: Here, held: service.Shown, name: PieceList, at: int) -> Response:
    """Write one piece of held evidence from the form that came, with its file; or the form with what is wrong."""
    sent = _at_version(await sent_form(here.request), held.version)
    pieces = _pieces(held.document, name)
    old = pieces[at] if at != NEW else {}
    place = at if at != NEW else len(pieces)
    piece = forms.piece_of(name, sent, old)
    changed = [*pieces[:place], piece, *pieces[place + 1 :]]
    evidence, wrong = forms.checked(_with(held.document, name, changed))
    if evidence is None:
        return _piece_page(here, name, at, forms.piece_errors(sent, wrong, f"#/{name}/{place}", here.lang), 422)
    try:
        if (added := await _added_file(here)) is not None:
            piece["file"] = str(added)
            held = await service.show(here.db, here.caller, here.startup_id)
            evidence, _ = forms.checked(_with(held.document, name, changed))
            assert evidence is not None
        await service.replace(here.db, here.caller, held, evidence, here.now)
        if added is not None:
            await _drop_file(here, held, old)
    except AppError as refused:
        await here.db.rollback()
        said = next(iter(sent.refused(refused, here.lang).errors.values()))
        return _piece_page(here, name, at, sent.wrong(file=said), 422)
    return here.on_to("/evidence", done="paper-kept")


async def _added_file(here: Here) -> uuid.UUID | None:
    """The id of the file that the form brought, kept; ``None``: it brought none."""
    file = await sent_file(here.request, "file")
    if file is None:
        return None
    if not file.size:
        raise ValidationFailed(FieldError("#/file", "empty", fallback="the file is empty"))
    given = await asyncio.to_thread(service.FILES.read, file.file, filename_of(file.filename), file.size)
    return (await service.add_file(here.db, here.caller, here.startup_id, given, here.now)).id


async def _drop_file(here: Here, held: service.Shown, gone: JsonObject) -> None:
    """Delete the file of a piece that is gone or has another one now, unless it shows something else too."""
    file_id = gone.get("file")
    if not isinstance(file_id, str):
        return
    now = await service.show(here.db, here.caller, StartupId(held.startup_id))
    if file_id not in service.referred_files(now.document):
        await service.delete_file(here.db, here.caller, here.startup_id, uuid.UUID(file_id), here.now)


async def _found_again(here: Here, held: service.Shown, name: PieceList, position: int, sent: Form) -> int | None:
    """Where a piece stands that stood at ``position`` when the form was shown; ``None``: it was changed or removed."""
    pieces = _pieces(held.document, name)
    if sent.value("version") == str(held.version):
        if position >= len(pieces):
            raise NotFound
        return position
    before = _pieces(await _document_at(here, sent.value("version"), held), name)
    if position >= len(before) or before[position] not in pieces:
        return None
    return pieces.index(before[position])


async def _document_at(here: Here, version: str, held: service.Shown) -> JsonObject:
    """What the evidence said at the version that a form was shown at; as it stands, where that cannot be told."""
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0
    if number == 0:
        return {}
    try:
        return (await service.version(here.db, here.caller, here.startup_id, number)).document
    except NotFound:
        return held.document


def _piece_page(
    here: Here, name: PieceList, at: int, form: Form, status: int = 200, /, *, gone: bool = False
) -> Response:
    kinds = [(kind.value, translate(f"paper.{kind.value}", here.lang)) for kind in PaperKind]
    schemes = [(code, translate(f"web.founder.scheme.{code}", here.lang)) for code in forms.SCHEMES]
    parts = (*forms.PARTS[name], "qualifications", "file")
    return here.show(
        "founder/piece.html", status, list=name, at=at, form=form, kinds=kinds, schemes=schemes, gone=gone,
        names={part: translate(f"web.founder.piece.{part}", here.lang) for part in parts},
    )  # fmt: skip


def _facts_page(here: Here, form: Form, status: int = 200, /, *, theirs: Sequence[object] = ()) -> Response:
    choices = {
        "legal_forms": [(code, translate(f"web.founder.legal.{code}", here.lang)) for code in forms.LEGAL_FORMS],
        "complete": [(code, translate(f"web.founder.complete.{code}", here.lang)) for code in forms.COMPLETE],
    }
    names = ("legal_form", "cash", "balance_sheet", "equipment", "complete")
    return here.show(
        "founder/facts.html", status, form=form, theirs=theirs, **choices,
        names={name: translate(f"web.founder.field.{name}", here.lang) for name in names},
        turnover_rows=rows_of(form, "turnover", "year"), team_rows=rows_of(form, "team", "role"),
        reference_rows=rows_of(form, "reference", "title"),
    )  # fmt: skip


def _at_version(form: Form, version: int) -> Form:
    return Form({**form.values, "version": [str(version)]}, form.errors)


def _piece_at(document: JsonObject, name: PieceList, position: int) -> JsonObject:
    pieces = _pieces(document, name)
    if position >= len(pieces):
        raise NotFound
    return pieces[position]


def _with(document: JsonObject, name: PieceList, pieces: Sequence[JsonObject]) -> JsonObject:
    return {**document, str(name): list(pieces)}


def _pieces(document: JsonObject, name: PieceList) -> list[JsonObject]:
    given = document.get(name)
    return [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
