"""gdpr-delete: a contact, its number in messages, and what would bring it back."""

import datetime
import time

import pytest

from stack import eventually

CONTACTS = "/v1/contacts"
GROUPS = "/v1/contacts/groups"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def owner(admin, account):
    return admin.new_account("erase", account.url)


def contact(caller, number, **more):
    answer = caller.call("POST", CONTACTS, {"name": "Kari Nordmann", "phone_number": number, **more}, JSON)
    assert answer.status == 201, answer
    return answer.json["id"]


def erase(caller, contact_id, **headers):
    return caller.call("POST", f"{CONTACTS}/{contact_id}/gdpr-delete", None, headers)


def later(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def listed(caller, query):
    answer = caller.call("GET", f"/v1/sms/messages?{query}")
    assert answer.status == 200, answer
    return answer.json


def shows_nothing(message):
    return message["to_number"] is None and message["body"] == ""


def test_messages_lose_number_and_text(owner):
    made = contact(owner, "+4796100001")
    one = owner.send("+4796100001", "A secret")["sms_message_id"]
    many = owner.send(["+4796100002", "+4796100001"], "Hello all")["sms_message_id"]
    second = many[:-6] + "000002"
    eventually("they are delivered", 20, lambda: owner.get(many)["status"] == owner.get(one)["status"] == "DELIVERED")
    before = owner.get(one)
    answer = erase(owner, made)
    assert answer.status == 200, answer
    assert answer.json == {"message": "Contact deleted", "contact_id": made, "messages_anonymised": 2,
                           "messages_withheld": 0}
    assert owner.get(one) == {**before, "to_number": None, "body": ""}
    assert shows_nothing(owner.get(second))
    assert owner.get(many[:-6] + "000001")["to_number"] == "+4796100002"
    assert owner.get(many[:-6] + "000001")["body"] == "Hello all"
    assert listed(owner, "to=%2B4796100001")["total"] == 0
    rows = {row["id"]: row for row in listed(owner, "page_size=500")["messages"]}
    assert shows_nothing(rows[one]) and shows_nothing(rows[second])
    assert owner.call("GET", f"{CONTACTS}/{made}").status == 404
    assert erase(owner, made).status == 404


def test_what_waits_is_withheld(owner, simulator):
    made = contact(owner, "+4796100011")
    one = owner.send("+4796100011", scheduled_at=later(3))["sms_message_id"]
    many = owner.send(["+4796100011", "+4796100012"], scheduled_at=later(3))["sms_message_id"]
    answer = erase(owner, made)
    assert (answer.status, answer.json["messages_withheld"]) == (200, 2), answer
    message = owner.get(one)
    assert message["status"] == "CANCELLED" and shows_nothing(message) and message["error_code"] is None
    eventually("the other gets his", 30, lambda: owner.get(many[:-6] + "000002")["status"] == "DELIVERED")
    assert owner.get(many[:-6] + "000001")["status"] == "CANCELLED"
    assert simulator.messages("+4796100011") == []
    assert len(simulator.messages("+4796100012")) == 1


def test_a_send_to_contacts_and_groups_does_not_reach_it(owner, simulator):
    made, other = contact(owner, "+4796100021"), contact(owner, "+4796100022")
    group = owner.call("POST", GROUPS, {"name": "Erased"}, JSON).json["id"]
    assert owner.call("POST", f"{GROUPS}/{group}/members", {"contact_ids": [made, other]}, JSON).status == 200
    sends = []
    for body in ({"to_contacts": [made, other]}, {"to_groups": [group]}):
        answer = owner.post({**body, "message": "Hello {{first_name}}", "scheduled_at": later(4)})
        assert answer.status == 200, answer
        sends.append(answer.json["sms_message_id"])
    assert erase(owner, made).status == 200
    eventually("the other gets both", 40, lambda: len(simulator.messages("+4796100022")) == 2)
    eventually("all is over", 20, lambda: all(
        owner.get(send)["status"] in ("DELIVERED", "CANCELLED", "FAILED") for send in sends))
    assert simulator.messages("+4796100021") == []


def test_a_new_send_is_not_hindered(owner, simulator):
    made = contact(owner, "+4796100031")
    assert erase(owner, made).json["messages_anonymised"] == 0
    time.sleep(0.1)
    sent = owner.send("+4796100031", "Welcome back")["sms_message_id"]
    eventually("it is delivered", 20, lambda: owner.get(sent)["status"] == "DELIVERED")
    assert owner.get(sent)["to_number"] == "+4796100031"


def test_redis_forgets_what_kafka_brings_again(owner, stack):
    """The view of a send that was accepted before is made anew, as after a loss of Redis: it is withheld."""
    made = contact(owner, "+4796100041")
    sent = owner.send("+4796100041", "A secret", scheduled_at=later(5))["sms_message_id"]
    key = "m:{erase}:" + sent.replace("-", "")[:26]
    assert stack.redis("EXISTS", key) == ["1"]
    assert stack.redis("DEL", key) == ["1"]
    stack.redis("DEL", "to:{erase}:0041")
    assert erase(owner, made).json["messages_anonymised"] == 0
    eventually("the sender makes it", 30, lambda: stack.redis("EXISTS", key) == ["1"])
    message = owner.get(sent)
    assert message["status"] == "CANCELLED" and shows_nothing(message)


def test_a_contact_without_a_number(owner):
    made = contact(owner, None)
    assert erase(owner, made).json["messages_anonymised"] == 0
    assert owner.call("GET", f"{CONTACTS}/{made}").status == 404


def test_other_accounts_messages_stay(owner, admin, account):
    other = admin.new_account("erase-other", account.url)
    made = contact(owner, "+4796100051")
    sent = other.send("+4796100051", "Theirs")["sms_message_id"]
    assert erase(other, made).status == 404
    assert erase(owner, made).status == 200
    assert other.get(sent)["to_number"] == "+4796100051" and other.get(sent)["body"] == "Theirs"


def test_many_messages(owner):
    made = contact(owner, "+4796100061")
    for _ in range(130):
        owner.send("+4796100061", "Again")
    answer = erase(owner, made, **{"Idempotency-Key": "erase-1"})
    assert answer.json["messages_anonymised"] == 130, answer
    assert erase(owner, made, **{"Idempotency-Key": "erase-1"}).json == answer.json
    assert listed(owner, "to=%2B4796100061")["total"] == 0
