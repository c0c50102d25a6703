"""A matcher as a folder of ``.npy`` files, which can be mapped into memory, with a JSON manifest. Never a pickle.

Each save goes into a numbered sub-folder that the manifest then points at: a process that has the older one mapped
keeps it, and a save that was cut off leaves the older one in place.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from matching.codec import decoder, encode
from matching.errors import ArtifactMismatch
from matching.gates import Codes, Columns
from matching.postings import Postings
from matching.retrieval import Part, part_of, tail_of
from matching.scoring import Algorithm
from matching.segments import Segment, Stored
from matching.snapshots import Fitted, Snapshot
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import I64, U8, Idf, Rows, Vocabulary
from matching.views import View

FORMAT: Final = 3
MANIFEST: Final = "manifest.json"
Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
_DAMAGE: Final = (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, AttributeError)
_ROWS: Final = ("ptr", "ids", "tf", "values", "facts")
_POSTINGS: Final = ("starts", "pointers", "local", "weight")
Doc = TypeVar("Doc", TenderDoc, StartupDoc)

_COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "startups": (
        ("country", "employees", "told", "serves", "region"),
        ("regions", "sectors", "languages", "labels", "certifications"),
    ),
    "tenders": (
        ("country", "deadline", "value", "currency", "category", "sector", "reserved_sme", "known_regions"),
        ("regions",),
    ),
}  # fmt: skip


def save(folder: Path, snapshot: Snapshot, versions: Mapping[str, str], note: Mapping[str, str]) -> None:
    """Write a snapshot as it is; ``versions`` must be met by who opens it, ``note`` is given back to them."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(each.name) for each in folder.iterdir() if each.is_dir() and each.name.isdecimal()]
    target = folder / str(max(numbers, default=0) + 1)
    target.mkdir(mode=0o700)  # whole documents: whoever may list the folder above need not read them
    try:
        draft = _write(target, snapshot, versions, note)
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    draft.replace(folder / MANIFEST)
    for number in numbers:
        shutil.rmtree(folder / str(number), ignore_errors=True)


def _write(target: Path, snapshot: Snapshot, versions: Mapping[str, str], note: Mapping[str, str]) -> Path:
    """Write the arrays of a snapshot and, last, its manifest, which is returned."""
    arrays = _to_arrays(snapshot)
    for name, array in arrays.items():
        with (target / f"{name}.npy").open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
    manifest = {
        "format": FORMAT,
        "data": target.name,
        "documents": snapshot.fitted.documents,
        "changes": snapshot.changes,
        "parts": {"startups": len(snapshot.startups.parts), "tenders": len(snapshot.tenders.parts)},
        "versions": dict(versions),
        "note": dict(note),
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
    }
    draft = target / MANIFEST
    draft.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    return draft


def load(
    folder: Path, versions: Mapping[str, str], algorithm: Algorithm, epoch: int
) -> tuple[Snapshot, Mapping[str, str]]:
    """Map a folder into memory: its snapshot and its note.

    Raises ``ArtifactMismatch`` if it is not there, damaged or of other versions.
    """
    try:
        manifest = _manifest(folder)
        for what, wanted in versions.items():
            found = manifest["versions"].get(what)
            if found != wanted:
                raise ArtifactMismatch(f"{folder}: written with {what} {found}, this is {wanted}")
        arrays = {
            name: _mapped(folder / manifest["data"] / f"{name}.npy", shape)
            for name, shape in manifest["shapes"].items()
        }
        return _from_arrays(arrays, manifest, algorithm, epoch), {**manifest["note"]}
    except _DAMAGE as error:
        raise ArtifactMismatch(f"{folder}: not a complete saved index ({type(error).__name__}: {error})") from error


def read_note(folder: Path) -> Mapping[str, str]:
    """The note of a saved index. Raises ``ArtifactMismatch``."""
    try:
        return {**_manifest(folder)["note"]}
    except _DAMAGE as error:
        raise ArtifactMismatch(f"{folder}: not a saved index ({type(error).__name__}: {error})") from error


def _manifest(folder: Path) -> Mapping[str, Any]:
    manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text("utf-8"))
    if manifest["format"] != FORMAT:
        raise ArtifactMismatch(f"{folder}: format {manifest['format']}, this version reads {FORMAT}")
    return manifest


def _mapped(path: Path, shape: Sequence[int]) -> Array:
    # "c" maps copy-on-write: writable arrays, so that kernels are compiled for one kind of array only.
    array = np.asarray(np.load(path, mmap_mode="c" if 0 not in shape else None, allow_pickle=False))
    if list(array.shape) != list(shape):
        raise ValueError(f"{path.name} has shape {array.shape}, not {tuple(shape)}")
    return array


def _pack(texts: Sequence[bytes]) -> tuple[U8, I64]:
    ends = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=ends[1:])
    return np.frombuffer(b"".join(texts), np.uint8), ends


def _words(texts: Sequence[str]) -> tuple[U8, I64]:
    return _pack([text.encode("utf-8", "surrogatepass") for text in texts])


