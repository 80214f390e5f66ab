"""The page as a person sees and uses it."""

import json
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import joblib
import pandas as pd
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select

from function.model.manifest import Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.commands.support.sources import Preset, flights
from model_training.commands.train import make_bundle
from model_training.data.dataset import Dataset
from model_training.evaluation.evaluation import evaluate
from tests.browser.axe import violations
from tests.browser.chromium import Browser
from tests.support.commands import run
from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT, FunctionProcess
from tests.support.hostile import CLASSES, MARKUP, NAMES, REPORT_PAGE, SHELL, hostile_bundle
from tests.support.task_models import TASK_MODELS, rows
from tests.support.variants import with_report

LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
ANSWER = r"""
    if (!document.querySelector('#answer[aria-busy="false"]')) return null;
    const parts = [...document.querySelectorAll("#sentence, #answer tr")];
    return parts.map((part) => part.innerText.replace(/\s*\n\s*/g, "\n"));
"""
REPORT = b"<!doctype html><title>Report</title><h1>How good it is</h1>"


def foreign(name: str) -> bytes:
    """Pack one of the models that teams bring."""
    brought = MODELS[name]()
    sample = Dataset(name, brought.X, brought.y, Origin("table", "0" * 64, len(brought.X)))
    return build_bundle(brought.model, sample, evaluate(brought.model, sample.X, brought.y, seed=0), 0).data


def described(target: str, *options: str) -> bytes:
    """Train on the parcels, with words of one's own."""
    with TemporaryDirectory() as folder:
        out = Path(folder) / "model.zip"
        data = ["--data", str(ROOT / "docs" / "parcels.csv"), "--target", target]
        assert run("train", *data, *options, "--out", str(out)).exit_code == 0
        return out.read_bytes()


def dated() -> bytes:
    """Train on two dates."""
    sent = pd.Series(pd.date_range("2024-01-01", periods=300, freq="7h"))
    table = pd.DataFrame({"sent": sent, "paid": sent.dt.normalize(), "late": sent.dt.hour > 15})
    with TemporaryDirectory() as folder:
        data, out = Path(folder) / "sent.parquet", Path(folder) / "model.zip"
        table.to_parquet(data)
        assert run("train", "--data", data, "--target", "late", "--out", out).exit_code == 0
        return out.read_bytes()


@pytest.fixture(scope="module")
def serve(packed: Packed, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], str]]:
    """Serve a bundle of that name, once for all the tests; return where."""
    made: dict[str, Callable[[], bytes]] = {
        "flights": lambda: with_report(packed, REPORT),
        "hostile": hostile_bundle,
        "described": lambda: described("late", "--describe", "late=over 15 minutes late", "--title", "Late?"),
        "dates": dated,
        "weight": lambda: described("weight", "--describe", "weight=Weight when packed", "--unit", "kg"),
    }
    running: dict[str, FunctionProcess] = {}

    def start(name: str) -> str:
        if name not in running:
            path = tmp_path_factory.mktemp(name) / "model.zip"
            path.write_bytes(made[name]() if name in made else foreign(name))
            running[name] = FunctionProcess({"MODEL_URI": str(path)}).__enter__()
        return running[name].url

    yield start
    for process in running.values():
        process.__exit__(None, None, None)


def shown(browser: Browser) -> list[str]:
    """Return the whole answer, as soon as there is one."""
    answer: list[str] = browser.wait(lambda: browser.script(ANSWER))
    return answer


def choose(browser: Browser, field: int, text: str) -> None:
    """Choose an option as a person does, or type a value where any is allowed."""
    control = browser.find(f"#field-{field}")
    if control.tag_name == "select":
        Select(control).select_by_visible_text(text)
    else:
        control.clear()
        control.send_keys(text)


def changed(browser: Browser, before: list[str]) -> list[str]:
    """Wait for another answer."""
    answer: list[str] = browser.wait(lambda: (answer := shown(browser)) != before and answer)
    return answer


