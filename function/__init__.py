"""Serving: everything that is deployed, besides `main.py` and `requirements.txt`."""

__version__ = "0.1.0"
