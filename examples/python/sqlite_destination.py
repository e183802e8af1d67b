"""A destination with a fence, in SQLite: the token's row and the partition's rows change in one transaction.

PostgreSQL takes the same statements; docs/integrate.md says what another database has to have. Used by daily_orders.py
and by the tests.
"""

from __future__ import annotations

import sqlite3
import uuid
from collections.abc import Iterable
from contextlib import closing
from typing import Any

from crossfade_client import Assignment, Fenced, Output, canonical_row, checksum_rows

SCHEMA = """
CREATE TABLE IF NOT EXISTS staged (run TEXT, row TEXT);
CREATE TABLE IF NOT EXISTS rows (target TEXT, partition TEXT, row TEXT);
CREATE TABLE IF NOT EXISTS fence (target TEXT, partition TEXT, token TEXT NOT NULL, PRIMARY KEY (target, partition));
"""

# Changes no row when the token held is newer. The same token may come again: a rerun that finishes its own publication.
TAKE_FENCE = """
INSERT INTO fence (target, partition, token) VALUES (?, ?, ?)
ON CONFLICT (target, partition) DO UPDATE SET token = excluded.token WHERE excluded.token >= fence.token
"""


class SqliteWriter:
    """Rows on their way into the staging table. An example's rows fit into memory until they are all there."""

    def __init__(self, destination: SqliteDestination):
        self.run = uuid.uuid4().hex
        self._destination = destination
        self._rows: list[str] = []

    def write(self, values: Iterable[Any]) -> None:
        self._rows.append(canonical_row(values))

    def finish(self) -> Output:
        self._destination.keep(self.run, self._rows)
        total = checksum_rows(self._rows)
        size = sum(len(row.encode()) for row in self._rows)
        return Output(total.row_count, total.checksum, staged=self, storage_bytes=size)


class SqliteDestination:
    def __init__(self, path: str):
        self._path = path
        with closing(self._connect()) as connection:
            connection.executescript(SCHEMA)

    def stage(self, right: Assignment) -> SqliteWriter:
        return SqliteWriter(self)

    def keep(self, run: str, rows: list[str]) -> None:
        """Stages a run's rows, all or none."""
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany("INSERT INTO staged VALUES (?, ?)", [(run, row) for row in rows])
            connection.commit()

    def publish(self, output: Output, right: Assignment) -> None:
        target = target_of(right)
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            if connection.execute(TAKE_FENCE, (target, right.partition, right.token)).rowcount == 0:
                connection.rollback()
                raise Fenced("Fenced", f"{target} {right.partition} holds a newer token than {right.token}")
            connection.execute("DELETE FROM rows WHERE target = ? AND partition = ?", (target, right.partition))
            run = output.staged.run
            connection.execute(
                "INSERT INTO rows SELECT ?, ?, row FROM staged WHERE run = ?", (target, right.partition, run)
            )
            connection.execute("DELETE FROM staged WHERE run = ?", (run,))
            connection.commit()

    def discard(self, staged: SqliteWriter) -> None:
        with closing(self._connect()) as connection:
            connection.execute("DELETE FROM staged WHERE run = ?", (staged.run,))

    def read(self, target: str, partition: str) -> list[str]:
        """The rows that readers of the table see, in no promised order."""
        with closing(self._connect()) as connection:
            found = connection.execute("SELECT row FROM rows WHERE target = ? AND partition = ?", (target, partition))
            return [row for (row,) in found]

    def staged_rows(self) -> int:
        """What is staged and not yet published or discarded."""
        with closing(self._connect()) as connection:
            return connection.execute("SELECT count(*) FROM staged").fetchone()[0]

    def _connect(self) -> sqlite3.Connection:
        # Transactions are begun by hand; each statement outside of one is its own.
        return sqlite3.connect(self._path, timeout=30, isolation_level=None)


def target_of(right: Assignment) -> str:
    """The registered table, or one named after the job where none was registered."""
    return right.target or f"{right.job_id}/{right.write}"
