"""API keys: what each may do, how they are listed, and how they end."""

import datetime
import itertools
import re
import time

import pytest

import ledger
from api import Account
from stack import eventually

FIELDS = {"prefix", "account", "name", "scopes", "limits", "active", "created_at", "last_used_at", "expires_at",
          "revoked_at"}
TAKES_EFFECT_S = 5
LIMITS = {"requests_per_second": None, "burst": None}

names = (f"keys-{n}" for n in itertools.count(1))


@pytest.fixture
def name(admin):
    """An account of the test's own."""
    name = next(names)
    assert admin.call("POST", "/accounts", {"id": name, "name": name}).status == 201
    return name


def keys(admin, name):
    answer = admin.call("GET", f"/accounts/{name}/keys")
    assert answer.status == 200, answer
    assert answer.json["total"] == len(answer.json["keys"])
    return answer.json["keys"]


def status(customer):
    return customer.call("GET", "/v1/sms/status").status


def in_seconds(seconds):
    at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_keys_are_shown_once_and_listed_without_their_secret(admin, account, name):
    assert keys(admin, name) == []
    first = admin.new_key(name, name="shop")
    assert re.fullmatch(r"wayscloud_sms_[0-9A-Za-z]{10}_[0-9A-Za-z]{56}", first["key"])
    assert set(first) == FIELDS | {"key"}
    second = admin.new_key(name, name="bi", scopes=["read"], limits={"requests_per_second": 5, "burst": 10},
                           expires_at="2099-01-31T01:00:00+01:00")
    assert second["limits"] == {"requests_per_second": 5, "burst": 10}
    listed = keys(admin, name)
    assert [(key["name"], key["scopes"], key["limits"], key["expires_at"]) for key in listed] == [
        ("shop", ["read", "send", "manage"], LIMITS, None), ("bi", ["read"], second["limits"], "2099-01-31T00:00:00Z")]
    assert all(set(key) == FIELDS and key["active"] and key["last_used_at"] is None for key in listed)
    one = admin.call("GET", f"/accounts/{name}/keys/{second['prefix']}")
    assert (one.status, one.json) == (200, listed[1])


def test_last_use_is_noted(admin, account, name):
    made = admin.new_key(name)
    customer = Account(account.url, made["key"])
    before = in_seconds(-1)
    assert status(customer) == 200
    used = eventually("the use is noted", 5, lambda: keys(admin, name)[0]["last_used_at"])
    assert before <= used <= in_seconds(1)


@pytest.mark.parametrize("scopes, allowed", [(["read"], "read"), (["send"], "send"), (["manage"], "manage"),
                                             (["read", "send"], "read send")])
def test_a_key_may_do_what_its_scopes_say(admin, account, name, scopes, allowed):
    customer = Account(account.url, admin.new_key(name, scopes=scopes)["key"])
    asked = {
        "read": customer.call("GET", "/v1/sms/status"),
        "send": customer.post({"to": [], "message": "x"}),
        "manage": customer.call("DELETE", "/v1/sms/sender-profiles/0198c0de-7000-7abc-8def-000000000000"),
    }
    for scope, answer in asked.items():
        if scope in allowed.split():
            assert answer.status != 403, answer
        else:
            assert answer.status == 403, answer
            assert answer.json["needed_scope"] == scope and f'"{scope}"' in answer.json["detail"]


def test_a_revoked_key_stops_at_every_api_and_others_go_on(admin, account, stack, name):
    made, other = admin.new_key(name), admin.new_key(name)
    with stack.another_api() as url:
        customers = [Account(account.url, made["key"]), Account(url, made["key"])]
        assert [status(customer) for customer in customers] == [200, 200]
        assert admin.call("DELETE", f"/accounts/{name}/keys/{made['prefix']}").status == 204
        revoked = time.monotonic()
        for customer in customers:
            eventually("the key is refused", TAKES_EFFECT_S, lambda customer=customer: status(customer) == 401)
        assert time.monotonic() - revoked < TAKES_EFFECT_S
        assert "revoked" in customers[0].call("GET", "/v1/sms/status").json["detail"]
        assert status(Account(url, other["key"])) == 200
    assert admin.call("DELETE", f"/accounts/{name}/keys/{made['prefix']}").status == 204
    shown = {key["prefix"]: key for key in keys(admin, name)}
    assert not shown[made["prefix"]]["active"] and shown[made["prefix"]]["revoked_at"]
    assert shown[other["prefix"]]["active"]


