"""The model: its file format, where it comes from, and how it predicts. Knows no HTTP."""
