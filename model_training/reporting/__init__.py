"""Render the evaluation report as HTML."""
