"""Which model is live: where its file is, and when a newer one replaces it."""
