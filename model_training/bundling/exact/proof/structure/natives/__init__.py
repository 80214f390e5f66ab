"""The trees of each library, read from its own description of them."""
