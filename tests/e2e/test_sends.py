"""Sends as they stand: one of them, and the list."""

import time
import urllib.parse

import pytest

from stack import eventually

COUNTS = {"SCHEDULED": 0, "QUEUED": 0, "SENDING": 0, "SENT": 0, "DELIVERED": 0, "FAILED": 0, "CANCELLED": 0}
SOON_S = 4  # no test begins while anything waits


@pytest.fixture
def own(admin, account):
    """An account of the test's own, without sends."""
    return admin.new_account(f"sends-{time.time_ns():x}", account.url)


def numbers(count, first=0):
    return [f"+4790{i:06}" for i in range(first, first + count)]


def get(account, send):
    answer = account.call("GET", f"/v1/sms/sends/{send}")
    assert answer.status == 200, answer
    return answer.json


def listed(account, **parameters):
    answer = account.call("GET", "/v1/sms/sends?" + urllib.parse.urlencode(parameters))
    assert answer.status == 200, answer
    return answer.json


def ids(page):
    return [send["id"] for send in page["sends"]]


def finished(account, send, timeout_s=30):
    eventually(f"{send} is finished", timeout_s, lambda: get(account, send)["state"] == "finished")
    return get(account, send)


def soon():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + SOON_S))


def cancel(account, send):
    assert account.call("POST", f"/v1/sms/messages/{send}/cancel").status == 200


# --- one ---

def test_a_send_counts_its_messages(own, simulator):
    simulator.behave(reject_rate=0.2, seed=3)
    send = own.send(numbers(300), "x" * 200, customer_ref="spring")["sms_message_id"]
    seen = finished(own, send)
    assert seen["counts"]["FAILED"] > 0
    assert seen["counts"]["FAILED"] + seen["counts"]["DELIVERED"] == seen["recipients"] == 300
    assert seen["errors"] == {"rejected_by_carrier": seen["counts"]["FAILED"]}
    assert seen["status"] == "DELIVERED" and not seen["paused"] and not seen["expanding"]
    assert seen["units"] == 2 * seen["counts"]["DELIVERED"], "what a carrier refused costs nothing"
    assert seen["price"] == pytest.approx(0.99 * seen["units"]) and seen["currency"] == "NOK"
    assert seen["customer_ref"] == "spring" and seen["estimated_finish_at"] is None
    assert seen["created_at"] <= seen["started_at"] <= seen["finished_at"]
    assert seen["rate_now_per_second"] > 0


def test_a_send_of_one_message_is_a_send(own):
    send = own.send("+4790000001", customer_ref="one")["sms_message_id"]
    seen = finished(own, send)
    assert seen["counts"] == {**COUNTS, "DELIVERED": 1} and seen["recipients"] == 1
    assert seen["units"] == 1 and seen["finished_at"] and seen["started_at"]


def test_a_send_that_waits_says_until_when(own):
    at = soon()
    few = own.send(numbers(3), scheduled_at=at, rate="1/min", quiet_hours={"from": "21:00", "to": "08:00"})["sms_message_id"]
    many = own.send(numbers(250), scheduled_at=at)["sms_message_id"]
    seen = get(own, few)
    assert (seen["state"], seen["status"], seen["scheduled_at"]) == ("scheduled", "SCHEDULED", at)
    assert seen["counts"] == {**COUNTS, "SCHEDULED": 3} and seen["started_at"] is None
    assert seen["rate_per_second"] == 0.016 and seen["quiet_hours"] == {"from": "21:00", "to": "08:00"}
    assert seen["estimated_finish_at"] > at, "three messages, one a minute"
    cancel(own, few)
    seen = get(own, many)
    assert (seen["state"], seen["status"], seen["expanding"]) == ("scheduled", "SCHEDULED", True)
    assert seen["recipients"] == 0 and seen["recipients_estimate"] == 250 and seen["counts"] == COUNTS


def test_a_cancelled_send_says_so(own):
    send = own.send(numbers(3), scheduled_at=soon())["sms_message_id"]
    cancel(own, send)
    seen = get(own, send)
    assert (seen["state"], seen["status"]) == ("cancelled", "CANCELLED")
    assert seen["counts"] == {**COUNTS, "CANCELLED": 3} and seen["cancelled_at"] and seen["finished_at"]
    assert seen["price"] == 0.0


