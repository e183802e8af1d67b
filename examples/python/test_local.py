"""The client, a destination and a real controller: `crossfade local` at AWS_ENDPOINT_URL.

Each test registers a job of its own in the phase that it wants. What a run could meet while it produces (a newer run, a
demotion) happens inside of its `produce`.
"""

import time
from datetime import datetime, timedelta, timezone

import pytest

from crossfade_client import Assignment, AttemptConflict, Fenced, Refused, canonical_row
from crossfade_task import crossfade_partition
from daily_orders import ORDERS, daily_orders

DAY = "2026-11-22"
ROWS = [["o-1", 1250], ["o-2", 5999]]
TARGETS = {"production": "orders", "shadow": "orders_shadow"}


def texts(rows):
    return sorted(canonical_row(row) for row in rows)


def deliver(client, destination, job_id, rows=ROWS, meanwhile=lambda: None, partition=DAY, **report):
    def produce(right: Assignment):
        writer = destination.stage(right)
        for row in rows:
            writer.write(row)
        meanwhile()
        return writer.finish()

    return client.deliver(
        job_id,
        partition,
        produce,
        destination.publish,
        discard=lambda output: destination.discard(output.staged),
        **report,
    )


def in_production(destination, job_id, partition=DAY):
    return sorted(destination.read(TARGETS["production"], partition))


def test_both_systems_deliver_each_where_its_phase_says(controller, destination):
    job_id = controller.register("shadow", targets=TARGETS)
    assert deliver(controller.client("old"), destination, job_id) == "production"
    assert deliver(controller.client("new"), destination, job_id, [*reversed(ROWS)], release="2026.11.1") == "shadow"
    assert in_production(destination, job_id) == texts(ROWS)
    assert sorted(destination.read(TARGETS["shadow"], DAY)) == texts(ROWS)
    assert destination.staged_rows() == 0
    assert controller.client("old").owed(job_id) == []


def test_new_has_nothing_to_write_while_the_job_is_pending(controller, destination):
    job_id = controller.register("pending")
    assert deliver(controller.client("new"), destination, job_id) == "nothing"


def test_a_rerun_with_the_same_rows_repeats_and_one_with_other_rows_corrects(controller, destination):
    client, job_id = controller.client("old"), controller.register("shadow", targets=TARGETS)
    for _ in range(2):
        assert deliver(client, destination, job_id) == "production"
    assert client.assign(job_id, DAY).landed.attempt == 1
    assert deliver(client, destination, job_id, ROWS[:1], kind="backfill") == "production"
    assert client.assign(job_id, DAY).landed.attempt == 2
    assert in_production(destination, job_id) == texts(ROWS[:1])


def test_a_shadow_run_corrects_itself_too(controller, destination):
    client, job_id = controller.client("new"), controller.register("shadow", targets=TARGETS)
    assert deliver(client, destination, job_id) == "shadow"
    assert deliver(client, destination, job_id, ROWS[:1]) == "shadow"
    assert client.assign(job_id, DAY).landed.attempt == 2


def test_a_zombie_is_fenced_and_its_output_thrown_away(controller, destination):
    client, job_id = controller.client("old"), controller.register("shadow", targets=TARGETS)

    def newer_run():
        assert deliver(client, destination, job_id) == "production"

    with pytest.raises(Fenced, match="not the newest right"):
        deliver(client, destination, job_id, [["zombie", 0]], meanwhile=newer_run)
    assert in_production(destination, job_id) == texts(ROWS)
    assert destination.staged_rows() == 0


def test_a_demotion_while_new_produces_fences_it_and_old_delivers(controller, destination):
    job_id = controller.register("reverse-shadow", targets=TARGETS)
    with pytest.raises(Fenced):
        deliver(
            controller.client("new"), destination, job_id, [["bad", 0]], meanwhile=lambda: controller.demote(job_id)
        )
    assert in_production(destination, job_id) == []
    assert deliver(controller.client("old"), destination, job_id) == "production"
    assert in_production(destination, job_id) == texts(ROWS)


def test_a_publication_that_was_delayed_is_refused_by_the_destination(controller, destination):
    client, job_id = controller.client("old"), controller.register("shadow", targets=TARGETS)
    publish = destination.publish

    def stall(output, right):
        destination.publish = publish
        assert deliver(client, destination, job_id, ROWS) == "production"
        publish(output, right)

    destination.publish = stall
    with pytest.raises(Fenced, match="holds a newer token"):
        deliver(client, destination, job_id, [["delayed", 0]])
    assert in_production(destination, job_id) == texts(ROWS)
    assert destination.staged_rows() == 0


def test_what_nobody_finishes_is_taken_over_by_the_system_that_asks_for_it(controller, destination):
    new, job_id = controller.client("new"), controller.register("reverse-shadow", targets=TARGETS)
    publish = destination.publish
    delayed = []
    destination.publish = lambda output, right: delayed.append((output, right))
    new_published = new.published
    new.published = lambda *args, **kwargs: None
    deliver(new, destination, job_id)
    destination.publish, new.published = publish, new_published
    controller.demote(job_id)
    assert deliver(controller.client("old"), destination, job_id) == "production"
    assert new.owed(job_id) == []
    with pytest.raises(Fenced, match="holds a newer token"):
        publish(*delayed[0])


