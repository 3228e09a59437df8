"""What the software is for, and what it must not be used for."""

INTENDED_USE = (
    "Research use only, not a medical device. States the risk of severe CRS, of severe ICANS and of no "
    "response, relapse or progression after CD19 or CD19/CD22 CAR T cells in adults with relapsed or "
    "refractory B-ALL, for discussion among specialists. Not for deciding by itself on treatment, its "
    "dose or place of care, nor for other diseases or products."
)

YOUNGEST_YEARS = 18
INTENDED_OPTIONS = {"diagnosis": ("b_all",), "target_antigen": ("cd19", "cd19_cd22")}
"""For whom the risks are stated: outside of it they are answered and warned of."""
