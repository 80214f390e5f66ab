"""Tables in several files and in a bucket: the same model as of one file."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from google.cloud import storage

from function.model.bundle import read_bundle
from function.model.manifest import Manifest
from tests.local_cloud import Fault, LocalCloud
from tests.support.commands import run
from tests.support.tables import parcels, written_for

LIMIT = 2**30


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, where commands are typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def trained(data: str) -> Manifest:
    """Train on a table, and return the manifest."""
    result = run("train", "--data", data, "--target", "late", "--kind", "month=category")
    assert result.exit_code == 0, result.output
    return read_bundle(Path("build/model.zip").read_bytes(), LIMIT).manifest


def split(folder: Path, kind: str, *, reordered: bool = False) -> None:
    """Write a table as one file, and as two files of the same rows."""
    table = pd.read_csv(written_for(folder, "late"))
    second = table[150:]
    if reordered:
        second = second[reversed(table.columns)]
    for name, rows in {"parcels": table, "part-1": table[:150], "part-2": second}.items():
        if kind == "parquet":
            rows.to_parquet(f"{name}.parquet")
        else:
            rows.to_csv(f"{name}.{kind}", index=False)


def learnt(manifest: Manifest) -> tuple[object, ...]:
    """Return what a model has learnt, without where from."""
    return manifest.features, manifest.linear, manifest.metrics, manifest.golden


@pytest.mark.parametrize("kind", ["csv", "csv.gz", "parquet"])
def test_several_files_are_one_table(folder: Path, kind: str) -> None:
    """In the order of their names; the order of their columns does not matter."""
    split(folder, kind, reordered=True)
    whole, parts = trained(f"parcels.{kind}"), trained(f"part-[12].{kind}")
    assert learnt(parts) == learnt(whole)
    assert parts.name == "part"
    assert parts.data
    assert (parts.data.name, parts.data.rows) == (f"part.{kind}", 400)


def test_parquet_files_may_differ_in_the_types_of_their_columns(folder: Path) -> None:
    """A part whose numbers are small, or that has no value in a column, has other types."""
    split(folder, "parquet")
    whole = pd.read_parquet("parcels.parquet")
    whole.loc[:149, "city"] = None
    whole.to_parquet("parcels.parquet")
    whole[:150].astype({"stops": "int8"}).to_parquet("part-1.parquet")
    assert learnt(trained("part-?.parquet")) == learnt(trained("parcels.parquet"))


WRONG = {
    "another column": ("a,b,late\n1,2,x\n", "a,c,late\n1,2,x\n", "2.csv has no column 'b', but 1.csv has: parts must"),
    "a missing column": ("a,late\n1,x\n", "a,b,late\n1,2,x\n", "1.csv has no column 'b', but 2.csv has: parts must h"),
    "another separator": ("a,late\n1,x\n", "a;late\n1;x\n", "2.csv and 1.csv differ in format or separator: parts of"),
    "no rows": ("a,late\n", "a,late\n", "*.csv has a header but no rows"),
    "an empty file": ("a,late\n1,x\n", "", "2.csv is empty: it needs a header and rows"),
}


@pytest.mark.parametrize("case", WRONG)
def test_files_that_do_not_fit_are_refused(folder: Path, case: str) -> None:
    """By the name of the file."""
    first, second, sentence = WRONG[case]
    Path("1.csv").write_text(first)
    Path("2.csv").write_text(second)
    result = run("train", "--data", "*.csv", "--target", "late")
    assert result.exit_code == 1
    assert sentence in result.output


def test_several_files_are_scored_as_one(folder: Path) -> None:
    """With the columns in the order of the first file; an error names the file."""
    split(folder, "csv", reordered=True)
    trained("parcels.csv")
    for data in ("parcels.csv", "part-*.csv"):
        result = run("score", "--data", data, "--out", f"scored-{data.replace('*', 'all')}")
        assert result.exit_code == 0, result.output
    assert Path("scored-part-all.csv").read_text() == Path("scored-parcels.csv").read_text()
    text = Path("part-2.csv").read_text().splitlines()
    text[3] = re.sub(r"Lima|Quito|São Paulo|,$", "Bogota", text[3]) + "x"
    Path("part-2.csv").write_text("\n".join(text))
    result = run("score", "--data", "part-*.csv", "--out", "again.csv")
    assert (result.exit_code, "Error: part-2.csv, line 4, " in result.output) == (1, True), result.output


def test_a_file_whose_name_looks_like_a_pattern(folder: Path) -> None:
    """Is that file."""
    written_for(folder, "late").rename("parcels[1].csv")
    assert trained("parcels[1].csv").name == "parcels[1]"


def test_an_object_is_downloaded_once(folder: Path, bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """Until another one is uploaded; the model is that of the same file here."""
    path = written_for(folder, "late")
    bucket.blob("data/parcels.csv").upload_from_filename(path)
    here, there = trained("parcels.csv"), trained("gs://models/data/parcels.csv")
    assert there.version == here.version
    assert Path("build/data/models/data/parcels.csv").read_bytes() == path.read_bytes()
    downloads = cloud.calls.count("download")
    assert downloads == 1
    trained("gs://models/data/parcels.csv")
    assert cloud.calls.count("download") == downloads
    parcels(seed=1).drop(columns=["minutes", "band"]).to_csv(path, index=False)
    bucket.blob("data/parcels.csv").upload_from_filename(path)
    assert trained("gs://models/data/parcels.csv").version == trained("parcels.csv").version != here.version


def test_objects_by_a_pattern(folder: Path, bucket: storage.Bucket) -> None:
    """Those that match: a wildcard does not match a slash."""
    split(folder, "csv")
    whole = trained("parcels.csv")
    for name in ("part-1.csv", "part-2.csv"):
        bucket.blob(f"data/{name}").upload_from_filename(name)
    bucket.blob("data/part-old/3.csv").upload_from_string("other,columns\n")
    bucket.blob("data/part-3.txt").upload_from_string("other,columns\n")
    parts = trained("gs://models/data/part-*.csv")
    assert learnt(parts) == learnt(whole)
    assert parts.name == "part"
    result = run("score", "--data", "gs://models/data/part-*.csv", "--out", "scored.csv")
    assert result.exit_code == 0, result.output
    assert len(Path("scored.csv").read_text().splitlines()) == 401


def test_what_can_not_be_downloaded_is_said(folder: Path, bucket: storage.Bucket, cloud: LocalCloud) -> None:
    """The bucket fails, or there is no place; nothing is left behind."""
    bucket.blob("parcels.csv").upload_from_filename(written_for(folder, "late"))
    words = ["train", "--data", "gs://models/parcels.csv", "--target", "late"]
    cloud.faults.add(Fault("status", status=403, kind="download"))
    result = run(*words)
    assert result.exit_code == 1
    assert "gs://models/parcels.csv: Cloud Storage responded with status 403" in result.output
    assert not any(path.is_file() for path in Path("build").rglob("*"))
    shutil.rmtree("build")
    Path("build").write_text("a file")
    result = run(*words)
    assert result.exit_code == 1
    assert "Error: build/data/models/parcels.csv can't be written: Not a directory." in result.output


NOWHERE = {
    "gs://models/no.csv": "there is no object gs://models/no.csv.",
    "gs://models/no-*.csv": "there is no object gs://models/no-*.csv.",
    "gs://none/no-*.csv": "gs://none/no-*.csv: the bucket does not exist, or you have no permission to read it.",
    "gs://models": "gs://models is not the address of data: it must be gs://BUCKET/OBJECT.",
    "gs://models/../up.csv": "gs://models/../up.csv is not supported: its name has an empty part, . or ..",
    "no-*.csv": "there is no file no-*.csv.",
}


@pytest.mark.parametrize("address", NOWHERE)
def test_what_is_not_there_is_said(folder: Path, bucket: storage.Bucket, address: str) -> None:
    """And nothing is written outside of the folder for downloads."""
    bucket.blob("../up.csv").upload_from_string("a,late\n1,2\n")
    result = run("train", "--data", address, "--target", "late")
    assert (result.exit_code, f"Error: {NOWHERE[address]}" in result.output) == (1, True), result.output
    assert list(folder.rglob("*.csv")) == []
