"""What became of what was promised: the final states at the API, and the simulator's count for each reference."""

import collections
import json
import time

import kafka
import load
from stack import eventually


def read_states(account, ids, connections=16):
    """id -> (status, the message)."""
    waiting, found = collections.deque(ids), {}

    def question():
        if not waiting:
            return None
        message_id = waiting.popleft()
        return message_id, (f"GET /v1/sms/messages/{message_id} HTTP/1.1\r\nHost: sms\r\n"
                            f"X-API-Key: {account.key}\r\n\r\n").encode()

    def answered(message_id, status, _head, body, _took_s):
        if status == 503:  # Redis or the api is just coming back
            waiting.append(message_id)
            return load.PAUSE_S
        message = json.loads(body)
        found[message_id] = (message["status"] if status == 200 else f"HTTP {status}", message)
        return 0

    engine = load.Engine(account.port, connections, question, answered, waiting.append)
    until = time.monotonic() + 120
    while len(found) < len(set(ids)):
        assert time.monotonic() < until, f"only {len(found)} of {len(ids)} messages could be read in 120 s"
        engine.turn()
    engine.close()
    return found


def await_final(account, ids, final="DELIVERED", timeout_s=60):
    """Waits until all of these have ended as they should. One that was accepted while Redis was away is not found until
    the sender has come to it."""
    left, until = list(ids), time.monotonic() + timeout_s
    while True:
        states = read_states(account, left)
        left = [message_id for message_id in left if states[message_id][0] != final]
        if not left:
            return
        counts = collections.Counter(states[message_id][0] for message_id in left)
        wrong = [status for status in counts if status not in ("SCHEDULED", "QUEUED", "SENDING", "SENT", "HTTP 404")]
        assert not wrong and time.monotonic() < until, \
            f"{len(left)} of {len(ids)} are not {final}: {dict(counts)}; the first: {states[left[0]]}"
        time.sleep(0.3)


def quiet(stack, simulator, timeout_s=60, committed=False):
    """Waits until nothing is under way or waiting anywhere. Offsets are committed once a second: who can't be sure that
    all records were read wants to see them too."""
    def is_quiet():
        return (stack.metric("sender-1", "sms_chunks_open") == 0 and stack.metric("receipts-1", "sms_reports_open") == 0
                and stack.metric("expander-1", "sms_jobs_open") == 0
                and stack.metric("api-1", "sms_requests_open") == 0 and simulator.stats()["reports_pending"] == 0
                and waiting_entries(stack) == 0 and (not committed or kafka.lag(stack.env["KAFKA_BROKERS"]) == 0))
    eventually("nothing is under way", timeout_s, is_quiet, 0.1)


def waiting_entries(stack):
    return sum(int(stack.redis("ZCARD", f"due:{{due:{shard}}}")[0]) for shard in range(4))


def check(stack, account, simulator, sent, repeated=0, timeout_s=60):
    """Every accepted message of the load is DELIVERED; at most so many references came to the carrier again."""
    assert len(set(sent.accepted.values())) == len(sent.accepted) >= sent.count
    await_final(account, sent.accepted, timeout_s=timeout_s)
    quiet(stack, simulator, committed=True)
    stats = simulator.stats()
    arrived = stats["distinct_references"]
    assert len(sent.accepted) <= arrived <= len(sent.accepted) + sent.unknown, f"{sent}; the carrier: {stats}"
    assert stats["repeated_references"] <= repeated, f"sent again: {stats}"
    return stats
