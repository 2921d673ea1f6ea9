"""Inbound keywords: whose they are, what may stand in them, and how they change."""

import concurrent.futures
import itertools
import re
import time
import urllib.parse

import pytest

PATH = "/v1/sms/keywords"
FIELDS = ["id", "keyword", "description", "is_active", "webhook_url", "auto_reply_enabled", "auto_reply_message",
          "messages_received", "last_message_at", "created_at"]
UNKNOWN_ID = "0198c0de-7000-7abc-8def-000000000000"

NUMBERS = itertools.count()


@pytest.fixture
def customer(admin, account):
    """An account of the test's own."""
    name = f"keywords-{next(NUMBERS)}"
    made = admin.new_account(name, account.url)
    made.name = name
    return made


def word():
    """A keyword that nobody has yet."""
    return f"PIZZA{next(NUMBERS)}X{int(time.time()) % 1000000}"


def create(customer, keyword, **more):
    return customer.call("POST", PATH, {"keyword": keyword, **more})


def created(customer, keyword, **more):
    answer = create(customer, keyword, **more)
    assert answer.status == 201, answer
    return answer.json


def change(customer, made, **changes):
    return customer.call("PATCH", f"{PATH}/{made['id']}", changes)


def listed(customer):
    answer = customer.call("GET", PATH)
    assert answer.status == 200, answer
    return answer.json


def check(customer, keyword):
    answer = customer.call("GET", f"{PATH}/check/{urllib.parse.quote(keyword)}")
    assert answer.status == 200, answer
    return answer.json


def refused(answer, status, pointer=None):
    assert answer.status == status, answer
    assert answer.headers["content-type"] == "application/problem+json"
    if pointer:
        assert [error["pointer"] for error in answer.json["errors"]] == [pointer], answer


# --- one ---

def test_a_new_account_has_none(customer):
    answer = customer.call("GET", PATH)
    assert (answer.status, answer.body) == (200, b"[]")


def test_a_keyword_with_all_its_fields(customer):
    keyword = word()
    made = created(customer, keyword.lower(), description="Pizza orders", webhook_url="https://example.com/hook",
                   auto_reply_message="Thanks! Takk for bestillingen. 🍕", auto_reply_enabled=True, is_active=False)
    assert list(made) == FIELDS
    assert re.fullmatch(r"[0-9a-f-]{36}", made["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert made == {"id": made["id"], "keyword": keyword, "description": "Pizza orders", "is_active": False,
                    "webhook_url": "https://example.com/hook", "auto_reply_enabled": True,
                    "auto_reply_message": "Thanks! Takk for bestillingen. 🍕", "messages_received": 0,
                    "last_message_at": None, "created_at": made["created_at"]}
    answer = customer.call("GET", f"{PATH}/{made['id']}")
    assert (answer.status, answer.json) == (200, made)
    assert listed(customer) == [made]


def test_what_is_not_given_is_null_or_its_default(customer):
    made = created(customer, word(), description=None, webhook_url=None, is_active=None)
    assert (made["description"], made["webhook_url"], made["auto_reply_message"]) == (None, None, None)
    assert (made["is_active"], made["auto_reply_enabled"]) == (True, False)


def test_they_are_listed_the_oldest_first(customer):
    made = []
    for _ in range(4):
        made.append(created(customer, word()))
        time.sleep(0.002)
    assert listed(customer) == made


def test_nordic_letters_in_any_case(customer):
    suffix = str(next(NUMBERS)) + "X" + str(int(time.time()) % 100000)
    made = created(customer, "blåbærøäö" + suffix)
    assert made["keyword"] == "BLÅBÆRØÄÖ" + suffix
    assert check(customer, "BLåBærØäö" + suffix) == {"keyword": made["keyword"], "available": False, "reason": "taken"}


# --- whose it is ---

def test_a_keyword_belongs_to_one_account(admin, account, customer):
    keyword = word()
    other = admin.new_account(f"{customer.name}-other", account.url)
    made = created(customer, keyword)
    answer = create(other, keyword.lower())
    refused(answer, 409)
    assert keyword in answer.json["detail"]
    refused(create(customer, keyword), 409)
    for method, body in (("GET", None), ("PATCH", {"description": "mine"}), ("DELETE", None)):
        refused(other.call(method, f"{PATH}/{made['id']}", body), 404)
    assert listed(other) == []
    assert listed(customer) == [made]


def test_a_deleted_keyword_is_free_again(admin, account, customer):
    keyword = word()
    other = admin.new_account(f"{customer.name}-other", account.url)
    made = created(customer, keyword)
    answer = customer.call("DELETE", f"{PATH}/{made['id']}")
    assert (answer.status, answer.body) == (204, b"")
    refused(customer.call("GET", f"{PATH}/{made['id']}"), 404)
    refused(customer.call("DELETE", f"{PATH}/{made['id']}"), 404)
    assert check(customer, keyword)["available"] is True
    assert created(other, keyword)["id"] != made["id"]
    refused(create(customer, keyword), 409)


def test_of_many_at_the_same_time_one_gets_it(admin, account, customer):
    keyword = word()
    callers = [customer] * 4 + [admin.new_account(f"{customer.name}-{n}", account.url) for n in range(4)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda caller: create(caller, keyword).status, callers))
    assert sorted(answers) == [201] + [409] * 7
    assert sum(len(listed(caller)) for caller in callers[3:]) == 1


