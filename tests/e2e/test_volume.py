"""Twenty thousand messages, from POST to DELIVERED."""

import time

import ledger
from load import Load

COUNT = 20000


def counters(stack):
    """What each worker counted, and the day's counts in Redis."""
    seen = {
        "accepted": stack.metric("api-1", "sms_messages_accepted_total"),
        "submitted": stack.metric("sender-1", 'sms_attempts_total{verdict="accepted"}'),
        "delivered": stack.metric("receipts-1", 'sms_reports_total{state="delivered"}'),
    }
    by_letter = {}
    for key in stack.redis("--scan", "--pattern", "d:{demo}:*"):
        lines = stack.redis("HGETALL", key)
        for name, value in zip(lines[::2], lines[1::2]):
            by_letter[name] = by_letter.get(name, 0) + int(value)
    seen["day: delivered"] = by_letter.get("D", 0)
    seen["day: units"] = by_letter.get("u", 0)
    seen["day: open"] = sum(by_letter.get(letter, 0) for letter in "QST")
    return seen


def test_20000_messages_are_delivered_once_each(stack, account, simulator, capsys):
    before = counters(stack)
    began = time.monotonic()
    load = Load(account, COUNT, connections=64)
    load.start()
    load.finish(timeout_s=120)
    sent_in = load.took_s
    ledger.await_final(account, load.accepted, timeout_s=120)
    took = time.monotonic() - began
    stats = ledger.check(stack, account, simulator, load)
    assert stats["distinct_references"] == COUNT and stats["repeated_references"] == 0, stats
    after = counters(stack)
    grown = {name: after[name] - before[name] for name in after}
    assert grown == {"accepted": COUNT, "submitted": COUNT, "delivered": COUNT, "day: delivered": COUNT,
                     "day: units": COUNT, "day: open": 0}
    with capsys.disabled():
        print(f"\n    {COUNT} accepted in {sent_in:.1f} s ({COUNT / sent_in:.0f}/s), all read as DELIVERED after "
              f"{took:.1f} s", end="  ")