def test_a_run_that_died_before_it_published_is_finished_by_its_own_system(controller, destination):
    new, job_id = controller.client("new"), controller.register("reverse-shadow", targets=TARGETS)
    publish = destination.publish

    def die(output, right):
        raise OSError("the machine is gone")

    destination.publish = die
    with pytest.raises(OSError):
        deliver(new, destination, job_id)
    destination.publish = publish
    controller.demote(job_id)
    assert [owed["reason"] for owed in new.owed(job_id)] == ["not-published"]
    right = new.assign(job_id, DAY)
    assert (right.phase, right.write, right.finishes) == ("shadow", "production", True)
    with pytest.raises(AttemptConflict, match="has already landed attempt 1 with other content"):
        deliver(new, destination, job_id, [["other", 1]])
    assert deliver(new, destination, job_id) == "production"
    assert in_production(destination, job_id) == texts(ROWS)
    assert new.owed(job_id) == []


def test_what_new_had_not_landed_is_owed_by_old_after_a_demotion(controller, destination):
    job_id = controller.register("reverse-shadow", targets=TARGETS)
    old, new = controller.client("old"), controller.client("new")
    assert new.assign(job_id, DAY).write == "production"
    assert deliver(old, destination, job_id) == "shadow"
    controller.demote(job_id)
    assert [(owed["partition"], owed["reason"]) for owed in old.owed(job_id)] == [(DAY, "reassigned")]
    for owed in old.owed(job_id):
        assert deliver(old, destination, job_id, partition=owed["partition"], kind="backfill") == "production"
    assert old.owed(job_id) == []


@pytest.mark.parametrize(
    "refused, code, field",
    [
        (lambda client, job_id: client.assign("nobody", DAY), "UnknownJob", "jobId"),
        (lambda client, job_id: client.assign(job_id, "~late"), "Invalid", "partition"),
        (lambda client, job_id: client.assign(job_id, DAY, ready_at="yesterday"), "Invalid", "readyAt"),
        (
            lambda client, job_id: client.published(Assignment(job_id, DAY, "production", "shadow", 1, None, "1"), "c"),
            "Invalid",
            "token",
        ),
        (
            lambda client, job_id: client.published(
                Assignment(job_id, "never", "production", "shadow", 1, None, "0000000001.0000000001"), "c"
            ),
            "NotClaimed",
            "partition",
        ),
        (lambda client, job_id: client.published(client.assign(job_id, DAY), "c"), "NotLanded", None),
    ],
)
def test_refusals_have_a_code_and_name_the_field(controller, refused, code, field):
    job_id = controller.register("shadow")
    with pytest.raises(Refused) as raised:
        refused(controller.client("old"), job_id)
    assert (raised.value.code, raised.value.field) == (code, field)


def test_refuses_a_confirmation_of_other_content(controller, destination):
    client, job_id = controller.client("old"), controller.register("shadow", targets=TARGETS)
    right = client.assign(job_id, DAY)
    writer = destination.stage(right)
    writer.write(["o-1"])
    client.land(right, writer.finish())
    with pytest.raises(Refused, match="ChecksumMismatch"):
        client.published(right, "decaf")


def test_refuses_a_landing_from_the_future(controller, destination):
    later = (datetime.now(timezone.utc) + timedelta(hours=1)).isoformat()
    with pytest.raises(Refused, match="landedAt"):
        deliver(controller.client("old"), destination, controller.register("shadow"), landedAt=later)


def test_the_decorator_delivers_the_example_job(controller, tmp_path):
    said = controller.invoke(
        "register", {"jobs": [{"jobId": "orders.daily", "team": "orders", "initialPhase": "cleanup"}]}
    )
    assert "result" in said["results"][0]
    task = daily_orders(str(tmp_path / "orders.db"))
    assert task(partition=DAY) == "production"


def test_a_job_crossfades_through_the_decorator(controller, destination):
    """Three days that match, and the writers are swapped. Needs a policy that promotes at once (test/python)."""
    job_id = controller.register("shadow", targets=TARGETS)

    def task_of(system):
        @crossfade_partition(
            job_id=job_id, system=system, destination=destination, client_of=controller.client, final=True
        )
        def write_orders(writer, partition):
            for order in ORDERS:
                writer.write([partition, *order])

        return write_orders

    for day in ("2026-11-01", "2026-11-02", "2026-11-03"):
        assert task_of("old")(partition=day) == "production"
        assert task_of("new")(partition=day) == "shadow"

    sweep_at = datetime.now(timezone.utc).replace(microsecond=0)
    for tried in range(40):
        sweep_at += timedelta(seconds=1)
        controller.invoke("fan-out", {"scheduledAt": sweep_at.isoformat()})
        time.sleep(0.25)
        # A partition that was claimed before the swap stays with its writer, so each look is at one of its own.
        if controller.client("new").assign(job_id, f"look-{tried:02}").write == "production":
            break
    assert task_of("new")(partition="2026-11-04") == "production"
    assert task_of("old")(partition="2026-11-04") == "shadow"
