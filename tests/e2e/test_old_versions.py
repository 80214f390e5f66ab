"""Models of old versions of scikit-learn, packed by the documented command in their own environment, and boosters.

`make versions` does the same with all estimators and versions, `make versions-boosters` with all boosters.
"""

from pathlib import Path

import pytest

from function.model.joblib.versions import pack_command
from tests.matrix import old_booster_versions, old_boosters
from tests.matrix.old_models import NAMES
from tests.matrix.old_versions import VERSIONS, check, fit
from tests.support.commands import run
from tests.support.function_process import ROOT


@pytest.mark.parametrize("version", VERSIONS[:1])
def test_a_model_of_an_old_version_is_served(version: str, tmp_path: Path) -> None:
    """Equal to what that version predicts; here, the refusal names the command."""
    names = ["RandomForestClassifier", "HistGradientBoostingRegressor"]
    fit(version, tmp_path, *names)
    for name in names:
        assert check(version, tmp_path, name) == ""
    refused = run("pack", tmp_path / f"{names[0]}.joblib", "--data", tmp_path / "sample.csv")
    assert refused.exit_code == 1
    assert pack_command(version) in " ".join(refused.stderr.split())


@pytest.mark.parametrize(
    ("library", "names"),
    [
        ("xgboost", ["dart", "categories", "missing is -999", "ranker"]),
        ("lightgbm", ["multiclass", "categories", "zero is missing"]),
        ("catboost", ["multiclass", "categories", "missing is large"]),
    ],
)
def test_a_booster_of_an_old_version_is_served(library: str, names: list[str], tmp_path: Path) -> None:
    """Packed with the project's own version of the library, it predicts what the old one does, also at edges."""
    old_booster_versions.fit(library, old_booster_versions.VERSIONS[library][0], tmp_path, *names)
    for name in names:
        found = old_booster_versions.check(library, tmp_path, name)
        assert (found.problem, found.rows, found.labels) == ("", old_boosters.ASKED, 0)


def test_the_command_is_the_documented_one() -> None:
    """For each version that is tested, and there are enough estimators."""
    documented = " ".join((ROOT / "docs/bring-your-model.md").read_text().replace("\\\n", " ").split())
    assert pack_command(VERSIONS[0]) in documented
    assert len(NAMES) >= 39
