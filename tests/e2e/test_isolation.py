"""Accounts are kept apart, keys keep to their scopes, and a suspended account only reads: at every address there is.

The addresses, their ids, bodies and scopes come from the API's description, so that a new one can't be forgotten: an id in
it that nobody here knows how to make fails.
"""

import itertools
import json

import pytest

from api import call
from stack import eventually

UNKNOWN_ID = "0198c0de-7000-7abc-8def-000000000000"
NO_IDS = {"keyword"}  # parameters in paths that name nothing of anybody's
names = itertools.count(1)


class Customer:
    """An account with one of everything."""

    def __init__(self, admin, account, keyword):
        self.name = f"isolation-{next(names)}"
        self.account = admin.new_account(self.name, account.url)
        self.url = account.url
        self.mark = f"mark{next(names)}x"
        self.number = f"+47900{next(names):05}"
        self.made = {
            "contact_id": self.make("/v1/contacts", 201, name=self.mark, phone_number=self.number)["id"],
            "group_id": self.make("/v1/contacts/groups", 201, name=self.mark)["id"],
            "profile_id": self.make("/v1/sms/sender-profiles", 200, name=self.mark, sender_id="Brand",
                                    brand_confirmation=True)["id"],
            "keyword_id": self.make("/v1/sms/keywords", 201, keyword=keyword, description=self.mark)["id"],
            "message_id": self.make("/v1/sms/send", 200, to=[self.number, "+4790099999"], message=self.mark,
                                    customer_ref=self.mark)["sms_message_id"],
        }
        self.made["send_id"] = self.made["message_id"]
        self.make(f"/v1/contacts/groups/{self.made['group_id']}/members", 200, contact_ids=[self.made["contact_id"]])
        # The messages of a send have ids that can be guessed from it.
        self.message_of_send = self.made["message_id"][:-6] + "000001"
        for message_id in (self.message_of_send, self.message_of_send[:-1] + "2"):
            eventually("it is delivered", 30, lambda: self.account.get(message_id)["status"] == "DELIVERED")

    def make(self, path, status, **body):
        answer = self.account.call("POST", path, body)
        assert answer.status == status, answer
        return answer.json

    def all_that_it_sees(self, document):
        """Every answer to its own reading."""
        seen = {}
        for method, path, operation in document.operations():
            if method != "GET" or any(name in NO_IDS for name in ids_of(path)) or path == "/openapi.json":
                continue
            answer = self.account.call("GET", filled(path, self.made))
            assert answer.status == 200, (path, answer)
            lines = answer.headers["content-type"] == "application/x-ndjson"
            seen[path] = [json.loads(line) for line in answer.body.splitlines()] if lines else without_pace(answer.json)
        return seen


def without_pace(seen):
    """How quickly a send goes changes by itself."""
    if isinstance(seen, dict):
        return {name: without_pace(value) for name, value in seen.items() if name != "rate_now_per_second"}
    return [without_pace(value) for value in seen] if isinstance(seen, list) else seen


def ids_of(path):
    return [part[1:-1] for part in path.split("/") if part.startswith("{")]


def filled(path, values):
    for name in ids_of(path):
        path = path.replace("{" + name + "}", values.get(name, "NOWORD"))
    return path


def body_of(document, operation):
    """A body that is right, and its type."""
    if "requestBody" not in operation:
        return None, {}
    kind, content = next(iter(document.resolve(operation["requestBody"])["content"].items()))
    example = content.get("example")
    if example is None and "examples" in content:
        example = next(iter(content["examples"].values()))["value"]
    if example is None:
        example = document.resolve(content["schema"])["example"]
    return example if isinstance(example, str) else json.dumps(example), {"Content-Type": kind}


