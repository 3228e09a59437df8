"""Arrays in, arrays out: metrics, regressions, censoring weights, pooling, sample size."""
