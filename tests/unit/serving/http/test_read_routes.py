"""What can be read before a model is loaded."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from serving.http.read_routes import documents_app


@pytest.mark.parametrize("path", ["/", "/about", "/model", "/docs", "/docs.json"])
def test_without_a_model_its_documents_are_503(path: str) -> None:
    """With the way to learn when it is there."""
    response = TestClient(documents_app()).get(path)
    assert response.status_code == 503
    assert response.json() == {"error": "no model is loaded; try again when /readyz returns 200"}


@pytest.mark.parametrize("path", ["/schema", "/form", "/assets/shell.css"])
def test_what_is_the_same_for_every_model_is_there_without_one(path: str) -> None:
    """The schema, the form and the files of the pages."""
    assert TestClient(documents_app()).get(path).status_code == 200
