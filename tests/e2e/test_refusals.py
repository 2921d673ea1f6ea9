"""What the API refuses, how it says so, and that nothing of it reaches Kafka."""

import json

import pytest

import kafka
from api import call, raw

MISSING = object()


@pytest.fixture(autouse=True)
def nothing_published(undisturbed, stack):
    def published():
        return (kafka.end_offsets(stack.env["KAFKA_BROKERS"], kafka.DISPATCH),
                stack.metric("api-1", "sms_messages_accepted_total"))
    before = published()
    yield
    assert published() == before


def problem(answer, status, pointer=None):
    """Checks that it is a problem document with this status and, for a body's field, this pointer; gives its detail."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].startswith("application/problem+json")
    document = answer.json
    assert document["status"] == status
    assert document["title"] and document["detail"]
    if pointer is None:
        return document["detail"]
    details = [error["detail"] for error in document["errors"] if error["pointer"] == pointer]
    assert details, f"no error at {pointer}: {document}"
    return details[0]


def body_with(**changes):
    body = {"to": ["+4799999999"], "message": "Hello", **changes}
    return {name: value for name, value in body.items() if value is not MISSING}


# --- the body as a whole ---

@pytest.mark.parametrize("name, body", [
    ("nothing", ""),
    ("a word", "hello"),
    ("cut short", '{"to":["+4799999999"],"message":"Hel'),
    ("a comma too many", '{"to":["+4799999999"],"message":"Hello",}'),
    ("something behind it", '{"to":["+4799999999"],"message":"Hello"} x'),
    ("twice the same key", '{"to":["+4799999999"],"message":"Hello","message":"Bye"}'),
    ("single quotes", "{'to':['+4799999999'],'message':'Hello'}"),
    ("half a surrogate pair", '{"to":["+4799999999"],"message":"\\ud83d"}'),
    ("invalid UTF-8", b'{"to":["+4799999999"],"message":"Hell\xf8"}'),
    ("overlong UTF-8", b'{"to":["+4799999999"],"message":"\xc0\xaf"}'),
    ("a surrogate in UTF-8", b'{"to":["+4799999999"],"message":"\xed\xa0\x80"}'),
    ("a list", "[]"),
    ("a text", '"hello"'),
    ("a number", "7"),
    ("null", "null"),
    ("very deep", "[" * 5000),
], ids=lambda value: value.replace(" ", "_") if isinstance(value, str) and len(value) < 30 else "")
def test_malformed_json_is_400(account, name, body):
    problem(account.post(body), 400)


def test_malformed_json_is_told_with_its_place(account):
    detail = problem(account.post('{"to":["+4799999999"],\n"message":}'), 400)
    assert "line 2" in detail


def test_a_body_over_the_limit_is_413(account, stack):
    body = json.dumps(body_with(message="x" * 1024 * 1024)).encode()
    head = (f"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n").encode()
    got, closed = raw(account.port, head + body)
    assert got.startswith(b"HTTP/1.1 413 "), got[:200]
    assert b"application/problem+json" in got and closed


def test_a_chunked_body_over_the_limit_is_413(account):
    head = (f"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    got, closed = raw(account.port, head + 17 * chunk + b"0\r\n\r\n")
    assert got.startswith(b"HTTP/1.1 413 "), got[:200]
    assert closed


def test_a_body_without_an_end_is_hung_up_on(account):
    head = (f"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n"
            "Transfer-Encoding: chunked\r\n\r\n").encode()
    got, closed = raw(account.port, head + 100 * (b"10000\r\n" + b"x" * 65536 + b"\r\n"))
    assert closed and b" 200 " not in got


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
                                  "application/jsonx", "json", "x; application/json"])
def test_a_body_of_another_type_is_415(account, kind):
    for method, path in (("POST", "/v1/sms/send"), ("PATCH", "/v1/contacts/0198c0de-7000-7abc-8def-000000000000")):
        assert "application/json" in problem(account.call(method, path, body_with(), {"Content-Type": kind}), 415)


@pytest.mark.parametrize("headers", [{}, {"Content-Type": ""}, {"Content-Type": "application/json; charset=utf-8"},
                                     {"Content-Type": "Application/JSON ;charset=x"}, {"Content-Type": "text/json"},
                                     {"Content-Type": "application/vnd.api+json"}], ids=str)
def test_a_body_that_may_be_json_is_read(account, headers):
    problem(account.call("POST", "/v1/sms/send", {"to": "nobody"}, headers), 422, "/to")


def test_a_type_without_a_body_is_nothing(account):
    path = "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000"
    for method, target in (("GET", path), ("POST", path + "/cancel"), ("DELETE", "/v1/contacts/x")):
        problem(account.call(method, target, None, {"Content-Type": "text/plain"}), 404)


# --- fields ---

@pytest.mark.parametrize("value", [5, True, {}, {"0": "+4799999999"}, [], MISSING, None])
def test_to_of_a_wrong_type_is_422(account, value):
    problem(account.post(body_with(to=value)), 422, "/to")


@pytest.mark.parametrize("value", [5, None, True, {}, ["+4799999999"]])
def test_a_number_of_a_wrong_type_is_422_at_its_place(account, value):
    problem(account.post(body_with(to=["+4799999998", value])), 422, "/to/1")


@pytest.mark.parametrize("value", [5, True, {}, ["Hello"], MISSING, None])
def test_a_message_of_a_wrong_type_is_422(account, value):
    problem(account.post(body_with(message=value)), 422, "/message")


@pytest.mark.parametrize("value", [5, True, {}, ["a"], "x" * 256, "ж" * 128])
def test_a_wrong_reference_is_422(account, value):
    problem(account.post(body_with(customer_ref=value)), 422, "/customer_ref")


@pytest.mark.parametrize("field, pointer", [
    ("text", "/text"), ("To", "/To"), ("MESSAGE", "/MESSAGE"), ("", "/"), ("a/b", "/a~1b"), ("a~b", "/a~0b"),
    ("__proto__", "/__proto__"), ("x" * 5000, None)])
def test_an_unknown_field_is_422_and_named(account, field, pointer):
    detail = problem(account.post(body_with(**{field: "x"})), 422, pointer)
    assert field[:40] in detail


@pytest.mark.parametrize("field, value", [
    ("scheduled_at", "2025-12-17T09:00:00"), ("scheduled_at", "2099-12-17T09:00:00"), ("scheduled_at", "2026-12-17"),
    ("scheduled_at", "soon"), ("scheduled_at", 1765962000), ("timezone", "Mars/Base"), ("timezone", 1),
    ("timezone", "../../etc/passwd")])
def test_a_time_that_cannot_be_is_422(account, field, value):
    problem(account.post(body_with(**{field: value})), 422, f"/{field}")



def test_all_errors_of_a_body_come_together(account):
    answer = account.post({"to": ["12"], "message": "", "customer_ref": 7, "colour": "red"})
    problem(answer, 422)
    assert {error["pointer"] for error in answer.json["errors"]} == {"/to/0", "/message", "/customer_ref", "/colour"}


@pytest.mark.parametrize("number", [
    "4799999999", "004799999999", "+04799999999", "+", "", " ", "+47", "+123456", "+1234567890123456", "+47 99 99 99 99",
    "+47-99999999", "+(47)99999999", " +4799999999", "+4799999999 ", "+4799999999\n", "++4799999999", "+47９9999999",
    "+479999999a", "tel:+4799999999", "+4799999999;ext=1", "+4799999999,+4799999998", "+4799999999\u200b", "ACME"])
def test_a_number_that_is_not_e164_is_422(account, number):
    problem(account.post(body_with(to=["+4799999998", number])), 422, "/to/1")


def test_a_missing_plus_is_hinted_at(account):
    assert "'+'" in problem(account.post(body_with(to=["4799999999"])), 422, "/to/0")


def test_more_numbers_than_a_send_takes_are_422(account):
    problem(account.post(body_with(to=[f"+47911{i:05}" for i in range(10001)])), 422, "/to")


def test_a_hundred_wrong_numbers_are_one_bounded_answer(account):
    answer = account.post(body_with(to=["nonsense"] * 100))
    problem(answer, 422, "/to/0")
    assert len(answer.body) < 65536


# --- the message ---

def test_an_empty_message_is_422(account):
    problem(account.post(body_with(message="")), 422, "/message")


@pytest.mark.parametrize("message, counts", [
    ("a" * 1531, ("1531", "11", "GSM-7")),
    ("ж" * 671, ("671", "11", "Unicode")),
    ("a" * 1601, ("1601", "11", "GSM-7")),
    ("€" * 766, ("766", "11", "GSM-7")),
    ("a" * 700 + "👋", ("701", "11", "Unicode", "U+1F44B", "701")),
    ("👋" * 400, ("400", "13", "Unicode")),
], ids=["1531_a", "671_cyrillic", "1601_a", "766_euro", "one_emoji_in_700", "400_emoji"])
def test_a_message_that_is_too_long_is_422_with_its_counts(account, message, counts):
    detail = problem(account.post(body_with(message=message)), 422, "/message")
    for count in counts:
        assert count in detail


@pytest.mark.parametrize("control", ["\x01", "\x07", "\x08", "\x0b", "\x1b", "\x1f", "\x7f"])
def test_a_control_character_is_422(account, control):
    detail = problem(account.post(body_with(message=f"Hel{control}lo")), 422, "/message")
    assert f"U+{ord(control):04X}" in detail


@pytest.mark.parametrize("field", ["message", "customer_ref", "to"])
def test_a_nul_is_refused(account, field):
    body = json.dumps(body_with(**{field: ["+47999\x0099999"] if field == "to" else "Hel\x00lo"}))
    assert "\\u0000" in body
    answer = account.post(body)
    problem(answer, 400 if answer.status == 400 else 422)


# --- who, where, how ---

@pytest.mark.parametrize("headers", [
    {}, {"X-API-Key": ""}, {"X-API-Key": "nonsense"}, {"X-API-Key": "wayscloud_sms_abc12_YOUR_SECRET"},
    {"Authorization": "Bearer"}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"},
    {"X-API-Key": "x" * 4000}], ids=lambda headers: "-".join(headers) + str(len(str(headers))))
def test_a_missing_or_wrong_key_is_401(account, headers):
    for method, path, body in (("POST", "/v1/sms/send", body_with()),
                               ("GET", "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000", None)):
        answer = call(account.url, method, path, body, headers)
        problem(answer, 401)
        assert "x-api-key" in answer.headers["www-authenticate"].lower()


def test_a_key_with_a_wrong_end_is_401(account):
    wrong = account.key[:-1] + ("a" if account.key[-1] != "a" else "b")
    for key in (wrong, account.key[:-1], account.key + "a"):
        problem(call(account.url, "POST", "/v1/sms/send", body_with(), {"X-API-Key": key}), 401)


def test_the_key_works_as_bearer_too(account):
    for scheme in ("Bearer", "bearer"):
        answer = call(account.url, "GET", "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000", None,
                      {"Authorization": f"{scheme} {account.key}"})
        problem(answer, 404)


@pytest.mark.parametrize("method, path, allow", [
    ("GET", "/v1/sms/send", "POST"), ("PUT", "/v1/sms/send", "POST"), ("DELETE", "/v1/sms/send", "POST"),
    ("PATCH", "/v1/sms/send", "POST"), ("OPTIONS", "/v1/sms/send", "POST"),
    ("POST", "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000", "GET"),
    ("DELETE", "/v1/sms/messages/0198c0de-7000-7abc-8def-000000000000", "GET")])
def test_a_wrong_method_is_405_with_what_is_allowed(account, method, path, allow):
    answer = account.call(method, path)
    problem(answer, 405)
    assert allow in [word.strip() for word in answer.headers["allow"].split(",")]


@pytest.mark.parametrize("path", ["/", "/v1", "/v1/sms", "/v1/sms/sendings", "//v1/sms/send", "/V1/sms/send",
                                  "/v1/sms/messages/", "/v1/sms/messages/a/b", "/admin/v1/accounts", "/reports/x", "/healthz",
                                  "/v1/sms/send%00", "/v1/sms/../sms/send"])
def test_an_unknown_path_is_404(account, path):
    problem(account.call("POST", path, body_with()), 404)


@pytest.mark.parametrize("message_id", [
    "0198c0de-7000-7abc-8def-000000000000", "0198c0de-7000-7abc-8def-000000000001", "00000000-0000-0000-0000-000000000000",
    "ffffffff-ffff-ffff-ffff-ffffffffffff", "1", "nonsense", "0198c0de70007abc8def000000000000",
    "0198c0de-7000-7abc-8def-00000000000", "0198c0de-7000-7abc-8def-0000000000000", "0198c0de-7000-7abc-8def-00000000000g",
    "x" * 3000, "%2e%2e", "*", "%7Bdemo%7D"])
def test_an_unknown_or_malformed_id_is_404(account, message_id):
    problem(account.call("GET", f"/v1/sms/messages/{message_id}"), 404)


# --- the admin API ---

@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer "}])
def test_the_admin_api_wants_its_token(admin, headers):
    answer = call(admin.url, "POST", "/admin/v1/accounts", {"id": "intruder", "name": "x"}, headers)
    problem(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_the_admin_api_does_not_take_a_customers_key(admin, account):
    problem(call(admin.url, "GET", "/admin/v1/accounts/demo", None, {"Authorization": f"Bearer {account.key}"}), 401)


@pytest.mark.parametrize("body, pointer", [
    ({"id": "A", "name": "x"}, "/id"), ({"id": "", "name": "x"}, "/id"), ({"id": "x" * 200, "name": "x"}, "/id"),
    ({"id": "a{b}", "name": "x"}, "/id"), ({"id": "refused"}, "/name"), ({"id": "refused", "name": 5}, "/name"),
    ({"id": "refused", "name": "x", "currency": "GBP"}, "/currency")])
def test_a_wrong_account_is_422(admin, body, pointer):
    problem(call(admin.url, "POST", "/admin/v1/accounts", body, admin.headers), 422, pointer)


def test_an_account_can_be_made_once(admin):
    problem(call(admin.url, "POST", "/admin/v1/accounts", {"id": "demo", "name": "x"}, admin.headers), 409)


def test_a_key_for_nobody_is_404(admin):
    problem(call(admin.url, "POST", "/admin/v1/accounts/nobody/keys", {"name": "x"}, admin.headers), 404)
