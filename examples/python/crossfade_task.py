"""A task of any orchestrator as a run of Crossfade: `@crossfade_partition` around a function that writes rows.

The function gets a staging writer and knows nothing of phases, tokens or the other system. Needs no orchestrator; how
it goes with Airflow is in daily_orders.py. A destination with a fence is in sqlite_destination.py.
"""

from __future__ import annotations

import functools
import inspect
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, Protocol

from crossfade_client import Assignment, Crossfade, Instant, Output


class StagingWriter(Protocol):
    """Where a task writes its rows. It counts them and adds them up while they pass."""

    def write(self, values: Iterable[Any]) -> None: ...

    def finish(self) -> Output: ...


class Destination(Protocol):
    """Something that can stage, publish in one step against a token, and discard. See sqlite_destination.py."""

    def stage(self, right: Assignment) -> StagingWriter: ...

    def publish(self, output: Output, right: Assignment) -> None: ...

    def discard(self, staged: Any) -> None: ...


def crossfade_partition(
    *,
    job_id: str,
    system: str,
    destination: Destination,
    partition_of: Callable[[dict], str] = lambda arguments: arguments["partition"],
    ready_at_of: Callable[[dict], Instant | None] = lambda arguments: None,
    client_of: Callable[[str], Crossfade] = Crossfade,
    **report: Any,
) -> Callable[[Callable[..., None]], Callable[..., str]]:
    """Makes a task out of a function that writes one partition's rows into a staging writer, its first argument.

    `partition_of` finds the partition in the task's keyword arguments, with Airflow `lambda context: context["ds"]`;
    `ready_at_of` the instant at which its source was ready. The task answers `production`, `shadow` or `nothing`. It
    fails on any refusal, and the orchestrator's retry asks again. Its CPU time is taken for the partition's, unless the
    writer says what was used elsewhere.
    """

    def decorate(write_rows: Callable[..., None]) -> Callable[..., str]:
        @functools.wraps(write_rows)
        def task(*args: Any, **kwargs: Any) -> str:
            def produce(right: Assignment) -> Output:
                cpu_before = time.process_time()
                writer = destination.stage(right)
                try:
                    write_rows(writer, *args, **kwargs)
                    output = writer.finish()
                except BaseException:
                    destination.discard(writer)
                    raise
                if output.compute_seconds is not None:
                    return output
                return replace(output, compute_seconds=time.process_time() - cpu_before)

            return client_of(system).deliver(
                job_id,
                partition_of(kwargs),
                produce,
                destination.publish,
                discard=lambda output: destination.discard(output.staged),
                ready_at=ready_at_of(kwargs),
                **report,
            )

        # Orchestrators look at the signature to see what to pass in; the writer is not theirs to give.
        signature = inspect.signature(write_rows)
        task.__signature__ = signature.replace(parameters=list(signature.parameters.values())[1:])  # type: ignore
        return task

    return decorate
