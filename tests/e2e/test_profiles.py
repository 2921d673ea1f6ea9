"""Sender profiles: what is taken, who approves, and which one is the default."""

import datetime
import itertools
import re

import pytest

from stack import eventually

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


# --- approval ---

def decide(admin, customer, profile, word, body=None):
    answer = admin.call("POST", f"/accounts/{customer.name}/sender-profiles/{profile['id']}/{word}", body)
    assert answer.status == 200, answer
    return answer.json


def approved(admin, customer, sender_id, **more):
    return decide(admin, customer, created(customer, sender_id, **more), "approve")


def default(customer):
    """The sender id of the default; None: there is none. There are never two."""
    defaults = [profile["sender_id"] for profile in listed(customer) if profile["is_default"]]
    assert len(defaults) <= 1
    return defaults[0] if defaults else None


def pending(admin):
    """All that wait, of all accounts."""
    found, page = [], 1
    while True:
        answer = admin.call("GET", f"/sender-profiles?approval_status=pending&per_page=500&page={page}")
        assert answer.status == 200, answer
        found += answer.json["sender_profiles"]
        if page * 500 >= answer.json["total"]:
            return found
        page += 1


def add_number(admin, customer, number):
    answer = admin.call("POST", f"/accounts/{customer.name}/numbers", {"number": number})
    assert answer.status == 201, answer
    return answer.json


numbers = (f"+4788{n:06}" for n in itertools.count(1))


def test_the_first_approved_one_becomes_the_default(admin, customer):
    first, second = created(customer, "First"), created(customer, "Second")
    assert default(customer) is None
    shown = decide(admin, customer, second, "approve")
    assert list(shown) == ["account", *FIELDS, "rejection_reason"]
    assert (shown["account"], shown["approval_status"], shown["is_default"]) == (customer.name, "approved", True)
    decide(admin, customer, first, "approve")
    assert default(customer) == "Second"


def test_a_wish_to_be_the_default_is_fulfilled_on_approval(admin, customer):
    approved(admin, customer, "First")
    wish = created(customer, "Wish", is_default=True)
    assert wish["is_default"] is False
    assert default(customer) == "First"
    decide(admin, customer, wish, "approve")
    assert default(customer) == "Wish"
    approved(admin, customer, "Other", is_default=True)
    decide(admin, customer, wish, "approve")
    assert default(customer) == "Other", "approving it again changes nothing"


def test_deleting_the_default_promotes_the_oldest_approved_one(admin, customer):
    created(customer, "Pending")
    profiles = [approved(admin, customer, sender_id) for sender_id in ("Oldest", "Middle", "Last")]
    wish = approved(admin, customer, "Wish", is_default=True)
    assert default(customer) == "Wish"
    assert delete(customer, wish).status == 204
    assert default(customer) == "Oldest"
    assert delete(customer, profiles[1]).status == 204
    assert default(customer) == "Oldest"
    assert delete(customer, profiles[0]).status == 204
    assert default(customer) == "Last"


def test_the_only_one_cannot_be_deleted(admin, customer):
    only = approved(admin, customer, "Only")
    refused(delete(customer, only), 409, "only one")
    assert default(customer) == "Only"
    created(customer, "Other")
    assert delete(customer, only).status == 204
    assert default(customer) is None, "nobody has approved the other one"


def test_rejecting(admin, customer):
    made = created(customer, "MyBrand")
    assert decide(admin, customer, made, "reject", {"reason": "Not your brand."})["rejection_reason"] == "Not your brand."
    assert listed(customer)[0]["approval_status"] == "rejected"
    assert list(listed(customer)[0]) == FIELDS
    assert decide(admin, customer, made, "reject")["rejection_reason"] is None
    assert decide(admin, customer, made, "approve")["approval_status"] == "approved"
    assert default(customer) == "MyBrand"
    other = approved(admin, customer, "Other")
    decide(admin, customer, made, "reject", {"reason": "Complaints"})
    assert default(customer) == "Other"
    assert delete(customer, made).status == 204
    refused(delete(customer, other), 409, "only one")


