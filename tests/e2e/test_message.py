"""What a caller sees of messages that go well."""

import re
import time

from api import MESSAGE_FIELDS
from stack import eventually

STATES = ("QUEUED", "SENDING", "SENT", "DELIVERED")
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def walk(account, message_id, last="DELIVERED", timeout_s=20):
    """The statuses that were seen, in order, and the last answer."""
    seen, until = [], time.monotonic() + timeout_s
    while time.monotonic() < until:
        message = account.get(message_id)
        if not seen or seen[-1] != message["status"]:
            seen.append(message["status"])
        if message["status"] == last:
            return seen, message
        time.sleep(0.02)
    raise AssertionError(f"not {last} within {timeout_s} s: {seen}")


def test_a_send_is_answered_with_its_id_and_estimate(account):
    sent = account.send("+4799999999", "Hello", customer_ref="order-1234")
    assert ID.fullmatch(sent["sms_message_id"])
    assert sent["to"] == ["+4799999999"]
    assert sent["status"] == "QUEUED"
    assert sent["scheduled_at"] is None
    assert sent["units_estimate"] == 1
    assert sent["customer_ref"] == "order-1234"
    assert sent["recipients"] == 1
    assert sent["duplicates"] == 0


def test_a_message_has_every_field_and_ends_delivered(account, simulator):
    sent = account.send("+4799999901", "Your order #1234 has shipped.", customer_ref="order-1234")
    _, message = walk(account, sent["sms_message_id"])
    assert MESSAGE_FIELDS <= set(message)
    assert message["id"] == sent["sms_message_id"]
    assert message["direction"] == "OUTBOUND"
    assert message["message_type"] == "PLAIN"
    assert message["from_number"] is None
    assert message["to_number"] == "+4799999901"
    assert message["body"] == "Your order #1234 has shipped."
    assert message["units_count"] == 1
    assert message["customer_ref"] == "order-1234"
    assert message["scheduled_at"] is None
    assert message["related_message_id"] is None
    assert message["error_message"] is None
    for name in ("created_at", "sent_at", "delivered_at"):
        assert TIME.fullmatch(message[name]), name
    assert message["created_at"] <= message["sent_at"] <= message["delivered_at"]
    (arrived,) = simulator.messages("+4799999901")
    assert arrived["reference"] == sent["sms_message_id"]
    assert arrived["text"] == "Your order #1234 has shipped."
    assert (arrived["encoding"], arrived["parts"]) == ("gsm7", 1)


def test_status_walks_forward_only(account, simulator):
    simulator.behave(latency_ms=300, report={"delay_ms": 400})
    seen, _ = walk(account, account.send("+4799999902")["sms_message_id"])
    ranks = [STATES.index(status) for status in seen]
    assert ranks == sorted(ranks)
    assert {"SENDING", "SENT", "DELIVERED"} <= set(seen)


def test_times_and_units_appear_with_the_state_that_has_them(account, simulator):
    simulator.behave(report={"delay_ms": 1500})
    sent = account.send("+4799999903", "x" * 161)
    assert sent["units_estimate"] == 2
    first = account.get(sent["sms_message_id"])
    assert first["units_count"] == 2
    _, message = walk(account, sent["sms_message_id"], "SENT")
    assert TIME.fullmatch(message["sent_at"]) and message["delivered_at"] is None
    _, message = walk(account, sent["sms_message_id"])
    assert message["units_count"] == 2 and message["delivered_at"] >= message["sent_at"]


def test_unicode_goes_through_byte_for_byte(account, simulator):
    text = "Hei 👋🏽 \t«Привет»\nlinje to\f" + "ж" * 60
    sent = account.send("+4799999904", text)
    assert sent["units_estimate"] == 2
    _, message = walk(account, sent["sms_message_id"])
    assert message["body"] == text
    (arrived,) = simulator.messages("+4799999904")
    assert (arrived["text"], arrived["encoding"], arrived["parts"]) == (text, "ucs2", 2)


def test_a_reference_may_hold_anything(account):
    ref = "ref \"quoted\" \\ / æøå 👋 {json: [1]}"
    sent = account.send("+4799999905", customer_ref=ref)
    assert sent["customer_ref"] == ref
    assert account.get(sent["sms_message_id"])["customer_ref"] == ref


def test_one_number_may_be_given_as_text(account):
    answer = account.post({"to": "+4799999906", "message": "Hello"})
    assert answer.status == 200, answer
    assert answer.json["to"] == ["+4799999906"]


def test_several_recipients_have_a_message_each_and_a_summary(account, simulator):
    numbers = ["+4799999911", "+4799999912", "+4799999911", "+4799999913", "+4799999912"]
    sent = account.send(numbers, "Hello all", customer_ref="three")
    assert sent["to"] == ["+4799999911", "+4799999912", "+4799999913"]
    assert (sent["recipients"], sent["duplicates"], sent["units_estimate"]) == (3, 2, 3)
    send_id = sent["sms_message_id"]
    for number, to in enumerate(sent["to"], start=1):
        message_id = send_id[:-6] + f"{number:06x}"
        _, message = walk(account, message_id)
        assert (message["id"], message["to_number"], message["customer_ref"]) == (message_id, to, "three")
        (arrived,) = simulator.messages(to)
        assert arrived["reference"] == message_id
    summary = account.get(send_id)
    assert (summary["id"], summary["status"], summary["to_number"]) == (send_id, "DELIVERED", None)
    assert account.call("GET", f"/v1/sms/messages/{send_id[:-6]}000004").status == 404


def test_a_hundred_recipients_are_one_send(account, simulator):
    numbers = [f"+47911{i:05}" for i in range(100)]
    sent = account.send(numbers)
    assert sent["to"] == numbers and sent["recipients"] == 100
    eventually("the send is DELIVERED", 20, lambda: account.get(sent["sms_message_id"])["status"] == "DELIVERED")
    stats = simulator.stats()
    assert (stats["distinct_references"], stats["repeated_references"]) == (100, 0)


def test_a_message_can_be_read_by_head_too(account):
    sent = account.send("+4799999907")
    answer = account.call("HEAD", f"/v1/sms/messages/{sent['sms_message_id']}")
    assert (answer.status, answer.body) == (200, b"")
