"""Crossfade from Python: who writes a partition, and in which order a run delivers it.

`Crossfade` invokes the controller's functions assign, land, published and owed; its `deliver` puts them in the one
order that is safe: assign, stage, land, publish, confirm. `RowChecksum` is what both systems land. Copy this file; it
needs boto3 and nothing else, from Python 3.9 on. How and why: docs/integrate.md; for orchestrators: crossfade_task.py.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Union
from urllib.parse import urlsplit

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, HTTPClientError
from botocore.exceptions import ConnectionError as ConnectionFailed

CHECKSUM_ALGORITHM = "sha256-sum"

Instant = Union[str, datetime]
"""ISO-8601 with an offset, or a datetime that knows its time zone."""


class CrossfadeError(Exception):
    """Whatever kept a partition from being delivered."""


class Unavailable(CrossfadeError):
    """The controller gave no answer within the time allowed. What was asked may have happened: keep what is staged."""


class Refused(CrossfadeError):
    """The controller's answer is no. The message says what was seen and what to do next."""

    def __init__(self, code: str, message: str, field: str | None = None):
        super().__init__(f"{code}: {message}")
        self.code, self.field = code, field


class Fenced(Refused):
    """The right to write has moved, to a newer run or to the other system. Throw this output away.

    A destination raises it too, when it holds a newer token. A later run asks again, and may get `nothing`.
    """


class AttemptConflict(Refused):
    """This attempt was accepted with other content. Throw this output away; a correction is a higher attempt."""


REFUSALS = {"Fenced": Fenced, "Superseded": Fenced, "AttemptConflict": AttemptConflict}


@dataclass(frozen=True)
class Landed:
    """What this system has already landed for the partition."""

    attempt: int
    row_count: int
    checksum: str
    token: str


@dataclass(frozen=True)
class Assignment:
    """Where this run may write. `write` is `production`, `shadow` or `nothing`; `target` is the registered table."""

    job_id: str
    partition: str
    write: str
    phase: str
    epoch: int
    target: str | None = None
    token: str | None = None
    landed: Landed | None = None

    @property
    def finishes(self) -> bool:
        """The landing was accepted under this very token, and only its publication is open: nothing else will do."""
        return self.landed is not None and self.landed.token == self.token


@dataclass(frozen=True)
class Output:
    """What a run has staged, complete and visible to nobody. `staged` is the destination's own handle for it."""

    row_count: int
    checksum: str
    staged: Any = None
    checksum_algorithm: str = CHECKSUM_ALGORITHM
    compute_seconds: float | None = None
    storage_bytes: int | None = None
    metrics: Mapping[str, float] | None = None


