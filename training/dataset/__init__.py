"""From a cohort to labeled and weighted training sets."""
