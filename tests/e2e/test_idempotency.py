"""Requests with an Idempotency-Key: carried out once, however often they come."""

import collections
import itertools
import signal
import threading
import time

import pytest

import ledger
from api import Account
from stack import eventually

names = (f"idempotency-{n}" for n in itertools.count(1))
keys = (f"key {n} ~!\"" for n in itertools.count(1))


@pytest.fixture
def key():
    return next(keys)


def body(to, message="Hello", **more):
    return {"to": [to], "message": message, **more}


def post(customer, what, key):
    return customer.post(what, {"Idempotency-Key": key})


def replayed(answer):
    assert answer.headers.get("idempotency-replayed", "true") == "true"
    return "idempotency-replayed" in answer.headers


def test_a_repeat_gets_the_same_answer_and_nothing_happens_again(account, simulator, key):
    first = post(account, body("+4799999960", customer_ref="x"), key)
    assert first.status == 200 and not replayed(first)
    for _ in range(3):
        again = post(account, body("+4799999960", customer_ref="x"), key)
        assert again.status == 200 and replayed(again)
        assert (again.body, again.headers["content-type"]) == (first.body, first.headers["content-type"])
    ledger.await_final(account, [first.json["sms_message_id"]])
    assert len(simulator.messages("+4799999960")) == 1


def test_without_a_key_each_is_a_send_of_its_own(account, simulator):
    ids = {account.send("+4799999961")["sms_message_id"] for _ in range(2)}
    assert len(ids) == 2
    ledger.await_final(account, ids)
    assert len(simulator.messages("+4799999961")) == 2


def test_another_body_under_the_key_is_422(account, simulator, key):
    first = post(account, body("+4799999962"), key)
    assert first.status == 200
    other = post(account, body("+4799999962", "Other"), key)
    assert other.status == 422 and not replayed(other)
    assert "Idempotency-Key" in other.json["detail"]
    again = post(account, body("+4799999962"), key)
    assert replayed(again) and again.body == first.body
    ledger.await_final(account, [first.json["sms_message_id"]])
    assert len(simulator.messages("+4799999962")) == 1


def test_a_refusal_frees_the_key(account, key):
    assert post(account, body("4799999963"), key).status == 422
    first = post(account, body("+4799999963"), key)
    assert first.status == 200 and not replayed(first)
    ledger.await_final(account, [first.json["sms_message_id"]])


def test_a_key_is_for_one_account_and_one_address(account, admin, key):
    other = admin.new_account(next(names), account.url)
    sent = [post(customer, body("+4799999964"), key) for customer in (account, other)]
    assert [(answer.status, replayed(answer)) for answer in sent] == [(200, False)] * 2
    assert sent[0].json["sms_message_id"] != sent[1].json["sms_message_id"]
    later = post(account, body("+4799999964", scheduled_at="2099-01-01T00:00:00Z"), next(keys))
    assert later.status == 422
    for answer in sent:
        message_id = answer.json["sms_message_id"]
        cancelled = account.call("POST", f"/v1/sms/messages/{message_id}/cancel", headers={"Idempotency-Key": key})
        assert not replayed(cancelled)
    ledger.await_final(account, [sent[0].json["sms_message_id"]])
    ledger.await_final(other, [sent[1].json["sms_message_id"]])


def test_other_posts_are_repeated_too(admin, account, key):
    customer = admin.new_account(next(names), account.url)
    profile = {"name": "marketing", "sender_id": "Acme", "brand_confirmation": True}
    path, headers = "/v1/sms/sender-profiles", {"Idempotency-Key": key}
    first, again = [customer.call("POST", path, profile, headers) for _ in range(2)]
    assert first.status == again.status == 200, again
    assert replayed(again) and again.body == first.body
    assert customer.call("POST", path, profile).status == 409


