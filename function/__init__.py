"""Serving: everything that is deployed, besides `main.py` and `requirements.txt`."""
