"""The list of messages, as a caller sees it."""

import time
import urllib.parse

import pytest

from api import MESSAGE_FIELDS
from stack import eventually

LIST_FIELDS = {"messages", "total", "page", "page_size", "has_more"}


@pytest.fixture
def own(admin, account):
    """An account of the test's own, without messages."""
    return admin.new_account(f"list-{time.time_ns():x}", account.url)


def query(account, **parameters):
    return account.call("GET", "/v1/sms/messages?" + urllib.parse.urlencode(parameters))


def listed(account, **parameters):
    answer = query(account, **parameters)
    assert answer.status == 200, answer
    assert LIST_FIELDS <= set(answer.json)
    return answer.json


def ids(page):
    return [message["id"] for message in page["messages"]]


def all_final(account, count):
    def done():
        page = listed(account, page_size=500)
        return page["total"] == count and all(m["status"] in ("DELIVERED", "FAILED") for m in page["messages"])

    eventually("all are final", 20, done)


def send_some(account, count, **more):
    """Ids of single sends, the newest first."""
    return [account.send(f"+4790000{i:04}", f"Number {i}", **more)["sms_message_id"] for i in range(count)][::-1]


def test_an_account_without_messages_has_an_empty_list(own):
    page = listed(own)
    assert page == {"messages": [], "total": 0, "page": 1, "page_size": 50, "has_more": False, "total_capped": False,
                    "next_cursor": None}


def test_a_row_is_the_message(own):
    sent = own.send("+4790000001", "Your order #1234 has shipped.", customer_ref="order-1234")
    all_final(own, 1)
    page = listed(own)
    (row,) = page["messages"]
    assert MESSAGE_FIELDS <= set(row)
    assert row == own.get(sent["sms_message_id"])


def test_messages_are_listed_newest_first_page_by_page(own):
    sent = send_some(own, 7)
    pages = [listed(own, page=number, page_size=3) for number in (1, 2, 3, 4)]
    assert [ids(page) for page in pages] == [sent[0:3], sent[3:6], sent[6:7], []]
    assert [page["has_more"] for page in pages] == [True, True, False, False]
    assert [page["page"] for page in pages] == [1, 2, 3, 4]
    assert {page["total"] for page in pages} == {7}
    assert {page["page_size"] for page in pages} == {3}
    assert ids(listed(own)) == sent


def walk(account, **parameters):
    seen, cursor, pages = [], {}, 0
    while True:
        page = listed(account, **parameters, **cursor)
        seen += ids(page)
        pages += 1
        assert page["page"] == pages
        assert page["has_more"] == (page["next_cursor"] is not None)
        if not page["has_more"]:
            return seen
        cursor = {"cursor": page["next_cursor"]}


def test_a_cursor_walks_all_though_new_messages_arrive(own):
    sent = send_some(own, 7)
    first = listed(own, page_size=2)
    later = own.send("+4790009999")["sms_message_id"]
    second = listed(own, page_size=2, cursor=first["next_cursor"])
    assert ids(first) + ids(second) == sent[:4]
    assert walk(own, page_size=2) == [later, *sent]
    assert walk(own, page_size=3, direction="OUTBOUND") == [later, *sent]


def test_a_send_of_many_is_listed_message_by_message(own):
    numbers = [f"+47911{i:05}" for i in range(100)]
    before = own.send("+4790000001")["sms_message_id"]
    many = own.send(numbers, "Hello all", customer_ref="many")["sms_message_id"]
    after = own.send("+4790000002")["sms_message_id"]
    messages = [many[:-6] + f"{number:06x}" for number in range(100, 0, -1)]
    assert walk(own, page_size=30) == [after, *messages, before]
    page = listed(own, send_id=many, page_size=500)
    assert (ids(page), page["total"], page["total_capped"]) == (messages, 100, False)
    assert [m["to_number"] for m in page["messages"]] == numbers[::-1]
    assert {m["body"] for m in page["messages"]} == {"Hello all"}
    assert ids(listed(own, send_id=before)) == [before]
    assert listed(own, send_id=messages[0])["total"] == 0
    assert listed(own, customer_ref="many")["total"] == 100
    assert ids(listed(own, to=numbers[41])) == [messages[100 - 42]]


