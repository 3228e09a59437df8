"""Every library that is loaded has one thread while a task runs."""

import subprocess
import sys

LOADED_LATER = """
import numpy
from threadpoolctl import threadpool_info

from training.tasks.one_thread import one_thread

def threads():
    return [each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"]

with one_thread():
    print(threads())
import scipy.linalg
with one_thread():
    print(threads())
"""


def test_a_library_that_is_loaded_later_has_one_thread_too():
    """SciPy brings linear algebra of its own, beside NumPy's."""
    ran = subprocess.run([sys.executable, "-c", LOADED_LATER], capture_output=True, text=True, check=True)
    assert ran.stdout.split("\n")[:2] == ["[1]", "[1, 1]"]
