"""`sha256-sum` in Python says what the TypeScript of examples/flights says: checksum_vectors.json is made by that."""

import json
import random
from pathlib import Path

import pytest

from crossfade_client import RowChecksum, canonical_row, checksum_rows

VECTORS = json.loads((Path(__file__).parent / "checksum_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_says_what_the_typescript_says(vector):
    total = checksum_rows(vector["rows"])
    assert (total.row_count, total.checksum) == (vector["rowCount"], vector["checksum"])


def test_does_not_depend_on_the_order_of_the_rows():
    rows = [f"row {n % 7}" for n in range(100)]
    shuffled = random.Random(1).sample(rows, len(rows))
    assert shuffled != rows
    assert checksum_rows(shuffled).checksum == checksum_rows(rows).checksum


def test_counts_a_duplicate_which_xor_would_lose():
    assert checksum_rows(["a", "a"]).checksum != checksum_rows([]).checksum
    assert checksum_rows(["a", "a", "a"]).checksum != checksum_rows(["a"]).checksum


def test_adds_up_what_workers_have_added_up():
    rows = [str(n) for n in range(50)]
    whole, left, right = checksum_rows(rows), checksum_rows(rows[:20]), checksum_rows(rows[20:])
    merged = RowChecksum()
    merged.merge(left)
    merged.merge(right)
    assert (merged.row_count, merged.checksum) == (whole.row_count, whole.checksum)


def test_hashes_bytes_as_they_are_and_text_as_utf_8():
    assert checksum_rows(["größe"]).checksum == checksum_rows(["größe".encode()]).checksum


def test_writes_a_row_as_compact_json_as_javascript_does():
    assert canonical_row(['ü\n"', 7, True, None]) == '["ü\\n\\"",7,true,null]'


@pytest.mark.parametrize("value", [0.1, b"x", ["x"]])
def test_refuses_a_value_with_more_than_one_text_form(value):
    with pytest.raises(TypeError, match="format it"):
        canonical_row([value])