def nothing_amiss(browser: Browser) -> None:
    """Neither a word in the console nor a request to another host; no sideways scrolling."""
    assert browser.complaints() == []
    assert browser.foreign_requests() == []
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_answer_follows_the_form(browser: Browser, serve: Callable[[str], str], width: int, scheme: str) -> None:
    """A sentence in the model's own words, a bar, contributions, the model's facts and its report."""
    browser.look(width, scheme)
    browser.open(serve("flights"))
    before = shown(browser)
    assert browser.text("h1") == browser.driver.title == "Will the flight leave on time?"
    assert before[0].startswith("Leaves on time\n")
    assert before[0].endswith("% risk of a delay over 15 minutes")
    choose(browser, 3, "evening, 18:00 to 24:00")
    choose(browser, 1, "July")
    after = changed(browser, before)
    browser.wait(lambda: any(row.startswith("month\nJuly") for row in shown(browser)))
    share = int(browser.find("[role=meter]").get_attribute("aria-valuenow") or 0)
    assert share > int(before[0].split("\n")[1].split()[0])
    assert {row.split("\n")[0] for row in after[1:]} == {"carrier", "month", "origin", "period"}
    facts = browser.text("#facts")
    for word in ("flight-delay", "ROC AUC", "rows held out", "Trained", "linear"):
        assert word in facts
    paper = browser.script("return getComputedStyle(document.body).backgroundColor")
    assert (max(map(int, paper[4:-1].split(","))) < 128) == (scheme == "dark")
    nothing_amiss(browser)
    browser.screenshot(f"flights-{width}-{scheme}")
    browser.find("#links a[href=report]").click()
    assert browser.text("h1") == "How good it is"


@pytest.mark.parametrize("model", ["flights", "multiclass", "regression"])
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_page_is_accessible(
    browser: Browser, serve: Callable[[str], str], model: str, width: int, scheme: str
) -> None:
    """By every rule of axe-core, with an answer and with a fault."""
    browser.look(width, scheme)
    browser.open(serve(model))
    shown(browser)
    assert violations(browser) == []
    if model != "flights":
        browser.find("#field-1").clear()
        browser.find("#field-1").send_keys(Keys.ENTER)
        assert browser.text("#field-1-fault")
        browser.wait(lambda: browser.script("return document.getAnimations().length === 0"))
        assert violations(browser) == []
        browser.screenshot(f"fault-{model}-{width}-{scheme}")


def test_it_can_be_used_by_keyboard_alone(browser: Browser, serve: Callable[[str], str]) -> None:
    """Each control is reached by Tab in the order of reading, named, and seen to have the focus."""
    browser.look(1280, "light")
    browser.open(serve("flights"))
    before = shown(browser)
    names = []
    for _ in range(8):
        press(browser, Keys.TAB)
        focus = browser.driver.switch_to.active_element
        names.append(focus.accessible_name)
        assert browser.script("return getComputedStyle(arguments[0]).outlineStyle", focus) == "solid"
        if names[-1].startswith("Month"):
            press(browser, "f")
            changed(browser, before)
            assert Select(focus).first_selected_option.text == "February"
        if names[-1] == "Predict":
            press(browser, Keys.ENTER)
            shown(browser)
    fields = ["Airline", "Month", "Airport", "Scheduled", "Predict", "CSV", "Cells", "Copy"]
    assert [name.split(" ")[0] for name in names] == fields
    nothing_amiss(browser)


def press(browser: Browser, keys: str) -> None:
    """Press a key, wherever the focus is."""
    ActionChains(browser.driver).send_keys(keys).perform()


def test_the_answer_is_read_out(browser: Browser, serve: Callable[[str], str]) -> None:
    """It is a live region, the bar says its number, and contributions are a table with a caption."""
    browser.open(serve("flights"))
    shown(browser)
    assert browser.find("#sentence").aria_role == "status"
    meter = browser.find("[role=meter]")
    assert meter.accessible_name == "risk of a delay over 15 minutes"
    assert str(meter.get_attribute("aria-valuetext")) in browser.text("#sentence")
    assert browser.text("#contributions caption") == "What each feature contributes"
    assert all(bar.get_attribute("aria-hidden") == "true" for bar in browser.all("#contributions .bar"))


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_more_than_two_classes(browser: Browser, serve: Callable[[str], str], width: int, scheme: str) -> None:
    """Each with its probability; contributions are about the predicted one."""
    browser.look(width, scheme)
    browser.open(serve("multiclass"))
    before = shown(browser)
    age = browser.find("#field-1")
    age.clear()
    age.send_keys("80")
    after = changed(browser, before)
    browser.wait(lambda: shown(browser)[0].startswith("group: old"))
    classes = [row.text.split()[0] for row in browser.all("#chance tr")]
    assert (classes[0], sorted(classes)) == ("old", ["middle", "old", "young"])
    assert after
    assert "“old”" in browser.text("#contributions")
    nothing_amiss(browser)
    browser.screenshot(f"multiclass-{width}-{scheme}")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_value(browser: Browser, serve: Callable[[str], str], width: int, scheme: str) -> None:
    """A regression's answer is a number, and a missing one may be given."""
    browser.look(width, scheme)
    browser.open(serve("regression"))
    before = shown(browser)
    assert float(before[0].removesuffix("\nvalue").replace(",", "")) > 0
    browser.find("#field-2").clear()
    age = browser.find("#field-1")
    age.clear()
    age.send_keys("12")
    browser.wait(lambda: "score\nmissing" in browser.text("#contributions"))
    browser.wait(lambda: float(shown(browser)[0].removesuffix("\nvalue").replace(",", "")) < 3000)
    nothing_amiss(browser)
    browser.screenshot(f"regression-{width}-{scheme}")


