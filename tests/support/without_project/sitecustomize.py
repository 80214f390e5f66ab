"""Hide the project from a process, as on the machine of a Dask worker: put this folder on PYTHONPATH."""

import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[3])
sys.path[:] = [path for path in sys.path if path != ROOT]
