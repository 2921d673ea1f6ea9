"""Sends for later, and what is cancelled before it goes out."""

import datetime
import json
import threading
import time
import zoneinfo

import ledger
from stack import eventually


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%S")


def cancel(account, message_id):
    return account.call("POST", f"/v1/sms/messages/{message_id}/cancel")


def test_a_scheduled_message_goes_out_at_its_time(account, simulator):
    at = in_seconds(4)
    sent = account.send("+4799999930", scheduled_at=at)
    assert (sent["status"], sent["scheduled_at"]) == ("SCHEDULED", at + "Z")
    message = account.get(sent["sms_message_id"])
    assert (message["status"], message["scheduled_at"]) == ("SCHEDULED", at + "Z")
    time.sleep(1.5)
    assert account.get(sent["sms_message_id"])["status"] == "SCHEDULED"
    assert simulator.messages("+4799999930") == []
    ledger.await_final(account, [sent["sms_message_id"]])
    message = account.get(sent["sms_message_id"])
    assert message["sent_at"] >= at + "Z" and message["scheduled_at"] == at + "Z"


def test_a_time_without_an_offset_is_that_of_its_time_zone(account, simulator):
    at = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(seconds=3)
    sent = account.send("+4799999931", "Reminder: Your appointment is tomorrow at 10:00", customer_ref="reminder-12345",
                        scheduled_at=at.astimezone(zoneinfo.ZoneInfo("Asia/Tokyo")).strftime("%Y-%m-%dT%H:%M:%S"),
                        timezone="Asia/Tokyo")
    assert sent["scheduled_at"] == at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert cancel(account, sent["sms_message_id"]).status == 200


def test_a_cancelled_message_is_never_sent(account, simulator):
    sent = account.send(["+4799999932", "+4799999933", "+4799999934"], scheduled_at=in_seconds(3))
    send_id = sent["sms_message_id"]
    answer = cancel(account, f"{send_id[:-6]}000002")
    assert answer.status == 200, answer
    assert answer.json == {"message": "Message cancelled", "message_id": f"{send_id[:-6]}000002", "cancelled": 1,
                           "too_late": 0}
    assert cancel(account, f"{send_id[:-6]}000002").json["cancelled"] == 0
    ledger.await_final(account, [f"{send_id[:-6]}000001", f"{send_id[:-6]}000003"])
    assert simulator.messages("+4799999933") == []
    assert account.get(f"{send_id[:-6]}000002")["status"] == "CANCELLED"
    late = cancel(account, send_id)
    assert (late.status, late.json["cancelled"], late.json["too_late"]) == (200, 0, 2)


def test_too_late_is_409_with_the_status(account, simulator):
    message_id = account.send("+4799999935")["sms_message_id"]
    ledger.await_final(account, [message_id])
    answer = cancel(account, message_id)
    assert answer.status == 409 and "DELIVERED" in answer.json["detail"], answer


def test_what_is_not_there_cannot_be_cancelled(admin, account, simulator):
    message_id = account.send("+4799999936", scheduled_at=in_seconds(4))["sms_message_id"]
    other = admin.new_account("canceller", account.url)
    assert cancel(other, message_id).status == 404
    assert cancel(account, "0198c0de-7000-7abc-8def-000000000000").status == 404
    assert cancel(account, "nonsense").status == 404
    assert account.get(message_id)["status"] == "SCHEDULED"
    assert cancel(account, message_id).status == 200


def test_an_id_may_be_written_in_any_case_and_is_shown_in_one(account):
    message_id = account.send("+4799999955", scheduled_at=in_seconds(4))["sms_message_id"]
    answer = account.call("POST", f"/v1/sms/messages/{message_id.upper()}/cancel")
    assert answer.status == 200 and answer.json["message_id"] == message_id
    assert account.get(message_id.upper())["id"] == message_id


def test_cancel_and_the_sender_exclude_each_other(account, simulator):
    """Cancelled while they are being sent: each message is either at the carrier or cancelled, never both or neither."""
    at = in_seconds(2)
    ids = [account.send(f"+479999{n:04}", scheduled_at=at)["sms_message_id"] for n in range(300)]
    time.sleep(max(0, 1.9 - (time.time() % 1)))
    answers = {}

    def cancel_some(part):
        for message_id in part:
            answers[message_id] = cancel(account, message_id).status

    threads = [threading.Thread(target=cancel_some, args=(ids[i::4],)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    eventually("all are final", 30,
               lambda: all(account.get(i)["status"] in ("DELIVERED", "CANCELLED") for i in ids), 0.5)
    for message_id in ids:
        message = account.get(message_id)
        arrived = len(simulator.messages(message["to_number"]))
        assert (message["status"], arrived, answers[message_id]) in (
            ("CANCELLED", 0, 200), ("DELIVERED", 1, 409)), message


def test_after_a_long_stop_of_the_scheduler_what_is_still_valid_goes_out(stack, account, simulator):
    many, others = ([f"+4791{i:06}" for i in range(first, first + 1200)] for first in (0, 1200))
    sends = {}
    with stack.another_api(SMS_MESSAGE_VALIDITY="10s") as url:
        short = type(account)(url, account.key)
        stack.stop("scheduler-1")
        at = in_seconds(3)
        for name, customer, single, large in (("valid", account, "+4799999938", many),
                                              ("expired", short, "+4799999939", others)):
            sends[name] = [customer.send(to, scheduled_at=at)["sms_message_id"] for to in (single, large)]
    due_s = datetime.datetime.fromisoformat(at + "+00:00").timestamp()
    time.sleep(max(0, due_s + 10.1 - time.time()))
    assert {account.get(send)["status"] for both in sends.values() for send in both} == {"SCHEDULED"}
    assert simulator.stats()["received"] == 0
    stack.restart("scheduler-1")
    ledger.await_final(account, sends["valid"])
    ledger.await_final(account, sends["expired"], "FAILED")
    single, large = sends["expired"]
    assert account.get(single)["error_code"] == "expired"
    results = account.call("GET", f"/v1/sms/sends/{large}/messages?error_code=expired").body.splitlines()
    assert {json.loads(line)["to_number"] for line in results} == set(others) and len(results) == len(others)
    stats = simulator.stats()
    assert (stats["received"], stats["distinct_references"]) == (1 + len(many), 1 + len(many)), stats
