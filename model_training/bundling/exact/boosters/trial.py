"""Load a native file in a process of its own: a damaged one can crash the library that loads it."""

import subprocess
import sys
import tempfile
from pathlib import Path

from model_training.bundling.exact.boosters.libraries import imported
from model_training.bundling.exact.refused import Refused

SECONDS = 120
NAMES = {"xgboost": "XGBoost", "lightgbm": "LightGBM", "catboost": "CatBoost"}


def try_to_load(library: str, data: bytes, format: str = "") -> None:  # noqa: A002 (CatBoost's name)
    """Let the library load a file, predict and write the model, in another process.

    Args:
        library: xgboost, lightgbm or catboost.
        data: the file.
        format: of a file of CatBoost, json or cbm.

    Raises:
        Refused: the library fails, crashes or does not end; or it is not installed.
    """
    imported(library)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model"
        path.write_bytes(data)
        command = [sys.executable, "-c", PROGRAM, library, format, str(path)]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise Refused(f"{NAMES[library]} does not load the file within {SECONDS} s") from None
    if done.returncode < 0:
        raise Refused(f"a damaged file of {NAMES[library]}: it crashes the library (signal {-done.returncode})")
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise Refused(f"{NAMES[library]} cannot load the file: {last[:200]}")


PROGRAM = """
import sys
import numpy as np

library, format, path = sys.argv[1:]

def tried():
    if library == "xgboost":
        import xgboost
        model = xgboost.Booster(model_file=bytearray(open(path, "rb").read()))
        rows = np.array([[0.0], [np.nan], [1.0]]) * np.ones(model.num_features())
        kinds = {"feature_names": model.feature_names, "feature_types": model.feature_types}
        model.predict(xgboost.DMatrix(rows, enable_categorical=True, **kinds))
        model.get_dump(dump_format="json")
        model.save_raw("ubj")
    elif library == "lightgbm":
        import lightgbm
        model = lightgbm.Booster(model_str=open(path, encoding="utf-8").read())
        model.predict(np.array([[0.0], [np.nan], [1.0]]) * np.ones(model.num_feature()))
        model.dump_model()
        model.model_to_string()
    else:
        import catboost
        model = catboost.CatBoost().load_model(path, format=format)
        if not model.get_cat_feature_indices():
            model.predict(np.array([[0.0], [np.nan], [1.0]]) * np.ones(len(model.feature_names_)))
        model.get_leaf_values()
        model.get_borders()

try:
    tried()
except Exception as error:
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    sys.exit(lines[0])
"""
