"""How fast the requests of a key may come, how much an account may send, and how the admin API sets it."""

import datetime
import itertools
import signal
import threading
import time

import pytest

import ledger
from api import Account, call
from stack import eventually

HEADERS = {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"}

names = (f"limits-{n}" for n in itertools.count(1))


@pytest.fixture
def name(admin):
    """An account of the test's own."""
    name = next(names)
    assert admin.call("POST", "/accounts", {"id": name, "name": name}).status == 201
    return name


def ask(customer):
    return customer.call("GET", "/v1/sms/status")


def limited(admin, account, name, per_s, burst, url=None):
    key = admin.new_key(name, limits={"requests_per_second": per_s, "burst": burst})["key"]
    return Account(url or account.url, key)


def test_without_a_limit_there_are_no_headers(account):
    answer = ask(account)
    assert answer.status == 200
    assert not HEADERS & set(answer.headers)


def test_a_burst_passes_and_the_next_is_429(admin, account, name):
    customer = limited(admin, account, name, 1, 5)
    begun = time.monotonic()
    answers = [ask(customer) for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 5
    assert [answer.headers["ratelimit-remaining"] for answer in answers] == ["4", "3", "2", "1", "0"]
    assert {answer.headers["ratelimit-limit"] for answer in answers} == {"5"}
    assert [answer.headers["ratelimit-reset"] for answer in answers] == ["1", "2", "3", "4", "5"]
    refused = ask(customer)
    assert time.monotonic() - begun < 1, "too slow to be a test"
    assert refused.status == 429, refused
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.headers["retry-after"] == "1"
    assert (refused.headers["ratelimit-limit"], refused.headers["ratelimit-remaining"]) == ("5", "0")
    time.sleep(1.1)
    assert ask(customer).status == 200


def test_what_is_refused_has_not_happened(admin, account, name, simulator):
    customer = limited(admin, account, name, 1, 1)
    assert ask(customer).status == 200
    answer = customer.post({"to": ["+4799999950"], "message": "Hello"})
    assert answer.status == 429, answer
    time.sleep(1)
    assert simulator.messages("+4799999950") == []


def test_each_key_has_a_bucket_of_its_own(admin, account, name):
    first, second = limited(admin, account, name, 1, 1), limited(admin, account, name, 1, 1)
    assert ask(first).status == 200
    assert ask(first).status == 429
    assert ask(second).status == 200


def test_an_accounts_limit_holds_for_its_keys_and_is_changed_at_run_time(admin, account, name):
    key = Account(account.url, admin.new_key(name)["key"])
    assert "ratelimit-limit" not in ask(key).headers
    assert admin.change(name, limits={"requests_per_second": 1000, "burst": 77})["limits"] == {
        "requests_per_second": 1000, "burst": 77}
    eventually("the limit holds", 5, lambda: ask(key).headers.get("ratelimit-limit") == "77")
    admin.change(name, limits={})
    eventually("there is none again", 5, lambda: "ratelimit-limit" not in ask(key).headers)


def test_a_limit_for_all_comes_from_the_settings(account, stack):
    with stack.another_api(SMS_API_RATE="2", SMS_API_RATE_BURST="3") as url:
        answers = [call(url, "GET", "/v1/sms/status", headers={"X-API-Key": account.key}) for _ in range(4)]
    assert [answer.status for answer in answers] == [200, 200, 200, 429]


def hammer(customers, for_s):
    """Asks as fast as it goes, with several threads for each; returns how many passed."""
    passed, until = [], time.monotonic() + for_s

    def go(customer):
        while time.monotonic() < until:
            answer = ask(customer)
            assert answer.status in (200, 429), answer
            if answer.status == 200:
                passed.append(time.monotonic())
    threads = [threading.Thread(target=go, args=(customer,)) for customer in customers for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(passed)


def test_several_apis_share_a_bucket(admin, account, name, stack):
    with stack.another_api() as url:
        first = limited(admin, account, name, 50, 20)
        begun = time.monotonic()
        passed = hammer([first, Account(url, first.key)], 3)
        took_s = time.monotonic() - begun
    assert passed <= 20 + 50 * (took_s + 0.1) + 1, (passed, took_s)
    assert passed >= 20 + 50 * 3 * 0.8, (passed, took_s)


def test_an_account_is_changed_field_by_field(admin, name):
    quotas = {"messages_per_day": 1000, "spend_per_month": 1234.565}
    made = admin.change(name, quotas=quotas)
    assert (made["name"], made["currency"], made["active"], made["quotas"]) == (name, "NOK", True, quotas)
    changed = admin.change(name, name="New", currency="EUR", active=None)
    assert changed == {**made, "name": "New", "currency": "EUR"}
    changed = admin.change(name, quotas={"spend_per_month": 5})
    assert changed["quotas"] == {"messages_per_day": None, "spend_per_month": 5.0}
    assert admin.change(name) == changed
    assert admin.call("GET", f"/accounts/{name}").json == changed
    assert admin.change(name, quotas={})["quotas"] == {"messages_per_day": None, "spend_per_month": None}


@pytest.mark.parametrize("fields, pointer", [
    ({"name": ""}, "/name"), ({"currency": "GBP"}, "/currency"), ({"active": 1}, "/active"),
    ({"quotas": {"messages_per_day": 0}}, "/quotas/messages_per_day"),
    ({"quotas": {"messages_per_day": 1.0}}, "/quotas/messages_per_day"),
    ({"quotas": {"spend_per_month": 0.0005}}, "/quotas/spend_per_month"),
    ({"quotas": {"spend_per_month": 1.0005}}, "/quotas/spend_per_month"),
    ({"quotas": {"spend_per_month": "1"}}, "/quotas/spend_per_month"), ({"quotas": []}, "/quotas"),
    ({"quotas": {"messages_per_hour": 1}}, "/quotas"), ({"created_at": "x"}, "/created_at")])
def test_a_wrong_change_is_422_and_changes_nothing(admin, name, fields, pointer):
    before = admin.call("GET", f"/accounts/{name}").json
    answer = admin.call("PATCH", f"/accounts/{name}", fields)
    assert answer.status == 422, answer
    assert answer.json["errors"][0]["pointer"] == pointer
    assert admin.call("GET", f"/accounts/{name}").json == before


def test_a_change_of_nobody_is_404(admin):
    assert admin.call("PATCH", "/accounts/nobody", {"active": False}).status == 404


# --- quotas ---

def numbers(first, count):
    return [f"+47{first + i}" for i in range(count)]


def tomorrow():
    return (datetime.datetime.now(datetime.timezone.utc).date() + datetime.timedelta(days=1)).isoformat() + "T00:00:00Z"


def next_month():
    today = datetime.datetime.now(datetime.timezone.utc).date()
    return (today.replace(day=1) + datetime.timedelta(days=32)).replace(day=1).isoformat() + "T00:00:00Z"


@pytest.fixture
def customer(admin, account, name):
    """With a quota that holds already: it is set before the first request."""
    made = Account(account.url, admin.new_key(name)["key"])
    made.name = name
    return made


def over_quota(answer, quota, limit, requested, remaining, resets_at):
    assert answer.status == 429, answer
    assert "retry-after" not in answer.headers
    shown = answer.json
    assert (shown["quota"], shown["limit"], shown["requested"], shown["remaining"], shown["resets_at"]) == (
        quota, limit, requested, remaining, resets_at)
    assert resets_at in shown["detail"]


def test_a_send_beyond_the_days_messages_is_refused_as_a_whole(admin, customer, simulator):
    admin.change(customer.name, quotas={"messages_per_day": 5})
    sent = [customer.send(numbers(99990000, 3))["sms_message_id"]]
    over_quota(customer.post({"to": numbers(99990010, 3), "message": "Hello"}), "messages_per_day", 5, 3, 2, tomorrow())
    sent.append(customer.send(numbers(99990020, 2))["sms_message_id"])
    over_quota(customer.post({"to": numbers(99990030, 1), "message": "Hello"}), "messages_per_day", 5, 1, 0, tomorrow())
    assert customer.post({"to": numbers(99990030, 1), "message": "Hello", "dry_run": True}).status == 200
    ledger.await_final(customer, sent)
    assert simulator.stats()["distinct_references"] == 5
    admin.change(customer.name, quotas={})
    eventually("the quota is gone", 5, lambda: customer.post({"to": numbers(99990040, 1), "message": "x"}).status == 200)


def test_a_send_beyond_the_months_money_is_refused_as_a_whole(admin, customer):
    price = customer.post({"to": numbers(99990050, 1), "message": "Hello", "dry_run": True}).json["price_estimate"]
    limit = round(price * 2.5, 3)
    admin.change(customer.name, quotas={"spend_per_month": limit})
    eventually("the quota holds", 5, lambda: customer.post({"to": numbers(99990050, 3), "message": "x"}).status == 429)
    over_quota(customer.post({"to": numbers(99990050, 3), "message": "Hello"}), "spend_per_month", limit,
               round(3 * price, 3), limit, next_month())
    two = customer.send(numbers(99990060, 2))["sms_message_id"]
    over_quota(customer.post({"to": numbers(99990070, 1), "message": "Hello"}), "spend_per_month", limit, price,
               round(limit - 2 * price, 3), next_month())
    ledger.await_final(customer, [two])


def test_of_many_sends_at_once_none_passes_beyond_the_quota(admin, customer, stack):
    admin.change(customer.name, quotas={"messages_per_day": 50})
    answers = []

    def go(sender, i):
        answers.append(sender.post({"to": numbers(99991000 + 10 * i, 3), "message": "Hello"}))
    with stack.another_api() as url:
        senders = [customer, Account(url, customer.key)]
        threads = [threading.Thread(target=go, args=(senders[i % 2], i)) for i in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        accepted = [answer.json["sms_message_id"] for answer in answers if answer.status == 200]
        assert len(accepted) == 16 and len(answers) == 40
        assert {answer.status for answer in answers} == {200, 429}
        ledger.await_final(customer, accepted)


def test_what_kafka_surely_does_not_have_is_given_back(admin, customer, stack):
    admin.change(customer.name, quotas={"messages_per_day": 3})
    first = customer.send(numbers(99992000, 1))["sms_message_id"]
    stack.kill("kafka-1")
    try:
        answers = [customer.post({"to": numbers(99992010, 2), "message": "Hello"}) for _ in range(4)]
    finally:
        stack.restart("kafka-1")
    stack.await_ready()
    statuses = [answer.status for answer in answers]
    assert set(statuses) <= {500, 503}, statuses
    last = customer.post({"to": numbers(99992010, 2), "message": "Hello"})
    assert last.status == (429 if 500 in statuses else 200), (last, statuses)  # what may be in Kafka counts
    ledger.await_final(customer, [first, *(last.json["sms_message_id"] for _ in range(last.status == 200))])


def test_a_repeat_of_a_send_whose_acknowledgement_was_lost_counts_once(admin, customer, stack):
    admin.change(customer.name, quotas={"messages_per_day": 3})
    first = customer.send(numbers(99992040, 1))["sms_message_id"]
    what, headers = {"to": numbers(99992050, 2), "message": "Hello"}, {"Idempotency-Key": "lost"}
    stack.signal("kafka-1", signal.SIGSTOP)
    try:
        assert customer.post(what, headers).status == 503
    finally:
        stack.signal("kafka-1", signal.SIGCONT)
    stack.await_ready()
    answers = []

    def is_accepted():
        answers.append(customer.post(what, headers))
        return answers[-1].status == 200
    eventually("the repeat is accepted", 60, is_accepted, 1)
    over_quota(customer.post({"to": numbers(99992060, 1), "message": "Hello"}), "messages_per_day", 3, 1, 0, tomorrow())
    ledger.await_final(customer, [first, answers[-1].json["sms_message_id"]])


def test_while_redis_is_away_an_account_with_a_quota_sends_nothing(admin, customer, account, stack):
    admin.change(customer.name, quotas={"messages_per_day": 3})
    first = customer.send(numbers(99992020, 1))["sms_message_id"]
    assert ask(account).status == 200
    stack.kill("redis-1")
    try:
        time.sleep(0.2)
        answer = customer.post({"to": numbers(99992030, 1), "message": "Hello"})
        assert answer.status == 503 and "quota" in answer.json["detail"], answer
    finally:
        stack.restart("redis-1")
    stack.await_ready()
    second = customer.send(numbers(99992030, 2))["sms_message_id"]
    ledger.await_final(customer, [first, second])
