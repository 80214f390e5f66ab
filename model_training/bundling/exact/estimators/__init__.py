"""Write estimators made of others into one graph."""