def fields_with_ids(document, schema, name=""):
    """The names of a body's fields that hold ids."""
    schema = document.resolve(schema)
    if schema.get("format") == "uuid":
        yield name
    for child, value in schema.get("properties", {}).items():
        yield from fields_with_ids(document, value, child)
    for key in ("items", "if", "then", "else"):
        if key in schema:
            yield from fields_with_ids(document, schema[key], name)
    for key in ("anyOf", "oneOf", "allOf"):
        for value in schema.get(key, []):
            yield from fields_with_ids(document, value, name)


@pytest.fixture(scope="module")
def owner(admin, account, stack, document):
    return Customer(admin, account, f"MINE{next(names)}")


@pytest.fixture(scope="module")
def intruder(admin, account, stack, document):
    return Customer(admin, account, f"OTHER{next(names)}")


# --- another account's ids ---

def test_an_id_of_another_account_in_an_address_is_404(document, owner, intruder):
    before = owner.all_that_it_sees(document)
    tried = 0
    for method, path, operation in document.operations():
        places = [name for name in ids_of(path) if name not in NO_IDS]
        unknown = [name for name in places if name not in owner.made]
        assert not unknown, f"{path}: make {unknown} in Customer, or say that it is no id"
        body, headers = body_of(document, operation)
        # Each way to have at least one foreign id in it.
        for foreign in itertools.chain.from_iterable(itertools.combinations(places, n + 1) for n in range(len(places))):
            others = [owner.made] + ([{**owner.made, "message_id": owner.message_of_send}] if "message_id" in foreign else [])
            for theirs in others:
                answer = intruder.account.call(method, filled(path, {**intruder.made, **{n: theirs[n] for n in foreign}}),
                                               body, headers)
                nothing = intruder.account.call(method, filled(path, {**intruder.made, **{n: UNKNOWN_ID for n in foreign}}),
                                                body, headers)
                assert answer.status == 404, (method, path, foreign, answer)
                assert answer.body == nothing.body, "as if it were nowhere"
                tried += 1
    assert tried > 15
    assert owner.all_that_it_sees(document) == before


def test_an_id_of_another_account_in_a_body_is_422(document, owner, intruder):
    """Or whatever an id that is nowhere is answered with."""
    theirs = {"to_contacts": [owner.made["contact_id"]], "to_groups": [owner.made["group_id"]],
              "contact_ids": [owner.made["contact_id"]], "sender_profile_id": owner.made["profile_id"]}
    before, tried = owner.all_that_it_sees(document), set()
    for method, path, operation in document.operations():
        content = document.resolve(operation.get("requestBody", {})).get("content", {}).get("application/json")
        for field in set(fields_with_ids(document, content["schema"])) if content else ():
            assert field in theirs, f"{method} {path}: say what {field} of another account is"
            body = {**json.loads(body_of(document, operation)[0]), field: theirs[field]}
            if field.startswith("to_"):
                body.pop("to", None)
            answer = intruder.account.call(method, filled(path, intruder.made), body)
            assert answer.status == 422, (method, path, field, answer)
            nowhere = UNKNOWN_ID if isinstance(theirs[field], str) else [UNKNOWN_ID]
            assert intruder.account.call(method, filled(path, intruder.made), {**body, field: nowhere}).body == answer.body
            tried.add(field)
    assert tried == set(theirs)
    assert owner.all_that_it_sees(document) == before


def test_an_id_of_another_account_in_a_query_finds_nothing(document, owner, intruder):
    theirs = {"send_id": owner.made["message_id"], "group": owner.made["group_id"], "customer_ref": owner.mark,
              "to": owner.number, "search": owner.mark, "from": "Brand", "after": owner.message_of_send}
    for method, path, operation in document.operations():
        for parameter in document.parameters(path, operation):
            name = parameter["name"]
            if parameter["in"] != "query":
                continue
            is_id = "uuid" in json.dumps(document.resolve(parameter["schema"])) or name.endswith("_id")
            assert name in theirs or not is_id, f"{method} {path}: say what {name} of another account is"
            if name in theirs:
                body, headers = body_of(document, operation)
                target = f"{filled(path, intruder.made)}?{name}={theirs[name].replace('+', '%2B')}"
                answer = intruder.account.call(method, target, body, headers)
                assert answer.status in (404, 422) or (method == "GET" and answer.status == 200), (target, answer)
                nothing_of(owner, answer)


