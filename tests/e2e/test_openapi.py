"""The API's description of itself."""

import json
import re

import pytest

from api import Answer, call
from stack import ROOT


def references(value):
    if isinstance(value, dict):
        if "$ref" in value:
            yield value["$ref"]
        for child in value.values():
            yield from references(child)
    elif isinstance(value, list):
        for child in value:
            yield from references(child)


def test_it_is_served_to_everybody(stack):
    for headers in ({}, {"X-API-Key": "nonsense"}):
        answer = call(stack.env["SMS_API_URL"], "GET", "/openapi.json", None, headers)
        assert answer.status == 200
        assert answer.headers["content-type"] == "application/json"
        assert answer.json["openapi"].startswith("3.1.")


def test_it_has_the_version_of_the_build(document):
    version = document.document["info"]["version"]
    assert f"VERSION {version} " in (ROOT / "CMakeLists.txt").read_text()


def test_every_part_is_used_and_every_reference_leads_somewhere(document):
    used = set(references(document.document))
    for reference in used:
        document.resolve({"$ref": reference})
    there = {f"#/components/{kind}/{name}" for kind, parts in document.document["components"].items()
             for name in parts if kind != "securitySchemes"}
    assert there == used


def test_examples_are_valid(document):
    def check(schema, example, where):
        fault = document.valid(schema, example)
        assert not fault, f"{where}: {fault}"
    for method, path, operation in document.operations():
        where = f"{method} {path}"
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for part in bodies + list(operation["responses"].values()):
            for kind, content in document.resolve(part).get("content", {}).items():
                examples = [example["value"] for example in content.get("examples", {}).values()]
                for example in examples + ([content["example"]] if "example" in content else []):
                    check(content["schema"], example, f"{where} {kind}")
    for name, schema in document.document["components"]["schemas"].items():
        for example in schema.get("examples", []) + ([schema["example"]] if "example" in schema else []):
            check(schema, example, name)


def test_answers_have_no_room_for_undocumented_fields(document):
    """Each object in an answer names its fields, all of them required, or says what its free names hold."""
    def check(schema, where):
        schema = document.resolve(schema)
        if "object" in schema.get("type", ""):
            closed = schema.get("additionalProperties")
            assert closed is False or isinstance(closed, dict), f"{where} is open"
        for name, child in schema.get("properties", {}).items():
            check(child, f"{where}.{name}")
        for child in [schema.get("items"), *schema.get("anyOf", []), *schema.get("oneOf", [])]:
            if child:
                check(child, where)
    for method, path, operation in document.operations():
        if path == "/openapi.json":
            continue
        for status, response in operation["responses"].items():
            for content in document.resolve(response).get("content", {}).values():
                check(content["schema"], f"{method} {path} {status}")


def test_every_operation_says_who_may_use_it_and_how_it_fails(document):
    names = [operation["operationId"] for _, _, operation in document.operations()]
    assert len(names) == len(set(names))
    for method, path, operation in document.operations():
        where = f"{method} {path}"
        assert operation["summary"] and operation["tags"], where
        if path == "/openapi.json":
            continue
        assert {"401", "403", "413", "429", "431", "500", "503"} <= set(operation["responses"]), where
        assert document.scope(operation) in ("read", "send", "manage"), where
        if method in ("POST", "PATCH"):
            assert "415" in operation["responses"], where
        if method == "POST":
            assert {"409", "422"} <= set(operation["responses"]), where
            assert any(p["name"] == "Idempotency-Key" for p in document.parameters(path, operation)), where
        if "{" in path:
            assert "404" in operation["responses"], where
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= set(operation["responses"]), where
        for name in (part[1:-1] for part in path.split("/") if part.startswith("{")):
            assert any(p["name"] == name and p["in"] == "path" for p in document.parameters(path, operation)), where


def test_it_has_every_address_that_the_api_serves_with_its_scope(document):
    source = (ROOT / "workers" / "api" / "gate.c").read_text()
    served = {(method, path, scope.lower())
              for method, path, scope in re.findall(r'\{"(\w+)",\s*"([^"]+)",\s*\w+,\s*SCOPE_(\w+)', source)}
    described = {(method, re.sub(r"\{\w+\}", "{}", path), document.scope(operation) or "none")
                 for method, path, operation in document.operations()}
    assert len(served) > 20
    assert described == served


def test_it_has_every_reason_that_messages_fail_for(document):
    rows = re.findall(r"X\(ERROR_\w+, \d+,\s*\"(\w+)\"", (ROOT / "common" / "sms" / "status.h").read_text().replace("\\\n", ""))
    assert rows == document.document["components"]["schemas"]["ErrorCode"]["enum"]


# --- that the other tests would notice ---

JSON, PROBLEM = {"content-type": "application/json"}, {"content-type": "application/problem+json"}
CANCELLED = {"message": "Message cancelled", "message_id": "0198c0de-7000-7abc-8def-000000000000", "cancelled": 1,
             "too_late": 0}
REFUSED = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "No."}


def changed(body, **changes):
    body = {**body, **changes}
    return {name: value for name, value in body.items() if value is not Ellipsis}


@pytest.mark.parametrize("status, headers, body, fault", [
    (200, JSON, CANCELLED, None),
    (200, JSON, changed(CANCELLED, colour="red"), "colour"),
    (200, JSON, changed(CANCELLED, too_late=...), "too_late"),
    (200, JSON, changed(CANCELLED, too_late="0"), "too_late"),
    (200, JSON, changed(CANCELLED, message_id="me"), "message_id"),
    (200, PROBLEM, CANCELLED, "content type"),
    (201, JSON, CANCELLED, "status 201"),
    (418, PROBLEM, REFUSED, "status 418"),
    (404, PROBLEM, REFUSED, None),
    (404, JSON, REFUSED, "content type"),
    (404, PROBLEM, changed(REFUSED, colour="red"), "colour"),
    (503, PROBLEM, REFUSED, "Retry-After"),
    (503, {**PROBLEM, "retry-after": "2"}, REFUSED, None),
    (503, {**PROBLEM, "retry-after": "soon"}, REFUSED, "Retry-After"),
])
def test_an_undocumented_answer_is_noticed(document, status, headers, body, fault):
    path = "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000/cancel"
    found = document.fault("POST", path, {}, None, Answer(status, headers, json.dumps(body).encode()))
    assert fault in found if fault else found is None


@pytest.mark.parametrize("target, body, fault", [
    ("/v1/sms/send", {"to": ["+4799999999"], "message": "Hello"}, None),
    ("/v1/sms/send", {"to": ["+4799999999"], "message": "Hello", "colour": "red"}, "colour"),
    ("/v1/sms/send?colour=red", {"to": ["+4799999999"], "message": "Hello"}, "colour"),
    ("/v1/sms/nowhere", {}, "not a problem 404"),
])
def test_an_accepted_request_that_is_not_documented_is_noticed(document, stack, account, target, body, fault):
    accepted = call(account.url, "POST", "/v1/sms/send", {"to": ["+4799999970"], "message": "Hello"},
                    {"X-API-Key": account.key})
    found = document.fault("POST", target, {}, json.dumps(body).encode(), accepted)
    assert fault in found if fault else found is None
