"""kill -9 in the middle of five thousand messages, and a start again after a second: nothing accepted is lost."""

import time

import pytest

import ledger
from load import Load

COUNT, WHEN = 5000, 1500
WINDOW = 256  # of the fast lane; what was in flight at the carrier when its sender was killed may come again


def loaded(account):
    load = Load(account, COUNT)
    load.start()
    load.await_accepted(WHEN)
    return load


@pytest.fixture(autouse=True)
def some_latency(undisturbed, simulator):
    """So that something is in flight whenever the blow comes."""
    simulator.behave(latency_ms=[5, 30])


def test_kill_9_of_the_sender_repeats_at_most_its_window(stack, account, simulator):
    load = loaded(account)
    stack.kill("sender-1")
    time.sleep(1)
    stack.restart("sender-1")
    load.finish()
    stats = ledger.check(stack, account, simulator, load, repeated=WINDOW)
    assert stats["repeated_accepted"] <= WINDOW, stats
    assert load.unknown == 0, str(load)


def test_kill_9_of_the_api_loses_nothing_it_answered(stack, account, simulator):
    load = loaded(account)
    stack.kill("api-1")
    time.sleep(1)
    stack.restart("api-1")
    load.finish()
    assert load.answers["lost"] > 0, str(load)
    ledger.check(stack, account, simulator, load)


def test_kill_9_of_receipts_loses_no_report(stack, account, simulator):
    load = loaded(account)
    stack.kill("receipts-1")
    time.sleep(1)
    stack.restart("receipts-1")
    load.finish()
    ledger.check(stack, account, simulator, load)
    assert load.unknown == 0, str(load)


def test_kill_9_of_the_scheduler_keeps_what_waits(stack, account, simulator):
    simulator.behave(throttle_rate=0.5, seed=1)
    load = Load(account, 300)
    load.start()
    load.finish()
    stack.kill("scheduler-1")
    time.sleep(1)
    assert ledger.waiting_entries(stack) > 0
    simulator.behave(throttle_rate=0)
    stack.restart("scheduler-1")
    # What the killed one had taken and not yet published is due again when its lease of 30 s is over.
    ledger.await_final(account, load.accepted, timeout_s=60)
    stats = simulator.stats()
    assert stats["repeated_accepted"] == 0 and stats["accepted"] == len(load.accepted), stats


def test_kill_9_of_everything_at_once_loses_nothing(stack, account, simulator):
    load = loaded(account)
    for name in ("expander-1", "sender-1", "receipts-1", "api-1", "scheduler-1", "redis-1", "kafka-1"):
        stack.kill(name)
    time.sleep(1)
    for name in ("redis-1", "kafka-1"):
        stack.restart(name)
    for name in ("scheduler-1", "api-1", "expander-1", "sender-1", "receipts-1"):
        stack.restart(name, "--no-wait")
    stack.await_ready()
    load.finish()
    ledger.check(stack, account, simulator, load, repeated=WINDOW)
