"""Constructors for the objects in a pickle; each checks its arguments."""
