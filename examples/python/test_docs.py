"""The code in docs/integrate.md: that it is Python, and that the fences in it that need no other library are fences."""

import io
import json
import re
import sqlite3
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from crossfade_client import Fenced, RowChecksum

PAGE = (Path(__file__).parents[2] / "docs" / "integrate.md").read_text("utf-8")
PYTHON = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
SQL = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)


def block_with(text, blocks=PYTHON):
    (found,) = [block for block in blocks if text in block]
    return found


def defined_by(text):
    names = {"Fenced": Fenced}
    exec(block_with(text), names)
    return names


class FakeS3:
    """Objects with ETags, and S3's conditions on a write. `before_put` happens between a look and the write."""

    class exceptions:
        class NoSuchKey(Exception):
            pass

    def __init__(self):
        self.objects, self.etag, self.before_put = {}, 0, None

    def get_object(self, Bucket, Key):
        if Key not in self.objects:
            raise self.exceptions.NoSuchKey
        etag, body = self.objects[Key]
        return {"ETag": etag, "Body": io.BytesIO(body.encode())}

    def put_object(self, Bucket, Key, Body, IfMatch=None, IfNoneMatch=None):
        happens, self.before_put = self.before_put, None
        if happens:
            happens()
        held = self.objects.get(Key, (None, None))[0]
        if (IfNoneMatch == "*" and held) or (IfMatch and IfMatch != held):
            raise ClientError({"ResponseMetadata": {"HTTPStatusCode": 412}}, "PutObject")
        self.etag += 1
        self.objects[Key] = (str(self.etag), Body)

    def token(self):
        return json.loads(self.objects["m"][1])["token"]


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_every_block_is_python(block):
    compile(block, "docs/integrate.md", "exec")


def test_the_manifest_refuses_a_lower_token_and_takes_an_equal_one():
    publish, s3 = defined_by("IfNoneMatch")["publish"], FakeS3()
    for token in ("1.1", "1.2", "1.2"):
        publish(s3, "b", "m", [], token)
    with pytest.raises(Fenced):
        publish(s3, "b", "m", [], "1.1")
    assert s3.token() == "1.2"


@pytest.mark.parametrize("held", [None, "1.1"])
def test_the_manifest_decides_again_after_a_lost_race(held):
    publish, s3 = defined_by("IfNoneMatch")["publish"], FakeS3()
    if held:
        publish(s3, "b", "m", [], held)
    s3.before_put = lambda: publish(s3, "b", "m", [], "2.9")
    with pytest.raises(Fenced):
        publish(s3, "b", "m", [], "1.2")
    assert s3.token() == "2.9"


@pytest.mark.parametrize("token, changed", [("0000000001.0000000009", 0), ("0000000002.0000000007", 1)])
@pytest.mark.parametrize("statement", ["INSERT", "UPDATE"])
def test_the_sql_fence_changes_a_row_only_for_a_token_that_is_not_lower(statement, token, changed):
    connection = sqlite3.connect(":memory:")
    create, transaction = block_with("CREATE TABLE", SQL).split("BEGIN;")
    insert = transaction.split(";")[0]
    connection.executescript(create)
    connection.execute(insert)
    if statement == "INSERT":
        again = connection.execute(insert.replace("0000000002.0000000007", token))
    else:
        values = {"token": token, "target": "orders", "partition": "2026-11-22"}
        again = connection.execute(block_with("UPDATE crossfade_fence", SQL), values)
    assert again.rowcount == changed


def test_eight_sums_combine_into_the_checksum():
    rows = [f"row {n % 300}" for n in range(1000)]
    total, sums = RowChecksum(), [0] * 8
    for row in rows:
        total.add(row)
        one = RowChecksum()
        one.add(row)
        sums = [held + int(one.checksum[8 * i : 8 * i + 8], 16) for i, held in enumerate(sums)]
    assert defined_by("def combine")["combine"](sums) == total.checksum
