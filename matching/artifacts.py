"""A matcher as a folder of ``.npy`` files, which can be mapped into memory, with a JSON manifest. Never a pickle.

Each save goes into a numbered sub-folder that the manifest then points at: a process that has the older one mapped
keeps it, and a save that was cut off leaves the older one in place.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import numpy.typing as npt

from matching.codec import decoder, encode
from matching.errors import ArtifactMismatch
from matching.gates import Codes, Columns
from matching.index import Segment, Stored, View
from matching.types import Side, StartupDoc, TenderDoc
from matching.vectorizer import I64, U8, Idf, Rows

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
Array = npt.NDArray[Any]
Arrays = Mapping[str, Array]
Doc = TypeVar("Doc", TenderDoc, StartupDoc)

_COLUMNS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "startups": (
        ("country", "employees", "told", "serves"), ("regions", "sectors", "languages", "labels", "certifications"),
    ),
    "tenders": (
        ("country", "deadline", "value", "currency", "category", "sector", "reserved_sme"), ("regions",),
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Saved:
    """What a folder holds: a sealed snapshot and the counts its idf was fitted from."""

    startups: View[StartupDoc]
    tenders: View[TenderDoc]
    idf: Idf
    terms: tuple[str, ...]
    codes: Codes
    frequency: I64
    documents: int


def save(folder: Path, saved: Saved, versions: Mapping[str, str]) -> None:
    """Write a snapshot whose tails are empty; ``versions`` must be met by who opens it."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = [int(each.name) for each in folder.iterdir() if each.is_dir() and each.name.isdecimal()]
    target = folder / str(max(numbers, default=0) + 1)
    target.mkdir()
    arrays = _to_arrays(saved)
    for name, array in arrays.items():
        np.save(target / f"{name}.npy", np.ascontiguousarray(array), allow_pickle=False)
    manifest = {
        "format": FORMAT,
        "data": target.name,
        "documents": saved.documents,
        "versions": dict(versions),
        "shapes": {name: list(array.shape) for name, array in arrays.items()},
    }
    draft = target / MANIFEST
    draft.write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    draft.replace(folder / MANIFEST)
    for number in numbers:
        shutil.rmtree(folder / str(number), ignore_errors=True)


def load(folder: Path, versions: Mapping[str, str]) -> Saved:
    """Map a folder into memory. Raises ``ArtifactMismatch`` if it is not there, damaged or of other versions."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
        if manifest["format"] != FORMAT:
            raise ArtifactMismatch(f"{folder}: format {manifest['format']}, this version reads {FORMAT}")
        for what, wanted in versions.items():
            found = manifest["versions"].get(what)
            if found != wanted:
                raise ArtifactMismatch(f"{folder}: written with {what} {found}, this is {wanted}")
        arrays = {
            name: _mapped(folder / manifest["data"] / f"{name}.npy", shape)
            for name, shape in manifest["shapes"].items()
        }
        return _from_arrays(arrays, int(manifest["documents"]))
    except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError) as error:
        raise ArtifactMismatch(f"{folder}: not a complete saved index ({type(error).__name__}: {error})") from error


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


def _to_arrays(saved: Saved) -> dict[str, Array]:
    arrays: dict[str, Array] = {
        "idf": saved.idf.weights,
        "channels": saved.idf.channels,
        "lengths": saved.idf.lengths,
        "frequency": saved.frequency,
    }
    for name, texts in (("terms", saved.terms), ("codes", saved.codes.values())):
        arrays[name], arrays[f"{name}.ends"] = _words(texts)
    _side_to_arrays(arrays, "startups", saved.startups)
    _side_to_arrays(arrays, "tenders", saved.tenders)
    return arrays


def _side_to_arrays(arrays: dict[str, Array], side: str, view: View[Doc]) -> None:
    base = view.base
    arrays[f"{side}.ids"], arrays[f"{side}.ids.ends"] = _words(base.ids)
    docs = [encode(base.doc(n)) for n in range(len(base.ids))]
    arrays[f"{side}.docs"], arrays[f"{side}.docs.ends"] = _pack(docs)
    for kind, ptr, rows in (("units", base.unit_ptr, base.units), ("wins", base.reference_ptr, base.references)):
        arrays[f"{side}.{kind}"] = ptr
        for part, array in (
            ("ptr", rows.ptr),
            ("ids", rows.ids),
            ("tf", rows.tf),
            ("values", rows.values),
            ("facts", rows.facts),
        ):
            arrays[f"{side}.{kind}.{part}"] = array
    pointers, local, weight = view.postings
    arrays[f"{side}.postings.pointers"] = pointers
    arrays[f"{side}.postings.local"], arrays[f"{side}.postings.weight"] = local, weight
    for name, column in base.columns.single.items():
        arrays[f"{side}.one.{name}"] = column
    for name, (ptr, numbers) in base.columns.several.items():
        arrays[f"{side}.many.{name}.ptr"], arrays[f"{side}.many.{name}"] = ptr, numbers


def _from_arrays(arrays: Arrays, documents: int) -> Saved:
    return Saved(
        startups=_side_from_arrays(arrays, "startups", StartupDoc),
        tenders=_side_from_arrays(arrays, "tenders", TenderDoc),
        idf=Idf(arrays["idf"], arrays["channels"], arrays["lengths"]),
        terms=_unpack(arrays, "terms"),
        codes=Codes(_unpack(arrays, "codes")),
        frequency=arrays["frequency"],
        documents=documents,
    )


def _side_from_arrays(arrays: Arrays, side: str, kind: type[Doc]) -> View[Doc]:
    blob, ends = arrays[f"{side}.docs"], arrays[f"{side}.docs.ends"].tolist()
    decode = decoder(kind)
    single, several = _COLUMNS[side]
    base: Segment[Doc] = Segment(
        Side.STARTUP if side == "startups" else Side.TENDER,
        _unpack(arrays, f"{side}.ids"),
        tuple(Stored(blob, start, end, decode) for start, end in itertools.pairwise(ends)),
        arrays[f"{side}.units"],
        _rows(arrays, f"{side}.units"),
        arrays[f"{side}.wins"],
        _rows(arrays, f"{side}.wins"),
        Columns(
            {name: arrays[f"{side}.one.{name}"] for name in single},
            {name: (arrays[f"{side}.many.{name}.ptr"], arrays[f"{side}.many.{name}"]) for name in several},
        ),
    )
    pointers, local, weight = (arrays[f"{side}.postings.{part}"] for part in ("pointers", "local", "weight"))
    nothing = base.take(np.empty(0, np.int64))
    return View(base, (pointers, local, weight), np.ones(len(base.ids), np.bool_), nothing)


def _rows(arrays: Arrays, name: str) -> Rows:
    return Rows(*(arrays[f"{name}.{part}"] for part in ("ptr", "ids", "tf", "values", "facts")))
