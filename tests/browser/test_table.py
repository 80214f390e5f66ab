"""A person with a file, or with the cells of a spreadsheet, on the page."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import joblib
import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from function.model.manifest import Origin
from model_training.bundling.building import Packed, build_bundle
from model_training.data.dataset import Dataset
from model_training.data.known.flights import read_flights
from model_training.evaluation.evaluation import evaluate
from tests.browser.axe import violations
from tests.browser.chromium import Browser
from tests.support.busy_proxy import busy_proxy
from tests.support.commands import run
from tests.support.foreign_models import MODELS
from tests.support.function_process import ROOT, FunctionProcess

LOOKS = [(390, "light"), (390, "dark"), (1280, "light"), (1280, "dark")]
ROWS = 50_000
FEW = "id,carrier,month,origin,period\n7,UA,7,EWR,evening\n007,AA,13,SFO,night\n8,B6,,JFK,early\n9,UA,1,LGA,early\n"
POSTED = """
    return performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/predict")).length;
"""
CELLS = """
    return [...document.querySelectorAll(".grid tr")].map((row) => [...row.children].map((cell) => cell.innerText));
"""


@pytest.fixture(scope="module")
def function(bundle_path: Path) -> Iterator[FunctionProcess]:
    """A running function that serves the flights."""
    with FunctionProcess({"MODEL_URI": str(bundle_path)}) as running:
        yield running


@pytest.fixture
def downloads(browser: Browser, tmp_path: Path) -> Callable[[str], str]:
    """Click on the download; return the text of the file of that name, byte for byte."""
    folder = tmp_path / "downloads"
    settings = {"behavior": "allow", "downloadPath": str(folder)}
    browser.driver.execute_cdp_cmd("Browser.setDownloadBehavior", settings)

    def download(name: str) -> str:
        browser.find("#table-download").click()
        browser.wait(
            lambda: folder.exists() and [each.name for each in folder.iterdir() if each.stat().st_size] == [name]
        )
        return (folder / name).read_bytes().decode()

    return download


def opened(browser: Browser, url: str, file: Path, width: int = 1280, scheme: str = "light") -> None:
    """Open the page, and choose a file."""
    browser.look(width, scheme)
    browser.open(url)
    browser.find("#sentence strong")
    choose(browser, file)


def choose(browser: Browser, file: Path) -> None:
    """Choose a file as a person does in the browser's dialog."""
    browser.find("#file").send_keys(str(file))


def written(folder: Path, content: str | bytes, name: str = "table.csv") -> Path:
    """Write a file."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def predicted(browser: Browser) -> str:
    """Predict the rows, and return what the page says at the end."""
    browser.find("#table-start").click()
    return ended(browser)


def ended(browser: Browser) -> str:
    """Wait until the rows are predicted."""
    browser.wait(lambda: " predicted. " in browser.text("#table-status") + " ")
    return browser.text("#table-status")


def shown(browser: Browser) -> list[list[str]]:
    """Return the cells of the table on the page, the header's first."""
    cells: list[list[str]] = browser.script(CELLS)
    return cells


def about(browser: Browser) -> str:
    """Return what the page says of how it has read the table."""
    browser.find("#table-about li")
    return browser.text("#table-about")


def posted(url: str, rows: Sequence[Mapping[Any, Any]], output: str) -> list[Any]:
    """Ask the function for the same rows."""
    body = {"instances": list(rows), "parameters": {"output": output}}
    response = httpx.post(f"{url}/predict", json=body, timeout=60)
    assert response.status_code == 200, response.text
    predictions: list[Any] = response.json()["predictions"]
    return predictions


def nothing_amiss(browser: Browser) -> None:
    """Neither a word in the console nor a request to another host; no sideways scrolling."""
    assert browser.complaints() == []
    assert browser.foreign_requests() == []
    assert browser.script("return document.documentElement.scrollWidth <= innerWidth")


