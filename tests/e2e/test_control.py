"""What is said of a send that goes on: pause, resume, cancel, another rate, another time."""

import datetime
import itertools
import time

import ledger
import pytest
from stack import eventually

refs = (f"control-{n}" for n in itertools.count(1))


def numbers(count, first):
    return [f"+4793{i:06}" for i in range(first, first + count)]


def tell(account, send, verb, body=None):
    return account.call("POST", f"/v1/sms/sends/{send}/{verb}", body)


def change(account, send, **fields):
    return account.call("PATCH", f"/v1/sms/sends/{send}", fields)


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def await_status(account, message_id, status, timeout_s=30):
    eventually(f"{message_id} is {status}", timeout_s, lambda: account.get(message_id)["status"] == status)


def count(account, send, status):
    answer = account.call("GET", f"/v1/sms/messages?send_id={send}&status={status}&page_size=1")
    assert answer.status == 200, answer
    return answer.json["total"]


@pytest.fixture
def slow(simulator):
    simulator.behave(latency_ms=250)
    yield simulator
    simulator.behave(latency_ms=0)


def test_a_running_send_is_paused_resumed_and_lost_nothing(stack, account, slow):
    send = account.send(numbers(4000, 0))["sms_message_id"]
    eventually("it has begun", 20, lambda: slow.stats()["distinct_references"] > 0)
    answer = tell(account, send, "pause")
    assert answer.status == 200 and answer.json["id"] == send and answer.json["paused"] is True, answer
    assert answer.json["waiting"] > 0
    time.sleep(1)
    arrived = slow.stats()["distinct_references"]
    assert 0 < arrived < 4000
    time.sleep(1)
    assert slow.stats()["distinct_references"] == arrived, "nothing more goes out"
    assert account.get(send)["status"] == "QUEUED"
    assert tell(account, send, "pause").json["paused"] is True, "again"
    slow.behave(latency_ms=0)
    began = time.monotonic()
    assert tell(account, send, "resume").json["paused"] is False
    eventually("it goes on", 5, lambda: slow.stats()["distinct_references"] > arrived)
    assert time.monotonic() - began < 2
    await_status(account, send, "DELIVERED")
    stats = slow.stats()
    assert stats["distinct_references"] == 4000 and stats["repeated_references"] == 0, stats
    assert [tell(account, send, verb).status for verb in ("pause", "resume", "cancel")] == [409] * 3
    assert change(account, send, rate="5/s").status == 409


@pytest.mark.parametrize("count_", [1, 3, 300])
def test_a_scheduled_send_that_is_paused_waits_beyond_its_time(account, simulator, count_):
    to = numbers(count_, 10000 + 1000 * count_)
    send = account.send(to, scheduled_at=in_seconds(2))["sms_message_id"]
    answer = tell(account, send, "pause")
    assert answer.status == 200 and answer.json["waiting"] == count_, answer
    time.sleep(3.2)
    assert account.get(send)["status"] == "SCHEDULED" and simulator.messages(to[0]) == []
    assert tell(account, send, "resume").json["paused"] is False
    await_status(account, send, "DELIVERED", 5)


def test_cancelling_a_running_send_is_exact(stack, account, slow):
    send = account.send(numbers(4000, 20000))["sms_message_id"]
    eventually("it has begun", 20, lambda: slow.stats()["distinct_references"] > 0)
    eventually("some of it waits", 20, lambda: count(account, send, "QUEUED") > 100)
    answer = tell(account, send, "cancel")
    assert answer.status == 200, answer
    cancelled, late = answer.json["cancelled"], answer.json["too_late"]
    assert cancelled > 0 and late > 0
    assert count(account, send, "CANCELLED") == cancelled, "at once"
    assert count(account, send, "QUEUED") == 0
    again = tell(account, send, "cancel")
    assert (again.status, again.json["cancelled"], again.json["too_late"]) == (200, 0, late)
    ledger.quiet(stack, slow)
    assert count(account, send, "CANCELLED") == cancelled and count(account, send, "DELIVERED") == late
    assert slow.stats()["distinct_references"] == late
    eventually("it is swept", 10, lambda: not any(stack.redis("KEYS", "z:*:X")))
    eventually("the delay queue is empty", 10, lambda: ledger.waiting_entries(stack) == 0)
    assert count(account, send, "CANCELLED") == cancelled
    assert tell(account, send, "resume").status == 409


def test_a_schedule_is_moved(account, simulator):
    for first, many in ((30000, 1), (30010, 3), (31000, 250)):
        to = numbers(many, first)
        sent = account.send(to, scheduled_at=in_seconds(3600))
        at = in_seconds(2)
        answer = change(account, sent["sms_message_id"], scheduled_at=at)
        assert answer.status == 200 and answer.json["scheduled_at"] == at, answer
        message = account.get(sent["sms_message_id"])
        assert (message["status"], message["scheduled_at"]) == ("SCHEDULED", at)
        await_status(account, sent["sms_message_id"], "DELIVERED", 8)
        assert account.get(sent["sms_message_id"])["scheduled_at"] == at
        assert change(account, sent["sms_message_id"], scheduled_at=in_seconds(60)).status == 409