@pytest.mark.parametrize(("typed", "said"), [("", "Enter a value."), ("1.5", "Enter a whole number.")])
def test_what_is_no_value_is_said_at_its_field(
    browser: Browser, serve: Callable[[str], str], typed: str, said: str
) -> None:
    """Before anything is sent, and the field is marked for those who don't see it."""
    browser.look(1280, "light")
    browser.open(serve("multiclass"))
    shown(browser)
    age = browser.find("#field-1")
    age.clear()
    age.send_keys(typed, Keys.ENTER)
    fault = browser.find("#field-1-fault")
    browser.wait(lambda: fault.text == said)
    assert age.get_attribute("aria-describedby") == fault.get_attribute("id")
    assert browser.driver.switch_to.active_element == age
    browser.wait(lambda: browser.all('#answer[aria-busy="true"]'))
    age.clear()
    age.send_keys("30")
    shown(browser)
    assert fault.text == ""
    nothing_amiss(browser)


def test_what_the_model_does_not_take_is_said_at_its_field(browser: Browser, serve: Callable[[str], str]) -> None:
    """In the service's own sentence."""
    browser.look(1280, "light")
    browser.open(serve("multiclass"))
    shown(browser)
    score = browser.find("#field-2")
    score.clear()
    score.send_keys("1e31")
    browser.wait(lambda: "1e+30" in browser.text("#field-2-fault"))
    # The browser itself logs an answer of 422; nothing else is amiss.
    assert all("422" in message for message in browser.complaints())


def test_an_open_field_suggests_and_takes_other_values(browser: Browser, serve: Callable[[str], str]) -> None:
    """The known values are a list to choose from; of others the page says that the model does not know them."""
    browser.look(390, "light")
    browser.open(serve("multiclass"))
    shown(browser)
    suggested = "return [...document.querySelectorAll('#field-0-known option')].map((option) => option.value)"
    assert browser.script(suggested) == ["Lima", "Quito", "Santiago"]
    town, remark = browser.find("#field-0"), "#field-0-fault"
    town.clear()
    town.send_keys("Cuzco")
    said = "The model does not know this value, and predicts as it was fitted to do then."
    browser.wait(lambda: browser.driver.find_element("css selector", remark).text == said)
    assert town.get_attribute("aria-invalid") is None
    browser.wait(lambda: "town\nCuzco" in browser.text("#contributions"))
    browser.screenshot("open-390-light")
    town.clear()
    town.send_keys("Quito")
    browser.wait(lambda: not browser.driver.find_element("css selector", remark).text)
    nothing_amiss(browser)


def test_the_curl_line_asks_the_same(browser: Browser, serve: Callable[[str], str]) -> None:
    """Typed in a shell, it gets the answer that the page shows."""
    browser.look(1280, "light")
    browser.open(serve("flights"))
    shown(browser)
    answer = curl(browser, Path.cwd())
    assert f"{round(100 * answer['probability'])} %" in browser.text("#sentence")


