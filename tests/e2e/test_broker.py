"""The broker goes away under load. Meanwhile nothing is accepted that isn't in Kafka, nobody is kept
waiting, and afterwards all go on by themselves."""

import signal
import time

import ledger
from load import Load
from stack import eventually

COUNT, WHEN = 5000, 1500
AWAY_S = 12    # longer than SMS_API_ACCEPT_TIMEOUT, so that what was under way has to be answered too
SLOWEST_S = 16


def test_a_stopped_broker_means_503_and_then_recovery(stack, account, simulator):
    load = Load(account, COUNT, connections=32)
    load.start()
    load.await_accepted(WHEN)
    stack.stop("kafka-1")
    until = time.monotonic() + AWAY_S
    eventually("the api notices", 10, lambda: stack.readiness("api-1")[0] == 503)
    while time.monotonic() < until:
        answer = account.post({"to": ["+4799999950"], "message": "Hello"})
        assert answer.status == 503, answer
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert 1 <= int(answer.headers["retry-after"]) <= 60
        assert "Kafka" in stack.readiness("api-1")[1]
        assert stack.page("api-1", "/healthz")[0] == 200
        time.sleep(1)
    stack.restart("kafka-1")
    load.await_accepted(len(load.accepted) + 500, timeout_s=30)
    load.finish()
    assert load.answers[503] > 0 and load.slowest_s < SLOWEST_S, str(load)
    ledger.check(stack, account, simulator, load)


def test_a_killed_broker_loses_nothing(stack, account, simulator):
    load = Load(account, COUNT, connections=32)
    load.start()
    load.await_accepted(WHEN)
    stack.kill("kafka-1")
    time.sleep(1)
    stack.restart("kafka-1")
    load.finish()
    ledger.check(stack, account, simulator, load)


def test_a_frozen_broker_keeps_nobody_waiting(stack, account, simulator):
    load = Load(account, COUNT, connections=32)
    load.start()
    load.await_accepted(WHEN)
    stack.signal("kafka-1", signal.SIGSTOP)
    try:
        time.sleep(AWAY_S)
    finally:
        stack.signal("kafka-1", signal.SIGCONT)
    load.finish()
    assert load.slowest_s < SLOWEST_S, str(load)
    eventually("all are ready by themselves", 30, lambda: all(
        stack.readiness(name)[0] == 200 for name in ("api-1", "expander-1", "sender-1", "receipts-1", "scheduler-1")))
    ledger.check(stack, account, simulator, load)


def test_under_a_key_a_lost_acknowledgement_is_repeated_without_harm(stack, account, simulator):
    body = {"to": ["+4799999951"], "message": "Hello"}
    headers = {"Content-Type": "application/json", "Idempotency-Key": f"frozen-{time.monotonic_ns()}"}
    stack.signal("kafka-1", signal.SIGSTOP)
    try:
        answer = account.call("POST", "/v1/sms/send", body, headers)
    finally:
        stack.signal("kafka-1", signal.SIGCONT)
    assert answer.status == 503 and "Idempotency-Key" in answer.json["detail"], answer
    answers = []

    def is_accepted():
        answers.append(account.call("POST", "/v1/sms/send", body, headers))
        assert answers[-1].status in (200, 409, 503), answers[-1]
        return answers[-1].status == 200

    eventually("the repeat is accepted", 60, is_accepted, 1)
    send = answers[-1].json["sms_message_id"]
    eventually("it is delivered", 20, lambda: account.get(send)["status"] == "DELIVERED")
    ledger.quiet(stack, simulator, committed=True)
    assert len(simulator.messages("+4799999951")) == 1