def test_filters_find_by_what_a_message_is(own, simulator):
    fine = own.send("+4790000001", customer_ref="a")["sms_message_id"]
    all_final(own, 1)
    simulator.behave(reject_rate=1)
    failed = own.send("+4790000001", customer_ref="b")["sms_message_id"]
    all_final(own, 2)
    simulator.behave(reject_rate=0)
    later = own.send("+4790000002", customer_ref="a", scheduled_at=in_seconds(8))
    scheduled = later["sms_message_id"]
    code = own.get(failed)["error_code"]
    cases = [
        ({"status": "DELIVERED"}, [fine]),
        ({"status": "FAILED"}, [failed]),
        ({"status": "SCHEDULED"}, [scheduled]),
        ({"status": "QUEUED"}, []),
        ({"status": "RECEIVED"}, []),
        ({"direction": "OUTBOUND"}, [scheduled, failed, fine]),
        ({"direction": "INBOUND"}, []),
        ({"direction": "INBOUND", "status": "FAILED"}, []),
        ({"error_code": code}, [failed]),
        ({"error_code": "expired"}, []),
        ({"error_code": code, "status": "DELIVERED"}, []),
        ({"customer_ref": "a"}, [scheduled, fine]),
        ({"customer_ref": "none"}, []),
        ({"customer_ref": "a", "status": "DELIVERED"}, [fine]),
        ({"to": "+4790000001"}, [failed, fine]),
        ({"to": "+4790000001", "customer_ref": "b"}, [failed]),
        ({"to": "+4790000001", "status": "DELIVERED", "direction": "OUTBOUND"}, [fine]),
        ({"to": "+4790000003"}, []),
        ({"from": "Nobody"}, []),
        ({"send_id": fine, "customer_ref": "a"}, [fine]),
        ({"send_id": fine, "customer_ref": "b"}, []),
        ({"created_after": "2020-01-01T00:00:00Z"}, [scheduled, failed, fine]),
        ({"created_before": "2020-01-01T00:00:00Z"}, []),
        ({"created_after": "2020-01-01T00:00:00+02:00", "status": "FAILED"}, [failed]),
    ]
    for filters, wanted in cases:
        page = listed(own, **filters)
        assert (ids(page), page["total"], page["has_more"]) == (wanted, len(wanted), False), filters
    assert own.call("POST", f"/v1/sms/messages/{scheduled}/cancel").status == 200
    assert ids(listed(own, status="SCHEDULED")) == []
    assert ids(listed(own, status="CANCELLED")) == [scheduled]


def in_seconds(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + seconds))


def test_dates_bound_the_list(own):
    old = send_some(own, 3)
    time.sleep(1.1)
    border = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    time.sleep(0.1)
    new = send_some(own, 2)
    after, before = listed(own, created_after=border), listed(own, created_before=border)
    assert (ids(after), after["total"]) == (new, 2)
    assert (ids(before), before["total"]) == (old, 3)
    assert ids(listed(own, created_before=border, page=2, page_size=2)) == old[2:]
    assert walk(own, created_before=border, page_size=2) == old


def test_a_plus_that_was_not_escaped_is_understood(own):
    sent = own.send("+4790000001")["sms_message_id"]
    answer = own.call("GET", "/v1/sms/messages?to=+4790000001")
    assert ids(answer.json) == [sent]


@pytest.mark.parametrize("parameters", [
    "page=0", "page=x", "page=-1", "page_size=0", "page_size=501", "cursor=", "cursor=abc", "direction=in",
    "status=delivered", "to=123", "from=", "send_id=1", "created_after=2025-12-17", "created_before=soon",
    "error_code=none_such", "customer_ref=" + "x" * 256, "colour=red", "page=1&page=2",
])
def test_a_wrong_parameter_is_named(account, parameters):
    answer = account.call("GET", "/v1/sms/messages?" + parameters)
    assert answer.status == 422, answer
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json["errors"][0]["parameter"] == parameters.split("=")[0]


def test_a_cursor_belongs_to_its_filters(own):
    send_some(own, 3)
    cursor = listed(own, page_size=1, direction="OUTBOUND")["next_cursor"]
    assert query(own, cursor=cursor).status == 422
    assert query(own, cursor=cursor, direction="OUTBOUND", page=2).status == 422
    assert query(own, cursor=cursor, direction="OUTBOUND", page_size=2).status == 200


def test_accounts_see_their_own_messages_only(own, account):
    mine = own.send("+4790000001", customer_ref="x")["sms_message_id"]
    other = account.send("+4790000001", customer_ref="x")["sms_message_id"]
    for filters in ({}, {"to": "+4790000001"}, {"customer_ref": "x"}):
        assert ids(listed(own, **filters)) == [mine]
    assert listed(own, send_id=other)["total"] == 0


def test_the_list_can_be_read_by_head_and_not_written(account):
    assert account.call("HEAD", "/v1/sms/messages").status == 200
    answer = account.call("POST", "/v1/sms/messages", {})
    assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
