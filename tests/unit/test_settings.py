"""function/http/settings.py."""

import pytest

from function.http.settings import Settings, read_settings


def test_an_empty_environment_gives_the_defaults() -> None:
    """Nothing has to be set."""
    assert read_settings({}) == Settings()


def test_a_variable_sets_its_field() -> None:
    """By the field's name in capitals; whatever else is in the environment does not matter."""
    settings = read_settings({"MODEL_URI": "gs://b/o", "PRELOAD": "true", "MAX_ROWS": "7", "PATH": "/bin"})
    assert (settings.model_uri, settings.preload, settings.max_rows) == ("gs://b/o", True, 7)


def test_an_empty_variable_counts_as_unset() -> None:
    """As Terraform and make pass on what nobody has chosen."""
    assert read_settings({"MAX_ROWS": "", "MODEL_URI": ""}) == Settings()


@pytest.mark.parametrize(
    ("name", "value"), [("MAX_ROWS", "many"), ("MAX_ROWS", "0"), ("PRELOAD", "perhaps"), ("MAX_MODEL_BYTES", "-1")]
)
def test_a_bad_value_names_its_variable(name: str, value: str) -> None:
    """The process ends with a sentence, not with a traceback."""
    with pytest.raises(SystemExit, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("gs://bucket", "gs://BUCKET/OBJECT"),
        ("gs:///o", "gs://BUCKET/OBJECT"),
        ("s3://b/o", "gs://BUCKET/OBJECT"),
        ("file://model.zip", "file:///PATH"),
        ("http://host/model.zip", "nor a path"),
    ],
)
def test_a_bad_address_is_a_sentence(value: str, words: str) -> None:
    """Which has the forms that an address may have."""
    with pytest.raises(SystemExit, match=f"MODEL_URI has an invalid value: .*{words}"):
        read_settings({"MODEL_URI": value})