class Crossfade:
    """One system's connection to the controller.

    `functions` gives the names or ARNs of the deployed functions assign, land, published and owed, where the
    environment does not (`CROSSFADE_FUNCTION_ASSIGN` and so on); without either, the names of `crossfade local`. A call
    is tried `tries` times, for `give_up_after` seconds at most; every one may safely be made twice.
    """

    def __init__(
        self,
        system: str,
        *,
        functions: Mapping[str, str] | None = None,
        endpoint_url: str | None = None,
        lambda_client: Any = None,
        tries: int = 6,
        give_up_after: float = 90.0,
        sleep: Callable[[float], None] = time.sleep,
        uniform: Callable[[float, float], float] = random.uniform,
    ):
        if system not in ("old", "new"):
            raise ValueError(f"system: {system!r}; old or new is wanted")
        self.system = system
        self._functions = functions or {}
        self._lambda = lambda_client or connect(endpoint_url)
        self._tries, self._give_up_after = tries, give_up_after
        self._sleep, self._uniform = sleep, uniform

    def assign(
        self, job_id: str, partition: str, *, ready_at: Instant | None = None, run_id: str | None = None
    ) -> Assignment:
        """Asks where this run may write. For production, every call makes a newer right, and older ones die."""
        said = self._ask("assign", job_id, partition, readyAt=instant(ready_at), runId=run_id)
        if "error" in said:
            raise refusal_of(said["error"])
        landed = said.get("landed")
        return Assignment(
            job_id,
            partition,
            said["write"],
            said["phase"],
            said["epoch"],
            said.get("target"),
            said.get("token"),
            Landed(landed["attempt"], landed["rowCount"], landed["checksum"], landed["token"]) if landed else None,
        )

    def land(self, right: Assignment, output: Output, *, attempt: int | None = None, **report: Any) -> str:
        """Reports staged output, before anything of it is visible. Answers the table it was accepted for.

        `report` takes the payload's other fields by their own names: landedAt, startedAt, kind, final, inputVersion,
        schemaFingerprint, release, runId.
        """
        said = self._ask(
            "land",
            right.job_id,
            right.partition,
            token=right.token,
            attempt=attempt or next_attempt(right, output),
            rowCount=output.row_count,
            checksum=output.checksum,
            checksumAlgorithm=output.checksum_algorithm,
            computeSeconds=output.compute_seconds,
            storageBytes=output.storage_bytes,
            metrics=dict(output.metrics) if output.metrics else None,
            **{"landedAt": now(), **report},
        )
        if not said.get("accepted"):
            raise refusal_of(said)
        return said["table"]

    def published(self, right: Assignment, checksum: str) -> None:
        """Confirms that an accepted production landing is visible at the destination."""
        said = self._ask("published", right.job_id, right.partition, token=right.token, checksum=checksum)
        if not said.get("ok"):
            raise refusal_of(said)

    def owed(self, job_id: str | None = None, limit: int = 100) -> list[dict]:
        """The partitions that this system has to publish and nobody else will."""
        said = self._invoke("owed", {"system": self.system, "jobId": job_id, "limit": limit})
        if "error" in said:
            raise refusal_of(said["error"])
        return said["partitions"]

    def deliver(
        self,
        job_id: str,
        partition: str,
        produce: Callable[[Assignment], Output],
        publish: Callable[[Output, Assignment], None],
        *,
        discard: Callable[[Output], None] = lambda output: None,
        ready_at: Instant | None = None,
        run_id: str | None = None,
        **report: Any,
    ) -> str:
        """Delivers one partition; answers `production`, `shadow`, or `nothing` where there was nothing to write.

        `produce` computes and stages, visible to nobody. `publish` makes it visible in `right.target`, in one step with
        `right.token`, and raises `Fenced` when the destination holds a newer one. Output that was refused is discarded
        and the refusal raised. Whatever else goes wrong after `produce`, what is staged is kept: a rerun may need it.
        """
        right = self.assign(job_id, partition, ready_at=ready_at, run_id=run_id)
        if right.write == "nothing":
            return "nothing"
        started_at = now()
        output = produce(right)
        try:
            table = self.land(right, output, **{"startedAt": started_at, "runId": run_id, **report})
        except Refused:
            discard(output)
            raise
        try:
            publish(output, right)
        except Fenced:
            discard(output)
            raise
        if table == "production":
            self.published(right, output.checksum)
        return table

    def _ask(self, function: str, job_id: str, partition: str, **fields: Any) -> dict:
        return self._invoke(function, {"jobId": job_id, "partition": partition, "system": self.system, **fields})

    def _invoke(self, function: str, request: Mapping[str, Any]) -> dict:
        payload = json.dumps({key: value for key, value in request.items() if value is not None})
        name = self._name(function)
        deadline = time.monotonic() + self._give_up_after
        for tried in range(1, self._tries + 1):
            try:
                return self._invoke_once(name, payload)
            except Passing as passing:
                # Full jitter: runs that were throttled together do not come back together.
                wait = self._uniform(0, min(20.0, 0.2 * 2**tried))
                if tried == self._tries or time.monotonic() + wait > deadline:
                    raise Unavailable(f"{name}: no answer after {tried} tries: {passing}") from passing.__cause__
                self._sleep(wait)
        raise AssertionError("the loop above returns or raises")

    def _name(self, function: str) -> str:
        named = self._functions.get(function) or os.environ.get(f"CROSSFADE_FUNCTION_{function.upper()}")
        name = named or f"crossfade-{function}"
        # The alias speaks for one system only: a role that may invoke no other cannot pass for the other system.
        qualified = name.count(":") not in (0, 6)
        return name if qualified or function == "owed" else f"{name}:{self.system}"

    def _invoke_once(self, name: str, payload: str) -> dict:
        try:
            answer = self._lambda.invoke(FunctionName=name, Payload=payload)
            text = answer["Payload"].read()
        except ClientError as error:
            status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
            if status == 429 or status >= 500:
                raise Passing(str(error)) from error
            raise CrossfadeError(f"{name}: {error}") from error
        except (ConnectionFailed, HTTPClientError) as error:
            raise Passing(str(error)) from error
        except BotoCoreError as error:
            raise CrossfadeError(f"{name}: {error}") from error
        if answer.get("FunctionError"):
            raise Passing(f"the function failed: {text[:500].decode(errors='replace')}")
        return json.loads(text)