def test_fifty_thousand_flights(
    function: FunctionProcess, browser: Browser, downloads: Callable[[str], str], tmp_path: Path
) -> None:
    """Each row gets the prediction of POST /predict; two have errors; the download has every cell as it was."""
    flights = read_flights().X.sample(ROWS, random_state=0).reset_index(drop=True)
    table = flights.assign(month=flights["month"].astype(str), note='a "quoted", note').rename_axis("id").reset_index()
    table.loc[17, "month"], table.loc[40_000, "origin"] = "13", "SFO"
    table.loc[3, "note"] = "=1+1"
    opened(browser, function.url, written(tmp_path, table.to_csv(index=False), "flights.csv"))
    assert "flights.csv: 50,000 rows of 6 columns, separated by commas." in about(browser)
    assert "Left out, because the model does not know them: “id”, “note”." in about(browser)
    assert browser.text("#table-status") == "2 rows have errors and are not predicted. Nothing has been sent yet."
    assert browser.text("#table-start") == "Predict 49,998 rows"
    assert predicted(browser) == "49,998 rows predicted. 2 rows have errors and are not predicted."
    rows = list(csv.DictReader(io.StringIO(downloads("flights.predicted.csv"))))
    assert [*rows[0]] == [*table.columns, "prediction", "probability", "error"]
    assert [[row[name] for name in table.columns] for row in rows] == table.astype(str).to_numpy().tolist()
    assert {i: row["error"] for i, row in enumerate(rows) if row["error"]} == {
        17: "month: expected one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12",
        40_000: 'origin: expected one of "EWR", "JFK", "LGA"',
    }
    assert [rows[i]["prediction"] + rows[i]["probability"] for i in (17, 40_000)] == ["", ""]
    valid = [row for row in rows if not row["error"]]
    instances = flights.drop([17, 40_000]).to_dict("records")
    assert [json.loads(row["prediction"]) for row in valid] == posted(function.url, instances, "label")
    assert [json.loads(row["probability"]) for row in valid] == posted(function.url, instances, "probability")
    assert len(shown(browser)) == 51
    nothing_amiss(browser)


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_errors_are_at_their_cells(
    function: FunctionProcess, browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    """With what is allowed there; the valid rows are predicted; all is accessible."""
    opened(browser, function.url, written(tmp_path, FEW), width, scheme)
    assert browser.text("#table-status") == "2 rows have errors and are not predicted. Nothing has been sent yet."
    assert violations(browser) == []
    assert predicted(browser) == "2 rows predicted. 2 rows have errors and are not predicted."
    header, first, second, third, fourth = shown(browser)
    assert header[:4] == ["Line", "Prediction\nlate", "risk of a delay over 15 minutes", "id\nleft out"]
    (chance,) = posted(
        function.url, [{"carrier": "UA", "month": 7, "origin": "EWR", "period": "evening"}], "probability"
    )
    assert first == ["2", "0: leaves on time", f"{round(100 * chance)} %", "7", "UA", "7", "EWR", "evening"]
    months = ", ".join(map(str, range(1, 13)))
    assert second[:3] == ["3", "Error: see month, see origin", "007"]
    assert second[4:6] == [f"13\nexpected one of {months}", 'SFO\nexpected one of "EWR", "JFK", "LGA"']
    assert third[4] == f"(empty)\nmissing; expected one of {months}"
    assert fourth[1].startswith("0: ")
    browser.screenshot(f"table-{width}-{scheme}")
    browser.look(width, scheme)
    browser.find("#table-errors").click()
    assert [row[0] for row in shown(browser)[1:]] == ["3", "4"]
    assert browser.text(".place") == "1 to 2 of 2 errors"
    assert violations(browser) == []
    nothing_amiss(browser)


def foreign(name: str) -> bytes:
    """Pack one of the models that teams bring."""
    brought = MODELS[name]()
    sample = Dataset(name, brought.X, brought.y, Origin("table", "0" * 64, len(brought.X)))
    return build_bundle(brought.model, sample, evaluate(brought.model, sample.X, brought.y, seed=0), 0).data


@pytest.mark.parametrize("name", ["multiclass", "regression"])
def test_another_table_with_semicolons_and_decimal_commas(
    browser: Browser, downloads: Callable[[str], str], tmp_path: Path, name: str
) -> None:
    """As a spreadsheet in Lima saves it; what was read in which way is said, and the download is written like it."""
    X = MODELS[name]().X.reset_index(drop=True)
    X.loc[0, "town"] = "Cuzco"
    table = X.assign(score=X["score"].map(lambda each: "" if np.isnan(each) else repr(float(each)).replace(".", ",")))
    content = "\ufeff" + table.to_csv(index=False, sep=";", lineterminator="\r\n")
    model = written(tmp_path, foreign(name), "model.zip")
    with FunctionProcess({"MODEL_URI": str(model)}) as running:
        opened(browser, running.url, written(tmp_path, content), 390)
        assert f"{len(X)} rows of 3 columns, separated by semicolons." in about(browser)
        assert "score: numbers have a decimal comma" in about(browser)
        assert "town: values such as “Cuzco”, in 1 row, are unknown to the model" in about(browser)
        assert "In the download, predicted numbers have a decimal comma too." in about(browser)
        assert predicted(browser) == f"{len(X)} rows predicted."
        text = downloads("table.predicted.csv")
        assert text.startswith("\ufefftown;age;score;prediction")
        assert text.count("\r\n") == len(X) + 1
        rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
        assert [[row[each] for each in table] for row in rows] == table.astype(str).to_numpy().tolist()
        instances = X.astype(object).where(X.notna(), None).to_dict("records")
        labels = posted(running.url, instances, "label")
        if name == "regression":
            assert [float(row["prediction"].replace(",", ".")) for row in rows] == labels
        else:
            assert [row["prediction"] for row in rows] == labels
            chances = posted(running.url, instances, "probability")
            kinds = ("middle", "old", "young")
            found = [{each: float(row[f"probability_{each}"].replace(",", ".")) for each in kinds} for row in rows]
            assert found == chances
            assert shown(browser)[1][2].endswith(" %")
        browser.screenshot(f"table-{name}-390")
        nothing_amiss(browser)


def paste(browser: Browser, text: str) -> None:
    """Copy cells, and paste them with the keyboard."""
    permissions = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
    browser.driver.execute_cdp_cmd("Browser.grantPermissions", permissions)
    browser.driver.execute_async_script("navigator.clipboard.writeText(arguments[0]).then(arguments[1])", text)
    browser.find("#pasted").send_keys(Keys.CONTROL, "v")


def test_cells_of_a_spreadsheet_are_pasted(
    function: FunctionProcess, browser: Browser, downloads: Callable[[str], str]
) -> None:
    """Separated by tabs; a cell may have a line break; leading zeros and NA stay what they are."""
    browser.look(1280, "light")
    browser.open(function.url)
    browser.find("#sentence strong")
    paste(browser, 'code\tcarrier\tmonth\torigin\tperiod\n007\tUA\t7\tEWR\tevening\n"N\nA"\tAA\t1\tJFK\tnight')
    assert "pasted cells: 2 rows of 5 columns, separated by tabs." in about(browser)
    assert predicted(browser) == "2 rows predicted."
    lines = downloads("pasted cells.predicted.csv").split("\n")
    assert lines[0] == "\ufeffcode\tcarrier\tmonth\torigin\tperiod\tprediction\tprobability\terror"
    assert lines[1].startswith("007\tUA\t7\tEWR\tevening\t0\t0.4")
    assert lines[2] == '"N'
    assert lines[3].startswith('A"\tAA\t1\tJFK\tnight\t')
    nothing_amiss(browser)


def test_a_file_is_dropped_anywhere(function: FunctionProcess, browser: Browser, tmp_path: Path) -> None:
    """On the title, say; the code for tables is loaded only then."""
    browser.look(1280, "light")
    browser.open(function.url)
    browser.find("#sentence strong")
    loaded = "return performance.getEntriesByType('resource').filter(({ name }) => name.includes('/table/')).length"
    assert browser.script(loaded) == 0
    box = browser.find("h1").rect
    table = str(written(tmp_path, FEW))
    for files in ([table, table], [table]):
        for kind in ("dragEnter", "dragOver", "drop"):
            event = {"items": [], "files": files, "dragOperationsMask": 1}
            place = {"x": box["x"] + 5, "y": box["y"] + 5}
            browser.driver.execute_cdp_cmd("Input.dispatchDragEvent", {"type": kind, **place, "data": event})
            assert bool(browser.all("body.dropping")) == (kind == "dragOver")
        said = "Several files were dropped. Drop one file at a time." if len(files) > 1 else ""
        assert browser.all("#notice")[0].text == said
    assert "table.csv: 4 rows" in about(browser)
    assert browser.script(loaded) > 8
    nothing_amiss(browser)


def test_it_can_be_used_by_keyboard_alone(
    function: FunctionProcess, browser: Browser, downloads: Callable[[str], str]
) -> None:
    """Paste, predict, turn pages, filter; the focus is seen, and never lost."""
    browser.look(1280, "light")
    browser.open(function.url)
    browser.find("#sentence strong")
    paste(browser, FEW + "10,UA,1,LGA,early\n" * 100)
    about(browser)
    found: list[str] = []
    while len(found) < 7:
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        focus = browser.driver.switch_to.active_element
        assert browser.script("return getComputedStyle(arguments[0]).outlineStyle", focus) == "solid"
        found.append(focus.accessible_name)
        if found[-1] == "Predict 102 rows":
            focus.send_keys(Keys.ENTER)
            ended(browser)
            found.append(browser.driver.switch_to.active_element.accessible_name)
        if found[-1] == "Next":
            focus.send_keys(Keys.ENTER)
            browser.wait(lambda: browser.text(".place") == "51 to 100 of 104 rows")
        if found[-1] == "Errors only":
            focus.send_keys(Keys.SPACE)
            browser.wait(lambda: browser.text(".place") == "1 to 2 of 2 errors")
    assert found[:2] == ["Predict 102 rows", "Download as CSV"]
    assert found[2:] == ["Previous", "Next", "Errors only", "Rows of the table", "Copy"]
    assert "error" in downloads("pasted cells.predicted.csv")
    nothing_amiss(browser)


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("picture.csv", bytes(range(256)) * 9, "picture.csv is no CSV file: it has bytes that are no text."),
        ("book.xlsx", b"PK\x03\x04" + bytes(99), "an Excel workbook or another zip file. Save the sheet as CSV."),
        ("empty.csv", b"", "The table is empty: it needs a header and rows."),
        ("header.csv", b"carrier,month,origin,period\r\n", "but no rows."),
        ("one.csv", b"carrier\nUA\n", "The table lacks columns that the model needs: “month”, “origin”, “period”."),
        ("alike.csv", b"carrier,month,month\nUA,1,2\n", "Two columns have the same name (“month”)"),
        ("line.csv", b"x" * 5_000_000, "The table has a header (“xxx"),
        (
            "quote.csv",
            b'carrier,month\nUA,"7\nAA,8\n',
            "The quotation mark that opens a cell in line 2 is never closed.",
        ),
        ("big.csv", b"a,b\n" + b"1,2\n" * 9_000_000, "big.csv is over 32 MB. The command taxiway score"),
        ("no_header.csv", b"UA,7,EWR,evening\nAA,8,JFK,night\n", "The first line must hold their names."),
    ],
)
def test_what_is_no_table_gets_a_sentence(
    function: FunctionProcess, browser: Browser, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    """And nothing is sent; the next file is read as if nothing had been."""
    opened(browser, function.url, written(tmp_path, content, name), 390)
    before = browser.script(POSTED)
    browser.wait(lambda: says in browser.text("#table-fault"))
    assert len(browser.text("#table-fault")) < 400
    assert not [each for each in browser.all("#table-start") if each.is_displayed()]
    assert browser.script(POSTED) == before
    if name == "one.csv":
        assert violations(browser) == []
    choose(browser, written(tmp_path, FEW))
    assert "table.csv: 4 rows" in about(browser)
    assert not browser.all("#table-fault:not([hidden])")
    nothing_amiss(browser)


def test_a_busy_service_is_asked_again(
    function: FunctionProcess, browser: Browser, downloads: Callable[[str], str], tmp_path: Path
) -> None:
    """After the seconds of Retry-After; what is too large is sent in halves; the numbers are the same."""
    flights = read_flights().X.sample(2500, random_state=1)
    path = written(tmp_path, flights.to_csv(index=False))
    script = [(0, ""), (503, "1"), (503, "0"), (429, "0"), (504, "")]
    with busy_proxy(function.url, script, most_rows=300) as proxy:
        opened(browser, proxy.url, path)
        browser.find("#table-start").click()
        browser.wait(lambda: "The service is busy. Trying again in 1 second" in browser.text("#table-status"))
        assert ended(browser) == "2,500 rows predicted."
        assert {200, 413, 429, 503, 504} == set(proxy.statuses)
    rows = list(csv.DictReader(io.StringIO(downloads("table.predicted.csv"))))
    instances = flights.to_dict("records")
    assert [json.loads(row["probability"]) for row in rows] == posted(function.url, instances, "probability")
    assert [json.loads(row["prediction"]) for row in rows] == posted(function.url, instances, "label")
    assert browser.foreign_requests() == []


def test_it_gives_up_and_goes_on_where_it_stopped(function: FunctionProcess, browser: Browser, tmp_path: Path) -> None:
    """One that names an hour is asked once, one that stays busy six times; a cancelled prediction keeps what it has."""
    flights = read_flights().X.sample(2500, random_state=1)
    with busy_proxy(function.url, [(503, "3600"), *[(503, "0")] * 6, (0, ""), (0, ""), (503, "25")]) as proxy:
        opened(browser, proxy.url, written(tmp_path, flights.to_csv(index=False)))
        for tries in (1, 6):
            proxy.statuses.clear()
            assert predicted(browser) == "The service responded with status 503. Try again later. 0 rows predicted."
            assert proxy.statuses == [503] * tries
        browser.find("#table-start").click()
        browser.wait(lambda: "Trying again in 25 seconds" in browser.text("#table-status"))
        assert browser.text("#table-start") == "Cancel"
        assert browser.find("progress").get_attribute("value") == "1000"
        browser.find("#table-start").click()
        assert ended(browser) == "Cancelled. 1,000 rows predicted."
        assert browser.text("#table-start") == "Continue with 1,500 rows"
        assert predicted(browser) == "2,500 rows predicted."
        assert proxy.statuses.count(200) == 6


def test_a_model_that_changes_meanwhile_stops_it(packed: Packed, browser: Browser, tmp_path: Path) -> None:
    """The predictions of two models are not mixed."""
    path = written(tmp_path, packed.data, "model.zip")
    with FunctionProcess({"MODEL_URI": str(path), "MODEL_REFRESH_SECONDS": "0"}) as running:
        opened(browser, running.url, written(tmp_path, FEW))
        browser.find("#table-start")
        path.write_bytes(foreign("multiclass"))
        assert "The live model has changed. Reload this page to use it" in predicted(browser)
        assert "0 rows predicted." in browser.text("#table-status")


def test_a_row_that_the_model_cannot_process_has_an_error(
    browser: Browser, downloads: Callable[[str], str], tmp_path: Path
) -> None:
    """Which the service alone can tell, of a model that says nothing about its features."""
    X = pd.DataFrame({"town": ["Lima", "Quito"] * 20, "code": ["007", "7"] * 20})
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(X, [0, 1] * 20)
    joblib.dump(model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as running:
        browser.look(390, "light")
        browser.open(running.url)
        choose(browser, written(tmp_path, "town,code\nLima,007\nCuzco,7\nQuito,7\nPuno,007\n"))
        assert "code: read as text, because the model does not say its type" in about(browser)
        assert predicted(browser) == "2 rows predicted. 2 rows have errors and are not predicted."
        assert shown(browser)[2][1] == "Error: the model cannot process this row"
        rows = list(csv.DictReader(io.StringIO(downloads("table.predicted.csv"))))
        assert [row["prediction"] for row in rows] == ["0", "", "1", ""]
        assert [row["error"] for row in rows][1::2] == ["the model cannot process this row"] * 2


def trained(folder: Path, *options: str) -> Path:
    """Train on the parcels."""
    data = ["--data", str(ROOT / "docs" / "parcels.csv"), "--target", "late"]
    result = run("train", *data, *options, "--out", str(folder / "model.zip"))
    assert result.exit_code == 0, result.stderr
    return folder / "model.zip"


def test_cells_are_read_as_the_training_data_were(
    browser: Browser, downloads: Callable[[str], str], tmp_path: Path
) -> None:
    """Missing words of the training data are missing; absent columns get their defaults; a doubt can be decided."""
    model = trained(tmp_path, "--missing", "n/a", "--default", "month=7")
    with FunctionProcess({"MODEL_URI": str(model)}) as running:
        browser.look(1280, "light")
        browser.open(running.url)
        choose(browser, written(tmp_path, 'city,weight,stops,fragile\nLima,"1,234",3,no\nn/a,999,4,TRUE\n'))
        said = about(browser)
        assert violations(browser) == []
        assert "Absent columns, with the value that every row gets: “month” (7)." in said
        assert "city: values such as “n/a”, in 1 row, count as missing, as in the training data" in said
        assert "weight: “1,234” is read as 1234, and not as 1.234" in said
        first, second = (
            {"city": "Lima", "stops": 3, "fragile": False},
            {"city": None, "weight": 999, "stops": 4, "fragile": True},
        )
        for mark, weight in (("point", 1234), ("comma", 1.234)):
            Select(browser.find("#doubt-decimal")).select_by_visible_text(mark)
            browser.wait(lambda weight=weight: f"is read as {weight}" in browser.text("#table-about"))
            assert predicted(browser) == "2 rows predicted."
            expected = posted(running.url, [{**first, "weight": weight}, second], "probability")
            rows = list(csv.reader(io.StringIO(downloads("table.predicted.csv"))))
            at = rows[0].index("probability")
            assert [float(row[at].replace(",", ".")) for row in rows[1:]] == expected
            (tmp_path / "downloads" / "table.predicted.csv").unlink()
        nothing_amiss(browser)


def test_text_of_a_file_is_text(function: FunctionProcess, browser: Browser, tmp_path: Path) -> None:
    """Whatever it looks like, in a name or in a cell."""
    markup = "<img src=x onerror=alert(1)>"
    content = f"{markup},carrier,month,origin,period\n{markup},{markup},1,EWR,night\n"
    opened(browser, function.url, written(tmp_path, content))
    assert f"“{markup}”" in about(browser)
    assert shown(browser)[1][2] == markup
    assert shown(browser)[1][3].startswith(f"{markup}\nexpected one of ")
    assert browser.all("#table img") == []
    nothing_amiss(browser)


def test_very_many_columns_are_shown_in_part(function: FunctionProcess, browser: Browser, tmp_path: Path) -> None:
    """The model's own among them; all are in the download."""
    names = ",".join(f"x{i}" for i in range(3000))
    zeros = ",0" * 3000
    content = f"{names},carrier,month,origin,period\n{zeros[1:]},UA,7,EWR,evening\n"
    opened(browser, function.url, written(tmp_path, content))
    assert "and 2,988 more" in about(browser)
    header = shown(browser)[0]
    assert len(header) == 3 + 100 + 1
    assert header[-5:] == ["carrier", "month", "origin", "period", "and 2,904 more"]
    assert predicted(browser) == "1 row predicted."


def test_features_without_names_have_no_table(browser: Browser, tmp_path: Path) -> None:
    """There is nothing to compare its columns with, which a sentence says."""
    joblib.dump(MODELS["nameless"]().model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as running:
        browser.open(running.url)
        assert "no table can be predicted here" in browser.text("#notice")
        assert not browser.driver.find_element("id", "table").is_displayed()


def test_a_class_that_is_a_whole_float_has_its_probability(
    browser: Browser, downloads: Callable[[str], str], tmp_path: Path
) -> None:
    """JSON names it "1.0", and JavaScript 1: in the table, in the download and above the form."""
    X = pd.DataFrame({"town": ["Lima", "Quito", "Puno"] * 10})
    model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(X, [-1.0, 1.0, 2.0] * 10)
    joblib.dump(model, tmp_path / "model.joblib")
    with FunctionProcess({"MODEL_URI": str(tmp_path / "model.joblib")}) as running:
        browser.open(running.url)
        browser.find("#field-0").send_keys("Lima")
        (chances,) = posted(running.url, [{"town": "Lima"}], "probability")
        percents = f"{round(100 * chances['-1.0'])} %"
        browser.wait(lambda: f"{percents} probability" in browser.text("#sentence"))
        paste(browser, "town\nLima\nPuno")
        assert predicted(browser) == "2 rows predicted."
        assert shown(browser)[1] == ["2", "-1", percents, "Lima"]
        rows = list(csv.DictReader(io.StringIO(downloads("pasted cells.predicted.csv").removeprefix("\ufeff"))))
        assert [float(rows[0][f"probability_{each}"]) for each in ("-1", "1", "2")] == list(chances.values())
