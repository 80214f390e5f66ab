"""Constructors for the objects that a pickle may hold; each checks its arguments."""
