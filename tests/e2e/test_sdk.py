"""The vendor's own Python client (PyPI: wayscloud), told only our address: what it has for SMS works unchanged."""

import importlib
import itertools
import sys
import time

import pytest

from stack import eventually

names = (f"sdk-{n}" for n in itertools.count(1))


@pytest.fixture(scope="module")
def sdk(python_tools):
    """The package. What the tests run with goes before what came with it."""
    place = next((python_tools / "lib").glob("python3.*")) / "site-packages"
    sys.path.append(str(place))
    yield importlib.import_module("wayscloud")
    sys.path.remove(str(place))


@pytest.fixture(scope="module")
def errors(sdk):
    return importlib.import_module("wayscloud.exceptions")


@pytest.fixture
def customer(admin, account):
    """An account of the test's own, with its name."""
    name = next(names)
    made = admin.new_account(name, account.url)
    made.name = name
    return made


@pytest.fixture
def client(sdk, customer, monkeypatch):
    """As its documentation has it: address and key are in the environment."""
    monkeypatch.setenv("WAYSCLOUD_API_URL", customer.url)
    monkeypatch.setenv("WAYSCLOUD_API_KEY", customer.key)
    monkeypatch.delenv("WAYSCLOUD_TOKEN", raising=False)
    with sdk.WaysCloudClient() as made:
        yield made


def approved_sender(client, admin, customer, name):
    profile = client.post("/v1/sms/sender-profiles", {"name": name, "sender_id": name, "brand_confirmation": True})
    answer = admin.call("POST", f"/accounts/{customer.name}/sender-profiles/{profile['id']}/approve")
    assert answer.status == 200, answer
    return profile


# --- what it has a method for ---

def test_send_get_and_list(client):
    sent = client.sms.send("+4799999960", "Your code is 1234")
    assert sent["to"] == ["+4799999960"]
    assert sent["status"] == "QUEUED"
    message = eventually("it is delivered", 20, lambda: delivered(client, sent["sms_message_id"]))
    assert message["to_number"] == "+4799999960"
    assert message["body"] == "Your code is 1234"
    assert client.sms.get_message(message["id"]) == message
    listed = client.sms.list()
    assert [row["id"] for row in listed] == [message["id"]]
    assert client.sms.messages() == listed


def delivered(client, message_id):
    message = client.sms.get(message_id)
    return message if message["status"] == "DELIVERED" else None


def test_send_with_a_sender(client, admin, customer):
    approved_sender(client, admin, customer, "MyBrand")
    sent = client.sms.send(to="+4799999961", message="Hello", sender_id="MyBrand")
    assert client.sms.get(sent["sms_message_id"])["from_number"] == "MyBrand"
    tried = client.post("/v1/sms/send", {"to": "+4799999961", "message": "Hello", "sender_id": "MyBrand", "dry_run": True})
    assert tried["from_number"] == "MyBrand"


def test_the_key_as_a_token(sdk, customer):
    with sdk.WaysCloudClient(token=customer.key, base_url=customer.url + "/") as client:
        assert client.sms.send("+4799999962", "Hello")["status"] == "QUEUED"


# --- what its callers do with its plain requests ---

def test_cancel(client):
    later = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() + 4))
    sent = client.post("/v1/sms/send", {"to": ["+4799999963"], "message": "Later", "scheduled_at": later})
    assert sent["status"] == "SCHEDULED"
    cancelled = client.post(f"/v1/sms/messages/{sent['sms_message_id']}/cancel")
    assert cancelled["message"] == "Message cancelled"
    assert cancelled["message_id"] == sent["sms_message_id"]
    assert client.sms.get(sent["sms_message_id"])["status"] == "CANCELLED"


def test_sender_profiles(client):
    assert client.get("/v1/sms/sender-profiles") == []
    made = client.post("/v1/sms/sender-profiles", {"name": "marketing", "sender_id": "MyBrand", "brand_confirmation": True})
    assert made["approval_status"] == "pending"
    assert client.get("/v1/sms/sender-profiles") == [made]
    assert client.delete(f"/v1/sms/sender-profiles/{made['id']}") == {"status": "ok"}
    assert client.get("/v1/sms/sender-profiles") == []


def test_status_usage_and_stats(client):
    client.sms.send("+4799999964", "Hello")
    assert client.get("/v1/sms/status")["messages_today"] == 1
    usage = client.get("/v1/sms/usage", {"period": time.strftime("%Y-%m", time.gmtime())})
    assert usage == client.get("/v1/sms/usage")
    assert usage["messages_sent"] == 1
    assert client.get("/v1/sms/stats")["today"]["messages_sent"] == 1


