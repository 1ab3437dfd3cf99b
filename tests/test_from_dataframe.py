"""Tables of files and labels: dicts, DataFrames and CSV files."""

import numpy as np
import pytest

import mixfolder as mf
from support.batches import gathered
from support.tables import csv_file

PLAIN = dict(image_size=8, batch_size=4, seed=3, verbose=False, mix=None, shuffle=False)
TABLE = {
    "file": ["rose/001.png", "violet/000.png", "rose/002.png"],
    "kind": ["r", "v", "r"],
    "age": [1.5, 2.0, -3.0],
    "grade": [2, 0, 1],
    "red": [1, 0, 1],
    "wild": [0, 0, 1],
}


class Frame:
    """What DataFrames have in common: names of columns, and columns that become arrays."""

    class Column:
        def __init__(self, values):
            self.values = values

        def __array__(self, dtype=None, copy=None):
            return np.array(self.values, dtype)

    def __init__(self, table):
        self._table, self.columns = table, list(table)

    def __getitem__(self, name):
        return self.Column(self._table[name])


def pandas_frame(table):
    return pytest.importorskip("pandas").DataFrame(table)


def polars_frame(table):
    return pytest.importorskip("polars").DataFrame(table)


@pytest.mark.parametrize("kind", [dict, Frame, pandas_frame, polars_frame, "csv"])
def test_columns_of_every_kind_of_table(flowers, tmp_path, kind):
    df = csv_file(TABLE, tmp_path / "table.csv") if kind == "csv" else kind(TABLE)

    def opened(y_col, **options):
        return mf.from_dataframe(df, "file", y_col, directory=flowers, **PLAIN | options)

    seq = opened("kind")
    assert seq.class_names == ["r", "v"] and seq.labels.tolist() == [0, 1, 0]
    assert seq.file_paths == [f"{flowers}/{name}" for name in TABLE["file"]]
    whole = mf.from_directory(flowers, **PLAIN)
    images = dict(zip(whole.file_paths, gathered(whole)[0], strict=True))
    np.testing.assert_array_equal(gathered(seq)[0], [images[path] for path in seq.file_paths])
    assert gathered(opened("age"))[1].tolist() == [[1.5], [2], [-3]]
    assert opened("grade").labels.tolist() == [2, 0, 1]
    assert gathered(opened("grade", label_mode="regression"))[1].tolist() == [[2], [0], [1]]
    tags = opened(["red", "wild"])
    assert tags.class_names == ["red", "wild"]
    assert gathered(tags)[1].tolist() == [[1, 0], [0, 0], [1, 1]]
    assert opened(["red", "wild"], class_names=["a", "b"]).class_names == ["a", "b"]
    both = opened(["age", "grade"])
    assert both.class_names == [] and gathered(both)[1].tolist() == [[1.5, 2], [2, 0], [-3, 1]]
    assert gathered(opened(None)).shape == (3, 8, 8, 3)


def test_lists_of_tags(flowers):
    table = TABLE | {"tags": [["x"], [], ["y", "x"]]}
    for frame in (dict, Frame):
        if frame is Frame:
            values = np.empty(3, object)
            values[:] = table["tags"]
            table["tags"] = values
        seq = mf.from_dataframe(frame(table), "file", "tags", directory=flowers, **PLAIN)
        assert seq.class_names == ["x", "y"]
        assert gathered(seq)[1].tolist() == [[1, 0], [0, 0], [1, 1]]


def test_paths_in_a_csv_file_start_from_its_folder(folder, monkeypatch, tmp_path):
    root = folder(rose=3, violet=3)
    csv_file(TABLE, root / "table.csv")
    monkeypatch.chdir(root.parent)
    train, val = mf.from_dataframe(
        f"{root.name}/table.csv", "file", "age", validation_split=0.4, subset="both", **PLAIN
    )
    monkeypatch.chdir("/")
    assert sorted(train.file_paths + val.file_paths) == sorted(f"{root}/{n}" for n in TABLE["file"])
    gathered(train), gathered(val)


def test_a_csv_file_of_a_spreadsheet(folder):
    root = folder(rose=3)
    (root / "t.csv").write_bytes(b'\xef\xbb\xbffile,kind\r\n"rose/000.png","a, b"\r\n\r\n')
    seq = mf.from_dataframe(root / "t.csv", "file", "kind", **PLAIN)
    assert seq.class_names == ["a, b"] and seq.samples == 1


def test_numbers_in_a_csv_file_are_names_if_there_are_class_names(flowers, tmp_path):
    path = csv_file(TABLE, tmp_path / "table.csv")
    seq = mf.from_dataframe(
        path, "file", "grade", class_names=["2", "1", "0"], directory=flowers, **PLAIN
    )
    assert seq.labels.tolist() == [0, 2, 1]
    with pytest.raises(ValueError, match="row 0 of column 'grade' must be one of class_names"):
        mf.from_dataframe(path, "file", "grade", class_names=["a", "b", "c"], **PLAIN)


@pytest.mark.parametrize(
    ("changes", "x_col", "y_col", "words"),
    [
        ({}, "path", "kind", "there is no column 'path': choose among 'file', 'kind', 'age'"),
        ({}, "file", ["red", "none"], "there is no column 'none'"),
        ({"kind": ["r", None, "r"]}, "file", "kind", "row 1 of column 'kind' .* but is None"),
        ({"age": [1, float("nan"), 3]}, "file", "age", "row 1 of column 'age' .* but is nan"),
        ({"red": [1, 0, float("nan")]}, "file", ["red"], "row 2 of column 'red' .* but is nan"),
        ({}, "file", ["red", "kind"], "row 0 of column 'kind' must be a number, but is 'r'"),
        (
            {"red": [1, 0, 7]},
            "file",
            ["wild", "red"],
            "row 2 of columns 'wild', 'red' must, for tags",
        ),
        ({"file": ["a", None, "c"]}, "file", None, "row 1 of column 'file' must be the path"),
        ({"age": [1.5, 2]}, "file", "age", "column 'file' has 3 rows, but column 'age' has 2"),
        ({"red": [1]}, "file", ["wild", "red"], "column 'wild' has 3 rows, but column 'red' has 1"),
        ({}, "file", [], "y_col has no column"),
    ],
)
def test_errors_name_the_column_the_row_and_the_value(changes, x_col, y_col, words):
    with pytest.raises(ValueError, match=words):
        mf.from_dataframe(TABLE | changes, x_col, y_col, **PLAIN)


def test_errors_about_the_table(tmp_path):
    (tmp_path / "short.csv").write_text("file,kind\na.png,x\nb.png\n")
    with pytest.raises(ValueError, match="row 1 of .*short.csv' has 1 fields, but there are 2"):
        mf.from_dataframe(tmp_path / "short.csv", "file", "kind")
    (tmp_path / "empty.csv").write_text("")
    with pytest.raises(ValueError, match="empty.csv' is empty"):
        mf.from_dataframe(tmp_path / "empty.csv", "file")
    (tmp_path / "header.csv").write_text("file,kind\n")
    with pytest.raises(ValueError, match="column 'file' has no files"):
        mf.from_dataframe(tmp_path / "header.csv", "file", "kind")
    with pytest.raises(FileNotFoundError, match="none.csv"):
        mf.from_dataframe(tmp_path / "none.csv", "file")
    with pytest.raises(ValueError, match="df must be a DataFrame.*but is list"):
        mf.from_dataframe(["a.png"], "file")
    with pytest.raises(TypeError, match="from_dataframe.*did you mean 'batch_size'"):
        mf.from_dataframe(TABLE, "file", batchsize=3)
