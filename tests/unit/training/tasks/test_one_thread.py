"""Every library that is loaded has one thread while a task runs."""

import os
import subprocess
import sys

import pytest

LOADED_LATER = """
import numpy
from threadpoolctl import threadpool_info

from training.tasks.one_thread import one_thread

def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

with one_thread():
    print(threads())
import scipy.linalg
print(threads())
with one_thread():
    print(threads())
print(threads())
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one core has one thread")
def test_a_library_that_is_loaded_later_has_one_thread_too():
    """SciPy brings linear algebra of its own, beside NumPy's; afterward both have as many as before."""
    two = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "2")
    ran = subprocess.run(
        [sys.executable, "-c", LOADED_LATER],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **two},
    )
    assert ran.stdout.splitlines() == ["[1]", "[2, 2]", "[1, 1]", "[2, 2]"]
