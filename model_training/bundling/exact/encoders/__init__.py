"""Turn fitted transformers into a plan: tables for categories, steps for numbers."""
