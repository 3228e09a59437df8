"""Small files that would become large are refused before they do: the memory of a process shows it."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import openpyxl
import pyarrow as pa
import pyarrow.parquet
import pytest

from features.files.read_table import read_table
from features.files.size_budget import bounded_memory
from features.problems import DataError
from tests.absent import absent

MEGABYTES = 900
"""Peak of a process that has only imported the readers is about 150."""

CHILD = """
import json, resource, sys
from pathlib import Path
import openpyxl, pandas, pyarrow.parquet
from features.read_cohort import read_cohort
from features.problems import DataError
found = {}
for name in sys.argv[1:]:
    try:
        read_cohort(Path(name))
    except DataError as error:
        found[Path(name).name] = str(error.problems[0])
if sys.platform == "darwin":
    found["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
else:
    # The resident size that rusage tells begins with that of the process which started this one.
    status = Path("/proc/self/status").read_text().split("VmHWM:")[1]
    found["peak"] = int(status.split()[0]) / 1e3
print(json.dumps(found))
"""


def repeated(text: str, rows: int) -> pa.DictionaryArray:
    """One text in many rows, kept once."""
    return pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, dtype=np.int32)), pa.array([text]))


def parquet(path: Path, columns: dict[str, pa.Array], **how: object) -> None:
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd", **how)


def workbook(path: Path, rows: str) -> None:
    """Write a workbook whose only sheet has more rows, and a long text that cells can share."""
    book = openpyxl.Workbook()
    book.active.append(["patient_id", "ldh_u_l"])
    written = io.BytesIO()
    book.save(written)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    named = f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>'
    added = {
        "xl/worksheets/sheet1.xml": (b"</sheetData>", f"{rows}</sheetData>"),
        "[Content_Types].xml": (b"</Types>", named),
    }
    with zipfile.ZipFile(written) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.infolist():
            before, after = added.get(item.filename, (b"", ""))
            raw = old.read(item)
            assert before in raw
            new.writestr(item.filename, raw.replace(before, after.encode()) if before else raw)
        main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        new.writestr("xl/sharedStrings.xml", f'<sst xmlns="{main}"><si><t>{"x" * 9_000}</t></si></sst>')


def written(folder: Path) -> dict[str, str]:
    """Write every file; give the rule that refuses it."""
    characters = "the cells must have at most 100 million"
    cells = "the file must have at most 10 million cells"
    million = 1_000_000
    parquet(folder / "texts.parquet", {"patient_id": repeated("x" * 6_600, million)})
    parquet(folder / "cells.parquet", {f"c{n}": repeated("x", million) for n in range(11)})
    parquet(folder / "page.parquet", {"patient_id": ["x" * 60_000_000]}, use_dictionary=False)
    strings = '<c t="s"><v>0</v></c>' * 2
    workbook(folder / "strings.xlsx", f"<row>{strings}</row>" * 100_000)
    workbook(folder / "cells.xlsx", "<row>" + "<c/>" * 5 * million + "</row>")
    workbook(folder / "rows.xlsx", "<row/>" * 1_048_574 + '<row><c t="s"><v>0</v></c></row>')
    (folder / "line.csv").write_bytes(b"patient_id" + b",a1" * 16 * million)
    (folder / "lines.csv").write_bytes(b"patient_id" + b"," * 99 + (b"\n" + b"," * 99) * 400_000)
    return {
        "texts.parquet": characters,
        "cells.parquet": cells,
        "page.parquet": "patient_id must have at most 10000 characters",
        "strings.xlsx": characters,
        "cells.xlsx": "a sheet has at most 16384 columns",
        "rows.xlsx": "a cell is far outside the table",
        "line.csv": "a line must have at most 100000 delimiters",
        "lines.csv": cells,
    }


def test_files_are_refused_before_they_expand(tmp_path: Path) -> None:
    """Every format, each by its own rule; together they stay within the memory of a small machine."""
    rules = written(tmp_path)
    command = [sys.executable, "-c", CHILD, *(str(tmp_path / name) for name in rules)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("peak") < MEGABYTES
    assert {name: words[: len(rules[name])] for name, words in found.items()} == rules


def test_memory_is_bounded_whatever_a_file_states() -> None:
    """What a budget cannot foresee is refused too, and the limit is put back."""
    if sys.platform != "linux":
        absent("only Linux limits private memory")
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with pytest.raises(DataError) as refused, bounded_memory("t.csv", most=50_000_000):
        bytearray(200_000_000)
    assert str(refused.value) == (
        "t.csv: 1 problem\n  the file takes more than 50 MB of memory to read: "
        "save it again from its own program, or as CSV UTF-8"
    )
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
    assert len(bytearray(200_000_000)) == 200_000_000


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-5"])
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "xl/odd.bin"])
def test_entities_are_refused_in_every_encoding(tmp_path: Path, encoding: str, part: str) -> None:
    """Also behind a long comment, and in a part that is not called XML."""
    text = f'<?xml version="1.0" encoding="{encoding.removesuffix("-le").removesuffix("-be")}"?>'
    text += f'<!-- {"x" * 5_000} --><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'
    mark = {"utf-16-le": "\ufeff", "utf-16-be": "\ufeff"}.get(encoding, "")
    with zipfile.ZipFile(tmp_path / "t.xlsx", "w") as archive:
        archive.writestr(part, (mark + text).encode(encoding))
    with pytest.raises(DataError, match="the workbook declares XML entities, which Excel never writes"):
        read_table(tmp_path / "t.xlsx")


def test_large_texts_are_counted_like_others(tmp_path: Path) -> None:
    """Arrow has two kinds of text; a dictionary of either repeats it."""
    kept = repeated("x" * 9_000, 20_000)
    parquet(tmp_path / "t.parquet", {"patient_id": kept.cast(pa.dictionary(pa.int32(), pa.large_string()))})
    with pytest.raises(DataError, match="the cells must have at most 100 million characters together"):
        read_table(tmp_path / "t.parquet")


def test_a_repeated_text_is_read_like_any_other(tmp_path: Path) -> None:
    """Kept once in the file, in whatever way, and with blanks between."""
    names = ["P-1", None, "P-3"] * 4_000
    plain = {"patient_id": pa.array(names), "ldh_u_l": pa.array([200, 210, None] * 4_000)}
    parquet(tmp_path / "a.parquet", plain)
    parquet(tmp_path / "b.parquet", plain, use_dictionary=False)
    kept = plain["patient_id"].dictionary_encode()
    parquet(tmp_path / "c.parquet", {**plain, "patient_id": kept}, row_group_size=1_000)
    large = plain["patient_id"].cast(pa.large_string())
    parquet(tmp_path / "d.parquet", {**plain, "patient_id": large})
    tables = [read_table(tmp_path / f"{name}.parquet") for name in "abcd"]
    assert tables[0].column("patient_id")[:3] == ["P-1", "", "P-3"]
    assert tables[0].column("ldh_u_l")[:3] == ["200", "210", ""]
    assert all((table.columns, table.rows) == (tables[0].columns, tables[0].rows) for table in tables)
