"""Files of statistical programs are not larger than they may be, whatever they state."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyreadstat
import pytest

from features.files import statistical_software
from features.files.statistical_software import statistical_grid
from features.problems import DataError


def test_a_file_that_states_no_size_is_refused_by_its_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SAS transport file does not say how many it has: no more than fit are read."""
    file = tmp_path / "c.xpt"
    pyreadstat.write_xport(pd.DataFrame({"ldh": [200.5, 300.0, 250.0], "crp": [1.0, 2.0, 3.0]}), file)
    assert len(statistical_grid(file.read_bytes(), ".xpt", name="c.xpt")[0]) == 4
    monkeypatch.setattr(statistical_software, "MAX_CELLS", 4)
    with pytest.raises(DataError) as refused:
        statistical_grid(file.read_bytes(), ".xpt", name="c.xpt")
    assert str(refused.value.problems[0]) == (
        "the file must unpack to at most 100 MB and 1048576 rows, got 1048577 rows"
    )
