"""Names, titles, descriptions and units, as they are given on the command line."""

from dataclasses import replace

import pandas as pd
import pytest
from msgspec import structs

from function.model.manifest import Origin, Wording
from model_training.data.dataset import Dataset
from model_training.data.errors import BadTable
from model_training.data.presentation import Presentation, present

DATA = Dataset(
    "parcels",
    pd.DataFrame({"city": ["Lima", "Quito"], "early": [1.0, 2.0]}),
    pd.Series(["early", "late"], name="late"),
    Origin("parcels.csv", "0" * 64, 2),
    descriptions={"city": "Town"},
)


def test_nothing_given_changes_nothing() -> None:
    """A data set keeps its own words."""
    assert present(DATA, Presentation(), ("early", "late")) == DATA


def test_name_and_title() -> None:
    """They replace those of the data set."""
    found = present(DATA, Presentation("mine", "Will it be late?"), ("early", "late"))
    assert (found.name, found.title) == ("mine", "Will it be late?")


def test_classes_come_before_features_and_the_target() -> None:
    """All three may have the same name."""
    said = {"late": "over 15 minutes late", "early": "in time", "city": "City of departure"}
    found = present(DATA, Presentation(descriptions=said), ("early", "late"))
    assert found.wording.classes == ("in time", "over 15 minutes late")
    assert found.descriptions == {"city": "City of departure"}
    assert found.description == ""


def test_a_class_without_a_description_is_empty_text() -> None:
    """So that the page falls back to its name."""
    found = present(DATA, Presentation(descriptions={"late": "over 15 minutes late"}), ("early", "late"))
    assert found.wording.classes == ("", "over 15 minutes late")


@pytest.mark.parametrize(("classes", "name"), [((0, 1), "1"), ((False, True), "true")])
def test_classes_that_are_no_text_are_named_as_in_json(classes: tuple[int | bool, ...], name: str) -> None:
    """Numbers and booleans."""
    found = present(DATA, Presentation(descriptions={name: "late", "late": "More than 15 minutes"}), classes)
    assert found.wording.classes == ("", "late")
    assert found.description == "More than 15 minutes"


def test_described_classes_replace_a_built_in_chance() -> None:
    """Which may mean something else."""
    data = present(DATA, Presentation(descriptions={"late": "late"}), ("early", "late"))
    worded = structs.replace(data.wording, chance="risk of a delay")
    again = present(replace(data, wording=worded), Presentation(descriptions={"early": "x"}), ("early", "late"))
    assert again.wording == Wording(classes=("x", "late"))


def test_a_regression_has_a_unit() -> None:
    """And no classes."""
    assert present(DATA, Presentation(unit="kg"), ()).wording == Wording(unit="kg")
    with pytest.raises(BadTable, match="--unit 'kg' needs a regression"):
        present(DATA, Presentation(unit="kg"), ("early", "late"))


def test_an_unknown_name_lists_the_known_ones() -> None:
    """A typing mistake must not be silent."""
    with pytest.raises(BadTable, match="--describe names 'citi'; it can describe 0, 1, city, early, late"):
        present(DATA, Presentation(descriptions={"citi": "City"}), (0, 1))
