"""Compare predictions of rows that lie on edges, and of rows held out."""
