"""Load balancers that answer, as Compute's resources describe them at the time of each request.

`routes` goes from an address to the regions' functions, `throttle` and `outliers` count, `load_balancers` listens.
"""
