"""A digest of the code and the published evidence that results depend on."""

from __future__ import annotations

import hashlib
from functools import cache

from features.project_files import EVIDENCE, PROJECT

PACKAGES = ("features", "serving", "training")


@cache
def code_digest() -> str:
    """Digest every module, and every table of published evidence.

    Returns
    -------
    digest : str
        24 hexadecimal digits: the same in every process that computes the same numbers.

    Examples
    --------
    >>> len(code_digest())
    24
    """
    digest = hashlib.sha256()
    modules = [file for package in PACKAGES for file in sorted((PROJECT / package).rglob("*.py"))]
    for file in (*modules, *sorted(EVIDENCE.glob("*.csv"))):
        digest.update(f"{file.relative_to(PROJECT).as_posix()}\0".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()[:24]
