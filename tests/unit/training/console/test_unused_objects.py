"""Python does not look through all objects of a process that ends."""

import subprocess
import sys

ENDING = """
import atexit, gc
from training.console.unused_objects import OBJECTS_BETWEEN_SEARCHES, search_seldom

atexit.register(lambda: print(gc.get_freeze_count() > 0, gc.get_threshold()[0]))
search_seldom()
print(gc.get_freeze_count() > 0, OBJECTS_BETWEEN_SEARCHES)
"""


def test_a_process_that_ends_looks_for_no_unused_objects():
    """All of them are set aside after its work, not before."""
    ran = subprocess.run([sys.executable, "-c", ENDING], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["False", "50000", "True", "50000"]