def test_what_an_operator_can_get_wrong(admin, customer, account):
    made = created(customer, "MyBrand")
    base = f"/accounts/{customer.name}/sender-profiles"
    for path in (f"{base}/{UNKNOWN_ID}/approve", f"{base}/x/reject", f"/accounts/demo/sender-profiles/{made['id']}/approve",
                 f"/accounts/no-such/sender-profiles/{made['id']}/approve"):
        refused(admin.call("POST", path), 404, "no ")
    refused(admin.call("POST", f"{base}/{made['id']}/reject", {"reason": 5}), 422, "reason", "/reason")
    refused(admin.call("POST", f"{base}/{made['id']}/reject", {"reason": "x" * 501}), 422, "reason", "/reason")
    refused(admin.call("POST", f"{base}/{made['id']}/approve", {"reason": "x"}), 422, "reason", "/reason")
    refused(admin.call("GET", "/sender-profiles?approval_status=approved"), 422, "pending")
    refused(admin.call("GET", "/sender-profiles?colour=red"), 422, "colour")
    refused(admin.call("GET", "/accounts/no-such/sender-profiles"), 404, "no account")
    assert customer.call("POST", f"{PROFILES}/{made['id']}/approve").status == 404, "not with a customer's key"
    assert listed(customer)[0]["approval_status"] == "pending"


def test_what_waits_over_all_accounts(admin, customer, account):
    other = admin.new_account(next(names), account.url)
    profiles = [created(customer, "First"), created(other, "Second"), created(customer, "4799999999"),
                created(other, "Fourth")]
    ids = [profile["id"] for profile in profiles]
    waiting = [profile for profile in pending(admin) if profile["id"] in ids]
    assert {profile["id"] for profile in waiting} == set(ids)
    assert [profile["created_at"] for profile in waiting] == sorted(profile["created_at"] for profile in waiting)
    assert list(waiting[0]) == ["account", *FIELDS]
    assert {"account": customer.name, **profiles[0]} in waiting
    decide(admin, customer, profiles[0], "approve")
    decide(admin, customer, profiles[2], "reject")
    assert delete(other, profiles[1]).status == 204
    assert create(other, "Fourth").status == 409
    assert [profile["id"] for profile in pending(admin) if profile["id"] in ids] == [ids[3]]
    shown = admin.call("GET", f"/accounts/{customer.name}/sender-profiles").json
    assert [(p["sender_id"], p["approval_status"]) for p in shown["sender_profiles"]] == [
        ("First", "approved"), ("4799999999", "rejected")]
    assert shown["total"] == 2


def test_pages_of_what_waits(admin, customer):
    created(customer, "One")
    created(customer, "Two")
    page = admin.call("GET", "/sender-profiles?per_page=1&page=2").json
    assert (len(page["sender_profiles"]), page["page"], page["per_page"]) == (1, 2, 1)
    assert page["total"] >= 2
    refused(admin.call("GET", "/sender-profiles?per_page=501"), 422, "per_page")


def test_an_entry_without_a_profile_is_left_out_and_forgotten(stack, admin):
    old, new = f"demo {UNKNOWN_ID}", "no-such-account " + UNKNOWN_ID[:-1] + "1"
    stack.redis("ZADD", "approvals", "1769854272345", old, "99999999999999", new)
    assert UNKNOWN_ID not in [profile["id"] for profile in pending(admin)]
    eventually("the old one is forgotten", 5, lambda: stack.redis("ZSCORE", "approvals", old) == [""])
    assert stack.redis("ZREM", "approvals", new) == ["1"], "a young one's profile may be on its way"


def test_the_accounts_own_number_is_approved_at_once(admin, customer, account):
    own, other = next(numbers), next(numbers)
    assert add_number(admin, customer, own) == {"number": own, "account": customer.name}
    made = created(customer, own)
    assert (made["approval_status"], made["is_default"], made["sender_id"]) == ("approved", True, own[1:])
    assert created(customer, other)["approval_status"] == "pending"
    assert made["id"] not in [profile["id"] for profile in pending(admin)]
    third = next(numbers)
    add_number(admin, customer, third[1:])
    assert created(customer, third, is_default=True)["is_default"] is True
    assert default(customer) == third[1:]


