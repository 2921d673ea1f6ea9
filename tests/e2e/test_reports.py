"""Delivery reports: applied once, in whatever order and however often they come, and only from the carrier."""

import base64
import hashlib
import hmac
import time

import pytest

import ledger
from api import call
from load import Load
from stack import eventually

COUNT = 50


@pytest.fixture(scope="module")
def report(stack):
    """Posts a report as the carrier would; returns the status."""
    url, secret = f"http://127.0.0.1:{stack.base + 2}", stack.secret("SMS_REPORTS_SECRET")

    def post(message_id, attempt=1, account="demo", signature=None, method="POST", **body):
        subject = f"{account}/{message_id}/{attempt}"
        mac = hmac.new(secret.encode(), subject.encode(), hashlib.sha256).digest()[:16]
        right = base64.urlsafe_b64encode(mac).decode().rstrip("=")
        return call(url, method, f"/reports/{subject}/{right if signature is None else signature}",
                    {"status": "delivered", "error": None, "at": "2026-01-31T10:11:12.345Z", **body}).status
    return post


def receipts(stack):
    return {"delivered": stack.metric("receipts-1", 'sms_reports_total{state="delivered"}'),
            "failed": stack.metric("receipts-1", 'sms_reports_total{state="failed"}'),
            "repeated": stack.metric("receipts-1", 'sms_reports_idle_total{why="repeated"}'),
            "refused": stack.metric("receipts-1", 'sms_reports_idle_total{why="not allowed"}')}


def grown(stack, before):
    now = receipts(stack)
    return {name: now[name] - before[name] for name in now}


def sent(account, count=COUNT):
    load = Load(account, count, connections=8)
    load.start()
    load.finish()
    return load.accepted


def test_repeated_and_reordered_reports_change_nothing(stack, account, simulator):
    before = receipts(stack)
    simulator.behave(report={"repeat": 3, "reorder": True, "delay_ms": [0, 500]})
    ids = sent(account)
    ledger.await_final(account, ids)
    first = {message_id: message for message_id, (_, message) in ledger.read_states(account, ids).items()}
    eventually("all repeats are in", 20, lambda: sum(grown(stack, before).values()) == 4 * COUNT)
    assert grown(stack, before) == {"delivered": COUNT, "repeated": 3 * COUNT, "failed": 0, "refused": 0}
    assert first == {message_id: message for message_id, (_, message) in ledger.read_states(account, ids).items()}


def test_a_report_that_overtakes_the_answer_counts(account, simulator):
    simulator.behave(latency_ms=700, report={"overtakes": True, "delay_ms": 0})
    message_id = account.send("+4799999990")["sms_message_id"]
    ledger.await_final(account, [message_id])
    assert simulator.stats()["accepted"] == 1
    message = account.get(message_id)
    assert message["sent_at"] is not None and message["delivered_at"] >= message["sent_at"]
    time.sleep(1)  # the answer comes after it
    later = account.get(message_id)
    assert (later["status"], later["error_code"]) == ("DELIVERED", None)
    assert later["delivered_at"] == message["delivered_at"]


def test_a_failed_report_is_failed_with_its_code(account, simulator):
    simulator.behave(report={"fail_rate": 1})
    message_id = account.send("+4799999991")["sms_message_id"]
    ledger.await_final(account, [message_id], "FAILED")
    message = account.get(message_id)
    assert message["error_code"] == "absent_subscriber" and message["error_message"]
    assert message["sent_at"] is not None and message["delivered_at"] is None


def test_a_report_with_a_wrong_signature_is_403(stack, account, simulator, report):
    simulator.behave(report={"enabled": False})
    message_id = account.send("+4799999992")["sms_message_id"]
    ledger.await_final(account, [message_id], "SENT")
    before = stack.metric("api-1", "sms_reports_received_total")
    for signature in ("", "x", "A" * 22, "A" * 4000):
        assert report(message_id, signature=signature) == 403, signature
    mac = hmac.new(b"another secret", f"demo/{message_id}/1".encode(), hashlib.sha256).digest()[:16]
    assert report(message_id, signature=base64.urlsafe_b64encode(mac).decode().rstrip("=")) == 403
    assert stack.metric("api-1", "sms_reports_received_total") == before
    assert account.get(message_id)["status"] == "SENT"
    assert report(message_id) == 204
    ledger.await_final(account, [message_id])


def test_a_signature_is_good_for_its_own_message_and_attempt_only(stack, account, simulator, report):
    simulator.behave(report={"enabled": False})
    one, other = (account.send(f"+479999999{i}")["sms_message_id"] for i in (3, 4))
    secret = stack.secret("SMS_REPORTS_SECRET").encode()
    mac = hmac.new(secret, f"demo/{one}/1".encode(), hashlib.sha256).digest()[:16]
    signature = base64.urlsafe_b64encode(mac).decode().rstrip("=")
    assert report(other, signature=signature) == 403
    assert report(one, attempt=2, signature=signature) == 403
    assert report(one, account="other", signature=signature) == 403
    assert report(one, method="GET", signature=signature) == 405


@pytest.mark.parametrize("body", [{"status": "buffered"}, {"status": None}, {"status": 7}, {"at": "yesterday"}])
def test_a_report_that_says_nothing_clear_is_400(account, simulator, report, body):
    simulator.behave(report={"enabled": False})
    message_id = account.send("+4799999995")["sms_message_id"]
    ledger.await_final(account, [message_id], "SENT")
    assert report(message_id, **body) == 400
    assert account.get(message_id)["status"] == "SENT"


def test_failed_after_delivered_stays_delivered(stack, account, report):
    message_id = account.send("+4799999996")["sms_message_id"]
    ledger.await_final(account, [message_id])
    before = receipts(stack)
    assert report(message_id, status="failed", error="absent_subscriber") == 204
    eventually("the report is applied", 10, lambda: sum(grown(stack, before).values()) == 1)
    message = account.get(message_id)
    assert (message["status"], message["error_code"]) == ("DELIVERED", None)


def test_the_carriers_time_is_kept_between_sent_and_now(account, simulator, report):
    simulator.behave(report={"enabled": False})
    for at, number in (("2001-01-01T00:00:00Z", "+4799999997"), ("2099-01-01T00:00:00Z", "+4799999998")):
        message_id = account.send(number)["sms_message_id"]
        ledger.await_final(account, [message_id], "SENT")
        assert report(message_id, at=at) == 204
        ledger.await_final(account, [message_id])
        message = account.get(message_id)
        assert message["sent_at"] <= message["delivered_at"] <= time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
