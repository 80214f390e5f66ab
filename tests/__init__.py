"""The tests, by how much of the real thing they need."""
