"""How fast messages reach the carrier: rates of sends, accounts and senders, by the times at which the simulator got them."""

import contextlib
import datetime
import json
import re
import subprocess
import time

import pytest

import ledger
from stack import eventually, page


USED = 0.75


def numbers(count, first):
    return [f"+4793{i:06}" for i in range(first, first + count)]


def at(message):
    return datetime.datetime.fromisoformat(message["received_at"].replace("Z", "+00:00")).timestamp()


def arrivals(simulator, prefix="+4793"):
    """When the carrier got the last 1,000 messages, in s."""
    return sorted(at(message) for message in simulator.last(1000) if message["to"].startswith(prefix))


def most_in_a_second(times):
    end = most = 0
    for first, time in enumerate(times):
        while end < len(times) and times[end] < time + 1:
            end += 1
        most = max(most, end - first)
    return most


def await_arrivals(simulator, count, timeout_s=30):
    eventually(f"the carrier has {count} messages", timeout_s, lambda: simulator.stats()["accepted"] >= count)


def expect_rate(times, per_s, burst=None):
    """No second has more than the limit and what may come at once; and most of it is used, when work is there.

    How much exactly is a matter of the store's tests: here it is up to the machine, too."""
    burst = per_s / 4 + 1 if burst is None else burst
    # Between its tokens and the carrier a message takes a few ms, more when the machine is busy.
    assert most_in_a_second(times) <= (per_s + burst) * 1.05 + 1
    took = times[-1] - times[0]
    assert took <= (len(times) - 1) / per_s / USED + 0.1, f"{len(times)} in {took:.2f} s"


def test_a_send_keeps_its_rate(account, simulator):
    sent = account.post({"to": numbers(300, 0), "message": "Hello", "rate": "100/s"})
    assert sent.status == 200, sent
    await_arrivals(simulator, 300)
    expect_rate(arrivals(simulator), 100)


def test_a_small_send_keeps_its_rate_too(account, simulator):
    sent = account.post({"to": numbers(9, 1000), "message": "Hello", "rate": "4/s"})
    assert sent.status == 200, sent
    await_arrivals(simulator, 9)
    expect_rate(arrivals(simulator), 4)


# --- accounts and senders ---


@pytest.fixture(scope="module")
def limited(admin, stack):
    """An account of its own, and its name."""
    name = f"rates-{time.monotonic_ns()}"
    return name, admin.new_account(name, stack.env["SMS_API_URL"])


def test_an_account_keeps_its_rate_over_all_its_sends(limited, admin, simulator):
    name, account = limited
    changed = admin.change(name, rates={"messages_per_second": 80})
    assert changed["rates"] == {"messages_per_second": 80.0, "senders": {}}
    for first in (0, 1000):
        account.send(numbers(120, first))
    await_arrivals(simulator, 240)
    expect_rate(arrivals(simulator), 80)
    admin.change(name, rates={})


def test_a_sender_keeps_its_rate(limited, admin, simulator):
    name, account = limited
    made = account.call("POST", "/v1/sms/sender-profiles",
                        {"name": "Slow", "sender_id": "Slow & Co", "brand_confirmation": True})
    assert made.status == 200, made
    assert admin.call("POST", f"/accounts/{name}/sender-profiles/{made.json['id']}/approve").status == 200
    changed = admin.change(name, rates={"senders": {"Slow & Co": 40.5}})
    assert changed["rates"] == {"messages_per_second": None, "senders": {"Slow & Co": 40.5}}
    account.send(numbers(150, 0), sender_id="Slow & Co")
    await_arrivals(simulator, 150)
    expect_rate(arrivals(simulator), 40.5)
    assert {message["from"] for message in simulator.last(150)} == {"Slow & Co"}
    admin.change(name, rates={})


@pytest.mark.parametrize("rates, pointer", [
    ({"messages_per_second": 0}, "/rates/messages_per_second"), ({"messages_per_second": 0.0001}, "/rates/messages_per_second"),
    ({"senders": {"no sender at all": 1}}, "/rates/senders"), ({"senders": {"Acme": "1"}}, "/rates/senders"),
    ({"senders": 1}, "/rates/senders"), ({"unknown": 1}, "/rates"), (1, "/rates")])
