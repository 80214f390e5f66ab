"""Read linear models as coefficients, a link and a rule for labels."""
