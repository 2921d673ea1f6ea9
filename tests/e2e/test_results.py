"""All messages of a send, as lines."""

import csv
import io
import json
import socket
import threading
import time

import pytest

from stack import eventually

COLUMNS = ["id", "to_number", "from_number", "status", "units_count", "error_code", "error_message", "created_at",
           "scheduled_at", "sent_at", "delivered_at", "customer_ref", "body"]


def numbers(count, first=0):
    return [f"+4790{i:06}" for i in range(first, first + count)]


def results(account, send, query="", headers=None):
    answer = account.call("GET", f"/v1/sms/sends/{send}/messages{query}", headers=headers)
    assert answer.status == 200, answer
    return answer


def lines(account, send, query=""):
    return [json.loads(line) for line in results(account, send, query).body.splitlines()]


def sent(account, to, *more, **fields):
    send = account.send(to, *more, **fields)["sms_message_id"]
    eventually("it is finished", 60, lambda: account.call("GET", f"/v1/sms/sends/{send}").json["state"] == "finished")
    return send


def test_lines_are_messages_in_the_order_of_recipients(account, simulator):
    simulator.behave(reject_rate=0.3, seed=5)
    to = numbers(1234)
    send = sent(account, to, customer_ref="results")
    rows = lines(account, send)
    assert [row["to_number"] for row in rows] == to
    assert rows[777] == account.get(rows[777]["id"])
    failed = [row for row in rows if row["status"] == "FAILED"]
    assert 0 < len(failed) < len(rows)
    assert lines(account, send, "?status=FAILED") == lines(account, send, "?error_code=rejected_by_carrier") == failed
    assert lines(account, send, "?status=DELIVERED&error_code=rejected_by_carrier") == []
    assert lines(account, send, "?status=QUEUED") == lines(account, send, "?error_code=expired") == []
    assert lines(account, send, f"?after={rows[998]['id']}") == rows[999:]
    assert lines(account, send, f"?after={rows[-1]['id']}") == []


def test_each_line_has_its_own_text(account):
    entries = [{"to": number, "variables": {"code": str(i)}} for i, number in enumerate(numbers(120))]
    answer = account.post({"recipients": entries, "message": "Your code is {{code}}"})
    send = answer.json["sms_message_id"]
    eventually("they are there", 20, lambda: len(lines(account, send)) == 120)
    assert [row["body"] for row in lines(account, send)] == [f"Your code is {i}" for i in range(120)]


@pytest.mark.parametrize("query,headers", [("?format=csv", {}), ("", {"Accept": "text/csv"})])
def test_csv_is_safe_to_open(account, query, headers):
    body = '=HYPERLINK("http://evil")\n,"x"'
    send = sent(account, numbers(3), body, customer_ref="+order, 1")
    answer = results(account, send, query, headers)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.body.count(b"\r\n") == 4
    rows = list(csv.reader(io.StringIO(answer.body.decode(), newline="")))
    assert rows[0] == COLUMNS
    row = dict(zip(COLUMNS, rows[1]))
    assert row["to_number"] == "+4790000000" and row["status"] == "DELIVERED" and row["units_count"] == "1"
    assert row["body"] == "'" + body and row["customer_ref"] == "'+order, 1" and row["error_code"] == ""
    rest = results(account, send, f"?format=csv&after={row['id']}").body
    assert len(rest.split(b"\r\n")) > 2 and b"to_number" not in rest, "no head in the middle"


def test_a_single_has_one_line(account):
    send = sent(account, "+4790000001")
    assert lines(account, send) == [account.get(send)]
    assert lines(account, send, "?status=FAILED") == lines(account, send, f"?after={send}") == []


def test_what_waits_and_is_cancelled_has_lines_too(account):
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 5))
    few = account.send(numbers(3), scheduled_at=at)["sms_message_id"]
    many = account.send(numbers(300), scheduled_at=at)["sms_message_id"]
    assert [row["status"] for row in lines(account, few)] == ["SCHEDULED"] * 3
    assert lines(account, many) == [], "none is made yet"
    assert account.call("POST", f"/v1/sms/sends/{few}/cancel").status == 200
    assert [row["status"] for row in lines(account, few, "?status=CANCELLED")] == ["CANCELLED"] * 3


@pytest.mark.parametrize("query", ["?after=1", "?after=0198c0de-7000-7abc-8def-000000000001", "?format=xml", "?page=1",
                                   "?status=nope"])
def test_a_wrong_parameter_is_422(account, query):
    send = account.send(numbers(2))["sms_message_id"]
    assert account.call("GET", f"/v1/sms/sends/{send}/messages{query}").status == 422


@pytest.mark.parametrize("send", ["nothing", "0198c0de-7000-7abc-8def-000000000000"])
def test_what_is_no_send_is_404(account, send):
    assert account.call("GET", f"/v1/sms/sends/{send}/messages").status == 404


def test_a_client_that_does_not_read_holds_up_nobody(account, stack):
    """It gets what its socket holds, the api keeps one piece of it; others go on, and when it is gone so is that."""
    send = sent(account, numbers(10000))
    before = stack.metric("api-1", "process_resident_memory_bytes")
    lazy = []
    for _ in range(4):
        connection = socket.create_connection(("127.0.0.1", account.port))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /v1/sms/sends/{send}/messages HTTP/1.1\r\nHost: h\r\nX-API-Key: {account.key}\r\n\r\n".encode())
        assert b"200 OK" in connection.recv(500)
        lazy.append(connection)
    assert account.call("GET", f"/v1/sms/sends/{send}/messages").status == 429, "four at once"
    took = []
    for _ in range(50):
        since = time.monotonic()
        account.call("GET", f"/v1/sms/sends/{send}")
        took.append(time.monotonic() - since)
    assert sorted(took)[45] < 0.5
    assert stack.metric("api-1", "process_resident_memory_bytes") - before < 16 << 20
    for connection in lazy:
        connection.close()
    eventually("their places are free", 20, lambda: account.call("GET", f"/v1/sms/sends/{send}/messages").status == 200)


def test_many_read_at_once(account):
    send = sent(account, numbers(2000))
    got, threads = [], []
    for _ in range(3):
        threads.append(threading.Thread(target=lambda: got.append(len(lines(account, send)))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert got == [2000] * 3
