"""Requests whose end could be understood in two ways are refused, and what hides in them is not served."""

import re

import pytest

from api import raw

BODY = b'{"to":["+4799999930"],"message":"Hello"}'
CHUNKED = b"28\r\n" + BODY + b"\r\n0\r\n\r\n"
HIDDEN = b"GET /v1/sms/messages/0198c0de-7000-7abc-8def-000000000000 HTTP/1.1\r\nHost: sms\r\n\r\n"


def request(account, *headers, version="1.1"):
    lines = [f"POST /v1/sms/send HTTP/{version}", "Host: sms", f"X-API-Key: {account.key}",
             "Content-Type: application/json", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def statuses(got):
    return re.findall(rb"HTTP/1\.[01] (\d{3}) ", got)


def refused(account, stack, data):
    before = stack.metric("api-1", "sms_messages_accepted_total")
    got, closed = raw(account.port, data)
    # libmicrohttpd 0.9.75 writes the head of an answer of its own twice; the hidden request would be answered with 401.
    assert set(statuses(got)) == {b"400"}, got
    assert closed, "the connection stays open"
    assert stack.metric("api-1", "sms_messages_accepted_total") == before


@pytest.mark.parametrize("headers, body", [
    ((f"Content-Length: {len(BODY)}", "Content-Length: 5"), BODY),
    (("Content-Length: 5", f"Content-Length: {len(BODY)}"), BODY),
    ((f"Content-Length: {len(BODY)}", f"Content-Length: {len(BODY)}"), BODY),
    ((f"Content-Length: {len(BODY)}, {len(BODY)}",), BODY),
    ((f"Content-Length: +{len(BODY)}",), BODY),
    (("Content-Length: 0x28",), BODY),
    (("Content-Length: -1",), BODY),
    (("Content-Length:",), BODY),
    ((f"Content-Length: {len(BODY)}", "Transfer-Encoding: chunked"), CHUNKED),
    (("Transfer-Encoding: chunked", f"Content-Length: {len(BODY)}"), CHUNKED),
    ((f"Content-Length : {len(BODY)}",), BODY),
    (("Transfer-Encoding : chunked",), CHUNKED),
    (("Transfer-Encoding: gzip",), BODY),
    (("Transfer-Encoding: gzip, chunked",), CHUNKED),
    (("Transfer-Encoding: chunked, identity",), CHUNKED),
    (("Transfer-Encoding: xchunked",), CHUNKED),
    (("Transfer-Encoding: chunked", "Transfer-Encoding: identity"), CHUNKED),
    (("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), CHUNKED),
    (("Transfer-Encoding: identity", f"Content-Length: {len(BODY)}"), BODY),
], ids=lambda value: "+".join(value).replace(" ", "_") if isinstance(value, tuple) else "")
def test_an_ambiguous_length_is_400_and_the_end(account, stack, headers, body):
    refused(account, stack, request(account, *headers) + body + HIDDEN)


def test_chunked_in_http_1_0_is_400_and_the_end(account, stack):
    refused(account, stack, request(account, "Transfer-Encoding: chunked", "Connection: keep-alive", version="1.0")
            + CHUNKED + HIDDEN)


@pytest.mark.parametrize("chunk", [b"-1\r\n", b"zz\r\n", b"28 \r\n", b"fffffffffffffffff\r\n", b"28\r\n" + BODY + b"xx0\r\n\r\n"],
                         ids=["negative", "no_number", "space", "too_large", "no_line_end"])
def test_a_malformed_chunk_ends_the_connection_unserved(account, stack, chunk):
    before = stack.metric("api-1", "sms_messages_accepted_total")
    got, closed = raw(account.port, request(account, "Transfer-Encoding: chunked") + chunk + HIDDEN, timeout_s=3)
    if chunk != b"28 \r\n":  # which some take for a chunk of 40 bytes, and wait for the rest of it
        assert closed, got
    assert set(statuses(got)) <= {b"400", b"413"}, got
    assert stack.metric("api-1", "sms_messages_accepted_total") == before


def test_a_chunked_body_is_accepted(account):
    got, _ = raw(account.port, request(account, "Transfer-Encoding: chunked", "Connection: close") + CHUNKED)
    assert got.startswith(b"HTTP/1.1 200 "), got


def test_requests_in_a_row_are_answered_in_order(account):
    one = request(account, f"Content-Length: {len(BODY)}") + BODY
    last = request(account, f"Content-Length: {len(BODY)}", "Connection: close") + BODY
    got, closed = raw(account.port, one + HIDDEN + last)
    assert statuses(got) == [b"200", b"401", b"200"]
    assert closed


def test_a_length_beyond_all_numbers_is_413_and_the_end(account):
    got, closed = raw(account.port, request(account, "Content-Length: 99999999999999999999999") + BODY + HIDDEN)
    assert set(statuses(got)) == {b"413"} and closed, got


def test_a_head_that_is_too_large_is_refused(account):
    got, closed = raw(account.port, request(account, "X-Much: " + "x" * 200000, "Content-Length: 0"))
    assert closed and (not got or got[9:12] in (b"413", b"414", b"431", b"400")), got[:200]


def test_bytes_that_are_not_http_end_the_connection(account):
    got, closed = raw(account.port, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 300 + b"\r\n\r\n")
    assert closed and b" 200 " not in got
