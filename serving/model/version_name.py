"""The name of a version in answers: its number and the first digits of its digest."""

from __future__ import annotations

NAME_DIGITS = 6


def version_name(version: str, digest: str) -> str:
    """Name a version so that the name is never used for another model.

    MLflow counts versions from 1 again where the registered model was deleted, so the number alone may name
    two models.

    Parameters
    ----------
    version : str
        Number in the registry, or ``unregistered``.
    digest : str
        Of the bundle.

    Returns
    -------
    name : str
        The number and the first digits of the digest.

    Examples
    --------
    >>> version_name("1", "sha256:3fa2c1d4e5"), version_name("1", "")
    ('1-3fa2c1', '1')
    """
    shown = digest.removeprefix("sha256:")[:NAME_DIGITS]
    return f"{version}-{shown}" if shown else version
