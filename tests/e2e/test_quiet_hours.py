"""Quiet hours: nobody is woken, and in the morning it comes."""

import datetime
import itertools
import time
import zoneinfo

import pytest

import ledger
from stack import eventually
from test_ctl import ctl  # noqa: F401

OSLO = zoneinfo.ZoneInfo("Europe/Oslo")
names = (f"quiet-{n}" for n in itertools.count(1))
numbers = (f"+4798{n:06}" for n in itertools.count(1))


def hours(begin_min=-60, end_min=60):
    """Quiet hours in Oslo around now, so many minutes from now."""
    now = datetime.datetime.now(OSLO)
    begin, end = (now + datetime.timedelta(minutes=minutes) for minutes in (begin_min, end_min))
    return {"from": f"{begin:%H:%M}", "to": f"{end:%H:%M}"}


@pytest.fixture
def name():
    return next(names)


@pytest.fixture
def customer(admin, account, name):
    return admin.new_account(name, account.url)


@pytest.fixture(autouse=True)
def nothing_waits_for_the_morning(stack):
    """What was cancelled is only looked at when its hours are over."""
    yield
    stack.redis("DEL", *(f"{kind}:{{due:{shard}}}" for kind in ("due", "rec") for shard in range(4)))


def test_it_waits_for_the_morning_and_then_goes_out(stack, account, simulator):
    with stack.settings_of("sender-1", SMS_QUIET_JITTER="0s"):
        until = time.time() // 60 * 60 + 60  # the next full minute, or the one after it
        until += 60 if until - time.time() < 5 else 0
        number = next(numbers)
        waits = account.send(number, quiet_hours=hours(-60, (until - time.time() + 59) // 60))["sms_message_id"]
        abroad = account.send([next(numbers), "+819012345678"], quiet_hours=hours(-30, 30))["sms_message_id"]
        goes = account.send(next(numbers), quiet_hours=hours(60, 120))["sms_message_id"]
        code = account.send(next(numbers), quiet_hours=hours(), message_type="VERIFY")["sms_message_id"]
        ledger.await_final(account, [goes, code])
        eventually("in Japan it is another time", 20, lambda: len(simulator.messages("+819012345678")) == 1)
        page = account.call("GET", f"/v1/sms/messages?send_id={abroad}").json["messages"]
        assert sorted(row["status"] for row in page) == ["DELIVERED", "QUEUED"]
        if time.time() < until - 1:
            assert account.get(waits)["status"] == "QUEUED"
            assert simulator.messages(number) == []
        ledger.await_final(account, [waits], timeout_s=until - time.time() + 20)
        assert time.time() >= until
    assert account.call("POST", f"/v1/sms/messages/{abroad}/cancel").status == 200


def test_an_account_has_hours_that_a_send_may_set_aside(ctl, admin, customer, name, simulator):  # noqa: F811
    admin.change(name, quiet_hours=hours())
    waits = eventually("what is set is known", 5, lambda: (lambda sent: sent if not _left(customer, sent) else None)(
        customer.send(next(numbers))["sms_message_id"]), 0.3)
    goes = customer.send(next(numbers), quiet_hours={"from": "00:00", "to": "00:00"})["sms_message_id"]
    ledger.await_final(customer, [goes])
    assert customer.get(waits)["status"] == "QUEUED"
    assert customer.call("POST", f"/v1/sms/messages/{waits}/cancel").status == 200
    ctl("account", "set", name, "--quiet-from", "none", "--quiet-to", "none")
    assert admin.call("GET", f"/accounts/{name}").json["quiet_hours"] == {"from": None, "to": None}


def _left(customer, message_id):
    """Whether it goes out though it is night."""
    for _ in range(8):
        if customer.get(message_id)["status"] != "QUEUED":
            return True
        time.sleep(0.1)
    return False


def test_what_ends_before_the_morning_is_failed(stack, account, simulator):
    number = next(numbers)
    with stack.another_api(SMS_MESSAGE_VALIDITY="10s") as url:
        other = type(account)(url, account.key)
        message_id = other.send(number, quiet_hours=hours())["sms_message_id"]
    ledger.await_final(account, [message_id], "FAILED", timeout_s=30)
    assert account.get(message_id)["error_code"] == "expired"
    assert simulator.messages(number) == []


def test_what_an_operator_sets(ctl, admin, customer, name):  # noqa: F811
    shown = ctl("account", "set", name, "--quiet-from", "21:00", "--quiet-to", "08:00").stdout
    assert "21:00" in shown and "08:00" in shown
    assert admin.call("GET", f"/accounts/{name}").json["quiet_hours"] == {"from": "21:00", "to": "08:00"}
    ctl("account", "set", name, "--quiet-to", "07:00")
    assert admin.call("GET", f"/accounts/{name}").json["quiet_hours"] == {"from": "21:00", "to": "07:00"}
    refused = admin.call("PATCH", f"/accounts/{name}", {"quiet_hours": {"from": "08:00", "to": "07:00"}})
    assert refused.status == 422 and refused.json["errors"][0]["code"] == "too_long"
    assert admin.change(name, quiet_hours={})["quiet_hours"] == {"from": None, "to": None}
    refused = customer.post({"to": ["+4790000000"], "message": "x", "quiet_hours": {"from": "00:00", "to": "23:59"}})
    assert refused.status == 422 and refused.json["errors"][0]["pointer"] == "/quiet_hours", refused