def test_a_claim_that_was_left_behind_is_taken_over(stack, customer):
    """As if the api had been killed between the claim and the record, long ago."""
    keyword = word()
    stack.redis("SET", f"kw:{keyword}", f"demo {UNKNOWN_ID}")
    assert check(customer, keyword)["available"] is True
    assert created(customer, keyword)["keyword"] == keyword


def test_an_account_may_have_a_hundred(stack, customer):
    for n in range(99):
        stack.redis("HSET", f"keywords:{{{customer.name}}}", f"K{n}", f'{{"id":"{n}","keyword":"K{n}"}}')
    made, last = created(customer, word()), word()
    answer = create(customer, last)
    refused(answer, 409)
    assert "100" in answer.json["detail"]
    assert check(customer, last)["available"] is True
    assert customer.call("DELETE", f"{PATH}/{made['id']}").status == 204
    assert created(customer, last)["keyword"] == last


# --- is it free? ---

def test_availability(customer):
    keyword = word()
    assert check(customer, keyword.lower()) == {"keyword": keyword, "available": True, "reason": None}
    created(customer, keyword)
    assert check(customer, keyword) == {"keyword": keyword, "available": False, "reason": "taken"}
    assert check(customer, "stop") == {"keyword": "STOP", "available": False, "reason": "reserved"}


@pytest.mark.parametrize("keyword", ["a b", "pizza!", "x" * 21, "caf\u00e9", "%FF"])
def test_what_can_be_no_keyword_is_told(customer, keyword):
    path = keyword if keyword.startswith("%") else urllib.parse.quote(keyword)
    refused(customer.call("GET", f"{PATH}/check/{path}"), 422)


# --- rules ---

@pytest.mark.parametrize("keyword", ["STOP", "stop", "Stopall", "UNSUBSCRIBE", "cancel", "END", "quit", "REVOKE",
                                     "OPTOUT", "REMOVE", "START", "UNSTOP", "HELP", "STOPP", "STANS"])
def test_reserved_words_are_nobodys(customer, keyword):
    answer = create(customer, keyword)
    refused(answer, 422, "/keyword")
    assert answer.json["errors"][0]["code"] == "reserved"