def curl(browser: Browser, folder: Path) -> dict[str, Any]:
    """Run the command that the page shows; return the one prediction."""
    command = browser.script("return document.getElementById('command').textContent")
    typed = command.replace("curl ", "curl -sS ", 1)
    done = subprocess.run(["bash", "-c", typed], cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    (prediction,) = json.loads(done.stdout)["predictions"]
    assert isinstance(prediction, dict)
    return prediction


def test_text_of_a_model_is_text(browser: Browser, serve: Callable[[str], str], tmp_path: Path) -> None:
    """Whatever it looks like: on the page, in the curl line, and nothing of it runs."""
    browser.look(390, "light")
    browser.open(serve("hostile"))
    before = shown(browser)
    assert browser.text("h1") == MARKUP
    labels = [label.text for label in browser.all("form label")]
    assert all(MARKUP in label and name in label for label, name in zip(labels, NAMES.values(), strict=True))
    choose(browser, 0, "b")
    choose(browser, 1, f"label {MARKUP}")
    after = changed(browser, before)
    assert MARKUP in after[0]
    choose(browser, 0, SHELL)
    changed(browser, after)
    assert MARKUP in browser.text("#facts")
    answer = curl(browser, tmp_path)
    assert answer["prediction"] in CLASSES
    assert list(answer["contributions"]) == list(NAMES.values())
    assert list(tmp_path.iterdir()) == []
    assert browser.all("main img, main script") == []
    assert browser.driver.title == MARKUP
    nothing_amiss(browser)
    browser.screenshot("hostile-390-light")


def test_a_report_is_shown_and_can_do_nothing(browser: Browser, serve: Callable[[str], str]) -> None:
    """Its styles and its own images are; scripts, frames, forms and other hosts are not."""
    assert "<script>" in REPORT_PAGE
    browser.look(1280, "light")
    browser.open(f"{serve('hostile')}/report")
    assert browser.text("h1") == "A report"
    assert browser.driver.title == "A report"
    assert browser.script("return getComputedStyle(document.body).color") == "rgb(1, 2, 3)"
    assert browser.script("return document.querySelector('img[alt]').naturalWidth") == 1
    assert browser.script("return self.origin") == "null"
    browser.find("button").click()
    assert browser.text("h1") == "A report"
    assert browser.foreign_requests() == []
    assert all("Content Security Policy" in said or "sandbox" in said for said in browser.complaints())


def test_without_a_model_the_page_says_what_to_do(browser: Browser, packed: Packed, tmp_path: Path) -> None:
    """And shows the form as soon as there is one."""
    path = tmp_path / "model.zip"
    with FunctionProcess({"MODEL_URI": str(path)}) as function:
        browser.look(390, "light")
        browser.open(function.url)
        assert "taxiway publish" in browser.text("#notice")
        browser.screenshot("no-model-390-light")
        assert violations(browser) == []
        path.write_bytes(packed.data)
        assert shown(browser)[0].startswith("Leaves on time")
        assert not browser.all("#notice:not([hidden])")
        nothing_amiss(browser)


def test_a_newer_model_is_noticed(browser: Browser, packed: Packed, tmp_path: Path) -> None:
    """By a page that was loaded before."""
    path = tmp_path / "model.zip"
    path.write_bytes(packed.data)
    with FunctionProcess({"MODEL_URI": str(path), "MODEL_REFRESH_SECONDS": "0"}) as function:
        browser.open(function.url)
        shown(browser)
        path.write_bytes(foreign("multiclass"))
        browser.find("button[type=submit]").click()
        assert browser.text("#notice")


def test_the_page_grows_with_the_model(browser: Browser, packed: Packed, tmp_path: Path) -> None:
    """A running function that is given more columns asks for them, and answers."""
    path = tmp_path / "model.zip"
    path.write_bytes(packed.data)
    full = make_bundle(None, 3000, seed=0, source=flights(Preset.FULL)).data
    with FunctionProcess({"MODEL_URI": str(path), "MODEL_REFRESH_SECONDS": "0"}) as function:
        browser.look(390, "light")
        browser.open(function.url)
        shown(browser)
        assert len(browser.all("form label")) == 4
        path.write_bytes(full)
        browser.open(function.url)
        before = shown(browser)
        labels = [label.text for label in browser.all("form label")]
        for word in ("Airport of arrival", "Hour of the scheduled departure", "Day of the week", "Distance in miles"):
            assert any(label.startswith(word) for label in labels), labels
        choose(browser, 4, "18:00 to 18:59")
        assert changed(browser, before)[0].startswith("Leaves")
        nothing_amiss(browser)
        browser.screenshot("full-390-light")


def test_the_page_says_what_is_predicted(browser: Browser, serve: Callable[[str], str]) -> None:
    """In the words of the command line; a class without a description has its name."""
    browser.open(serve("described"))
    before = shown(browser)
    assert browser.text("h1") == browser.driver.title == "Late?"
    assert before[0].startswith("late: early\n")
    assert before[0].endswith("% probability of “over 15 minutes late”")
    assert "Predicts\nlate\nlate: over 15 minutes late" in browser.text("#facts")
    choose(browser, 0, "Lima")
    assert changed(browser, before)[0].startswith("Over 15 minutes late\n")
    nothing_amiss(browser)
    browser.screenshot("described")


def test_a_date_is_chosen(browser: Browser, serve: Callable[[str], str]) -> None:
    """By the browser's own control; a time is in UTC, and what is no date is said at the field."""
    browser.open(serve("dates"))
    before = shown(browser)
    assert [label.text for label in browser.all("form label")] == ["sent (UTC)", "paid"]
    kinds = [control.get_attribute("type") for control in browser.all("form input")]
    assert kinds == ["datetime-local", "date"]
    set_value = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
    browser.script(set_value, browser.find("#field-0"), "2024-12-31T23:15")
    browser.script(set_value, browser.find("#field-1"), "2024-02-29")
    changed(browser, before)
    command = browser.text("#command")
    assert '"sent":"2024-12-31T23:15:00Z","paid":"2024-02-29"' in command
    assert "paid\n2024-02-29" in browser.text("#contributions")
    browser.script(set_value, browser.find("#field-1"), "")
    assert browser.text("#field-1-fault") == "Enter a value."
    nothing_amiss(browser)
    browser.screenshot("dates")


def test_the_page_has_the_unit_of_a_value(browser: Browser, serve: Callable[[str], str]) -> None:
    """And what it is the value of."""
    browser.open(serve("weight"))
    assert shown(browser)[0].endswith(" kg\nWeight when packed")
    assert browser.text("h1") == "Predict weight"
    assert "Predicts\nweight\nWeight when packed; in kg" in browser.text("#facts")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("isolation-forest", r"(In|Out)lier\nscore .*; outliers have scores below 0"),
        ("k-means", "Cluster [0-2]"),
        ("gaussian-mixture", r"Cluster [0-2]\n(over )?\d+ % probability"),
        ("two-values", r"y0: .*\ny1: .*"),
        ("two-texts", r"y0: (young|middle|old)\ny1: (big|small)"),
    ],
)
def test_other_tasks_are_said_in_words(browser: Browser, tmp_path: Path, name: str, says: str) -> None:
    """Outliers, clusters and several outputs."""
    sample = Dataset(name, rows(), None, Origin("table", "0" * 64, len(rows())))
    (tmp_path / "model.zip").write_bytes(build_bundle(TASK_MODELS[name](), sample, None, seed=0).data)
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.zip")}) as function:
        browser.open(function.url)
        assert re.fullmatch(says, shown(browser)[0])
        assert ("Outputs\ny0, y1" in browser.text("#facts")) == name.startswith("two")
        nothing_amiss(browser)


