"""Sends that the expander cuts into chunks: many numbers, contacts and groups, templates; cancelled, scheduled, killed."""

import time

import ledger
import pytest
from stack import eventually

TEMPLATE = "Hello {{first_name|you}}, your code is {{code}}"


def numbers(count, first=0):
    return [f"+4790{i:06}" for i in range(first, first + count)]


def new_contact(account, **fields):
    answer = account.call("POST", "/v1/contacts", {"name": "Somebody", **fields})
    assert answer.status == 201, answer
    return answer.json["id"]


def new_group(account, contacts):
    answer = account.call("POST", "/v1/contacts/groups", {"name": f"group {time.monotonic_ns()}"})
    assert answer.status == 201, answer
    group = answer.json["id"]
    answer = account.call("POST", f"/v1/contacts/groups/{group}/members", {"contact_ids": contacts})
    assert answer.status == 200, answer
    return group


@pytest.fixture(scope="module")
def people(account):
    """Three contacts with numbers, one of them without a code, one without a number; and their group."""
    kari = new_contact(account, first_name="Kari", phone_number="+4792000001", attributes={"code": "11"})
    ola = new_contact(account, first_name="Ola", phone_number="+4792000002")
    nn = new_contact(account, phone_number="+4792000003", attributes={"code": "33"})
    none = new_contact(account, first_name="Without")
    return {"kari": kari, "ola": ola, "nn": nn, "none": none, "group": new_group(account, [kari, ola, nn, none])}


def await_status(account, message_id, status, timeout_s=20):
    eventually(f"{message_id} is {status}", timeout_s, lambda: account.get(message_id)["status"] == status)


def message_id(send, number):
    return f"{send[:-6]}{number:06x}"


def test_ten_thousand_numbers_are_one_send(account, simulator):
    to = numbers(10000)
    sent = account.send(to)
    assert sent["to"] == to and sent["recipients"] == 10000 and sent["units_estimate"] == 10000
    await_status(account, sent["sms_message_id"], "DELIVERED", 60)
    assert account.get(sent["sms_message_id"])["units_count"] == 10000
    stats = simulator.stats()
    assert stats["distinct_references"] == 10000 and stats["repeated_references"] == 0
    assert account.get(message_id(sent["sms_message_id"], 9999))["to_number"] == to[9998]


def test_numbers_that_come_again_are_left_out(account):
    sent = account.send(numbers(150) + numbers(10))
    assert sent["recipients"] == 150 and sent["duplicates"] == 10
    await_status(account, sent["sms_message_id"], "DELIVERED")


def test_each_gets_a_text_of_their_own(account, simulator):
    entries = [{"to": number, "variables": {"code": str(i)}} for i, number in enumerate(numbers(250, 50000))]
    answer = account.post({"recipients": entries, "message": TEMPLATE})
    assert answer.status == 200, answer
    send = answer.json["sms_message_id"]
    await_status(account, send, "DELIVERED")
    for i in (0, 99, 100, 249):
        message = account.get(message_id(send, i + 1))
        assert message["to_number"] == entries[i]["to"]
        assert message["body"] == f"Hello you, your code is {i}"
        assert simulator.messages(entries[i]["to"])[0]["text"] == message["body"]


def test_contacts_are_recipients(account, people, simulator):
    sent = account.post({"to_contacts": [people["nn"], people["kari"]], "message": TEMPLATE})
    assert sent.status == 200, sent
    assert sent.json["to"] == ["+4792000003", "+4792000001"]
    await_status(account, sent.json["sms_message_id"], "DELIVERED")
    assert simulator.messages("+4792000001")[0]["text"] == "Hello Kari, your code is 11"
    assert simulator.messages("+4792000003")[0]["text"] == "Hello Somebody, your code is 33"


@pytest.mark.parametrize("who, message, code", [
    ("none", "Hello", "no_number"), ("ola", TEMPLATE, "missing_variable"), (None, "Hello", "unknown_contact")])
def test_a_contact_who_cant_be_sent_to_is_422_or_left_out(account, people, who, message, code):
    contact = people[who] if who else "0198c0de-7000-7abc-8def-000000000001"
    body = {"to_contacts": [people["kari"], contact], "message": message}
    answer = account.post(body)
    assert answer.status == 422, answer
    assert answer.json["errors"][0]["pointer"] == "/to_contacts/1" and answer.json["errors"][0]["code"] == code
    answer = account.post({**body, "skip_invalid": True})
    assert answer.status == 200 and answer.json["to"] == ["+4792000001"], answer
    assert [(left["index"], left["reason"]) for left in answer.json["invalid"]] == [(1, code)]
    await_status(account, answer.json["sms_message_id"], "DELIVERED")