def test_on_a_get_the_key_means_nothing(account, key):
    for _ in range(2):
        answer = account.call("GET", "/v1/sms/status", headers={"Idempotency-Key": key})
        assert answer.status == 200 and not replayed(answer)


@pytest.mark.parametrize("wrong", ["", "x" * 256, "\xe6", "a\tb"])
def test_what_is_no_key_is_422(account, wrong):
    answer = post(account, body("+4799999965"), wrong)
    assert answer.status == 422, answer
    assert "Idempotency-Key" in answer.json["detail"]


def test_a_key_may_have_255_characters(account):
    first, again = [post(account, body("+4799999966"), "k" * 255) for _ in range(2)]
    assert (first.status, again.status, replayed(again)) == (200, 200, True)
    ledger.await_final(account, [first.json["sms_message_id"]])


def test_an_answer_is_kept_for_a_day(account, stack, key):
    sent = post(account, body("+4799999967"), key)
    assert sent.status == 200
    left = [int(stack.redis("PTTL", name)[0]) for name in stack.redis("--scan", "--pattern", "i:{demo}:*")]
    assert left and all(22 * 3600 * 1000 < ms <= 24 * 3600 * 1000 for ms in left), left
    ledger.await_final(account, [sent.json["sms_message_id"]])


def test_answers_are_kept_as_long_as_the_setting_says(account, stack, key):
    with stack.another_api(SMS_API_IDEMPOTENCY_LIFE="60s") as url:
        before = set(stack.redis("--scan", "--pattern", "i:{demo}:*"))
        sent = post(Account(url, account.key), body("+4799999967"), key)
        name, = set(stack.redis("--scan", "--pattern", "i:{demo}:*")) - before
        assert 0 < int(stack.redis("PTTL", name)[0]) <= 60000
    ledger.await_final(account, [sent.json["sms_message_id"]])


