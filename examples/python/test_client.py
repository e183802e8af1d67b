"""The client by itself: retries, refusals, attempts, and the order of a delivery, against a stub."""

import inspect
from datetime import datetime, timezone

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, EndpointConnectionError

from conftest import StubLambda
from crossfade_client import (
    Assignment,
    AttemptConflict,
    Crossfade,
    CrossfadeError,
    Fenced,
    Landed,
    Output,
    Refused,
    Unavailable,
    next_attempt,
)
from crossfade_task import crossfade_partition

RIGHT = {
    "jobId": "orders.daily",
    "partition": "2026-11-22",
    "system": "new",
    "write": "production",
    "target": "orders",
    "token": "0000000001.0000000001",
    "phase": "reverse-shadow",
    "epoch": 3,
}
LANDED = {"accepted": True, "table": "production"}
TOO_OLD = {"accepted": False, "code": "Fenced", "message": "not the newest right"}
THROTTLED = ClientError(
    {"Error": {"Code": "TooManyRequestsException"}, "ResponseMetadata": {"HTTPStatusCode": 429}}, "Invoke"
)
FORBIDDEN = ClientError(
    {"Error": {"Code": "AccessDeniedException"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "Invoke"
)
CRASHED = {"errorType": "Error", "errorMessage": "lost 12 races in a row"}
OUTPUT = Output(row_count=2, checksum="c0ffee", staged="file-1")


class Trace(list):
    """What a run did, in order."""

    def client(self, *answers, **options):
        self.stub = StubLambda(*answers)
        self.sleeps = []
        return Crossfade(
            "new", lambda_client=self.stub, sleep=self.sleeps.append, uniform=lambda low, high: high, **options
        )

    def produce(self, right):
        self.append("produce")
        return OUTPUT

    def publish(self, output, right):
        self.append(f"publish {output.staged} to {right.target} with {right.token}")

    def discard(self, output):
        self.append(f"discard {output.staged}")

    def deliver(self, client, **options):
        return client.deliver("orders.daily", "2026-11-22", self.produce, self.publish, discard=self.discard, **options)


@pytest.fixture
def trace():
    return Trace()


def test_delivers_in_the_order_assign_stage_land_publish_confirm(trace):
    client = trace.client(RIGHT, LANDED, {"ok": True})
    assert trace.deliver(client, ready_at=datetime(2026, 11, 22, 1, tzinfo=timezone.utc), run_id="r-1") == "production"
    assert trace == ["produce", "publish file-1 to orders with 0000000001.0000000001"]
    assert trace.stub.functions() == ["assign", "land", "published"]
    assert trace.stub.sent(0) == {
        "jobId": "orders.daily",
        "partition": "2026-11-22",
        "system": "new",
        "readyAt": "2026-11-22T01:00:00+00:00",
        "runId": "r-1",
    }
    land = trace.stub.sent(1)
    assert (land["token"], land["attempt"], land["rowCount"], land["checksum"], land["checksumAlgorithm"]) == (
        "0000000001.0000000001",
        1,
        2,
        "c0ffee",
        "sha256-sum",
    )
    assert land["startedAt"] <= land["landedAt"]
    assert "computeSeconds" not in land


def test_publishes_shadow_output_too_and_confirms_none_of_it(trace):
    client = trace.client({**RIGHT, "write": "shadow", "target": "orders_shadow"}, {**LANDED, "table": "shadow"})
    assert trace.deliver(client) == "shadow"
    assert trace == ["produce", "publish file-1 to orders_shadow with 0000000001.0000000001"]


def test_does_not_even_produce_where_there_is_nothing_to_write(trace):
    assert trace.deliver(trace.client({**RIGHT, "write": "nothing"})) == "nothing"
    assert trace == []


@pytest.mark.parametrize("code", ["Fenced", "Superseded", "AttemptConflict", "Invalid", "NotClaimed"])
def test_refuses_to_publish_and_discards_what_was_not_accepted(trace, code):
    client = trace.client(RIGHT, {**TOO_OLD, "code": code})
    with pytest.raises(Refused, match=f"{code}: not the newest right") as refused:
        trace.deliver(client)
    assert refused.value.code == code
    assert isinstance(refused.value, Fenced) == (code in ("Fenced", "Superseded"))
    assert isinstance(refused.value, AttemptConflict) == (code == "AttemptConflict")
    assert trace == ["produce", "discard file-1"]


def test_discards_what_the_destination_refused_and_does_not_confirm(trace):
    def too_old(output, right):
        raise Fenced("Fenced", "holds a newer token")

    trace.publish = too_old
    with pytest.raises(Fenced, match="holds a newer token"):
        trace.deliver(trace.client(RIGHT, LANDED))
    assert trace == ["produce", "discard file-1"]
    assert trace.stub.functions() == ["assign", "land"]


def test_keeps_staged_output_when_it_cannot_know_what_happened(trace):
    down = [EndpointConnectionError(endpoint_url="x")] * 6
    with pytest.raises(Unavailable):
        trace.deliver(trace.client(RIGHT, *down))
    assert trace == ["produce"]


def test_raises_the_error_that_names_the_field(trace):
    client = trace.client({"error": {"code": "UnknownJob", "message": "register it first", "field": "jobId"}})
    with pytest.raises(Refused, match="UnknownJob: register it first") as refused:
        client.assign("nobody", "p")
    assert refused.value.field == "jobId"


def test_retries_what_may_pass_with_growing_waits(trace):
    client = trace.client(THROTTLED, CRASHED, ConnectTimeoutError(endpoint_url="x"), RIGHT)
    assert client.assign("orders.daily", "2026-11-22").write == "production"
    assert trace.sleeps == [0.4, 0.8, 1.6]


def test_stops_after_so_many_tries(trace):
    with pytest.raises(Unavailable, match="no answer after 3 tries"):
        trace.client(*[THROTTLED] * 3, tries=3).assign("j", "p")
    assert trace.sleeps == [0.4, 0.8]


def test_stops_before_its_time_is_over(trace):
    with pytest.raises(Unavailable, match="no answer after 1 tries"):
        trace.client(THROTTLED, give_up_after=0.3).assign("j", "p")
    assert trace.sleeps == []


def test_refuses_to_retry_what_will_not_pass(trace):
    with pytest.raises(CrossfadeError, match="AccessDenied"):
        trace.client(FORBIDDEN).assign("j", "p")
    assert trace.sleeps == []


@pytest.mark.parametrize(
    "given, called",
    [
        (None, "crossfade-assign:new"),
        ("Stack-assign-1X", "Stack-assign-1X:new"),
        ("Stack-assign-1X:live", "Stack-assign-1X:live"),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:Stack-assign-1X",
            "arn:aws:lambda:eu-west-1:123456789012:function:Stack-assign-1X:new",
        ),
        (
            "arn:aws:lambda:eu-west-1:123456789012:function:Stack-assign-1X:new",
            "arn:aws:lambda:eu-west-1:123456789012:function:Stack-assign-1X:new",
        ),
    ],
)
@pytest.mark.parametrize("environment", [False, True])
def test_calls_the_alias_of_its_system(monkeypatch, given, called, environment):
    if environment and given:
        monkeypatch.setenv("CROSSFADE_FUNCTION_ASSIGN", given)
    stub = StubLambda(RIGHT)
    functions = {"assign": given} if given and not environment else None
    Crossfade("new", lambda_client=stub, functions=functions).assign("orders.daily", "2026-11-22")
    assert stub.calls[0][0] == called


def test_waits_at_random_and_never_longer_than_twenty_seconds():
    asked = []
    stub = StubLambda(*[THROTTLED] * 9)
    client = Crossfade(
        "old",
        lambda_client=stub,
        tries=9,
        sleep=lambda seconds: None,
        uniform=lambda low, high: asked.append((low, high)) or 0,
    )
    with pytest.raises(Unavailable):
        client.assign("j", "p")
    assert asked[:2] == [(0, 0.4), (0, 0.8)]
    assert asked[-1] == (0, 20.0)


def test_repeats_an_attempt_for_the_same_content_and_raises_it_for_other():
    right = Assignment("j", "p", "production", "shadow", 1, None, "t2", Landed(4, 2, "c0ffee", "t1"))
    assert next_attempt(right, OUTPUT) == 4
    assert next_attempt(right, Output(2, "decaf")) == 5
    assert next_attempt(Assignment("j", "p", "shadow", "shadow", 1), OUTPUT) == 1
    assert not right.finishes
    assert Assignment("j", "p", "production", "shadow", 1, None, "t1", right.landed).finishes


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Crossfade("both"),
        lambda: Crossfade("old", lambda_client=1).assign("j", "p", ready_at=datetime(2026, 11, 22)),
    ],
)
def test_refuses_what_it_could_not_mean(wrong):
    with pytest.raises(ValueError):
        wrong()


