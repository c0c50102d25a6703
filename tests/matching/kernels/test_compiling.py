"""Kernels are compiled anew when what they are made of has changed, in their own file or in another."""

from __future__ import annotations

from pathlib import Path

from matching.kernels.compiling import sources_of

KERNELS = Path(__file__).parents[3] / "matching" / "kernels"


def test_the_stamp_of_a_file_is_of_all_that_it_imports(tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("from matching.kernels import other\nfrom matching.kernels.third import NAME\n")
    (tmp_path / "other.py").write_text("from matching.kernels.one import round_about\n")
    (tmp_path / "third.py").write_text("NAME = 1\n")
    (tmp_path / "fourth.py").write_text("NAME = 1\n")
    stamps = [sources_of(tmp_path / "one.py")]
    for name, text in (("other", "from matching.kernels.one import again\n"), ("third", "NAME = 2\n")):
        (tmp_path / f"{name}.py").write_text(text)
        sources_of.cache_clear()
        stamps.append(sources_of(tmp_path / "one.py"))
    (tmp_path / "fourth.py").write_text("NAME = 2\n")
    sources_of.cache_clear()
    assert len(set(stamps)) == 3
    assert sources_of(tmp_path / "one.py") == stamps[-1]


def test_the_kernels_import_one_another_as_the_stamp_reads_it() -> None:
    for path in KERNELS.glob("*.py"):
        imports = [
            line for line in path.read_text().splitlines() if line.startswith(("import matching", "from matching"))
        ]
        assert all(line.startswith("from matching.") for line in imports), path
        assert not any(line.startswith("from matching.kernels import (") for line in imports), path
        assert len(sources_of(path)) == 32  # a name that is no file would raise