def repeat_at_once(customers, what, key, count):
    """All at the same time, spread over the customers; their answers."""
    answers, ready = [], threading.Barrier(count)

    def go(customer):
        ready.wait()
        answers.append(post(customer, what, key))
    threads = [threading.Thread(target=go, args=(customers[i % len(customers)],)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == count
    return answers


def check_one_send(account, simulator, answers, to):
    counted = collections.Counter((answer.status, replayed(answer)) for answer in answers)
    assert set(counted) <= {(200, False), (200, True), (409, False)}, counted
    assert counted[(200, False)] == 1, counted
    bodies = {answer.body for answer in answers if answer.status == 200}
    assert len(bodies) == 1
    assert all(answer.headers["retry-after"] == "1" for answer in answers if answer.status == 409)
    send_id = next(answer.json["sms_message_id"] for answer in answers if answer.status == 200)
    ledger.await_final(account, [send_id])
    assert len(simulator.messages(to)) == 1


def test_two_hundred_repeats_at_once_give_one_send(account, simulator, key):
    answers = repeat_at_once([account], body("+4799999968"), key, 200)
    check_one_send(account, simulator, answers, "+4799999968")


def test_two_hundred_repeats_at_once_over_two_apis_give_one_send(account, simulator, stack, key):
    with stack.another_api() as url:
        answers = repeat_at_once([account, Account(url, account.key)], body("+4799999969"), key, 200)
        check_one_send(account, simulator, answers, "+4799999969")


def test_the_same_request_still_under_way_is_409(account, simulator, stack, key):
    answers = []
    stack.signal("kafka-1", signal.SIGSTOP)
    try:
        first = threading.Thread(target=lambda: answers.append(post(account, body("+4799999970"), key)))
        first.start()
        eventually("it is under way", 5, lambda: stack.metric("api-1", "sms_requests_open") == 1)
        again = post(account, body("+4799999970"), key)
    finally:
        stack.signal("kafka-1", signal.SIGCONT)
    first.join()
    assert again.status == 409 and again.headers["retry-after"] == "1", again
    assert answers[0].status == 200, answers
    assert replayed(post(account, body("+4799999970"), key))
    ledger.await_final(account, [answers[0].json["sms_message_id"]])
    assert len(simulator.messages("+4799999970")) == 1


def test_while_redis_is_away_nothing_with_a_key_is_carried_out(account, simulator, stack, key):
    assert account.get(account.send("+4799999971")["sms_message_id"])
    stack.kill("redis-1")
    try:
        time.sleep(0.2)
        answer = post(account, body("+4799999972"), key)
        assert answer.status == 503, answer
        assert int(answer.headers["retry-after"]) >= 1
    finally:
        stack.restart("redis-1")
    stack.await_ready()
    first = post(account, body("+4799999972"), key)
    assert first.status == 200 and not replayed(first)
    ledger.await_final(account, [first.json["sms_message_id"]])
    assert len(simulator.messages("+4799999972")) == 1


# Ends the lease of a request whose holder is dead, and gives the id that its send took.
END_LEASE = """
local record = {cmsgpack.unpack(redis.call('GET', KEYS[1]))}
record[3] = 0
redis.call('SET', KEYS[1], cmsgpack.pack(unpack(record)), 'KEEPTTL')
return (string.gsub(record[4], '.', function(byte) return string.format('%02x', string.byte(byte)) end))"""


def test_a_request_whose_holder_was_killed_goes_on_under_the_same_id(account, simulator, stack, key):
    def give_up():
        try:
            post(account, body("+4799999973"), key)
        except OSError:
            pass  # its api is killed
    known = set(stack.redis("--scan", "--pattern", "i:{demo}:*"))
    stack.signal("kafka-1", signal.SIGSTOP)
    try:
        first = threading.Thread(target=give_up)
        first.start()
        eventually("it is under way", 5, lambda: stack.metric("api-1", "sms_requests_open") == 1)
        stack.kill("api-1")
        first.join()
    finally:
        stack.signal("kafka-1", signal.SIGCONT)
    stack.restart("api-1")
    stack.await_ready()
    busy = post(account, body("+4799999973"), key)
    assert busy.status == 409 and busy.headers["retry-after"] == "1", busy
    record, = set(stack.redis("--scan", "--pattern", "i:{demo}:*")) - known
    send_id, = stack.redis("EVAL", END_LEASE, "1", record)
    again = post(account, body("+4799999973"), key)
    assert again.status == 200 and not replayed(again), again
    assert again.json["sms_message_id"].replace("-", "") == send_id
    assert replayed(post(account, body("+4799999973"), key))
    ledger.await_final(account, [again.json["sms_message_id"]])
    ledger.quiet(stack, simulator, committed=True)
    assert len(simulator.messages("+4799999973")) == 1


def test_a_dry_run_is_another_request(account, key):
    dry = post(account, body("+4799999974", dry_run=True), key)
    assert dry.status == 200 and not replayed(dry)
    assert replayed(post(account, body("+4799999974", dry_run=True), key))
    assert post(account, body("+4799999974"), key).status == 422


def test_an_answer_too_large_to_be_kept_is_not_carried_out_again(account, key):
    what = {"to": ["+4799999975", *(f"wrong {i} {'x' * 60}" for i in range(9000))], "message": "Hello",
            "skip_invalid": True, "dry_run": True}
    first = post(account, what, key)
    assert first.status == 200 and len(first.body) > 256 * 1024, (first.status, len(first.body))
    again = post(account, what, key)
    assert again.status == 409 and not replayed(again), again
    assert "retry-after" not in again.headers and "too large" in again.json["detail"]


def test_a_large_answer_is_kept(account, key):
    what = {"to": ["+4799999975", *(f"wrong {i}" for i in range(1500))], "message": "Hello", "skip_invalid": True,
            "dry_run": True}
    first, again = post(account, what, key), post(account, what, key)
    assert first.status == 200 and len(first.body) > 100 * 1024, (first.status, len(first.body))
    assert replayed(again) and again.body == first.body
