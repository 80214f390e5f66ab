"""Load a native file with its library: `python trial_process.py LIBRARY FORMAT PATH MEMORY`.

The program of `trial.py`, in a process of its own, because some damaged files end it. It imports nothing of the
project, so that it starts quickly.
"""

import sys
from pathlib import Path

import numpy as np


def attempt(library: str, format: str, path: str, memory: int) -> str:  # noqa: A002 (CatBoost's name)
    """Let a library load a file, predict rows and write the model; return why that failed, or nothing.

    Args:
        library: xgboost, lightgbm or catboost.
        format: of a file of CatBoost, json or cbm.
        path: the file.
        memory: bytes of address space that the process may use, where the system has such a limit.
    """
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    except ImportError:  # Only Unix has it.
        pass
    try:
        {"xgboost": _xgboost, "lightgbm": _lightgbm}.get(library, _catboost)(path, format)
    except MemoryError:
        return f"it takes more than {memory / 2**30:g} GiB of memory"
    except Exception as error:
        return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)
    return ""


def _rows(width: int) -> np.ndarray:
    return np.array([[0.0], [np.nan], [1.0]]) * np.ones(width)


def _xgboost(path: str, _: str) -> None:
    import xgboost

    model = xgboost.Booster(model_file=bytearray(Path(path).read_bytes()))
    kinds = {"feature_names": model.feature_names, "feature_types": model.feature_types}
    model.predict(xgboost.DMatrix(_rows(model.num_features()), enable_categorical=True, **kinds))
    model.get_dump(dump_format="json")
    model.save_raw("ubj")


def _lightgbm(path: str, _: str) -> None:
    import lightgbm

    model = lightgbm.Booster(model_str=Path(path).read_text(encoding="utf-8"))
    model.predict(_rows(model.num_feature()))
    model.dump_model()
    model.model_to_string()


def _catboost(path: str, format: str) -> None:  # noqa: A002 (CatBoost's name)
    import catboost

    model = catboost.CatBoost().load_model(path, format=format)
    columns = model.get_cat_feature_indices()
    rows = _rows(len(model.feature_names_)).astype(object if columns else float)
    if columns:
        rows[:, columns] = "text"
    pool = catboost.Pool(rows, cat_features=columns)
    model.predict(pool)
    model.get_leaf_values()
    model.get_borders()
    # What is written is what is compiled.
    model.save_model(f"{path}.json", format="json", pool=pool)


if __name__ == "__main__":
    sys.exit(attempt(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])) or None)
