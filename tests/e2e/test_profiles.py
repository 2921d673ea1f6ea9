"""Sender profiles: what is taken, who approves, and which one is the default."""

import itertools
import re

import pytest

PROFILES = "/v1/sms/sender-profiles"
FIELDS = ["id", "name", "sender_id", "is_default", "allow_reply", "is_custom_sender", "approval_status",
          "monthly_price", "created_at"]
UNKNOWN_ID = "0198c0de-7000-7abc-8def-000000000000"

names = (f"profiles-{n}" for n in itertools.count(1))


@pytest.fixture
def customer(admin, account):
    """An account of the test's own."""
    name = next(names)
    made = admin.new_account(name, account.url)
    made.name = name
    return made


def create(customer, sender_id, **more):
    body = {"name": "marketing", "sender_id": sender_id, "brand_confirmation": True, **more}
    return customer.call("POST", PROFILES, body)


def created(customer, sender_id, **more):
    answer = create(customer, sender_id, **more)
    assert answer.status == 200, answer
    return answer.json


def listed(customer):
    answer = customer.call("GET", PROFILES)
    assert answer.status == 200, answer
    return answer.json


def delete(customer, profile):
    return customer.call("DELETE", f"{PROFILES}/{profile['id']}")


def refused(answer, status, words, pointer=None):
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert words in answer.json["detail"], answer
    if pointer:
        assert pointer in [error["pointer"] for error in answer.json["errors"]], answer


# --- what a profile is ---

def test_a_new_account_has_none(customer):
    answer = customer.call("GET", PROFILES)
    assert (answer.status, answer.body) == (200, b"[]")


def test_a_brands_name(customer):
    made = created(customer, "MyBrand", allow_reply=False)
    assert list(made) == FIELDS
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made.pop("created_at"))
    assert re.fullmatch(r"[0-9a-f-]{36}", made.pop("id"))
    assert made == {"name": "marketing", "sender_id": "MyBrand", "is_default": False, "allow_reply": False,
                    "is_custom_sender": True, "approval_status": "pending", "monthly_price": 99.0}
    answer = customer.call("GET", PROFILES)
    assert b'"monthly_price":99.0,' in answer.body, "a number with a decimal"
    assert [profile["sender_id"] for profile in answer.json] == ["MyBrand"]


def test_a_number_costs_nothing_and_is_shown_without_plus(customer):
    made = created(customer, "+4799999999")
    assert made["sender_id"] == "4799999999"
    assert made["is_custom_sender"] is False
    assert made["approval_status"] == "pending", "anybody could claim it"
    assert made["allow_reply"] is True, "when absent"
    assert b'"monthly_price":0.0,' in customer.call("GET", PROFILES).body


def test_only_a_brands_name_must_be_confirmed(customer):
    body = {"name": "n", "sender_id": "MyBrand"}
    refused(customer.call("POST", PROFILES, body), 422, "brand_confirmation", "/brand_confirmation")
    for value in (False, None):
        refused(customer.call("POST", PROFILES, {**body, "brand_confirmation": value}), 422, "must be true",
                "/brand_confirmation")
    refused(customer.call("POST", PROFILES, {**body, "brand_confirmation": "yes"}), 422, "true or false",
            "/brand_confirmation")
    assert customer.call("POST", PROFILES, {"name": "n", "sender_id": "4799999999"}).status == 200


@pytest.mark.parametrize("sender_id", ["", "Blå", "MyBrandIsBig", "12-34-56", "123456", "0999999999", "Brand!", "+Brand",
                                       "+47 999 99 999", "1234567890123456", 4799999999, ["MyBrand"], {}])
def test_what_cannot_be_a_sender(customer, sender_id):
    refused(create(customer, sender_id), 422, "sender_id", "/sender_id")


@pytest.mark.parametrize("body, pointer", [
    ({"sender_id": "MyBrand", "brand_confirmation": True}, "/name"),
    ({"name": "", "sender_id": "MyBrand", "brand_confirmation": True}, "/name"),
    ({"name": "x" * 101, "sender_id": "MyBrand", "brand_confirmation": True}, "/name"),
    ({"name": 5, "sender_id": "MyBrand", "brand_confirmation": True}, "/name"),
    ({"name": "n"}, "/sender_id"),
    ({"name": "n", "sender_id": None}, "/sender_id"),
    ({"name": "n", "sender_id": "4799999999", "allow_reply": "yes"}, "/allow_reply"),
    ({"name": "n", "sender_id": "4799999999", "is_default": 1}, "/is_default"),
    ({"name": "n", "sender_id": "4799999999", "approval_status": "approved"}, "/approval_status"),
])
def test_what_is_wrong_in_a_body(customer, body, pointer):
    refused(customer.call("POST", PROFILES, body), 422, pointer[1:], pointer)
    assert listed(customer) == []


def test_the_same_sender_again(customer):
    created(customer, "MyBrand")
    refused(create(customer, "MyBrand"), 409, "MyBrand")
    created(customer, "4799999999")
    refused(create(customer, "+4799999999"), 409, "4799999999")
    assert len(listed(customer)) == 2


def test_a_hundred_are_the_most(customer):
    for n in range(100):
        created(customer, f"Brand{n}")
    refused(create(customer, "OneMore"), 409, "100")
    assert [profile["sender_id"] for profile in listed(customer)] == [f"Brand{n}" for n in range(100)], "the oldest first"


def test_the_longest_names_fit(customer):
    for n in range(100):
        created(customer, f"Brand{n}", name="\x01" * 100)
    assert len(listed(customer)) == 100


def test_another_accounts_profile_is_404(customer, account):
    made = created(customer, "MyBrand")
    other, none = delete(account, made), account.call("DELETE", f"{PROFILES}/{UNKNOWN_ID}")
    assert other.status == 404
    assert other.body == none.body
    assert [profile["id"] for profile in listed(customer)] == [made["id"]]
    assert made["id"] not in [profile["id"] for profile in listed(account)]


# --- deleting ---

def test_a_pending_one_can_be_deleted_and_made_anew(customer):
    made = created(customer, "MyBrand")
    answer = delete(customer, made)
    assert (answer.status, answer.body) == (204, b"")
    assert listed(customer) == []
    refused(delete(customer, made), 404, "no sender profile")
    assert created(customer, "MyBrand")["id"] != made["id"]


@pytest.mark.parametrize("path", [UNKNOWN_ID, "x", "%00", "0" * 300])
def test_a_profile_that_is_not_there(customer, path):
    refused(customer.call("DELETE", f"{PROFILES}/{path}"), 404, "no sender profile")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "GET"])
def test_profiles_cannot_be_changed(customer, method):
    made = created(customer, "MyBrand")
    answer = customer.call(method, f"{PROFILES}/{made['id']}")
    assert (answer.status, answer.headers["allow"]) == (405, "DELETE")