def test_a_dry_run_shows_the_sender_as_the_message_will(admin, customer):
    number = next(numbers)
    add_number(admin, customer, number)
    created(customer, number)
    body = {"to": ["+4799999930"], "message": "Hello", "sender_id": number}
    assert customer.post({**body, "dry_run": True}).json["from_number"] == number
    assert customer.get(customer.post(body).json["sms_message_id"])["from_number"] == number


def test_numbers_of_an_account(admin, customer, account):
    path = f"/accounts/{customer.name}/numbers"
    assert admin.call("GET", path).json == {"numbers": [], "total": 0}
    first, second = next(numbers), next(numbers)
    add_number(admin, customer, second)
    add_number(admin, customer, first)
    add_number(admin, customer, first)
    assert admin.call("GET", path).json == {"numbers": [first, second], "total": 2}
    refused(admin.call("POST", "/accounts/demo/numbers", {"number": first}), 409, "another account")
    refused(admin.call("DELETE", f"/accounts/demo/numbers/{first}"), 404, "doesn't have")
    assert admin.call("GET", path).json["total"] == 2
    assert admin.call("DELETE", f"{path}/{first}").status == 204
    refused(admin.call("DELETE", f"{path}/{first}"), 404, "doesn't have")
    assert admin.call("DELETE", f"{path}/{second[1:]}").status == 204
    assert admin.call("POST", "/accounts/demo/numbers", {"number": first}).status == 201
    assert admin.call("DELETE", f"/accounts/demo/numbers/{first}").status == 204


@pytest.mark.parametrize("number", ["", "+", "+0999999999", "123456", "MyBrand", 4799999999, None])
def test_what_is_no_number(admin, customer, number):
    refused(admin.call("POST", f"/accounts/{customer.name}/numbers", {"number": number}), 422, "number", "/number")
    refused(admin.call("POST", "/accounts/no-such/numbers", {"number": "+4799999999"}), 404, "no account")
    refused(admin.call("GET", "/accounts/no-such/numbers"), 404, "no account")


def test_a_suspended_account_reads_and_writes_nothing(admin, customer):
    made = created(customer, "MyBrand")
    admin.set_active(customer.name, False)
    eventually("writes are refused", 10, lambda: create(customer, "MyBrand").status == 403)
    assert delete(customer, made).status == 403
    assert [profile["sender_id"] for profile in listed(customer)] == ["MyBrand"]


# --- sending ---

def await_from(customer, sender, to):
    """Sends until the default sender has got around (SMS_API_KEY_CACHE)."""
    def sent():
        shown = customer.get(customer.send(to)["sms_message_id"])
        return shown["from_number"] == sender
    eventually(f"sends are from {sender}", 10, sent, 0.2)


def from_of(customer, to, **more):
    return customer.get(customer.send(to, **more)["sms_message_id"])["from_number"]


def test_a_send_is_from_the_default(admin, customer, simulator):
    assert from_of(customer, "+4799999930") is None, "the carrier's own"
    first = approved(admin, customer, "First & Co")
    await_from(customer, "First & Co", "+4799999931")
    eventually("the carrier was told so", 10,
               lambda: "First & Co" in [message.get("from") for message in simulator.messages("+4799999931")])
    add_number(admin, customer, number := next(numbers))
    second = created(customer, number, is_default=True)
    await_from(customer, number, "+4799999932")
    assert delete(customer, second).status == 204
    await_from(customer, "First & Co", "+4799999933")
    decide(admin, customer, first, "reject")
    await_from(customer, None, "+4799999934")


def test_a_send_names_its_profile(admin, customer):
    approved(admin, customer, "Default")
    named = approved(admin, customer, "Named")
    add_number(admin, customer, number := next(numbers))
    created(customer, number)
    assert from_of(customer, "+4799999935", sender_profile_id=named["id"]) == "Named"
    assert from_of(customer, "+4799999935", sender_id="Named") == "Named", "as the SDK says it"
    assert from_of(customer, "+4799999935", sender_id="Named", sender_profile_id=named["id"]) == "Named"
    assert from_of(customer, "+4799999935", sender_id=number) == number
    assert from_of(customer, "+4799999935", sender_id=number[1:]) == number


