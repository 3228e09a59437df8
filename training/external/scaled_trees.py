"""Trees whose every leaf is multiplied: the same patients in the same leaves, other log-odds."""

from __future__ import annotations

import json

import numpy as np

from serving.model.trees import read_booster

LEAF = -1
"""Child of a leaf, as XGBoost writes it."""


def scaled_trees(ubj: bytes, factor: float) -> bytes:
    """Multiply every leaf of a booster.

    Scaling the leaves themselves, and not the sum of them, leaves an ordinary booster: serving, its exact
    contributions and other programs that read it need to know nothing of a factor.

    Parameters
    ----------
    ubj : bytes
        The booster in XGBoost's own binary JSON, of base score one half (log-odds 0).
    factor : float

    Returns
    -------
    ubj : bytes
        Margins and contributions are ``factor`` times the former ones, to single precision.
    """
    # It takes half a second to import.
    import xgboost

    stated = json.loads(read_booster(ubj).save_raw("json"))
    for tree in stated["learner"]["gradient_booster"]["model"]["trees"]:
        leaf = np.array(tree["left_children"]) == LEAF
        for values in ("split_conditions", "base_weights"):
            # The threshold of a split stays; what a split's own weight would have been is scaled too.
            chosen = leaf if values == "split_conditions" else np.ones_like(leaf)
            numbers = np.array(tree[values], dtype=float)
            tree[values] = np.where(chosen, factor * numbers, numbers).tolist()
    scaled = xgboost.Booster({"nthread": 1})
    scaled.load_model(bytearray(json.dumps(stated).encode()))
    return bytes(scaled.save_raw("ubj"))
