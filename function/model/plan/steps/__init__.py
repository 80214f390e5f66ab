"""The steps that numbers go through: one module for each kind of arithmetic."""