def nothing_of(owner, answer):
    text = answer.body.decode()
    for word in [owner.mark, owner.number, owner.name, owner.message_of_send, *owner.made.values()]:
        assert word not in text, (word, answer)


def test_what_one_account_sees_has_nothing_of_another(document, owner, intruder):
    seen = intruder.all_that_it_sees(document)
    assert len(seen) > 10
    text = json.dumps(seen)
    for word in [owner.mark, owner.number, owner.name, owner.message_of_send, *owner.made.values()]:
        assert word not in text, word
    for word in (intruder.mark, intruder.number, *intruder.made.values()):
        assert word in text, f"{word}: it doesn't see its own"


def test_an_idempotency_key_belongs_to_its_account(owner, intruder):
    """The same key and request of two accounts are two requests."""
    body, headers = {"to": ["+4790099998"], "message": "Hello"}, {"Idempotency-Key": "the-same"}
    first = owner.account.call("POST", "/v1/sms/send", body, headers)
    second = intruder.account.call("POST", "/v1/sms/send", body, headers)
    assert first.status == second.status == 200
    assert "idempotency-replayed" not in second.headers
    assert first.json["sms_message_id"] != second.json["sms_message_id"]


# --- keys ---

def test_without_a_key_everything_but_this_document_is_401(document, owner):
    for method, path, operation in document.operations():
        body, headers = body_of(document, operation)
        answer = call(owner.url, method, filled(path, owner.made), body, headers)
        assert answer.status == (200 if document.scope(operation) is None else 401), (method, path, answer)


@pytest.mark.parametrize("scope", ["send", "read", "manage"])
def test_a_key_does_what_its_scope_allows(document, owner, admin, scope):
    key = admin.new_key(owner.name, scopes=[scope])["key"]
    nowhere = {name: UNKNOWN_ID for name in owner.made}  # nothing is to happen
    before = owner.all_that_it_sees(document)
    for method, path, operation in document.operations():
        needed = document.scope(operation)
        body, headers = body_of(document, operation)
        headers = {**headers, "X-API-Key": key}
        if needed == scope or needed is None:
            answer = call(owner.url, method, filled(path, nowhere), "{" if body else None, headers)
            assert answer.status not in (401, 403), (method, path, answer)
        else:
            answer = call(owner.url, method, filled(path, owner.made), body, headers)
            assert answer.status == 403, (method, path, answer)
            assert answer.json["needed_scope"] == needed
    assert owner.all_that_it_sees(document) == before


def test_a_suspended_account_reads_and_does_not_write(document, intruder, admin):
    customer = intruder
    before = customer.all_that_it_sees(document)
    admin.set_active(customer.name, False)
    try:
        eventually("the api knows", 10, lambda: not customer.account.call("GET", "/v1/sms/status").json["active"])
        after = customer.all_that_it_sees(document)
        assert after.pop("/v1/sms/status")["active"] is False
        before.pop("/v1/sms/status")
        assert after == before
        for method, path, operation in document.operations():
            if method != "GET":
                body, headers = body_of(document, operation)
                answer = customer.account.call(method, filled(path, customer.made), body, headers)
                assert answer.status == 403, (method, path, answer)
                assert "suspended" in answer.json["detail"]
    finally:
        admin.set_active(customer.name, True)
    eventually("the api knows", 10, lambda: customer.account.call("GET", "/v1/sms/status").json["active"])
    before.pop("/v1/sms/stats", None)
    assert {path: seen for path, seen in customer.all_that_it_sees(document).items() if path in before} == before
