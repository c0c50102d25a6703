"""The list as a file: the same candidates, guarded against formulas, and in the trail."""

from __future__ import annotations

import csv
import io

from openpyxl import load_workbook

from tests.app.web.candidates.conftest import HOSTILE, NAMES, Scene
from tests.support.pages import signed_in


async def test_the_files_hold_the_list_through_its_filters_and_the_trail_says_so(scene: Scene) -> None:
    path = f"/calls/{scene.call}/candidates"
    answer = await scene.browser.client.get(f"{path}.csv", headers={"Accept": "text/html"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith("\ufeffRang,".encode())
    head, *rows = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert [row[head.index("Startup")] for row in rows if row[0] == "1"] == [NAMES[0]]
    assert f"'{NAMES[1]}" in [row[1] for row in rows]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "@", "\t", "\r"))]
    assert any(HOSTILE in row[1] for row in rows)  # a file is no page: a name stays as it is

    arab = await signed_in(scene.api, scene.buyer.id, lang="ar")
    answer = await arab.client.get(f"{path}.xlsx?region=Souss-Massa", headers={"Accept": "text/html"})
    sheet = load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    assert sheet.sheet_view.rightToLeft
    lines = list(sheet.iter_rows(values_only=True))
    assert all(isinstance(line[0], int) for line in lines[1:])
    assert lines[0][:2] == ("الرتبة", "الشركة")
    assert NAMES[0] in [line[1] for line in lines]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n"}

    trail = (await scene.buyer.client.get(f"/v1/tenders/{scene.call}/audit")).json()["items"]
    assert [each["details"]["exported"] for each in trail] == ["csv", "xlsx"]
    assert trail[0]["details"]["startup_ids"] == [row[-1] for row in rows]


async def test_a_draft_and_a_strangers_call_give_no_file(scene: Scene) -> None:
    other = await signed_in(scene.api, (await scene.api.person("buyer")).id)
    assert (await other.get(f"/calls/{scene.call}/candidates.csv")).status == 404
    assert (await scene.browser.get(f"/calls/{scene.draft}/candidates.xlsx")).status == 409
    assert (await scene.browser.get(f"/calls/{scene.call}/candidates.pdf")).status in {404, 422}
