"""A bundle whose every text would be something else than text, if it could."""

import msgspec
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from function.model.bundle import JOBLIB, REPORT, read_bundle, write_bundle
from function.model.manifest import Origin, Wording
from model_training.bundling.building import build_bundle
from model_training.data.dataset import Dataset

MARKUP = "</script><img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"
SHELL = "'; touch taken; echo '$(touch taken)`touch taken`\\"
NAMES = {
    "shell": "'; touch taken; echo '$(touch taken)`touch taken`",
    "markup": "</script><img src=x onerror=document.title='taken'>",
    "proto": "__proto__",
}
CLASSES = [f"early {MARKUP}", f"late {MARKUP}"]
REPORT_PAGE = f"""<!doctype html><title>A report</title><style>body {{ color: rgb(1, 2, 3) }}</style>
<h1>A report</h1><p onclick="document.title='taken'">{MARKUP}
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=" alt="inside">
<script>document.querySelector('h1').textContent = 'taken'</script>
<link rel=stylesheet href=//elsewhere.example/x.css><iframe src="/"></iframe>
<form action="/predict" method=post><button>Send</button></form>"""


def hostile_bundle() -> bytes:
    """Pack a model with such names, categories, labels, descriptions, classes, wording and report."""
    X = pd.DataFrame({NAMES["shell"]: [SHELL, "b"] * 20, NAMES["markup"]: [MARKUP, "b", "c", "d"] * 10})
    X[NAMES["proto"]] = range(40)
    y = pd.Series([CLASSES[i % 2] for i in range(40)])
    one_hot = OneHotEncoder(sparse_output=False)
    encoder = ColumnTransformer(
        [("text", one_hot, [NAMES["shell"], NAMES["markup"]]), ("number", "passthrough", [NAMES["proto"]])]
    )
    model = make_pipeline(encoder, LogisticRegression(max_iter=1000)).fit(X, y)
    sample = Dataset(
        MARKUP,
        X,
        None,
        Origin("x", "0" * 64, len(X)),
        descriptions=dict.fromkeys(NAMES.values(), MARKUP),
        labels={NAMES["markup"]: {MARKUP: f"label {MARKUP}"}},
        wording=Wording(question=MARKUP, chance=MARKUP),
    )
    data = build_bundle(model, sample, None, 0).data
    bundle = read_bundle(data, len(data) * 100)
    manifest = msgspec.structs.replace(bundle.manifest, name=MARKUP)
    return write_bundle(manifest, {JOBLIB: bundle.read(JOBLIB), REPORT: REPORT_PAGE.encode()})
