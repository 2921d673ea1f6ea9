"""Many connections at once."""

import json
import resource
import socket
import time

CONNECTIONS, ROUNDS, BOUND_S = 512, 4, 20


def read_answer(connection):
    got = b""
    while True:
        end = got.find(b"\r\n\r\n")
        if end >= 0:
            at = got.lower().find(b"content-length:")
            if len(got) >= end + 4 + int(got[at + 15:].split(b"\r", 1)[0]):
                return got[:end], got[end + 4:]
        piece = connection.recv(65536)
        assert piece, f"closed after {got!r}"
        got += piece


def test_512_connections_that_all_send_at_once_are_all_answered(account, stack, simulator):
    assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] > CONNECTIONS + 100
    opened = [socket.create_connection(("127.0.0.1", account.port), timeout=BOUND_S) for _ in range(CONNECTIONS)]
    ids = set()
    try:
        for round_number in range(ROUNDS):
            began = time.monotonic()
            for i, connection in enumerate(opened):
                body = json.dumps({"to": [f"+4792{round_number}{i:05}"], "message": "At once"})
                connection.sendall((f"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nX-API-Key: {account.key}\r\n"
                                    f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
            for connection in opened:
                head, body = read_answer(connection)
                assert head.startswith(b"HTTP/1.1 200 "), (head, body)
                ids.add(json.loads(body)["sms_message_id"])
            took = time.monotonic() - began
            assert took < BOUND_S, f"round {round_number} took {took:.1f} s"
        assert stack.metric("api-1", "sms_http_connections") >= CONNECTIONS
    finally:
        for connection in opened:
            connection.close()
    assert len(ids) == CONNECTIONS * ROUNDS


def test_idle_and_half_open_connections_hold_nobody_up(account):
    half = request_begin = b"POST /v1/sms/send HTTP/1.1\r\nHost: sms\r\nContent-Length: 100\r\n\r\n{"
    opened = []
    try:
        for i in range(300):
            connection = socket.create_connection(("127.0.0.1", account.port), timeout=5)
            connection.sendall(request_begin if i % 2 else half[:20])
            opened.append(connection)
        began = time.monotonic()
        account.send("+4799999940")
        assert time.monotonic() - began < 5
    finally:
        for connection in opened:
            connection.close()
