"""JSON Lines and CSV made by other tools come back to them with every other field equal, JSON Lines byte for byte."""

import csv
import gzip
import io
import json
import subprocess

import pandas
import polars
import pytest
from articles import DESCALE, article

ROWS = 600
DIRTY, CLEAN = zip(*(article(number) for number in range(ROWS)))
OTHERS = {
    "id": list(range(ROWS)),
    "price": [number / 8 if number % 5 else None for number in range(ROWS)],
    "note": [["", "a,b", "c\"d", "e\nf", "é"][number % 5] for number in range(ROWS)],
}


def cleaned(source, target):
    done = subprocess.run([DESCALE, "clean", "-q", source, "-o", target], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("escaped", [False, True])
def test_json(tmp_path, escaped, packed):
    def lines(texts):
        rows = ({**{key: OTHERS[key][row] for key in OTHERS}, "text": texts[row], "big": 10**30, "x": [{"a": 1.0}]} for row in range(ROWS))
        return "".join(json.dumps(row, ensure_ascii=escaped) + "\n" for row in rows).encode()

    name = "a.jsonl.gz" if packed else "a.jsonl"
    content = gzip.compress(lines(DIRTY)) if packed else lines(DIRTY)
    (tmp_path / name).write_bytes(content)
    cleaned(tmp_path / name, tmp_path / f"out-{name}")
    output = (tmp_path / f"out-{name}").read_bytes()
    assert (gzip.decompress(output) if packed else output) == lines(CLEAN)


@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_pandas(tmp_path, separator, quoting):
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    table = pandas.DataFrame({**OTHERS, "text": DIRTY})
    table.to_csv(source, index=False, sep=separator, quoting=quoting)
    cleaned(source, target)
    expected = pandas.read_csv(source, sep=separator).assign(text=CLEAN)
    pandas.testing.assert_frame_equal(pandas.read_csv(target, sep=separator), expected)
    # Written again by the same tool, the cleaned table has the same bytes.
    again = pandas.DataFrame({**OTHERS, "text": CLEAN}).to_csv(index=False, sep=separator, quoting=quoting)
    assert target.read_bytes() == again.encode()


def test_polars(tmp_path):
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"
    table = polars.DataFrame({**OTHERS, "text": DIRTY})
    table.write_csv(source)
    cleaned(source, target)
    assert polars.read_csv(target).equals(polars.read_csv(source).with_columns(text=polars.Series(CLEAN)))


def test_csv(tmp_path):
    source, target = tmp_path / "a.csv", tmp_path / "b.csv"

    def rows(texts):
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer)
        writer.writerow([*OTHERS, "text"])
        writer.writerows(zip(*OTHERS.values(), texts))
        return buffer.getvalue().encode("utf-8-sig")

    source.write_bytes(rows(DIRTY))
    cleaned(source, target)
    assert target.read_bytes() == rows(CLEAN)
