"""What failed is sent again, as a new send."""

import json
import time

import pytest

from stack import eventually


def numbers(count, first=0):
    return [f"+4790{i:06}" for i in range(first, first + count)]


def get(account, send):
    return account.call("GET", f"/v1/sms/sends/{send}").json


def finished(account, send):
    eventually("it is finished", 60, lambda: get(account, send)["state"] == "finished")
    return get(account, send)


def rows(account, send, query=""):
    body = account.call("GET", f"/v1/sms/sends/{send}/messages{query}").body
    return [json.loads(line) for line in body.splitlines()]


def resend(account, send, *codes, key=None):
    return account.call("POST", f"/v1/sms/sends/{send}/resend", {"error_codes": codes},
                        {"Idempotency-Key": key} if key else None)


def resent(account, send, *codes, key=None):
    answer = resend(account, send, *codes, key=key)
    assert answer.status == 200, answer
    return answer.json


def rejected(account, simulator, to, **fields):
    """A send of which some were rejected, when the carrier takes all again."""
    simulator.behave(reject_rate=0.4, seed=11)
    answer = account.post({**({"to": to} if to else {}), **fields})
    assert answer.status == 200, answer
    send = answer.json["sms_message_id"]
    failed = finished(account, send)["counts"]["FAILED"]
    simulator.behave(reject_rate=0)
    return send, failed


def test_what_failed_is_sent_again_in_order(account, simulator):
    send, failed = rejected(account, simulator, numbers(1500), message="Hello again", customer_ref="again", rate="5000/s")
    assert 300 < failed < 1200
    simulator.reset()
    new = resent(account, send, "rejected_by_carrier", "expired")
    assert new["resend_of"] == send and new["sms_message_id"] != send
    assert new["recipients"] == new["units_estimate"] == failed and new["customer_ref"] == "again"
    seen = finished(account, new["sms_message_id"])
    assert seen["counts"]["DELIVERED"] == seen["recipients"] == failed
    assert seen["customer_ref"] == "again" and seen["rate_per_second"] == 5000.0
    messages = rows(account, new["sms_message_id"])
    assert [m["to_number"] for m in messages] == [m["to_number"] for m in rows(account, send, "?status=FAILED")]
    assert {m["body"] for m in messages} == {"Hello again"}
    stats = simulator.stats()
    assert stats["distinct_references"] == failed and stats["repeated_references"] == 0
    assert get(account, send)["counts"]["FAILED"] == failed, "the earlier one stays as it was"


def test_texts_of_their_own_are_sent_as_they_were(account, simulator):
    entries = [{"to": number, "variables": {"code": str(i)}} for i, number in enumerate(numbers(60, 1000))]
    send, failed = rejected(account, simulator, None, recipients=entries, message="Your code is {{code}}")
    assert failed > 5
    new = resent(account, send, "rejected_by_carrier")["sms_message_id"]
    finished(account, new)
    want = {m["to_number"]: m["body"] for m in rows(account, send, "?status=FAILED")}
    assert {m["to_number"]: m["body"] for m in rows(account, new)} == want
    some = next(iter(want))
    assert simulator.messages(some)[-1]["text"] == want[some]


def test_a_single_that_failed_is_sent_again(account, simulator):
    simulator.behave(reject_rate=1)
    send = account.send("+4790000001")["sms_message_id"]
    assert finished(account, send)["counts"]["FAILED"] == 1
    simulator.behave(reject_rate=0)
    new = resent(account, send, "rejected_by_carrier")["sms_message_id"]
    assert finished(account, new)["counts"]["DELIVERED"] == 1
    assert rows(account, new)[0]["to_number"] == "+4790000001"


def test_the_same_key_sends_once(account, simulator):
    send, failed = rejected(account, simulator, numbers(40, 2000), message="Hello")
    key = f"resend-{time.time_ns()}"
    first, second = resent(account, send, "rejected_by_carrier", key=key), resent(account, send, "rejected_by_carrier", key=key)
    assert first == second and first["recipients"] == failed
    finished(account, first["sms_message_id"])


def test_another_error_is_not_sent_again(account, simulator):
    send, _ = rejected(account, simulator, numbers(20, 3000), message="Hello")
    assert resend(account, send, "expired").status == 422


@pytest.mark.parametrize("codes", [["outcome_unknown"], ["rejected_by_carrier", "opted_out"], ["missing_variable"], ["too_long"],
                                   ["nonsense"], [], [7], "expired"])
def test_what_can_never_be_sent_again_is_422(account, codes):
    send = account.send("+4790000001")["sms_message_id"]
    answer = account.call("POST", f"/v1/sms/sends/{send}/resend", {"error_codes": codes})
    assert answer.status == 422 and answer.json["errors"], answer


@pytest.mark.parametrize("send", ["nothing", "0198c0de-7000-7abc-8def-000000000000"])
def test_what_is_no_send_is_404(account, send):
    assert resend(account, send, "expired").status == 404


def test_an_expander_that_is_killed_sends_to_nobody_twice(account, simulator, stack):
    send, failed = rejected(account, simulator, numbers(3000, 10000), message="Hello")
    simulator.reset()
    new = resent(account, send, "rejected_by_carrier")["sms_message_id"]
    stack.kill("expander-1")
    stack.restart("expander-1")
    stack.await_ready()
    seen = finished(account, new)
    assert seen["counts"]["DELIVERED"] == seen["recipients"] == failed
    stats = simulator.stats()
    assert stats["distinct_references"] == failed and stats["repeated_references"] == 0
    assert len({m["to_number"] for m in rows(account, new)}) == failed