def test_a_group_is_expanded_when_it_is_released(account, people, simulator):
    answer = account.post({"to_groups": [people["group"]], "message": TEMPLATE})
    assert answer.status == 200, answer
    assert answer.json["to"] == [] and answer.json["recipients"] == 3 and answer.json["units_estimate"] == 3
    send = answer.json["sms_message_id"]
    await_status(account, send, "DELIVERED")
    assert simulator.messages("+4792000001")[0]["text"] == "Hello Kari, your code is 11"
    failed = account.get(message_id(send, 2))  # in the order of numbers
    assert failed["to_number"] == "+4792000002" and failed["status"] == "FAILED"
    assert failed["error_code"] == "missing_variable"
    assert simulator.messages("+4792000002") == []


def test_an_explicit_number_wins_over_the_group(account, people, simulator):
    answer = account.post({"recipients": [{"to": "+4792000001", "variables": {"code": "mine"}}],
                           "to_groups": [people["group"]], "message": "{{code}}"})
    assert answer.status == 200, answer
    await_status(account, answer.json["sms_message_id"], "DELIVERED")
    assert [message["text"] for message in simulator.messages("+4792000001")] == ["mine"]
    assert [message["text"] for message in simulator.messages("+4792000003")] == ["33"]


def test_an_unknown_group_is_422_and_an_empty_one_fails(account, people):
    answer = account.post({"to_groups": ["0198c0de-7000-7abc-8def-000000000001"], "message": "Hello"})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/to_groups/0", answer
    answer = account.post({"to_groups": [new_group(account, [people["none"]])], "message": "Hello"})
    assert answer.status == 200 and answer.json["recipients"] == 0, answer
    await_status(account, answer.json["sms_message_id"], "FAILED")


def test_a_large_scheduled_send_waits_and_goes(account):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    sent = account.send(numbers(300, 60000), scheduled_at=at)
    assert sent["status"] == "SCHEDULED" and sent["scheduled_at"] == at
    assert account.get(sent["sms_message_id"])["status"] == "SCHEDULED"
    await_status(account, sent["sms_message_id"], "DELIVERED")


def test_a_large_scheduled_send_is_cancelled(stack, account, simulator):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    sent = account.send(numbers(300, 61000), scheduled_at=at)
    path = f"/v1/sms/messages/{sent['sms_message_id']}/cancel"
    answer = account.call("POST", path)
    assert answer.status == 200 and answer.json["cancelled"] == 300, answer
    assert account.get(sent["sms_message_id"])["status"] == "CANCELLED"
    assert account.call("POST", path).status == 200
    eventually("its record has left the delay queue", 20, lambda: ledger.waiting_entries(stack) == 0)
    assert account.get(sent["sms_message_id"])["status"] == "CANCELLED"
    assert simulator.messages("+4790061000") == []


def test_a_large_send_is_cancelled_midway(stack, account, simulator):
    simulator.behave(latency_ms=300)
    try:
        sent = account.send(numbers(3000, 62000))
        time.sleep(0.7)
        answer = account.call("POST", f"/v1/sms/messages/{sent['sms_message_id']}/cancel")
    finally:
        simulator.behave(latency_ms=0)
    assert answer.status == 200 and answer.json["cancelled"] > 0, answer
    arrived = simulator.stats()["distinct_references"]
    ledger.quiet(stack, simulator)
    assert simulator.stats()["distinct_references"] <= arrived + 256
    assert account.get(sent["sms_message_id"])["status"] in ("DELIVERED", "CANCELLED")


def test_a_killed_expander_doubles_and_loses_nothing(stack, account, simulator):
    sends = [account.send(numbers(4000, first)) for first in (70000, 75000)]
    time.sleep(0.3)
    stack.kill("expander-1")
    stack.restart("expander-1")
    for sent in sends:
        await_status(account, sent["sms_message_id"], "DELIVERED", 60)
    stats = simulator.stats()
    assert stats["distinct_references"] == 8000 and stats["repeated_references"] == 0, stats


def test_a_dry_run_tells_all_and_sends_nothing(account, people, simulator):
    answer = account.post({"to": ["+4792000009", "nonsense"], "to_groups": [people["group"]], "skip_invalid": True,
                           "message": "Hei’ på deg 😀", "dry_run": True})
    assert answer.status == 200, answer
    told = answer.json
    assert told["dry_run"] and told["recipients"] == 4 and told["encoding"] == "ucs2" and told["units_estimate"] == 4
    assert told["parts_per_message"] == {"least": 1, "most": 1} and told["price_estimate"] == 3.96
    assert [(c["character"], c["code_point"], c["positions"]) for c in told["unicode_characters"]] == [
        ("’", "U+2019", [3]), ("😀", "U+1F600", [12])]
    assert simulator.stats()["received"] == 0
