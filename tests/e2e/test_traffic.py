"""The kill switch: what an operator stops at once, of one account or of all."""

import itertools
import time

import pytest
from stack import eventually
from test_ctl import USAGE, ctl, value  # noqa: F401 (a fixture)

names = (f"traffic-{n}" for n in itertools.count(1))


def numbers(count, first):
    return [f"+4794{i:06}" for i in range(first, first + count)]


def await_status(account, message_id, status, timeout_s=20):
    eventually(f"{message_id} is {status}", timeout_s, lambda: account.get(message_id)["status"] == status)


@pytest.fixture
def stopped(ctl, stack):  # noqa: F811
    assert value(ctl("pause", "--all"), "PAUSED") == "yes"
    for worker in ("sender-1", "expander-1"):
        eventually(f"{worker} knows", 2, lambda name=worker: stack.metric(name, "sms_traffic_paused") == 1)
    yield
    ctl("resume", "--all")


def test_all_traffic_is_paused_and_goes_on(ctl, stack, account, simulator, stopped):  # noqa: F811
    single = account.send("+4794900001")["sms_message_id"]
    large = account.send(numbers(300, 0))["sms_message_id"]
    time.sleep(1.2)
    assert simulator.stats()["received"] == 0
    assert account.get(single)["status"] == account.get(large)["status"] == "QUEUED"
    assert value(ctl("traffic"), "PAUSED") == "yes" and value(ctl("traffic"), "SINCE") != "-"
    assert stack.page("sender-1", "/readyz")[0] == 200
    assert "ev=traffic_paused" in stack.log_since("sender-1", 0)
    stack.kill("sender-1")
    stack.restart("sender-1")
    time.sleep(0.5)
    assert simulator.stats()["received"] == 0, "a sender that starts looks first"
    assert value(ctl("resume", "--all"), "PAUSED") == "no"
    for message_id in (single, large):
        await_status(account, message_id, "DELIVERED")
    assert simulator.stats()["repeated_references"] == 0
    assert value(ctl("traffic"), "SINCE") == "-"


def test_what_is_under_way_stops_within_a_second(ctl, stack, account, simulator):  # noqa: F811
    simulator.behave(latency_ms=200)
    try:
        large = account.send(numbers(4000, 10000))["sms_message_id"]
        eventually("it has begun", 20, lambda: simulator.stats()["distinct_references"] > 0)
        ctl("pause", "--all")
        time.sleep(1)
        arrived = simulator.stats()["distinct_references"]
        time.sleep(0.7)
        assert 0 < arrived < 4000 and simulator.stats()["distinct_references"] == arrived
    finally:
        simulator.behave(latency_ms=0)
        ctl("resume", "--all")
    await_status(account, large, "DELIVERED", 40)


def test_one_account_is_paused(ctl, admin, account, simulator):  # noqa: F811
    name = next(names)
    own = admin.new_account(name, account.url)
    assert value(ctl("pause", name), "PAUSED") == "yes"
    assert value(ctl("account", "show", name), "PAUSED") == "yes"
    message_id = own.send("+4794900010")["sms_message_id"]
    other = account.send("+4794900011")["sms_message_id"]
    await_status(account, other, "DELIVERED")
    time.sleep(0.5)
    assert own.get(message_id)["status"] == "QUEUED" and simulator.messages("+4794900010") == []
    done = ctl("resume", name)
    assert (value(done, "PAUSED"), value(done, "ACCOUNT")) == ("no", name)
    await_status(own, message_id, "DELIVERED", 5)


@pytest.mark.parametrize("words", [("pause",), ("resume",), ("pause", "acme", "--all")])
def test_it_must_be_said_what_is_paused(ctl, words):  # noqa: F811
    assert "an account, or --all" in ctl(*words, status=USAGE).stderr


def test_the_admin_api_says_what_it_wants(admin):
    assert admin.call("GET", "/traffic").json == {"paused": False, "paused_at": None}
    for body, code in (({}, "missing"), ({"paused": "yes"}, "invalid"), ({"paused": False, "more": 1}, "unknown_field")):
        answer = admin.call("PATCH", "/traffic", body)
        assert answer.status == 422 and answer.json["errors"][0]["code"] == code, answer
