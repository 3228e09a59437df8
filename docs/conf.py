"""How Sphinx builds the documentation: ``make docs``, then open ``docs/_build/index.html``."""

import os
import sys
from importlib.metadata import version as installed_version
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent), str(HERE / "extensions")]
# Importing a module for its docstrings must neither call home nor open a window.
os.environ |= {"BENTOML_DO_NOT_TRACK": "True", "MLFLOW_DISABLE_TELEMETRY": "true", "MPLBACKEND": "agg"}

project = "cart-outcomes"
release = installed_version("cart-outcomes")
language = "en"

extensions = [
    "mathml",
    "reference_pages",
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
]
# The notebook is shown with its outputs, in the folder `reference`.
exclude_patterns = ["_build", "extensions", "screenshots", "notebook.md"]

myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_heading_anchors = 3

napoleon_google_docstring = False
# Types of parameters are words: "sequence" would link to whatever has that name. Signatures link.
napoleon_use_param = False
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
# Scikit-learn writes these methods, with links into its own documentation.
autodoc_default_options = {
    "members": True,
    "exclude-members": "set_fit_request, set_score_request, set_split_request",
}
# The contents of a page are its modules; all their objects are too many to be read.
toc_object_entries = False
# In a docstring `name` is a name to be read; some stand for several things and link to none.
suppress_warnings = ["ref.python"]

html_theme = "furo"
html_title = f"cart-outcomes {release}"
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
