"""The base of every part of an answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Described(BaseModel):
    """Fields are described by the text below them, in the documentation of the service too."""

    model_config = ConfigDict(use_attribute_docstrings=True)