@pytest.mark.parametrize("nowhere", ["nothing", "0198c0de-7000-7abc-8def-000000000000", "{message}"])
def test_what_is_no_send_is_404(own, nowhere):
    send = own.send(numbers(2))["sms_message_id"]
    answer = own.call("GET", "/v1/sms/sends/" + nowhere.format(message=send[:-6] + "000001"))
    assert answer.status == 404, "also the id of one of its messages"


# --- the list ---

def test_an_account_without_sends_has_an_empty_list(own):
    assert listed(own) == {"sends": [], "total": 0, "page": 1, "page_size": 50, "has_more": False, "total_capped": False,
                           "next_cursor": None, "totals": None}


def test_sends_are_listed_the_newest_first(own):
    sends = [own.send(numbers(2 + i % 3, 100 * i))["sms_message_id"] for i in range(7)][::-1]
    sends.insert(0, own.send(numbers(150))["sms_message_id"])
    own.send("+4790000001")  # one message is no row
    for send in sends:
        finished(own, send)
    page = listed(own)
    assert ids(page) == sends and page["total"] == 8 and not page["has_more"]
    assert {**page["sends"][3], "rate_now_per_second": 0} == {**get(own, sends[3]), "rate_now_per_second": 0}
    assert ids(listed(own, page=2, page_size=3)) == sends[3:6]
    walked, page = [], listed(own, page_size=3)
    while True:
        walked += ids(page)
        if not page["has_more"]:
            break
        page = listed(own, page_size=3, cursor=page["next_cursor"])
    assert walked == sends
    moment = get(own, sends[-1])["created_at"]
    assert listed(own, created_before=moment)["total"] == 0
    assert listed(own, created_after=moment)["total"] == 8


def test_sends_are_found_by_state_and_status(own):
    waits = own.send(numbers(2), scheduled_at=soon())["sms_message_id"]
    stopped = own.send(numbers(200), scheduled_at=soon())["sms_message_id"]
    cancel(own, stopped)
    done = own.send(numbers(2))["sms_message_id"]
    finished(own, done)
    for query, found in (({"state": "scheduled"}, [waits]), ({"state": "cancelled"}, [stopped]), ({"state": "running"}, []),
                         ({"state": "finished"}, [done]), ({"status": "SCHEDULED"}, [waits]), ({"status": "SENT"}, []),
                         ({"status": "DELIVERED", "state": "scheduled"}, [])):
        page = listed(own, **query)
        assert ids(page) == found and page["total"] == len(found), query


def test_all_of_a_reference_are_counted_together(own):
    sends = [own.send(numbers(3), customer_ref="spring")["sms_message_id"],
             own.send("+4790000001", customer_ref="spring")["sms_message_id"],
             own.send(numbers(120), customer_ref="spring")["sms_message_id"],
             own.send(numbers(2), customer_ref="spring", scheduled_at=soon())["sms_message_id"]]
    own.send(numbers(2), customer_ref="summer")
    for send in sends[:3]:
        finished(own, send)
    page = listed(own, customer_ref="spring", page_size=2)
    assert ids(page) == sends[::-1][:2] and page["total"] == 4
    assert page["totals"] == {"sends": 4, "recipients": 126, "counts": {**COUNTS, "SCHEDULED": 2, "DELIVERED": 124},
                              "units": 124, "price": pytest.approx(0.99 * 124), "currency": "NOK"}
    page = listed(own, customer_ref="spring", page_size=2, cursor=page["next_cursor"])
    assert ids(page) == sends[::-1][2:] and page["totals"] is None and page["total"] == 4
    assert listed(own, customer_ref="spring", state="scheduled")["totals"]["recipients"] == 2
    assert listed(own, customer_ref="autumn")["totals"]["sends"] == 0


@pytest.mark.parametrize("query", ["state=nope", "status=nope", "page=0", "to=%2B4790000001", "cursor=00", "send_id=1",
                                   "page=1&cursor=" + "0" * 84])
def test_a_wrong_parameter_is_422(own, query):
    assert own.call("GET", "/v1/sms/sends?" + query).status == 422


def test_a_cursor_belongs_to_its_filters(own):
    for i in range(3):
        own.send(numbers(2, i * 10))
    cursor = listed(own, page_size=1)["next_cursor"]
    assert own.call("GET", f"/v1/sms/sends?cursor={cursor}&state=finished").status == 422
    assert own.call("GET", f"/v1/sms/messages?cursor={cursor}").status == 422
