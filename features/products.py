"""Known CAR T products: construct, schedule and usual dose, as their labels and first reports state them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Product:
    """One product.

    Attributes
    ----------
    name : str
        Option of ``product``.
    target_antigen, costimulatory_domain : str
        Of its construct; options of the schema's columns.
    split_dose : bool
        Whether its label or protocol gives the dose in parts on several days.
    usual_dose_1e6_per_kg : float
        Usual dose, 10^6 CAR+ cells/kg.
    other_names : tuple of str
        Trade name, generic name and abbreviations; case, spaces and signs do not matter.
    source : str
        DOI behind these facts.
    note : str
        How the usual dose was worked out.
    """

    name: str
    target_antigen: str
    costimulatory_domain: str
    split_dose: bool
    usual_dose_1e6_per_kg: float
    other_names: tuple[str, ...]
    source: str
    note: str


_ENTRIES = (
    Product(
        name="tisagenlecleucel",
        target_antigen="cd19",
        costimulatory_domain="4_1bb",
        split_dose=False,
        usual_dose_1e6_per_kg=1.7,
        other_names=("tisa-cel", "Kymriah"),
        source="Stefanski 2023, Blood Adv 7(4):541",
        note="median of 185 infused children and young adults in routine care",
    ),
    Product(
        name="brexucabtagene",
        target_antigen="cd19",
        costimulatory_domain="cd28",
        split_dose=False,
        usual_dose_1e6_per_kg=1.0,
        other_names=("brexu-cel", "brexucabtagene autoleucel", "Tecartus", "KTE-X19", "KTE"),
        source="10.1016/S0140-6736(21)01222-8",
        note="target dose of adults",
    ),
    Product(
        name="obecabtagene",
        target_antigen="cd19",
        costimulatory_domain="4_1bb",
        split_dose=True,
        usual_dose_1e6_per_kg=5.9,
        other_names=("obe-cel", "obecabtagene autoleucel", "Aucatzyl", "AUTO1"),
        source="10.1056/NEJMoa2406526",
        note="410 x 10^6 cells in all, at 70 kg",
    ),
    Product(
        name="ari_0001",
        target_antigen="cd19",
        costimulatory_domain="4_1bb",
        split_dose=True,
        usual_dose_1e6_per_kg=1.0,
        other_names=(
            *("ARI1", "varnimcabtagene", "varnimcabtagene autoleucel"),
            *("varnicabtagene", "varnicabtagene autoleucel", "varni-cel", "var-cel"),
        ),
        source="10.1016/j.ymthe.2020.09.027",
        note="0.4 to 5 x 10^6 cells/kg; in parts of 10, 30 and 60 % since severe CRS in a quarter",
    ),
)

PRODUCTS: Mapping[str, Product] = {product.name: product for product in _ENTRIES}
"""Products whose construct is known, by option of ``product``; academic and other ones are not among them."""

USUAL_DOSE_1E6_PER_KG = 1.0
"""Usual dose of academic and unknown products: most protocols aim at 10^6 CAR+ cells/kg."""

USUAL_DOSE: Mapping[str, float] = {name: product.usual_dose_1e6_per_kg for name, product in PRODUCTS.items()}
CD28: Mapping[str, float] = {
    name: float(product.costimulatory_domain == "cd28") for name, product in PRODUCTS.items()
}
"""1 where a product's construct has CD28, by product."""

SPLIT_DOSE: Mapping[str, float] = {name: float(product.split_dose) for name, product in PRODUCTS.items()}
"""1 where a product's label or protocol gives the dose in parts, by product."""

CONSTRUCT = ("target_antigen", "costimulatory_domain")
"""Columns that a product fixes."""

BY_LABEL = (*CONSTRUCT, "split_dose")
"""Columns that the label or protocol of a product states; a blank one means what it says."""


def usual_dose(product: str | None) -> float:
    """Give the usual dose of a product.

    Parameters
    ----------
    product : str or None
        Option of ``product``; None where not known.

    Returns
    -------
    dose : float
        10^6 CAR+ cells/kg; `USUAL_DOSE_1E6_PER_KG` where the product is not among `PRODUCTS`.

    Examples
    --------
    >>> usual_dose("obecabtagene"), usual_dose("academic"), usual_dose(None)
    (5.9, 1.0, 1.0)
    """
    known = PRODUCTS.get(product or "")
    return known.usual_dose_1e6_per_kg if known else USUAL_DOSE_1E6_PER_KG
