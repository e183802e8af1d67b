"""A job of the new system, as its team would write it: `python3 daily_orders.py 2026-11-22 orders.db`.

With Airflow the same function is a task; put `@task(retries=3)` above the decorator and take the partition from the
context: `partition_of=lambda context: context["ds"]`.
"""

from __future__ import annotations

import sys

from crossfade_task import crossfade_partition
from sqlite_destination import SqliteDestination

ORDERS = [("o-1", "books", 1250), ("o-2", "games", 5999), ("o-3", "books", 799)]


def daily_orders(path: str):
    @crossfade_partition(job_id="orders.daily", system="new", destination=SqliteDestination(path), release="2026.11.1")
    def write_orders(writer, partition):
        for order, category, cents in ORDERS:
            writer.write([partition, order, category, cents])

    return write_orders


if __name__ == "__main__":
    day, database = sys.argv[1:]
    print(daily_orders(database)(partition=day))
