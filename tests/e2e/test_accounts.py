"""Accounts see their own messages and nobody else's."""

import time

import pytest

from stack import eventually


@pytest.fixture(scope="module")
def other(admin, account):
    return admin.new_account("other", account.url)


def test_another_accounts_message_is_404(account, other):
    sent = account.send("+4799999920")
    answer = other.call("GET", f"/v1/sms/messages/{sent['sms_message_id']}")
    assert answer.status == 404, answer
    assert account.get(sent["sms_message_id"])["to_number"] == "+4799999920"


def test_another_accounts_message_looks_like_one_that_never_was(account, other):
    sent = account.send(["+4799999921", "+4799999922"])
    one = other.call("GET", f"/v1/sms/messages/{sent['sms_message_id'][:-6]}000001")
    none = other.call("GET", "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000")
    assert (one.status, one.body) == (none.status, none.body)


def test_a_new_accounts_key_sends(other, simulator):
    sent = other.send("+4799999923")
    assert other.get(sent["sms_message_id"])["status"] in ("QUEUED", "SENDING", "SENT", "DELIVERED")


def test_a_suspended_account_reads_and_sends_nothing(admin, account):
    suspended = admin.new_account("suspended", account.url)
    body = {"to": ["+4799999924"], "message": "Hello"}
    message_id = suspended.send("+4799999924")["sms_message_id"]
    assert admin.set_active("suspended", False)["active"] is False
    eventually("sends are refused", 10, lambda: suspended.post(body).status == 403)
    assert suspended.post(body).headers["content-type"].startswith("application/problem+json")
    assert suspended.get(message_id)["id"] == message_id
    assert admin.set_active("suspended", True)["active"] is True
    eventually("sends are taken again", 10, lambda: suspended.post(body).status == 200)


def test_a_suspended_accounts_messages_wait(admin, account, simulator):
    waiting = admin.new_account("waiting", account.url)
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3))
    message_id = waiting.send("+4799999925", scheduled_at=at)["sms_message_id"]
    admin.set_active("waiting", False)
    time.sleep(5)
    assert waiting.get(message_id)["status"] in ("SCHEDULED", "QUEUED") and simulator.messages("+4799999925") == []
    admin.set_active("waiting", True)
    eventually("it goes out", 30, lambda: waiting.get(message_id)["status"] == "DELIVERED")
