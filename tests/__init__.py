"""The tests, by how much of the real thing they need."""

import os
import sys

# Several tests run at a time: more threads than cores would spin while they wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# Some hundred processes import the same libraries, which takes three times as long where each compiles them.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
