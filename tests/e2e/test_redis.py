"""Redis goes away under load: sends go on, since Kafka has them, and nothing is lost or sent twice."""

import time

import ledger
from load import Load
from stack import eventually

COUNT, WHEN = 5000, 1500


def test_a_killed_redis_loses_and_repeats_nothing(stack, account, simulator):
    simulator.behave(latency_ms=[5, 30])
    load = Load(account, COUNT)
    load.start()
    load.await_accepted(WHEN)
    stack.kill("redis-1")
    time.sleep(1)
    stack.restart("redis-1")
    load.finish()
    ledger.check(stack, account, simulator, load)
    assert load.unknown == 0, str(load)


def test_without_redis_sends_are_accepted_and_reads_are_told_to_come_again(stack, account, simulator):
    account.send("+4799999960")  # its key is known by now
    stack.stop("redis-1")
    try:
        eventually("the api notices", 10, lambda: stack.readiness("api-1")[0] == 503)
        sent = [account.send(f"+47999999{i}") for i in range(61, 71)]
        answer = account.call("GET", f"/v1/sms/messages/{sent[0]['sms_message_id']}")
        assert answer.status == 503 and "retry-after" in answer.headers, answer
        time.sleep(1)
        assert simulator.stats()["received"] <= 1, "messages were sent without Redis"
    finally:
        stack.restart("redis-1")
    ids = [answer["sms_message_id"] for answer in sent]
    eventually("the api can read again", 20, lambda: stack.readiness("api-1")[0] == 200)
    eventually("all views are made", 20, lambda: all(
        account.call("GET", f"/v1/sms/messages/{message_id}").status == 200 for message_id in ids))
    ledger.await_final(account, ids)
    stats = simulator.stats()
    assert (stats["distinct_references"], stats["repeated_references"]) == (11, 0), stats
