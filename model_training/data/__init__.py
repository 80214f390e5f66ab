"""Read data sets: tables, their columns and the target column."""
