"""Contacts from files: what becomes of rows, and how little a long file costs."""

import http.client
import json
import pathlib
import socket
import threading
import time

import pytest

from stack import eventually

CONTACTS = "/v1/contacts"
GROUPS = "/v1/contacts/groups"
IMPORT = "/v1/contacts/import"
CSV = {"Content-Type": "text/csv"}
NDJSON = {"Content-Type": "application/x-ndjson"}
NOBODY = "0198c0de-7000-7abc-8def-000000000000"


@pytest.fixture(scope="module")
def owner(admin, account):
    return admin.new_account("import", account.url)


def imported(caller, text, headers=None, query=""):
    answer = caller.call("POST", IMPORT + query, text, headers or CSV)
    assert answer.status == 200, answer
    return answer.json


def streamed(caller, path, pieces):
    """A chunked upload, as its pieces come; the answer's status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", caller.port, timeout=300)
    try:
        connection.request("POST", path, pieces, {"X-API-Key": caller.key, **CSV}, encode_chunked=True)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def counts(result):
    return result["created"], result["updated"], result["rejected"]


def contact_of(caller, number):
    answer = caller.call("GET", f"{CONTACTS}?search=%2B{number[1:]}")
    assert answer.status == 200 and answer.json["total"] == 1, answer
    return answer.json["contacts"][0]


def group(caller, name="Imported"):
    answer = caller.call("POST", GROUPS, {"name": name}, {"Content-Type": "application/json"})
    assert answer.status == 201, answer
    return answer.json["id"]


def member_count(caller, group_id):
    return caller.call("GET", f"{GROUPS}/{group_id}").json["member_count"]


def test_csv_makes_contacts_and_changes_them(owner):
    text = ("\ufeffPhone Number;Name;Tags;Notes;Home town\r\n"
            "+47 95 00 00 01;Kari Nordmann;\"vip;oslo\";\"Two\r\nlines\";Oslo\r\n"
            "+4795000002;;;;\r\n")
    assert imported(owner, text.encode()) == {"created": 2, "updated": 0, "rejected": 0, "rejected_rows": []}
    first = contact_of(owner, "+4795000001")
    assert (first["name"], first["first_name"], first["tags"], first["notes"], first["attributes"]) == (
        "Kari Nordmann", "Kari", ["vip", "oslo"], "Two\r\nlines", {"Home_town": "Oslo"})
    second = contact_of(owner, "+4795000002")
    assert (second["type"], second["name"], second["attributes"]) == ("person", None, {})
    text = "phone_number,name,Home town,size\n+4795000002,Ola,,L\n+4795000001,,Bergen,\n"
    assert counts(imported(owner, text)) == (0, 2, 0)
    assert contact_of(owner, "+4795000002") == {**second, "name": "Ola", "first_name": "Ola", "attributes": {"size": "L"},
                                                "updated_at": contact_of(owner, "+4795000002")["updated_at"]}
    changed = contact_of(owner, "+4795000001")
    assert changed["id"] == first["id"] and changed["name"] == "Kari Nordmann"
    assert changed["attributes"] == {"Home_town": "Bergen"} and changed["created_at"] == first["created_at"]


def test_ndjson(owner):
    rows = [{"phone_number": "+47 95 00 00 11", "type": "company", "name": "Big Company", "city": "Oslo", "tags": ["a", "b"]},
            {"phone_number": "+4795000012", "first_name": "Kari", "attributes": {"city": "Bergen"}, "email": None},
            {"phone_number": "+4795000013", "tags": "a"},
            {"name": "Nobody"}]
    text = "\n".join(json.dumps(row) for row in rows) + "\n{\n"
    result = imported(owner, text, NDJSON)
    assert counts(result) == (2, 0, 3)
    assert [row["line"] for row in result["rejected_rows"]] == [3, 4, 5]
    assert contact_of(owner, "+4795000011")["type"] == "company"
    assert contact_of(owner, "+4795000011")["attributes"] == {"city": "Oslo"}
    assert contact_of(owner, "+4795000012")["name"] == "Kari"


def test_rejected_rows_are_told_in_their_order(owner):
    text = ("phone_number,email,type\n4795000021,,\n+4795000022,nonsense,\n+4795000023,,robot\n+4795000024,a@b.example,person\n"
            "+47,,\n+4795000025,x,,\n")
    result = imported(owner, text)
    assert counts(result) == (1, 0, 5)
    assert [row["line"] for row in result["rejected_rows"]] == [2, 3, 4, 6, 7]
    reasons = [row["reason"] for row in result["rejected_rows"]]
    assert "'+'" in reasons[0] and "email" in reasons[1] and "type" in reasons[2] and "more cells" in reasons[4]


def test_the_first_hundred_rejected_rows_are_listed(owner):
    result = imported(owner, "phone_number\n" + "x\n" * 5000)
    assert counts(result) == (0, 0, 5000)
    assert [row["line"] for row in result["rejected_rows"]] == list(range(2, 102))


def test_a_number_that_comes_again_changes_what_the_first_row_made(owner):
    text = "phone_number,name,a,b\n" + "".join(f"+4795000031,Name {i},{i},\n" for i in range(250)) + "+47 95000031,,,x\n"
    assert counts(imported(owner, text)) == (1, 250, 0)
    made = contact_of(owner, "+4795000031")
    assert made["name"] == "Name 249" and made["attributes"] == {"a": "249", "b": "x"}


def test_all_become_members_of_the_group(owner):
    name = group(owner)
    imported(owner, "phone_number\n+4795000041\n")
    text = "phone_number\n" + "".join(f"+47950001{i:03d}\n" for i in range(300)) + "+4795000041\n"
    assert counts(imported(owner, text, query=f"?group={name}")) == (300, 1, 0)
    assert member_count(owner, name) == 301
    assert counts(imported(owner, text, query=f"?group={name}")) == (0, 301, 0)
    assert member_count(owner, name) == 301


def test_what_is_no_import_is_refused(owner, admin):
    def refused(text, status, headers=CSV, query="", caller=owner):
        answer = caller.call("POST", IMPORT + query, text, headers)
        assert answer.status == status, answer
        return answer.json

    refused("phone_number\n", 415, {"Content-Type": "application/json"})
    refused("phone_number\n", 415, {})
    refused("phone_number\n", 422, query=f"?group={NOBODY}")
    refused("phone_number\n", 422, query="?group=x")
    refused("phone_number\n", 422, query="?team=x")
    assert "phone_number" in refused("name\nKari\n", 422)["detail"]
    assert "phone_number" in refused("", 422)["detail"]
    other = admin.new_account("import-other", owner.url)
    refused("phone_number\n", 422, query=f"?group={group(owner)}", caller=other)
    assert owner.call("GET", IMPORT).status == 405
    detail = refused("phone_number\n+4795000051\n\"+479", 422)["detail"]
    assert "1 created" in detail and contact_of(owner, "+4795000051")


def test_who_may_not_import_is_told_before_the_file_is_read(owner, admin):
    head = (f"POST {IMPORT} HTTP/1.1\r\nHost: h\r\nX-API-Key: %s\r\nContent-Type: text/csv\r\n"
            "Content-Length: 100000000\r\n\r\n")
    with socket.create_connection(("127.0.0.1", owner.port), timeout=5) as connection:
        connection.sendall((head % "nonsense").encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 401 ")
    suspended = admin.new_account("import-suspended", owner.url)
    admin.set_active("import-suspended", False)

    def answer():
        with socket.create_connection(("127.0.0.1", owner.port), timeout=5) as connection:
            connection.sendall((head % suspended.key).encode())
            return connection.recv(1000)
    eventually("it is refused", 10, lambda: answer().startswith(b"HTTP/1.1 403 "))


def test_a_file_over_the_limit_is_413(owner):
    with socket.create_connection(("127.0.0.1", owner.port), timeout=5) as connection:
        connection.sendall((f"POST {IMPORT} HTTP/1.1\r\nHost: h\r\nX-API-Key: {owner.key}\r\nContent-Type: text/csv\r\n"
                            f"Content-Length: {1 << 40}\r\n\r\n").encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 413 ")


def test_a_client_that_goes_away_leaves_the_rows_that_came(owner):
    rows = "".join(f"+47960{i:05d}\n" for i in range(5000))
    with socket.create_connection(("127.0.0.1", owner.port), timeout=5) as connection:
        connection.sendall((f"POST {IMPORT} HTTP/1.1\r\nHost: h\r\nX-API-Key: {owner.key}\r\nContent-Type: text/csv\r\n"
                            f"Content-Length: 100000000\r\n\r\nphone_number\n{rows}").encode())
        eventually("the rows are there", 20, lambda: contact_count(owner, "+4796004800") == 1)
    assert counts(imported(owner, "phone_number\n+4796000000\n")) == (0, 1, 0)


def contact_count(caller, number):
    return caller.call("GET", f"{CONTACTS}?search=%2B{number[1:]}&per_page=1").json["total"]


def test_more_imports_at_a_time_than_allowed_are_503(owner, admin):
    """One account never has more than half of the places."""
    head = (f"POST {IMPORT} HTTP/1.1\r\nHost: h\r\nX-API-Key: {owner.key}\r\nContent-Type: text/csv\r\n"
            "Content-Length: 1000\r\n\r\nphone_number\n").encode()
    other = admin.new_account("import-meanwhile", owner.url)
    open_ones = [socket.create_connection(("127.0.0.1", owner.port), timeout=5) for _ in range(4)]
    try:
        for connection in open_ones:
            connection.sendall(head)
        eventually("there is no place", 10, lambda: owner.call("POST", IMPORT, "phone_number\n", CSV).status == 503)
        assert other.call("POST", IMPORT, "phone_number\n", CSV).status == 200
    finally:
        for connection in open_ones:
            connection.close()
    eventually("there is", 60, lambda: owner.call("POST", IMPORT, "phone_number\n", CSV).status == 200)


def test_redis_is_waited_for(owner, stack):
    """Rows go on being sent while Redis is away for some seconds."""
    def pieces():
        yield b"phone_number\n"
        for i in range(40):
            yield "".join(f"+47970{i:02d}{j:03d}\n" for j in range(200)).encode()
            time.sleep(0.1)

    answers = []
    thread = threading.Thread(target=lambda: answers.append(streamed(owner, IMPORT, pieces())))
    thread.start()
    time.sleep(1)
    stack.kill("redis-1")
    time.sleep(1)
    stack.restart("redis-1")
    thread.join(60)
    status, body = answers[0]
    assert status == 200, body
    result = json.loads(body)
    assert result["created"] + result["updated"] == 8000 and result["rejected"] == 0, result
    assert contact_count(owner, "+4797039199") == 1


def resident_kb(stack):
    pid = stack.pid("api-1")
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise AssertionError("no VmRSS")


def test_a_long_file_takes_no_more_memory_than_a_short_one(admin, account, stack):
    caller = admin.new_account("import-long", account.url)
    name = group(caller)

    def rows(first, count):
        yield b"phone_number,first_name,last_name,city\n"
        for at in range(first, first + count, 1000):
            yield "".join(f"+4798{i:07d},Kari,Nordmann{i},Oslo\n" for i in range(at, at + 1000)).encode()

    def run(first, count):
        status, body = streamed(caller, f"{IMPORT}?group={name}", rows(first, count))
        assert status == 200, body
        assert counts(json.loads(body)) == (count, 0, 0)

    run(0, 20000)
    before = resident_kb(stack)
    run(20000, 200000)
    grown = resident_kb(stack) - before
    assert grown < 8192, f"{grown} KB more for 200,000 rows"
    assert member_count(caller, name) == 220000
