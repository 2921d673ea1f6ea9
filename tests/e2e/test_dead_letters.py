"""What can't be processed: it stops nobody, and an operator sees it and puts it back."""

import itertools
import json
import time

import pytest

import ledger
from stack import eventually
from test_ctl import DONE, REFUSED, UNREACHABLE, USAGE, ctl  # noqa: F401

pytestmark = pytest.mark.buries

names = (f"test-dead-{n}" for n in itertools.count(1))


@pytest.fixture
def dead(ctl, stack):  # noqa: F811
    """sms-ctl dead ..., as JSON where it has any."""
    def run(*words, status=DONE):
        done = ctl("dead", *words, "--json", "--wait", "20", status=status, SMS_KAFKA_BROKERS=stack.env["KAFKA_BROKERS"])
        return json.loads(done.stdout) if status == DONE else done.stderr
    return run


@pytest.fixture
def publish(stack):
    """Lets the scheduler publish a record, as if it had waited in the delay queue."""
    def put(topic, record, key="key"):
        name = next(names)
        stack.redis("HSET", "rec:{due:0}", name, f"{topic}\n{key}\n{record}")
        stack.redis("ZADD", "due:{due:0}", "1", name)
    return put


def await_letter(dead, **wanted):
    def find():
        return next((row for row in dead("list", "--limit", "1000")["dead_letters"]
                     if all(row[field] == value for field, value in wanted.items())), None)
    return eventually(f"a dead letter with {wanted}", 20, find, 0.3)


@pytest.mark.parametrize("topic, worker", [
    ("sms.jobs", "expander-1"), ("sms.dispatch.fast", "sender-1"), ("sms.dispatch.bulk", "sender-1"),
    ("sms.reports", "receipts-1"), ("no.such.topic", "scheduler-1")])
def test_a_record_that_cannot_be_read_is_buried_and_stops_nobody(stack, account, dead, publish, topic, worker):
    buried = stack.metric(worker, "sms_dead_letters_total")
    record = f"no record {time.time_ns()}"
    publish(topic, record)
    letter = await_letter(dead, topic=topic, bytes=len(record))
    assert letter["reason"] and letter["account"] is None and letter["replayed_at"] is None
    assert stack.metric(worker, "sms_dead_letters_total") == buried + 1
    whole = dead("show", letter["id"], "--reveal")
    assert whole["record"] == record
    assert record not in json.dumps(dead("show", letter["id"]))
    ledger.await_final(account, [account.send("+4799999970")["sms_message_id"]])


def test_a_chunk_whose_numbers_are_others_is_buried_with_its_account(stack, account, dead, publish):
    send = account.send("+4799999971", "A secret")["sms_message_id"]
    ledger.await_final(account, [send])
    chunk = {"v": 1, "account": "demo", "send": send, "chunk": 0, "single": True, "at": time.time_ns() // 10**6,
             "until": time.time_ns() // 10**6 + 3600000, "encoding": "gsm7", "parts": 1, "body": "A secret",
             "reply": False, "type": "PLAIN", "to": ["4799999972"]}
    record = json.dumps(chunk)
    publish("sms.dispatch.bulk", record)
    letter = await_letter(dead, topic="sms.dispatch.bulk", bytes=len(record), account="demo")
    assert "differ" in letter["reason"]
    shown = dead("show", letter["id"])["record"]
    assert "secret" not in shown and "4799999972" not in shown and send in shown
    assert json.loads(dead("show", letter["id"], "--reveal")["record"]) == chunk
    listed = dead("list", "--topic", "sms.dispatch.bulk", "--account", "demo", "--reason", letter["reason"], "--since", "PT1H")
    assert letter["id"] in [row["id"] for row in listed["dead_letters"]]
    assert dead("list", "--account", "nobody")["dead_letters"] == []
    assert len(dead("list", "--limit", "1")["dead_letters"]) == 1


def test_what_was_mended_is_replayed(stack, account, simulator, dead, publish):
    simulator.behave(report={"enabled": False})

    def bury(number):
        """A report on a message that is not known for a while."""
        send = account.send(number)["sms_message_id"]
        eventually("it is SENT", 20, lambda: account.get(send)["status"] == "SENT")
        digits = send.replace("-", "")[:26]
        stack.redis("RENAME", f"m:{{demo}}:{digits}", f"lost:{{demo}}:{digits}")
        record = json.dumps({"v": 1, "account": "demo", "message": send, "attempt": 1, "state": "delivered", "at": 0})
        publish("sms.reports", record, send)
        letter = await_letter(dead, topic="sms.reports", bytes=len(record), account="demo", replayed_at=None)
        stack.redis("RENAME", f"lost:{{demo}}:{digits}", f"m:{{demo}}:{digits}")
        return send, letter

    send, letter = bury("+4799999973")
    assert dead("replay", letter["id"])["replayed"][0]["topic"] == "sms.reports"
    ledger.await_final(account, [send])
    assert await_letter(dead, id=letter["id"])["replayed_at"]
    assert "--again" in dead("replay", letter["id"], status=REFUSED)
    send, other = bury("+4799999974")
    done = dead("replay", "--reason", other["reason"], "--account", "demo", "--since", "PT5M")["replayed"]
    assert [row["id"] for row in done] == [other["id"]], "not those that were replayed before"
    ledger.await_final(account, [send])
    assert dead("replay", letter["id"], "--again")["replayed"]


def test_a_record_without_a_topic_cannot_be_replayed(dead, publish):
    record = f"nowhere {time.time_ns()}"
    publish("other.topic", record)
    letter = await_letter(dead, topic="other.topic", bytes=len(record))
    assert "other.topic" in dead("replay", letter["id"], status=REFUSED)


def test_wrong_lines(dead, ctl, stack):  # noqa: F811
    assert "no dead letter" in dead("show", "0:999999999", status=REFUSED)
    assert "no dead letter" in dead("replay", "x", status=REFUSED)
    assert "ID" in dead("replay", status=USAGE)
    assert "--since" in dead("list", "--since", "yesterday", status=USAGE)
    assert "--limit" in dead("list", "--limit", "0", status=USAGE)
    done = ctl("dead", "list", "--wait", "1", status=UNREACHABLE, SMS_KAFKA_BROKERS="127.0.0.1:1")
    assert "no broker answers" in done.stderr
    assert ctl("dead", "list", "--limit", "1", SMS_KAFKA_BROKERS=stack.env["KAFKA_BROKERS"]).stdout.startswith("ID")
