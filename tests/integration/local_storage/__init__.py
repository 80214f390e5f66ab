"""The local cloud's storage, seen through Google's own client over real HTTP."""
