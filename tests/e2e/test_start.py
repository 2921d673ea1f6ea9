"""Workers that are up before Kafka and Redis are: alive, not ready, saying why, and ready by themselves later."""

import ledger
from stack import eventually

WORKERS = ("api-1", "expander-1", "sender-1", "receipts-1", "scheduler-1")


def test_workers_wait_for_kafka_and_redis(stack, account):
    stack.stop(*WORKERS, "kafka-1", "redis-1")
    for name in WORKERS:
        stack.restart(name, "--no-wait")
    for name in WORKERS:
        eventually(f"{name} is alive", 10, lambda name=name: stack.page(name, "/healthz") == (200, "ok\n"))
        status, why = stack.readiness(name)
        assert status == 503 and ("Kafka" in why or "Redis" in why), f"{name}: {status} {why}"
    answer = account.post({"to": ["+4799999970"], "message": "Hello"})
    assert answer.status == 503 and "retry-after" in answer.headers, answer

    stack.restart("redis-1")
    for name in WORKERS:
        status, why = stack.readiness(name)
        assert status == 503 and "Kafka" in why, f"{name}: {status} {why}"

    stack.restart("kafka-1")
    stack.await_ready(30)
    ledger.await_final(account, [account.send("+4799999971")["sms_message_id"]])


def test_workers_wait_for_redis_when_kafka_is_there(stack, account):
    stack.stop("sender-1", "redis-1")
    try:
        stack.restart("sender-1", "--no-wait")
        eventually("sender-1 says what it misses", 20, lambda: _misses(stack, "sender-1", "Redis"))
    finally:
        stack.restart("redis-1")
    stack.await_ready(30)
    ledger.await_final(account, [account.send("+4799999972")["sms_message_id"]])


def _misses(stack, name, what):
    status, why = stack.readiness(name)
    return status == 503 and what in why
