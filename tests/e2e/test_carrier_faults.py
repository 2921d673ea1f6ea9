"""A carrier that throttles, fails, hangs up or never answers: every message is delivered in the end, and what may have
been taken is only repeated under the same reference."""

import time

import pytest

import ledger
from load import Load
from stack import eventually

COUNT = 40

# name, behaviour, the counter that shows it, may a message that was accepted come again?
FAULTS = [
    ("throttled", {"throttle_rate": 0.5}, "throttled", False),
    ("hung_up_on", {"hang_up_rate": 0.5}, "hung_up", False),
    ("hung_up_on_after_acceptance", {"hang_up_after_accept_rate": 0.5}, "hung_up", True),
    ("failed_with_500", {"failure_rate": 0.5}, "failed", False),
    ("failed_with_500_after_acceptance", {"failure_rate": 0.5, "accept_before_failure": True}, "failed", True),
    ("failed_with_503", {"failure_rate": 0.5, "failure_status": 503}, "failed", False),
    ("refused_our_credentials", {"failure_rate": 0.5, "failure_status": 401}, "failed", False),
    ("never_answered", {"never_answer_rate": 0.3}, "unanswered", False),
    ("answered_with_broken_json", {"bad_json_rate": 0.5}, "garbled", True),
    ("cut_off_in_the_answer", {"cut_off_rate": 0.5}, "cut_off", True),
]


@pytest.mark.parametrize("behaviour, counter, may_repeat", [fault[1:] for fault in FAULTS],
                         ids=[fault[0] for fault in FAULTS])
def test_all_are_delivered_though_some_are(stack, account, simulator, behaviour, counter, may_repeat):
    simulator.behave(seed=7, report={"delay_ms": 300}, **behaviour)
    load = Load(account, COUNT, connections=8)
    load.start()
    load.finish()
    eventually("the fault shows", 10, lambda: simulator.stats()[counter] >= 3)
    time.sleep(1)  # repeats meet it too
    rates = {name: 0 for name in behaviour if name.endswith("_rate")}
    simulator.behave(**rates)
    ledger.await_final(account, load.accepted, timeout_s=40)
    ledger.quiet(stack, simulator)
    stats = simulator.stats()
    assert stats["distinct_references"] == COUNT == stats["accepted"], stats
    assert stats["repeated_accepted"] <= (stats[counter] if may_repeat else 0), stats


def test_a_throttled_message_waits_as_long_as_it_is_told(account, simulator):
    simulator.behave(throttle_rate=1)
    message_id = account.send("+4799999980")["sms_message_id"]
    eventually("it is throttled", 10, lambda: simulator.stats()["throttled"] == 1)
    began = time.monotonic()
    simulator.behave(throttle_rate=0)
    eventually("it is QUEUED again", 5, lambda: account.get(message_id)["status"] == "QUEUED", 0.01)
    ledger.await_final(account, [message_id])
    assert time.monotonic() - began > 0.7, "the simulator says Retry-After: 1"
    assert simulator.stats()["received"] == 2


def test_a_rejected_message_is_failed_and_not_repeated(account, simulator):
    simulator.behave(reject_rate=1)
    message_id = account.send("+4799999981", "x" * 161)["sms_message_id"]
    ledger.await_final(account, [message_id], "FAILED")
    message = account.get(message_id)
    assert message["error_code"] == "rejected_by_carrier" and message["error_message"]
    assert (message["sent_at"], message["delivered_at"], message["units_count"]) == (None, None, 2)
    assert simulator.stats()["received"] == 1


def test_an_unknown_outcome_shows_as_sending_with_its_code(account, simulator):
    simulator.behave(never_answer_rate=1)
    message_id = account.send("+4799999982")["sms_message_id"]
    eventually("the outcome is unknown", 15,
               lambda: account.get(message_id)["error_code"] == "outcome_unknown"
               and account.get(message_id)["status"] == "SENDING")
    simulator.behave(never_answer_rate=0)
    ledger.await_final(account, [message_id])
    message = account.get(message_id)
    assert message["error_code"] is None and message["error_message"] is None
    assert simulator.stats()["repeated_accepted"] == 0


def test_a_carrier_that_is_down_is_waited_for(stack, account, simulator):
    stack.stop("simulator-1")
    try:
        load = Load(account, COUNT, connections=8)
        load.start()
        load.finish()
        time.sleep(1)
    finally:
        stack.restart("simulator-1")
    ledger.await_final(account, load.accepted)
    stats = simulator.stats()
    assert (stats["distinct_references"], stats["repeated_references"]) == (COUNT, 0), stats


def test_a_carrier_that_stays_down_is_given_up_at_last(stack, account, simulator):
    with stack.settings_of("sender-1", SMS_SENDER_MAX_ATTEMPTS=3, SMS_SENDER_RETRY_BASE="100ms"):
        simulator.behave(failure_rate=1, failure_status=401)
        message_id = account.send("+4799999983")["sms_message_id"]
        ledger.await_final(account, [message_id], "FAILED")
        message = account.get(message_id)
        assert message["error_code"] == "carrier_unavailable" and message["error_message"]
        assert message["sent_at"] is None
        assert simulator.stats()["received"] == 3
        simulator.behave(failure_rate=0, throttle_rate=1)
        waits = account.send("+4799999984")["sms_message_id"]
        eventually("it is throttled more often than it might fail", 20, lambda: simulator.stats()["throttled"] > 3)
        assert account.get(waits)["status"] in ("QUEUED", "SENDING")
        simulator.behave(throttle_rate=0)
        ledger.await_final(account, [waits])


def test_a_slow_carrier_holds_up_no_acceptance(account, simulator):
    simulator.behave(latency_ms=1500)
    load = Load(account, 1000, connections=32)
    load.start()
    load.finish(timeout_s=20)
    ledger.await_final(account, load.accepted)