class ListDestination:
    """Keeps what a task wrote in a list; nothing more is needed to see the decorator."""

    def __init__(self):
        self.rows, self.published, self.discarded = [], [], []

    def stage(self, right):
        return self

    def write(self, values):
        self.rows.append(values)

    def finish(self):
        return Output(len(self.rows), "c0ffee", staged=self)

    def publish(self, output, right):
        self.published.append(right.token)

    def discard(self, staged):
        self.discarded.append(staged)


def a_task(trace, destination, *answers, **options):
    client = trace.client(*answers)

    @crossfade_partition(
        job_id="orders.daily",
        system="new",
        destination=destination,
        client_of=lambda system: client,
        release="7",
        **options,
    )
    def write_orders(writer, ds=None, fail=False):
        """Writes one day of orders."""
        writer.write([ds])
        if fail:
            raise KeyError("source")

    return write_orders


def test_a_decorated_task_writes_through_the_staging_writer(trace):
    destination = ListDestination()
    task = a_task(trace, destination, RIGHT, LANDED, {"ok": True}, partition_of=lambda context: context["ds"])
    assert task(ds="2026-11-22") == "production"
    assert destination.rows == [["2026-11-22"]]
    assert destination.published == ["0000000001.0000000001"]
    assert trace.stub.sent(0)["partition"] == "2026-11-22"
    assert trace.stub.sent(1)["release"] == "7"
    assert trace.stub.sent(1)["computeSeconds"] >= 0


def test_a_decorated_task_shows_the_orchestrator_no_writer(trace):
    task = a_task(trace, ListDestination())
    assert list(inspect.signature(task).parameters) == ["ds", "fail"]
    assert (task.__name__, task.__doc__) == ("write_orders", "Writes one day of orders.")


def test_a_decorated_task_that_fails_discards_and_reports_nothing(trace):
    destination = ListDestination()
    with pytest.raises(KeyError):
        a_task(trace, destination, RIGHT, partition_of=lambda context: context["ds"])(ds="d", fail=True)
    assert destination.discarded == [destination]
    assert trace.stub.functions() == ["assign"]
