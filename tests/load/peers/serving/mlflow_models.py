"""Write the models in MLflow's own format, the scikit-learn flavour: into a folder `mlflow` beside each.

python mlflow_models.py FOLDER
"""

import sys
from pathlib import Path

import joblib
import mlflow.sklearn

if __name__ == "__main__":
    for path in Path(sys.argv[1]).glob("*/model.joblib"):
        # What it requires is installed already: to find that out would take a minute.
        mlflow.sklearn.save_model(
            joblib.load(path), path.parent / "mlflow", serialization_format="cloudpickle", pip_requirements=[]
        )
