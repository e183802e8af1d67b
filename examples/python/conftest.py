"""What the tests share: a controller that is a stub, and a real one at AWS_ENDPOINT_URL (`crossfade local`)."""

import io
import json
import os
import uuid

import pytest

from crossfade_client import Crossfade, connect
from sqlite_destination import SqliteDestination


class StubLambda:
    """Stands in for boto3's Lambda client: answers from a list, in order; an exception in it is raised."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.calls = []

    def invoke(self, FunctionName, Payload):
        self.calls.append((FunctionName, json.loads(Payload)))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        failed = {"FunctionError": "Unhandled"} if "errorType" in answer else {}
        return {"StatusCode": 200, "Payload": io.BytesIO(json.dumps(answer).encode()), **failed}

    def sent(self, call):
        return self.calls[call][1]

    def functions(self):
        return [name.split("-", 1)[1].split(":")[0] for name, _ in self.calls]


class Controller:
    """A running `crossfade local`, with what tests do to it beside delivering."""

    def __init__(self):
        self._lambda = connect()

    def client(self, system, **options):
        return Crossfade(system, lambda_client=self._lambda, **options)

    def invoke(self, function, request):
        answer = self._lambda.invoke(FunctionName=function, Payload=json.dumps(request))
        said = json.loads(answer["Payload"].read())
        assert "FunctionError" not in answer, said
        return said

    def register(self, phase, **attributes):
        """A job of its own for each test, so that none sees another's partitions."""
        job = {"jobId": f"orders.{uuid.uuid4().hex[:12]}", "team": "orders", "initialPhase": phase, **attributes}
        assert self.invoke("register", {"jobs": [job]}) == {"results": [{"jobId": job["jobId"], "result": "created"}]}
        return job["jobId"]

    def demote(self, job_id):
        said = self.invoke("demote", {"jobId": job_id, "actor": "test", "reason": "the test says so"})
        assert said["ok"], said


@pytest.fixture(scope="session")
def controller():
    if not os.environ.get("AWS_ENDPOINT_URL"):
        pytest.skip("AWS_ENDPOINT_URL is not set: start `npm run crossfade -- local` and export what it prints")
    return Controller()


@pytest.fixture
def destination(tmp_path):
    return SqliteDestination(str(tmp_path / "warehouse.db"))
