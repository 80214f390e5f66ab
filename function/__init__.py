"""Serving: everything that is deployed, besides `main.py` and `requirements.txt`."""

__version__ = "0.2.0"