def test_messages_by_filter(client):
    sent = client.post("/v1/sms/send", {"to": ["+4799999965"], "message": "Hello", "customer_ref": "order-1"})
    client.sms.send("+4799999966", "Hello")
    found = client.get("/v1/sms/messages", {"customer_ref": "order-1", "page": 1, "page_size": 10})
    assert [row["id"] for row in found["messages"]] == [sent["sms_message_id"]]
    assert found["total"] == 1 and found["has_more"] is False


def test_contacts_and_groups(client):
    contact = client.post("/v1/contacts", {"type": "person", "name": "Kari Nordmann", "phone_number": "+4799999967"})
    assert client.get("/v1/contacts", {"search": "Kari"})["contacts"] == [contact]
    assert client.patch(f"/v1/contacts/{contact['id']}", {"notes": "vip"})["notes"] == "vip"
    group = client.post("/v1/contacts/groups", {"name": "Oslo"})
    client.post(f"/v1/contacts/groups/{group['id']}/members", {"contact_ids": [contact["id"]]})
    assert client.get(f"/v1/contacts/groups/{group['id']}")["member_count"] == 1
    assert client.delete(f"/v1/contacts/{contact['id']}") == {"status": "ok"}
    assert client.get("/v1/contacts")["total"] == 0


def test_keywords(client):
    assert client.get("/v1/sms/keywords/check/VENDOR")["available"] is True
    made = client.post("/v1/sms/keywords", {"keyword": "VENDOR"})
    assert client.get("/v1/sms/keywords") == [made]
    assert client.delete(f"/v1/sms/keywords/{made['id']}") == {"status": "ok"}


# --- its exceptions ---

def test_a_wrong_key(sdk, errors, customer):
    for key in (customer.key[:-1], "wayscloud_sms_abc12_YOUR_SECRET"):
        with sdk.WaysCloudClient(api_key=key, base_url=customer.url) as client:
            with pytest.raises(errors.AuthenticationError) as raised:
                client.sms.send("+4799999968", "Hello")
            assert raised.value.status_code == 401
            assert raised.value.detail == "This API key is not valid."


def test_what_is_not_there(client, errors):
    with pytest.raises(errors.NotFoundError) as raised:
        client.sms.get("0198c0de-7000-7abc-8def-000000000000")
    assert raised.value.detail == "There is no message with this id."


def test_what_is_wrong(client, errors):
    with pytest.raises(errors.ValidationError) as raised:
        client.sms.send("4799999999", "Hello")
    assert raised.value.status_code == 422
    assert "'+'" in raised.value.detail
    with pytest.raises(errors.ValidationError):
        client.sms.send("+4799999968", "Hello", sender_id="Nobody")


def test_what_is_too_late(client, errors):
    sent = client.sms.send("+4799999969", "Hello")
    eventually("it is delivered", 20, lambda: delivered(client, sent["sms_message_id"]))
    with pytest.raises(errors.ConflictError) as raised:
        client.post(f"/v1/sms/messages/{sent['sms_message_id']}/cancel")
    assert raised.value.detail == "It is too late to cancel: the message is DELIVERED."


def test_a_quota(client, errors, admin, customer):
    admin.change(customer.name, quotas={"messages_per_day": 1})
    eventually("the quota holds", 10, lambda: quota_refuses(client, errors), 0.5)
    assert client.get("/v1/sms/status")["messages_today"] <= 5


def quota_refuses(client, errors):
    """It repeats a 429 by itself, which must not take long when there is nothing to wait for."""
    began = time.monotonic()
    try:
        client.sms.send("+4799999969", "Hello")
    except errors.RateLimitError as error:
        assert "quota" in error.detail
        assert time.monotonic() - began < 5
        return True
    return False


def test_a_rate_limit_is_waited_for(sdk, admin, customer):
    """Its own repeats, which wait as Retry-After says, get through."""
    key = admin.new_key(customer.name, limits={"requests_per_second": 2, "burst": 2})["key"]
    with sdk.WaysCloudClient(api_key=key, base_url=customer.url) as client:
        for i in range(6):
            assert client.sms.send(f"+47999999{i}0", "Hello")["status"] == "QUEUED"


def test_a_scope_that_the_key_does_not_have(sdk, errors, admin, customer):
    key = admin.new_key(customer.name, scopes=["read"])["key"]
    with sdk.WaysCloudClient(api_key=key, base_url=customer.url) as client:
        with pytest.raises(errors.AuthenticationError) as raised:
            client.sms.send("+4799999968", "Hello")
        assert raised.value.status_code == 403
        assert '"send"' in raised.value.detail