class Passing(Exception):
    """A cause that may pass: worth another try."""


def connect(endpoint_url: str | None = None) -> Any:
    """The Lambda client. boto3 before 1.28, such as Debian 12's, does not read AWS_ENDPOINT_URL; so this does."""
    url = endpoint_url or os.environ.get("AWS_ENDPOINT_URL_LAMBDA") or os.environ.get("AWS_ENDPOINT_URL")
    # Retries are made above, where they are bounded in time. A read takes as long as the slowest function may.
    config = Config(connect_timeout=5, read_timeout=35, retries={"total_max_attempts": 1})
    if url and urlsplit(url).hostname in ("127.0.0.1", "localhost"):
        # `crossfade local` checks no signature; the machine's real credentials are none of its business.
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local", "region_name": "us-east-1"}
        return boto3.client("lambda", endpoint_url=url, config=config, **keys)
    return boto3.client("lambda", endpoint_url=url, config=config)


def refusal_of(said: Mapping[str, Any]) -> Refused:
    code, message = said.get("code", "Unknown"), said.get("message", "")
    return REFUSALS.get(code, Refused)(code, message, said.get("field"))


def next_attempt(right: Assignment, output: Output) -> int:
    """The same attempt for the same content, so that a rerun repeats; one more for a correction."""
    if right.landed is None:
        return 1
    same = (right.landed.row_count, right.landed.checksum) == (output.row_count, output.checksum)
    return right.landed.attempt if same else right.landed.attempt + 1


def now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds")


def instant(value: Instant | None) -> str | None:
    if not isinstance(value, datetime):
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value.isoformat()} has no time zone: say which instant is meant")
    return value.isoformat()


class RowChecksum:
    """`sha256-sum`: SHA-256 of each row, added up modulo 2**256. The same for the same rows in any order.

    `add` what a worker writes, `merge` the workers. Not XOR: a row that is there twice would vanish. Not CRC32: it is
    linear, and collides in practice.
    """

    def __init__(self) -> None:
        self.row_count = 0
        self._sum = 0

    def add(self, row: str | bytes) -> None:
        digest = hashlib.sha256(row.encode() if isinstance(row, str) else row).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % 2**256
        self.row_count += 1

    def merge(self, other: RowChecksum) -> None:
        self._sum = (self._sum + other._sum) % 2**256
        self.row_count += other.row_count

    @property
    def checksum(self) -> str:
        return f"{self._sum:064x}"


def checksum_rows(rows: Iterable[str | bytes]) -> RowChecksum:
    total = RowChecksum()
    for row in rows:
        total.add(row)
    return total


def canonical_row(values: Iterable[str | int | bool | None]) -> str:
    """One row as text, the same in both systems: compact JSON. Floats, decimals and dates are yours to format."""
    row = list(values)
    for value in row:
        if value is not None and not isinstance(value, (str, int)):
            raise TypeError(f"{value!r} has no one text form: format it (fixed decimals, ISO-8601 in UTC) before")
    return json.dumps(row, ensure_ascii=False, separators=(",", ":"))