def _unpack(arrays: Arrays, name: str) -> tuple[str, ...]:
    raw, ends = arrays[name].tobytes(), arrays[f"{name}.ends"].tolist()
    return tuple(raw[start:end].decode("utf-8", "surrogatepass") for start, end in itertools.pairwise(ends))


def _to_arrays(snapshot: Snapshot) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        "idf": snapshot.idf.weights,
        "channels": snapshot.idf.channels,
        "lengths": snapshot.idf.lengths,
        "frequency": snapshot.fitted.frequency,
    }
    terms = snapshot.vocabulary.terms()[: snapshot.idf.weights.size]
    for name, texts in (("terms", terms), ("codes", snapshot.codes.values())):
        arrays[name], arrays[f"{name}.ends"] = _words(texts)
    _view_to_arrays(arrays, "startups", snapshot.startups)
    _view_to_arrays(arrays, "tenders", snapshot.tenders)
    return arrays


def _view_to_arrays(arrays: dict[str, Array], side: str, view: View[Doc]) -> None:
    for number, part in enumerate(view.parts):
        _part_to_arrays(arrays, f"{side}.{number}", part)
    _part_to_arrays(arrays, f"{side}.tail", view.tail)


def _part_to_arrays(arrays: dict[str, Array], at: str, part: Part[Doc]) -> None:
    segment = part.segment
    arrays[f"{at}.alive"] = part.alive
    arrays[f"{at}.ids"], arrays[f"{at}.ids.ends"] = _words(segment.ids)
    arrays[f"{at}.docs"], arrays[f"{at}.docs.ends"] = _pack([_stored(doc) for doc in segment.docs])
    for kind, ptr, rows in (
        ("units", segment.unit_ptr, segment.units), ("wins", segment.reference_ptr, segment.references),
    ):  # fmt: skip
        arrays[f"{at}.{kind}"] = ptr
        for name in _ROWS:
            arrays[f"{at}.{kind}.{name}"] = getattr(rows, name)
    if part.postings is not None:
        for name in _POSTINGS:
            arrays[f"{at}.postings.{name}"] = getattr(part.postings, name)
    for name, column in segment.columns.single.items():
        arrays[f"{at}.one.{name}"] = column
    for name, (ptr, numbers) in segment.columns.several.items():
        arrays[f"{at}.many.{name}.ptr"], arrays[f"{at}.many.{name}"] = ptr, numbers


def _stored(doc: TenderDoc | StartupDoc | Stored[TenderDoc] | Stored[StartupDoc]) -> bytes:
    return doc.blob[doc.start : doc.end].tobytes() if isinstance(doc, Stored) else encode(doc)


def _from_arrays(arrays: Arrays, manifest: Mapping[str, Any], algorithm: Algorithm, epoch: int) -> Snapshot:
    return Snapshot(
        startups=_view_from_arrays(arrays, "startups", manifest["parts"]["startups"], (StartupDoc, algorithm)),
        tenders=_view_from_arrays(arrays, "tenders", manifest["parts"]["tenders"], (TenderDoc, algorithm)),
        idf=Idf(arrays["idf"], arrays["channels"], arrays["lengths"]),
        fitted=Fitted(arrays["frequency"], int(manifest["documents"])),
        vocabulary=Vocabulary(_unpack(arrays, "terms")),
        codes=Codes(_unpack(arrays, "codes")),
        changes=int(manifest["changes"]),
        epoch=epoch,
    )


def _view_from_arrays(arrays: Arrays, side: str, parts: int, of: tuple[type[Doc], Algorithm]) -> View[Doc]:
    kind, algorithm = of
    made = []
    for number in range(parts):
        at = f"{side}.{number}"
        postings = Postings(*(arrays[f"{at}.postings.{name}"] for name in _POSTINGS))
        made.append(part_of(_segment(arrays, side, at, kind), postings, arrays[f"{at}.alive"], algorithm))
    tail = _segment(arrays, side, f"{side}.tail", kind)
    return View(tuple(made), tail_of(tail, algorithm, np.zeros(len(tail.ids), np.int64)))


def _segment(arrays: Arrays, side: str, at: str, kind: type[Doc]) -> Segment[Doc]:
    blob, ends = arrays[f"{at}.docs"], arrays[f"{at}.docs.ends"].tolist()
    decode = decoder(kind)
    single, several = _COLUMNS[side]
    return Segment(
        Side.STARTUP if side == "startups" else Side.TENDER,
        _unpack(arrays, f"{at}.ids"),
        tuple(Stored(blob, start, end, decode) for start, end in itertools.pairwise(ends)),
        arrays[f"{at}.units"],
        _rows(arrays, f"{at}.units"),
        arrays[f"{at}.wins"],
        _rows(arrays, f"{at}.wins"),
        Columns(
            {name: arrays[f"{at}.one.{name}"] for name in single},
            {name: (arrays[f"{at}.many.{name}.ptr"], arrays[f"{at}.many.{name}"]) for name in several},
        ),
    )


def _rows(arrays: Arrays, name: str) -> Rows:
    return Rows(*(arrays[f"{name}.{part}"] for part in _ROWS))