def test_a_bare_outlier_detector_has_a_label(browser: Browser, tmp_path: Path) -> None:
    """Without an explanation the page asks for the label, which the sign of a score is not in every case."""
    model = TASK_MODELS["isolation-forest"]()
    joblib.dump(model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as function:
        browser.open(function.url)
        for field, text in enumerate(("Lima", "80", "9000")):
            browser.find(f"#field-{field}").send_keys(text)
        browser.wait(lambda: shown(browser) == ["Outlier"])


def test_a_bare_model_without_names_says_how_to_ask(browser: Browser, tmp_path: Path) -> None:
    """There is no form to make of it."""
    joblib.dump(MODELS["nameless"]().model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as function:
        browser.open(function.url)
        assert "arrays of numbers" in browser.text("#notice")
        assert "model" in browser.text("#facts")
        nothing_amiss(browser)


def test_a_bare_model_with_names_has_a_form(browser: Browser, tmp_path: Path) -> None:
    """Of fields that take any value; its probabilities are shown, without an explanation."""
    joblib.dump(MODELS["multiclass"]().model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as function:
        browser.open(function.url)
        for field, text in enumerate(("Lima", "80", "0.5")):
            browser.find(f"#field-{field}").send_keys(text)
        browser.wait(lambda: shown(browser)[0].startswith("Predicted: old"))
        assert len(browser.all("#chance tr")) == 3
        assert not browser.all("#contributions *")
