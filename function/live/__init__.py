"""The live model: where its file is, and when a newer one replaces it."""
