"""The gate of `python -m model_training publish`."""

from pathlib import Path

import msgspec
import pytest
from google.cloud import storage
from typer.testing import Result

from function.model.manifest import Feature
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from model_training.publishing.gate import changes_of, compare
from model_training.publishing.identity import Identity
from tests.support.bad_files import dumped
from tests.support.commands import run, written
from tests.support.foreign_models import Foreign, regression, truth
from tests.support.variants import endless, greedy, of_quality, variant

URI = "gs://models/flight-delay"


@pytest.fixture(autouse=True)
def _address(bucket: storage.Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODEL_URI", URI)


@pytest.fixture
def publish(tmp_path: Path) -> "Publish":
    """Publish bytes."""
    return Publish(tmp_path)


class Publish:
    """Writes bytes to a file and publishes it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, data: bytes, *words: str) -> Result:
        """Return what the command says."""
        return run("publish", written(self._folder, data), *words)


def packed_of(foreign: Foreign, metrics: dict[str, float], packed: Packed) -> bytes:
    """Pack a model of another kind; any origin does."""
    assert packed.manifest.data is not None
    sample = Dataset("other", foreign.X, foreign.y, packed.manifest.data)
    return variant(build_bundle(foreign.model, sample, None, seed=0), metrics=metrics)


def live(bucket: storage.Bucket) -> bytes:
    """Download what is live."""
    data: bytes = bucket.blob("flight-delay").download_as_bytes()
    return data


def test_the_first_model_is_published(publish: Publish, packed: Packed) -> None:
    """And it says that there was nothing to compare with."""
    result = publish(packed.data)
    assert result.exit_code == 0
    assert "Not compared with a live model: there is none." in result.stdout


def test_a_worse_model_is_refused(bucket: storage.Bucket, publish: Publish, packed: Packed) -> None:
    """Both figures and the option that allows it are named; the live model stays."""
    good = of_quality(packed, 0.75)
    publish(good)
    result = publish(of_quality(packed, 0.70))
    assert result.exit_code == 1
    assert "roc_auc is 0.7000, worse than the live model's 0.7500 by more than 0.005" in result.stderr
    assert "--allow-worse" in result.stderr
    assert live(bucket) == good


def test_a_worse_model_may_be_allowed(bucket: storage.Bucket, publish: Publish, packed: Packed) -> None:
    """By the option, or by a greater tolerance."""
    publish(of_quality(packed, 0.75))
    for words in (["--allow-worse"], ["--tolerance", "0.1"]):
        worse = of_quality(packed, 0.70)
        assert publish(worse, *words).exit_code == 0
        assert live(bucket) == worse
        assert publish(of_quality(packed, 0.75)).exit_code == 0


def test_a_little_worse_is_tolerated(publish: Publish, packed: Packed) -> None:
    """Up to the tolerance itself, whatever floating point makes of it."""
    publish(of_quality(packed, 0.705))
    result = publish(of_quality(packed, 0.7))
    assert result.exit_code == 0
    assert "The hold-out roc_auc is 0.7000; the live model's is 0.7050." in result.stdout
    assert publish(of_quality(packed, 0.6949)).exit_code == 1


def test_other_features_are_refused(bucket: storage.Bucket, publish: Publish, packed: Packed) -> None:
    """With what changed; the option for a worse model does not allow it."""
    publish(packed.data)
    carrier, *others = packed.manifest.features
    renamed = [msgspec.structs.replace(carrier, name="airline"), *others]
    changed = variant(packed, features=tuple(renamed))
    result = publish(changed, "--allow-worse")
    assert result.exit_code == 1
    assert "removed: carrier; added: airline" in result.stderr
    assert "--allow-schema-change" in result.stderr
    assert live(bucket) == packed.data
    assert publish(changed, "--allow-schema-change").exit_code == 0
    assert live(bucket) == changed


def test_both_reasons_are_reported_at_once(publish: Publish, packed: Packed) -> None:
    """So that nobody publishes three times."""
    publish(packed.data)
    carrier, *others = packed.manifest.features
    features = (msgspec.structs.replace(carrier, nullable=True), *others)
    result = publish(variant(packed, features=features, metrics={"roc_auc": 0.1}))
    assert "--allow-worse" in result.stderr
    assert "carrier: it may now be missing" in result.stderr


ONE = Feature(name="one", type="integer", categories=(1, 2))
TWO = Feature(name="two", type="number")


@pytest.mark.parametrize(
    ("new", "words"),
    [
        ([ONE, TWO], []),
        ([TWO, ONE], ["the order is now two, one"]),
        ([ONE], ["removed: two"]),
        ([ONE, TWO, Feature(name="three", type="string")], ["added: three"]),
        ([ONE, msgspec.structs.replace(TWO, format="date")], ["two: its format is now date, was none"]),
        ([ONE, msgspec.structs.replace(TWO, type="integer")], ["two: its type is now integer, was number"]),
        ([ONE, msgspec.structs.replace(TWO, nullable=True)], ["two: it may now be missing"]),
        (
            [msgspec.structs.replace(ONE, categories=(2, 3)), TWO],
            ["one: categories removed: 1", "one: categories added: 3"],
        ),
        ([msgspec.structs.replace(ONE, categories=(2, 1)), TWO], ["one: its categories are in another order"]),
        ([msgspec.structs.replace(ONE, categories=None), TWO], ["one: any value of its type may be sent now"]),
        ([ONE, msgspec.structs.replace(TWO, typical=1.0, description="d", encoded=(2,))], []),
    ],
)
def test_every_change_of_a_feature_is_named(new: list[Feature], words: list[str]) -> None:
    """What callers do not see is no change."""
    assert list(changes_of([ONE, TWO], new)) == words


def test_the_opposite_changes_are_named_too() -> None:
    """Categories where there were none, a value that may be missing no more."""
    nullable = msgspec.structs.replace(TWO, nullable=True)
    assert list(changes_of([nullable], [TWO])) == ["two: it may no longer be missing"]
    free = msgspec.structs.replace(ONE, categories=None)
    assert list(changes_of([free], [ONE])) == ["one: only its categories may be sent now"]
    many = msgspec.structs.replace(ONE, categories=tuple(range(3, 103)))
    assert "3, 4, 5, 6, 7, 8, 9, 10 and 92 more" in " ".join(changes_of([ONE], [many]))


def test_categories_of_an_open_feature_may_change() -> None:
    """Whatever callers send is predicted; a feature that becomes closed, or required, is named."""
    live = msgspec.structs.replace(ONE, unknown="open", default=1)
    retrained = msgspec.structs.replace(live, categories=(1, 2, 9))
    assert list(changes_of([live], [retrained])) == []
    assert list(changes_of([ONE], [msgspec.structs.replace(ONE, unknown="open")])) == []
    assert list(changes_of([live], [ONE])) == [
        "one: rows must have it now",
        "one: values that the model does not know are refused now",
    ]


def test_other_changes_are_reported(packed: Packed) -> None:
    """Encoded columns and classes are no reason to refuse, but worth a sentence."""
    live = packed.manifest
    new = msgspec.structs.replace(live, encoded=live.encoded[:-1], classes=("no", "yes"))
    comparison = compare(Identity("new", new), Identity("old", live), tolerance=0)
    assert (comparison.worse, comparison.changes) == ("", ())
    assert "the encoded vector has other columns: now 36, was 37" in comparison.notes
    assert "the classes are now no, yes, were 0, 1" in comparison.notes


def test_a_missing_metric_is_not_compared(publish: Publish, packed: Packed) -> None:
    """On either side; the features still are."""
    publish(packed.data)
    result = publish(variant(packed, metrics={}))
    assert result.exit_code == 0
    assert "The hold-out roc_auc is not compared: this model was packed without --target." in result.stdout
    assert "the live model was packed without --target" in publish(packed.data).stdout


def test_another_task_is_not_compared(publish: Publish, packed: Packed) -> None:
    """It is published, and says so; R2 is compared with R2."""
    publish(packed.data)
    result = publish(packed_of(regression(), {"r2": 0.9}, packed))
    assert result.exit_code == 0
    assert "its task is regression, the live model's task is binary" in result.stdout
    worse = publish(packed_of(regression(), {"r2": 0.8}, packed))
    assert worse.exit_code == 1
    assert "r2 is 0.8000, worse than the live model's 0.9000" in worse.stderr


def test_a_bare_joblib_is_not_compared(bucket: storage.Bucket, publish: Publish, packed: Packed) -> None:
    """Neither as the live model nor as the new one."""
    bare = dumped(truth().model)
    publish(packed.data)
    result = publish(bare)
    assert result.exit_code == 0
    assert "this file is not a bundle" in result.stdout
    assert live(bucket) == bare
    assert "the live model is not a bundle" in publish(packed.data).stdout
    assert live(bucket) == packed.data


@pytest.mark.parametrize("content", [b"PK\x03\x04 no zip", b"", bytes(256 * 2**20 + 1)], ids=["zip", "empty", "large"])
def test_an_unreadable_live_model_is_replaced(
    bucket: storage.Bucket, publish: Publish, packed: Packed, content: bytes
) -> None:
    """It says why there was no comparing."""
    bucket.blob("flight-delay").upload_from_string(content)
    result = publish(packed.data)
    assert result.exit_code == 0
    assert "Not compared with a live model: the live model " in result.stdout
    assert live(bucket) == packed.data


def test_a_model_that_takes_too_much_is_not_uploaded(bucket: storage.Bucket, publish: Publish, packed: Packed) -> None:
    """Memory or time: a sentence, and the bucket as it was."""
    greed = publish(greedy(packed))
    assert (greed.exit_code, "takes more than 4 GiB of memory" in greed.stderr) == (1, True)
    slow = publish(endless(packed), "--trial-seconds", "4")
    assert (slow.exit_code, "takes more than 4 s" in slow.stderr) == (1, True)
    assert not bucket.blob("flight-delay").exists()
