"""A carrier that takes many messages in one call: each is judged by itself, and what a broken call leaves open is settled."""

import time

import pytest

from stack import eventually

COUNT = 250  # three chunks


@pytest.fixture(scope="module", autouse=True)
def batches(stack):
    """The sender's carrier takes batches, for the tests of this file."""
    carriers = stack.directory / "carriers.json"
    before = carriers.read_text()
    changed = before.replace('"http_json"', '"http_json_batch"').replace("/v1/messages", "/v1/messages/batch")
    assert changed != before

    def become(text):
        stack.stop("sender-1")
        carriers.write_text(text)
        stack.restart("sender-1")

    become(changed)
    yield
    become(before)


def counts(account, send):
    answer = account.call("GET", f"/v1/sms/messages?send_id={send}&page_size=500")
    assert answer.status == 200, answer
    found = {}
    for message in answer.json["messages"]:
        found[message["status"]] = found.get(message["status"], 0) + 1
    return found


def sent(account, count=COUNT):
    return account.send([f"+4791{i:06}" for i in range(count)])["sms_message_id"]


def await_counts(account, send, timeout_s=40, **wanted):
    eventually(f"the send has {wanted}", timeout_s, lambda: counts(account, send) == wanted)


def test_a_chunk_goes_in_one_call(stack, account, simulator):
    before = stack.metric("sender-1", "sms_carrier_calls_total")
    send = sent(account)
    await_counts(account, send, DELIVERED=COUNT)
    stats = simulator.stats()
    assert stats["received"] == COUNT == stats["accepted"], stats
    assert stack.metric("sender-1", "sms_carrier_calls_total") - before <= 5
    message = account.get(f"{send[:-6]}{COUNT:06x}")
    assert [one["reference"] for one in simulator.messages(message["to_number"])] == [message["id"]]


@pytest.mark.parametrize("behaviour, counter", [
    ({"throttle_rate": 0.2}, "throttled"),
    ({"failure_rate": 0.2, "accept_before_failure": True}, "failed"),
    ({"failure_rate": 0.2, "failure_status": 401}, "failed"),
    ({"hang_up_rate": 0.5}, "hung_up"),
    ({"hang_up_after_accept_rate": 0.5}, "hung_up"),
    ({"bad_json_rate": 0.5}, "garbled"),
    ({"cut_off_rate": 0.5}, "cut_off"),
], ids=lambda value: "-".join(value) if isinstance(value, dict) else None)
def test_all_are_delivered_though_some(account, simulator, behaviour, counter):
    simulator.behave(seed=5, **behaviour)
    send = sent(account)
    eventually("the fault shows", 10, lambda: simulator.stats()[counter] >= 3)
    time.sleep(0.5)  # repeats meet it too
    simulator.behave(**{name: 0 for name in behaviour if name.endswith("_rate")})
    await_counts(account, send, DELIVERED=COUNT)
    stats = simulator.stats()
    assert stats["distinct_references"] == COUNT == stats["accepted"], stats


def test_only_those_that_are_rejected_fail(account, simulator):
    simulator.behave(seed=5, reject_rate=0.2)
    send = sent(account)
    eventually("all are received", 20, lambda: simulator.stats()["received"] == COUNT)
    rejected = simulator.stats()["rejected"]
    assert 20 < rejected < 90
    await_counts(account, send, DELIVERED=COUNT - rejected, FAILED=rejected)
