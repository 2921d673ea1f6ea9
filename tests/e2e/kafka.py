"""How far topics reach and how far they are read, asked in Kafka's own protocol (ListOffsets, OffsetFetch), so that
"nothing was published" and "nothing waits" can be seen."""

import socket
import struct

LIST_OFFSETS, OFFSET_FETCH, VERSION, LATEST = 2, 9, 1, -1
PARTITIONS = 6  # of each topic: the default of SMS_KAFKA_PARTITIONS
DISPATCH = ("sms.dispatch.fast", "sms.dispatch.bulk", "sms.jobs")
DEAD = ("sms.dead",)


READERS = {"sms-sender": DISPATCH[:2], "sms-expander": DISPATCH[2:], "sms-receipts": ("sms.reports",)}


def end_offsets(brokers, topics):
    """The sum of the end offsets of all partitions of these topics."""
    wanted = b"".join(struct.pack(">iq", partition, LATEST) for partition in range(PARTITIONS))
    body = struct.pack(">ii", -1, len(topics))
    for topic in topics:
        body += _text(topic) + struct.pack(">i", PARTITIONS) + wanted
    return sum(_partitions(_ask(brokers, LIST_OFFSETS, body), _listed))


def lag(brokers):
    """How many records of what the workers read are not committed."""
    waiting = 0
    for group, topics in READERS.items():
        body = _text(group) + struct.pack(">i", len(topics))
        for topic in topics:
            body += _text(topic) + struct.pack(f">i{PARTITIONS}i", PARTITIONS, *range(PARTITIONS))
        committed = sum(max(offset, 0) for offset in _partitions(_ask(brokers, OFFSET_FETCH, body), _fetched))
        waiting += end_offsets(brokers, topics) - committed
    return waiting


def _text(text):
    return struct.pack(">h", len(text)) + text.encode()


def _ask(brokers, what, body):
    host, _, port = brokers.partition(":")
    request = struct.pack(">hhi", what, VERSION, 1) + _text("e2e") + body
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(struct.pack(">i", len(request)) + request)
        stream = connection.makefile("rb")
        (size,) = struct.unpack(">i", stream.read(4))
        return stream.read(size)[4:]


def _partitions(answer, read):
    """The offset of each partition of each topic."""
    (topics,), at, offsets = struct.unpack_from(">i", answer), 4, []
    for _ in range(topics):
        (length,) = struct.unpack_from(">h", answer, at)
        at += 2 + length
        (partitions,) = struct.unpack_from(">i", answer, at)
        at += 4
        for _ in range(partitions):
            offset, error, size = read(answer, at)
            assert error == 0, f"Kafka answers with error {error}"
            offsets.append(offset)
            at += size
    return offsets


def _listed(answer, at):
    _, error, _, offset = struct.unpack_from(">ihqq", answer, at)
    return offset, error, 22


def _fetched(answer, at):
    _, offset, length = struct.unpack_from(">iqh", answer, at)
    length = max(length, 0)  # of the metadata, which may be null
    (error,) = struct.unpack_from(">h", answer, at + 14 + length)
    return offset, error, 16 + length