@pytest.mark.parametrize("body, pointer", [
    ({}, "/keyword"),
    ({"keyword": None}, "/keyword"),
    ({"keyword": ""}, "/keyword"),
    ({"keyword": "two words"}, "/keyword"),
    ({"keyword": "x" * 21}, "/keyword"),
    ({"keyword": 42}, "/keyword"),
    ({"keyword": "A\u0000"}, "/keyword"),
    ({"keyword": "RULES", "id": "x"}, "/id"),
    ({"keyword": "RULES", "messages_received": 1}, "/messages_received"),
    ({"keyword": "RULES", "description": 1}, "/description"),
    ({"keyword": "RULES", "description": "x" * 501}, "/description"),
    ({"keyword": "RULES", "description": "a\u0007"}, "/description"),
    ({"keyword": "RULES", "is_active": "yes"}, "/is_active"),
    ({"keyword": "RULES", "auto_reply_enabled": True}, "/auto_reply_enabled"),
    ({"keyword": "RULES", "auto_reply_enabled": True, "auto_reply_message": ""}, "/auto_reply_enabled"),
    ({"keyword": "RULES", "auto_reply_message": "x" * 1531}, "/auto_reply_message"),
    ({"keyword": "RULES", "auto_reply_message": "я" * 671}, "/auto_reply_message"),
    ({"keyword": "RULES", "auto_reply_message": "x" * 20000}, "/auto_reply_message"),
    ({"keyword": "RULES", "auto_reply_message": "a\u0000"}, "/auto_reply_message"),
    ({"keyword": "RULES", "auto_reply_message": ["a"]}, "/auto_reply_message"),
    ({"keyword": "RULES", "webhook_url": 1}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "http://example.com/"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://me:secret@example.com/"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://localhost/"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://169.254.169.254/latest"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://0x7f.1/"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://[::ffff:10.0.0.1]/"}, "/webhook_url"),
    ({"keyword": "RULES", "webhook_url": "https://example.com/" + "a" * 2029}, "/webhook_url"),
])
def test_what_a_keyword_cannot_be(customer, body, pointer):
    refused(customer.call("POST", PATH, body), 422, pointer)
    assert listed(customer) == []


def test_a_reply_as_long_as_a_message_may_be(customer):
    made = created(customer, word(), auto_reply_message="x" * 1530, webhook_url="https://example.com/" + "a" * 2028)
    assert len(made["auto_reply_message"]) == 1530 and len(made["webhook_url"]) == 2048


def test_a_body_that_is_none(customer):
    refused(customer.call("POST", PATH, b"{"), 400)
    refused(customer.call("POST", PATH), 400)


# --- changing ---

def test_fields_change_one_by_one(customer):
    made = created(customer, word(), description="before", webhook_url="https://example.com/a")
    answer = change(customer, made, description="after")
    assert answer.status == 200, answer
    assert answer.json == {**made, "description": "after"}
    answer = change(customer, made, auto_reply_message="Thanks", auto_reply_enabled=True, is_active=False)
    expected = {**made, "description": "after", "auto_reply_message": "Thanks", "auto_reply_enabled": True,
                "is_active": False}
    assert answer.json == expected
    assert change(customer, made, description=None, is_active=None).json == expected, "null leaves it as it is"
    assert change(customer, made).json == expected
    assert customer.call("GET", f"{PATH}/{made['id']}").json == expected


def test_an_empty_text_takes_a_field_away(customer):
    made = created(customer, word(), description="before", webhook_url="https://example.com/a",
                   auto_reply_message="Thanks", auto_reply_enabled=True)
    answer = change(customer, made, description="", webhook_url="")
    assert (answer.json["description"], answer.json["webhook_url"]) == (None, None)
    refused(change(customer, made, auto_reply_message=""), 422, "/auto_reply_enabled")
    answer = change(customer, made, auto_reply_message="", auto_reply_enabled=False)
    assert (answer.json["auto_reply_message"], answer.json["auto_reply_enabled"]) == (None, False)


@pytest.mark.parametrize("changes, pointer", [
    ({"keyword": "OTHER"}, "/keyword"),
    ({"created_at": "2026-01-01T00:00:00Z"}, "/created_at"),
    ({"webhook_url": "https://10.0.0.1/"}, "/webhook_url"),
    ({"auto_reply_message": "x" * 1531}, "/auto_reply_message"),
    ({"is_active": 1}, "/is_active"),
])
def test_what_cannot_be_changed(customer, changes, pointer):
    made = created(customer, word())
    refused(change(customer, made, **changes), 422, pointer)
    assert listed(customer) == [made]


def test_changes_at_the_same_time_are_all_made(customer):
    made = created(customer, word())
    changes = [{"description": "after"}, {"webhook_url": "https://example.com/b"}, {"is_active": False}]
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda fields: change(customer, made, **fields).status, changes))
    assert answers == [200, 200, 200]
    assert listed(customer) == [{**made, "description": "after", "webhook_url": "https://example.com/b",
                                 "is_active": False}]


@pytest.mark.parametrize("path", [UNKNOWN_ID, "nonsense", "check"])
def test_what_is_not_there(customer, path):
    for method in ("GET", "PATCH", "DELETE"):
        refused(customer.call(method, f"{PATH}/{path}", {} if method == "PATCH" else None), 404)


def test_methods(customer):
    answer = customer.call("PUT", PATH)
    assert answer.status == 405 and set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}
    answer = customer.call("POST", f"{PATH}/check/PIZZA")
    assert answer.status == 405
