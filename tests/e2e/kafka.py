"""How far topics reach, asked in Kafka's own protocol (ListOffsets), so that "nothing was published" can be seen."""

import socket
import struct

LIST_OFFSETS, VERSION, LATEST = 2, 1, -1
PARTITIONS = 6  # of each topic: the default of SMS_KAFKA_PARTITIONS
DISPATCH = ("sms.dispatch.fast", "sms.dispatch.bulk", "sms.jobs")
DEAD = ("sms.dead",)


def _text(text):
    return struct.pack(">h", len(text)) + text.encode()


def end_offsets(brokers, topics):
    """The sum of the end offsets of all partitions of these topics."""
    host, _, port = brokers.partition(":")
    wanted = b"".join(struct.pack(">iq", partition, LATEST) for partition in range(PARTITIONS))
    body = struct.pack(">hhi", LIST_OFFSETS, VERSION, 1) + _text("e2e") + struct.pack(">ii", -1, len(topics))
    for topic in topics:
        body += _text(topic) + struct.pack(">i", PARTITIONS) + wanted
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(struct.pack(">i", len(body)) + body)
        stream = connection.makefile("rb")
        (size,) = struct.unpack(">i", stream.read(4))
        return _sum(stream.read(size))


def _sum(answer):
    (count,), at, total = struct.unpack_from(">i", answer, 4), 8, 0
    for _ in range(count):
        (length,) = struct.unpack_from(">h", answer, at)
        at += 2 + length
        (partitions,) = struct.unpack_from(">i", answer, at)
        at += 4
        for _ in range(partitions):
            partition, error, _, offset = struct.unpack_from(">ihqq", answer, at)
            assert error == 0, f"Kafka answers error {error} for partition {partition}"
            total += offset
            at += 22
    return total
