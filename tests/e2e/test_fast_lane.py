"""Who may take the fast lane, and how much of an account may be on its way."""

import itertools

import pytest

import kafka
from stack import eventually

numbers = itertools.count(1)


class Lanes:
    """An account of the test's own, which may put five messages a second into the fast lane."""

    def __init__(self, stack, admin, account):
        self.stack = stack
        self.name = f"lanes-{next(numbers)}"
        self.account = admin.new_account(self.name, account.url)
        admin.change(self.name, share={"fast_per_second": 5})

    def sent(self, count, **more):
        """Sends to so many numbers at once; which lane that took."""
        before = self._reach()
        self.account.send([f"+47999{n:05}" for n in range(count)], **more)
        after = self._reach()
        return [lane for lane, was, now in zip(("fast", "bulk"), before, after) if now > was]

    def _reach(self):
        return [kafka.end_offsets(self.stack.env["KAFKA_BROKERS"], (f"sms.dispatch.{lane}",))
                for lane in ("fast", "bulk")]


@pytest.fixture
def lanes(stack, admin, account):
    return Lanes(stack, admin, account)


def test_what_goes_beyond_the_allowance_goes_the_bulk_way(lanes):
    assert lanes.sent(100) == ["fast"], "a chunk of the largest always fits into a bucket that is full"
    assert lanes.sent(100) == ["bulk"]
    assert lanes.sent(1) == ["bulk"]


def test_one_time_codes_have_an_allowance_of_their_own(lanes):
    lanes.sent(100)
    assert lanes.sent(100) == ["bulk"]
    assert lanes.sent(1, message_type="VERIFY") == ["fast"]
    lanes.sent(99, message_type="VERIFY")
    assert lanes.sent(100, message_type="VERIFY") == ["bulk"], "which has an end, too"


def test_another_account_is_not_concerned(lanes, stack, admin, account):
    lanes.sent(100)
    assert lanes.sent(100) == ["bulk"]
    assert Lanes(stack, admin, account).sent(1) == ["fast"]


def test_all_processes_share_one_allowance(lanes, stack, admin, account):
    with stack.another_api() as url:
        other = Lanes(stack, admin, account)
        other.name, other.account = lanes.name, type(lanes.account)(url, lanes.account.key)
        assert lanes.sent(100) == ["fast"]
        other.sent(1)  # on credit, and from then on it knows
        assert eventually("the other process knows", 5, lambda: other.sent(1)) == ["bulk"]


def test_too_much_on_its_way_is_refused(lanes, admin, simulator):
    admin.change(lanes.name, share={"open_max": 3})
    simulator.behave(throttle_rate=1)
    eventually("what is set is known", 5, lambda: lanes.account.post(
        {"to": ["+4799999901"], "message": "Hello"}).status == 429, 0.3)
    refused = lanes.account.post({"to": ["+4799999901"], "message": "Hello"})
    assert refused.status == 429, refused
    assert int(refused.headers["retry-after"]) > 0
    assert refused.json["limit"] == 3 and refused.json["open"] >= 3
    assert lanes.account.post({"to": ["+4799999901"], "message": "Hello", "dry_run": True}).status == 200
    simulator.behave(throttle_rate=0)
    eventually("there is room again", 20, lambda: lanes.account.post(
        {"to": ["+4799999901"], "message": "Hello"}).status == 200, 0.3)


def test_what_an_operator_sets(admin, lanes):
    assert admin.change(lanes.name, share={"fast_per_second": 7, "open_max": 1000, "weight": 30})["share"] == {
        "fast_per_second": 7, "open_max": 1000, "weight": 30}
    assert admin.change(lanes.name, name="Other")["share"]["open_max"] == 1000, "it stays"
    assert admin.change(lanes.name, share={})["share"] == {
        "fast_per_second": None, "open_max": None, "weight": None}
    refused = admin.call("PATCH", f"/accounts/{lanes.name}", {"share": {"fast_per_second": 0}})
    assert refused.status == 422
    assert refused.json["errors"][0]["pointer"] == "/share/fast_per_second"