def test_what_is_no_rate_is_refused(limited, admin, rates, pointer):
    answer = admin.call("PATCH", f"/accounts/{limited[0]}", {"rates": rates})
    assert answer.status == 422, answer
    assert answer.json["errors"][0]["pointer"] == pointer


# --- carriers ---


@contextlib.contextmanager
def carrier_with(stack, **fields):
    """The carrier has further fields, and two senders know of them."""
    carriers = stack.directory / "carriers.json"
    before = carriers.read_text()
    config = json.loads(before)
    config["carriers"][0].update(fields)
    stack.stop("sender-1")
    carriers.write_text(json.dumps(config))
    stack.restart("sender-1")
    lines = (stack.directory / "start" / "sender-1").read_text().splitlines()
    port = stack.base + 60
    script = "\n".join([*lines[:-1], f"export SMS_HEALTH_PORT={port}", lines[-1]])
    with open(stack.log("sender-another"), "ab") as log:
        child = subprocess.Popen(["bash", "-c", script], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        eventually("another sender is ready", 30, lambda: page(port, "/readyz")[0] == 200)
        stack.await_ready()
        yield port
    finally:
        child.terminate()
        status = child.wait(60)
        stack.stop("sender-1")
        carriers.write_text(before)
        stack.restart("sender-1")
    assert status == 0


@pytest.fixture(scope="module")
def slow_carrier(stack):
    with carrier_with(stack, rate_per_s=200) as port:
        yield port


def accepted_by(text):
    return int(re.search(r'sms_attempts_total\{verdict="accepted"\} (\d+)', text)[1])


def test_two_senders_keep_a_carriers_rate(account, simulator, stack, slow_carrier):
    def counts():
        return accepted_by(page(slow_carrier, "/metrics")[1]), accepted_by(stack.page("sender-1", "/metrics")[1])

    before = counts()
    account.send(numbers(800, 0))
    await_arrivals(simulator, 800)
    expect_rate(arrivals(simulator), 200)
    eventually("both have counted", 10, lambda: sum(counts()) == sum(before) + 800)
    assert all(now > was for now, was in zip(counts(), before)), "both have sent"
    assert stack.metric("sender-1", "sms_carrier_limit_per_second") == 200


def test_a_single_message_overtakes_the_bulk_that_saturates_the_carrier(account, limited, simulator, slow_carrier):
    account.send(numbers(900, 0))
    await_arrivals(simulator, 50)
    accepted = []
    for i in range(20):
        to = f"+4794{i:06}"
        limited[1].send([to])
        accepted.append((time.time(), to))
        time.sleep(0.05)
    await_arrivals(simulator, 920)
    came = {message["to"]: at(message) for message in simulator.last(1000)}
    waits = sorted(came[to] - answered for answered, to in accepted)
    assert waits[-1] < 0.5, waits
    expect_rate(arrivals(simulator, "+479"), 200)


def test_nothing_is_sent_before_a_carrier_wants_to_be_asked_again(account, simulator, stack):
    simulator.behave(throttle_rate=1)
    first = account.send(["+4795000001"])["sms_message_id"]
    eventually("it is throttled", 10, lambda: simulator.stats()["throttled"] >= 1)
    began = time.monotonic()
    assert stack.metric("sender-1", "sms_carrier_limit_per_second") > 0
    later = [account.send([f"+4795{i:06}"])["sms_message_id"] for i in range(100, 120)]
    while time.monotonic() < began + 0.7:
        assert simulator.stats()["received"] == 1
        time.sleep(0.05)
    simulator.behave(throttle_rate=0)
    ledger.await_final(account, [first, *later])


def test_a_carrier_that_throttles_is_sent_to_more_slowly(account, simulator):
    """It takes 100 in a second, and says so by 429 only; after the first second we have understood."""
    simulator.behave(throttle_per_s=100)
    account.send(numbers(400, 0))
    await_arrivals(simulator, 400, 40)
    assert simulator.stats()["throttled"] < 400, "but for the first window and what is tried now and then"