def test_a_schedule_is_moved_to_another_day_and_counts_there(admin, account):
    own = admin.new_account("control-days", account.url)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=3)
    sends = [own.send(numbers(many, 40000 + many), scheduled_at=in_seconds(2))["sms_message_id"] for many in (1, 4, 150)]
    for send in sends:
        answer = change(own, send, scheduled_at=later.strftime("%Y-%m-%dT09:00"), timezone="Asia/Tokyo")
        assert answer.status == 200 and answer.json["scheduled_at"] == later.strftime("%Y-%m-%dT00:00:00Z"), answer
    time.sleep(3)
    assert [own.get(send)["status"] for send in sends] == ["SCHEDULED"] * 3, "their first time has passed"
    cancelled = [tell(own, send, "cancel").json["cancelled"] for send in sends]
    assert cancelled == [1, 4, 150]


def test_what_can_be_asked_for_is_checked_as_for_a_send(account):
    send = account.send("+4793500001", scheduled_at=in_seconds(3600))["sms_message_id"]
    for fields, pointer in (({}, ""), ({"rate": "fast"}, "/rate"), ({"rate": "1/h"}, "/rate"), ({"rate": 5}, "/rate"),
                            ({"scheduled_at": "2020-01-01T00:00"}, "/scheduled_at"), ({"scheduled_at": "soon"}, "/scheduled_at"),
                            ({"scheduled_at": in_seconds(40 * 86400)}, "/scheduled_at"), ({"timezone": "Mars"}, "/timezone"),
                            ({"timezone": "Europe/Oslo"}, ""), ({"message": "other"}, "/message")):
        answer = change(account, send, **fields)
        assert answer.status == 422 and answer.json["errors"][0]["pointer"] == pointer, (fields, answer)
    assert account.call("PATCH", f"/v1/sms/sends/{send}", "{").status == 400
    assert change(account, send, rate="90/min").json["rate_per_second"] in (None, 1.5)
    running = account.send(numbers(3, 500010))["sms_message_id"]
    assert change(account, running, scheduled_at=in_seconds(60)).status == 409
    assert tell(account, send, "cancel").json["cancelled"] == 1


def test_what_is_not_there_is_404(admin, account):
    send = account.send("+4793500005", scheduled_at=in_seconds(3600))["sms_message_id"]
    other = admin.new_account("controller", account.url)
    for who, where in ((other, send), (account, "0198c0de-7000-7abc-8def-000000000000"), (account, "nonsense"),
                       (account, send[:-6] + "000001")):
        assert [tell(who, where, verb).status for verb in ("pause", "resume", "cancel")] == [404] * 3
        assert change(who, where, rate="5/s").status == 404
    assert account.get(send)["status"] == "SCHEDULED"
    assert tell(account, send, "cancel").status == 200


def test_the_rate_of_a_running_send_is_changed(account, simulator):
    send = account.send(numbers(400, 60000), rate="20/s")["sms_message_id"]
    eventually("it has begun", 10, lambda: simulator.stats()["distinct_references"] > 0)
    time.sleep(1)
    assert simulator.stats()["distinct_references"] < 100
    answer = change(account, send, rate=None)
    assert answer.status == 200 and answer.json["rate_per_second"] is None, answer
    await_status(account, send, "DELIVERED", 6)


def test_all_sends_with_a_reference(account, simulator):
    ref = next(refs)
    sends = [account.send(numbers(many, 70000 + many), scheduled_at=in_seconds(2), customer_ref=ref)["sms_message_id"]
             for many in (1, 2, 120)]
    other = account.send("+4793700500", scheduled_at=in_seconds(2), customer_ref=ref + "x")["sms_message_id"]

    def tell_all(verb, **body):
        return account.call("POST", f"/v1/sms/sends/{verb}", {"customer_ref": ref, **body})

    answer = tell_all("pause")
    assert answer.status == 200, answer
    assert answer.json == {"customer_ref": ref, "sends": 3, "paused": True, "waiting": 123, "cursor": None}
    await_status(account, other, "DELIVERED")
    time.sleep(1.5)
    assert [account.get(send)["status"] for send in sends] == ["SCHEDULED"] * 3
    assert tell(account, sends[0], "resume").status == 200
    await_status(account, sends[0], "DELIVERED", 5)
    answer = tell_all("cancel")
    assert answer.status == 200, answer
    assert answer.json == {"customer_ref": ref, "sends": 3, "cancelled": 122, "too_late": 1, "cursor": None}
    assert [account.get(send)["status"] for send in sends] == ["DELIVERED", "CANCELLED", "CANCELLED"]
    assert tell_all("resume").json["waiting"] == 0
    assert tell_all("resume", cursor="0").json["sends"] == 3
    assert account.call("POST", "/v1/sms/sends/cancel", {"customer_ref": "nobody has it"}).status == 404
    assert account.call("POST", "/v1/sms/sends/cancel", {}).status == 422
    assert tell_all("cancel", cursor="x").status == 422
