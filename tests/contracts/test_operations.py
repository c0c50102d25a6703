"""docs/operations.md lists the settings as the code declares them."""

from __future__ import annotations

from pathlib import Path

from pydantic_core import PydanticUndefined

from app.config import Settings

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
COMPUTED = {"cpu_threads": "number of processors"}


def default_of(name: str) -> str:
    if name in COMPUTED:
        return COMPUTED[name]
    value = Settings.model_fields[name].default
    assert value is not PydanticUndefined, f"say in COMPUTED what the default of {name} is"
    if value is None:
        return "unset"
    if value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}".replace(",", "_") if isinstance(value, int) and value >= 10_000 else str(value)


def table() -> str:
    rows = [
        f"| `SAFQA_{name.upper()}` | {default_of(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return "\n".join(["| setting | default | what it does |", "|---|---|---|", *rows])


def test_the_table_of_settings_is_that_of_the_code() -> None:
    assert table() in GUIDE.read_text(encoding="utf-8"), f"docs/operations.md should hold:\n{table()}"