def test_a_rotated_key_works_beside_the_new_one_for_a_while(admin, account, name):
    old = admin.new_key(name, name="shop", scopes=["read"], limits={"requests_per_second": 100, "burst": None})
    answer = admin.call("POST", f"/accounts/{name}/keys/{old['prefix']}/rotate", {"overlap": 3})
    assert answer.status == 201, answer
    new = answer.json
    assert (new["name"], new["scopes"], new["limits"]) == (old["name"], old["scopes"], old["limits"])
    assert (new["replaces"], new["expires_at"]) == (old["prefix"], None)
    assert in_seconds(1) <= new["replaced_expires_at"] <= in_seconds(4)
    customers = [Account(account.url, old["key"]), Account(account.url, new["key"])]
    assert [status(customer) for customer in customers] == [200, 200]
    eventually("the old key has expired", 3 + TAKES_EFFECT_S, lambda: status(customers[0]) == 401)
    assert "expired" in customers[0].call("GET", "/v1/sms/status").json["detail"]
    assert status(customers[1]) == 200
    answer = admin.call("POST", f"/accounts/{name}/keys/{old['prefix']}/rotate", {})
    assert answer.status == 409, answer


def test_a_key_can_be_replaced_at_once(admin, account, name):
    old = admin.new_key(name)
    answer = admin.call("POST", f"/accounts/{name}/keys/{old['prefix']}/rotate")
    assert answer.status == 201, answer
    eventually("the old key has expired", TAKES_EFFECT_S, lambda: status(Account(account.url, old["key"])) == 401)


def test_a_key_ends_by_itself(admin, account, name):
    customer = Account(account.url, admin.new_key(name, expires_at=in_seconds(3))["key"])
    assert status(customer) == 200
    eventually("the key has expired", 3 + TAKES_EFFECT_S, lambda: status(customer) == 401)
    assert [key["active"] for key in keys(admin, name)] == [False]


def test_keys_are_their_accounts_own(admin, name):
    other = next(names)
    assert admin.call("POST", "/accounts", {"id": other, "name": other}).status == 201
    prefix = admin.new_key(other)["prefix"]
    for method, path in (("GET", ""), ("DELETE", ""), ("POST", "/rotate")):
        answer = admin.call(method, f"/accounts/{name}/keys/{prefix}{path}")
        assert answer.status == 404, answer
    assert keys(admin, other)[0]["active"]
    assert keys(admin, name) == []
    assert admin.call("GET", "/accounts/nobody/keys").status == 404
    assert admin.call("GET", f"/accounts/{name}/keys/{'x' * 33}").status == 404


@pytest.mark.parametrize("fields, pointer", [
    ({"name": ""}, "/name"), ({"scopes": []}, "/scopes"), ({"scopes": ["admin"]}, "/scopes"),
    ({"scopes": "read"}, "/scopes"), ({"scopes": ["read", 1]}, "/scopes"),
    ({"limits": {"requests_per_second": 0}}, "/limits/requests_per_second"), ({"limits": {"burst": 1.5}}, "/limits/burst"),
    ({"limits": {"per_minute": 1}}, "/limits"), ({"limits": 5}, "/limits"),
    ({"expires_at": "2020-01-01T00:00:00Z"}, "/expires_at"), ({"expires_at": "soon"}, "/expires_at")])
def test_a_wrong_key_is_422(admin, name, fields, pointer):
    answer = admin.call("POST", f"/accounts/{name}/keys", {"name": "test", **fields})
    assert answer.status == 422, answer
    assert answer.json["errors"][0]["pointer"] == pointer
    assert keys(admin, name) == []


@pytest.mark.parametrize("fields", [{"overlap": -1}, {"overlap": 1e9}, {"overlap": "1"}, {"name": "x"}])
def test_a_wrong_rotation_is_422(admin, name, fields):
    prefix = admin.new_key(name)["prefix"]
    assert admin.call("POST", f"/accounts/{name}/keys/{prefix}/rotate", fields).status == 422
    assert len(keys(admin, name)) == 1


def test_a_message_is_sent_with_a_key_for_sending(admin, account, name, simulator):
    customer = Account(account.url, admin.new_key(name, scopes=["send", "read"])["key"])
    ledger.await_final(customer, [customer.send("+4799999940")["sms_message_id"]])
    assert len(simulator.messages("+4799999940")) == 1