def test_what_a_send_cannot_be_from(admin, customer, account):
    waiting, rejected = created(customer, "Waiting"), created(customer, "Rejected")
    decide(admin, customer, rejected, "reject")
    named = approved(admin, customer, "Named")

    def tried(pointer, **more):
        refused(customer.post({"to": ["+4799999936"], "message": "Hello", **more}), 422, "", pointer)

    for profile in (waiting["id"], rejected["id"], UNKNOWN_ID, "x", ""):
        tried("/sender_profile_id", sender_profile_id=profile)
    for sender in ("Waiting", "Rejected", "Nobody", "named", ""):
        tried("/sender_id", sender_id=sender)
    tried("/sender_profile_id", sender_profile_id=named["id"], sender_id="Waiting")
    foreign = account.post({"to": ["+4799999936"], "message": "Hello", "sender_profile_id": named["id"]})
    refused(foreign, 422, "sender", "/sender_profile_id")


def test_a_send_keeps_its_sender(admin, customer):
    approved(admin, customer, "Default")
    named = approved(admin, customer, "Named")
    sent = customer.send("+4799999937", sender_profile_id=named["id"])["sms_message_id"]
    eventually("it is delivered", 20, lambda: customer.get(sent)["status"] == "DELIVERED")
    assert delete(customer, named).status == 204
    assert customer.get(sent)["from_number"] == "Named"


def test_the_list_knows_them(admin, customer):
    named = approved(admin, customer, "Named")
    number = created(customer, next(numbers))
    decide(admin, customer, number, "approve")
    by_name = customer.send("+4799999936", sender_profile_id=named["id"])["sms_message_id"]
    by_number = customer.send("+4799999936", sender_profile_id=number["id"])["sms_message_id"]
    for sender, sent in (("Named", by_name), (f"%2B{number['sender_id']}", by_number), ("Nobody", None)):
        answer = customer.call("GET", f"/v1/sms/messages?from={sender}")
        assert answer.status == 200, answer
        assert [message["id"] for message in answer.json["messages"]] == ([sent] if sent else []), sender


def soon():
    """Late enough for what a test does first; what waits for it keeps the next test waiting."""
    return (datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=12)).strftime("%Y-%m-%dT%H:%M:%SZ")


def test_what_sends_use_cannot_be_deleted(admin, customer):
    approved(admin, customer, "Default")
    named = approved(admin, customer, "Named")
    one = customer.send("+4799999938", sender_profile_id=named["id"], scheduled_at=soon())
    other = customer.send("+4799999938", scheduled_at=soon())
    answer = delete(customer, named)
    refused(answer, 409, "1 send that is QUEUED or SCHEDULED uses this sender profile")
    assert answer.json["sends"] == 1
    many = customer.send([f"+47999{n:05}" for n in range(700)], sender_profile_id=named["id"], scheduled_at=soon())
    few = customer.send(["+4799999938", "+4799999939"], sender_profile_id=named["id"], scheduled_at=soon())
    answer = delete(customer, named)
    refused(answer, 409, "3 sends that are QUEUED or SCHEDULED use this sender profile")
    assert answer.json["sends"] == 3, "sends, not messages"
    for send in (one, many, few, other):
        assert customer.call("POST", f"/v1/sms/messages/{send['sms_message_id']}/cancel").status == 200
    assert delete(customer, named).status == 204


# --- the list of accounts ---

def test_accounts_are_listed_by_id(admin, customer, account):
    admin.new_account(next(names), account.url)
    answer = admin.call("GET", "/accounts?per_page=500")
    assert answer.status == 200, answer
    ids = [shown["id"] for shown in answer.json["accounts"]]
    assert ids == sorted(ids)
    assert {"demo", customer.name} <= set(ids)
    assert answer.json["accounts"][0] == admin.call("GET", f"/accounts/{ids[0]}").json
    pages = [admin.call("GET", f"/accounts?per_page=1&page={page}").json for page in (1, 2, 100000)]
    assert [[shown["id"] for shown in page["accounts"]] for page in pages] == [ids[:1], ids[1:2], []]
    assert [page["total"] for page in pages] == [len(ids)] * 3
    refused(admin.call("GET", "/accounts?page=0"), 422, "page")
