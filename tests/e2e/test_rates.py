"""How fast messages reach the carrier: rates of sends, accounts and senders, by the times at which the simulator got them."""

import datetime

from stack import eventually


def numbers(count, first):
    return [f"+4793{i:06}" for i in range(first, first + count)]


def arrivals(simulator, prefix="+4793"):
    """When the carrier got the last 1,000 messages, in s."""
    page = simulator.last(1000)
    times = [datetime.datetime.fromisoformat(message["received_at"].replace("Z", "+00:00")).timestamp()
             for message in page if message["to"].startswith(prefix)]
    return sorted(times)


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
    """No second has more than the limit and what may come at once; what there is takes no longer than it must."""
    burst = per_s / 4 + 1 if burst is None else burst
    # Between its tokens and the carrier a message takes a few ms, more when the machine is busy.
    assert most_in_a_second(times) <= (per_s + burst) * 1.05 + 1
    took = times[-1] - times[0]
    assert took <= (len(times) - 1) / per_s / 0.97 + 0.1, f"{len(times)} in {took:.2f} s"


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
