"""Pictures of pages in few bytes."""

from __future__ import annotations

import io

from PIL import Image

COLORS = 256
"""As many as a page of plain areas and text needs; a third of the bytes of a picture in full color."""


def small_picture(picture: bytes) -> bytes:
    """Keep few colors, but also those of the smallest marks.

    Parameters
    ----------
    picture : bytes
        PNG.

    Returns
    -------
    picture : bytes
        PNG of the same size, with a palette where that is smaller.
    """
    colors = Image.open(io.BytesIO(picture)).convert("RGB")
    smaller = colors.quantize(COLORS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    written = io.BytesIO()
    smaller.save(written, format="PNG", optimize=True)
    return min(picture, written.getvalue(), key=len)
