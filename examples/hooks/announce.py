"""A settle hook in Python: posts each transition to a chat, once.

A post cannot be repeated without being seen twice, so this hook remembers the idempotency keys that it has posted: here in
SQLite, in Lambda in a DynamoDB item that is put on the condition attribute_not_exists. A key is remembered after the post:
one that died in between posts twice, which is better than never.
"""

import json
import os
import sqlite3
import urllib.request


def handler(event, context):
    key, job, transition = read_request(event)
    text = f"{job['jobId']}: {transition['kind']} {transition['from']} -> {transition['to']}"
    if event["dryRun"]:
        return say("pass", f"would post: {text}")
    with sqlite3.connect(os.environ.get("ANNOUNCED_DB", "announced.db"), timeout=20) as announced:
        announced.execute("CREATE TABLE IF NOT EXISTS announced (key text PRIMARY KEY)")
        # Two calls at once: the second waits here, and then finds the key.
        announced.execute("BEGIN IMMEDIATE")
        if announced.execute("SELECT 1 FROM announced WHERE key = ?", (key,)).fetchone():
            return say("pass", "posted before")
        post(text)
        announced.execute("INSERT INTO announced VALUES (?)", (key,))
    return say("pass", "posted")


def read_request(event):
    """Raises on what this hook was not written for: it is then told again, and a person hears of it."""
    if event.get("schemaVersion") != 1 or event.get("step") != "settle":
        raise ValueError(f"schemaVersion {event.get('schemaVersion')}, step {event.get('step')}: not for this hook")
    return event["idempotencyKey"], event["job"], event["transition"]


def post(text):
    body = json.dumps({"text": text}).encode()
    request = urllib.request.Request(os.environ["CHAT_WEBHOOK_URL"], body, {"content-type": "application/json"})
    with urllib.request.urlopen(request, timeout=20):
        pass


def say(answer, message):
    return {"schemaVersion": 1, "answer": answer, "message": message}
