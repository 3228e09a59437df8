"""Headings in German, French, Spanish and Italian, with and without accents."""

from __future__ import annotations

import pytest

from features.drafting.headings import SURE, name_matches
from features.drafting.words import BIRTH_DATE, INFUSION_DATE

HEADINGS = {
    BIRTH_DATE: ["Geburtstag", "Date de naissance", "Fecha de nacimiento", "Data di nascita"],
    INFUSION_DATE: ["Infusionsdatum", "Date d'injection", "Date de réinjection", "Fecha de infusión"],
    "sex": ["Geschlecht", "Sexe", "Sexo", "Sesso (M/F)"],
    "age_years": ["Alter", "Âge (ans)", "Edad (años)", "Età"],
    "weight_kg": ["Körpergewicht (kg)", "Poids (kg)", "Peso, kg"],
    "platelets_1e9_l": ["Thrombozyten", "Plaquettes (G/L)", "Plaquetas (10^9/L)", "Piastrine"],
    "anc_1e9_l": ["Neutrophile", "PNN (G/L)", "Neutrófilos", "Neutrofili"],
    "ldh_u_l": ["LDH (U/l)", "LDH (UI/L)"],
    "crs_grade": [
        "CRS-Grad",
        "CRS Schweregrad",
        "SRC grade max",
        "Grade SRC",
        "Grado SLC",
        "Grado massimo CRS",
    ],
    "crs_onset_day": ["CRS Beginn (Tag)", "SRC onset"],
    "response_day28": ["Ansprechen Tag 28", "Réponse J28", "Respuesta día 28", "Risposta giorno 28"],
    "relapse_day": ["Rezidivdatum", "Date de rechute", "Récidive", "Fecha de recaída", "Data recidiva"],
    "death_day": ["Todesdatum", "Sterbedatum", "Date du décès", "Fecha de fallecimiento", "Data del decesso"],
    "last_contact_day": [
        *("Letzter Kontakt", "Date des dernières nouvelles", "Dernier contact"),
        *("Fecha último contacto", "Ultimo contatto"),
    ],
    "prior_lines": ["Vortherapien", "Lignes antérieures", "Líneas previas", "Linee precedenti"],
}


@pytest.mark.parametrize(
    ("field", "heading"), [(field, each) for field, headings in HEADINGS.items() for each in headings]
)
def test_headings_in_other_languages_name_their_field(field: str, heading: str) -> None:
    """As the English ones do."""
    best = name_matches(heading)[0]
    assert (best.field, best.likeness >= SURE) == (field, True)


@pytest.mark.parametrize(("heading", "same"), [("Deces", "Décès"), ("Reponse J28", "Réponse J28")])
def test_accents_do_not_matter(heading: str, same: str) -> None:
    """Many exports leave them out."""
    assert name_matches(heading) == name_matches(same)


@pytest.mark.parametrize(
    ("heading", "field", "unit"),
    [
        ("Plaquettes (G/L)", "platelets_1e9_l", "10^9/L"),
        ("Hémoglobine (g/L)", "hemoglobin_g_dl", "g/L"),
        ("LDH (UI/L)", "ldh_u_l", "IU/L"),
    ],
)
def test_units_are_those_of_the_field(heading: str, field: str, unit: str) -> None:
    """G/L is 10^9/L of cells, and a mass of hemoglobin."""
    best = name_matches(heading)[0]
    assert (best.field, best.unit) == (field, unit)


@pytest.mark.parametrize("heading", ["SRC", "Cell source", "CELLSRC"])
def test_src_alone_is_the_source_of_the_cells(heading: str) -> None:
    """It is the French CRS beside a grade or an onset only."""
    assert name_matches(heading)[0].field == "cell_source"


@pytest.mark.parametrize(
    "heading",
    [
        *("LDH J7", "Plaquettes J14", "CRP día 7", "Ferritine maximale", "LDH (g/L)", "Leucocytes (G/L)"),
        *("Visite", "Nombre del paciente", "Nom du patient", "Prénom", "Médecin", "Remarque", "Stade"),
        *(
            "Lieu de naissance",
            "Cause du décès",
            "Cause of death",
            "Todesursache",
            "Causa de muerte",
            "de la",
            "Der",
        ),
    ],
)
def test_others_name_nothing_for_certain(heading: str) -> None:
    """A later day, another unit, names, a cause."""
    assert [match.field for match in name_matches(heading) if match.likeness >= SURE] == []
