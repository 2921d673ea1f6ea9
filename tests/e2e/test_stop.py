"""SIGTERM under load: the worker finishes what it holds, says so, and ends with 0. Nothing is lost, nothing comes twice."""

import time

import pytest

import ledger
from load import Load
from stack import eventually, pid_alive

COUNT, WHEN = 4000, 1000
DEADLINE_S = 30  # SMS_DRAIN_TIMEOUT is 25 s


@pytest.mark.parametrize("name", ["sender-1", "api-1", "expander-1", "receipts-1", "scheduler-1"])
def test_sigterm_ends_a_worker_cleanly(stack, account, simulator, name):
    simulator.behave(latency_ms=[5, 30])
    stack.stop(name)
    child = stack.start_by_hand(name)
    try:
        log_at = stack.log_size(name)
        load = Load(account, COUNT)
        load.start()
        load.await_accepted(WHEN)
        began = time.monotonic()
        child.terminate()
        status = child.wait(DEADLINE_S)
        took = time.monotonic() - began
    finally:
        child.kill()
        child.wait()
        stack.restart(name)
    log = stack.log_since(name, log_at)
    load.finish()
    assert status == 0, log[-2000:]
    assert took < DEADLINE_S and "ev=down" in log and "ev=drain_cut" not in log, log[-2000:]
    ledger.check(stack, account, simulator, load)
    assert load.unknown == 0, f"requests were left without an answer: {load}"


def test_sigterm_ends_the_simulator_after_what_it_holds(stack, account, simulator):
    simulator.behave(latency_ms=1000, report={"delay_ms": 500})
    load = Load(account, 50, connections=50)
    load.start()
    load.finish()
    eventually("they are at the carrier", 10, lambda: simulator.stats()["accepted"] == 50)
    pid = stack.pid("simulator-1")
    stack.stop("simulator-1")
    assert not pid_alive(pid)
    ledger.await_final(account, load.accepted)
    stack.restart("simulator-1")
