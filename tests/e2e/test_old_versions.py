"""Models of old versions of scikit-learn, packed by the documented command in an environment of their own.

`make versions` does the same with all estimators and versions.
"""

from pathlib import Path

import pytest

from function.model.joblib.versions import pack_command
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


def test_the_command_is_the_documented_one() -> None:
    """For each version that is tested, and there are enough estimators."""
    documented = " ".join((ROOT / "docs/bring-your-model.md").read_text().replace("\\\n", " ").split())
    assert pack_command(VERSIONS[0]) in documented
    assert len(NAMES) >= 39
