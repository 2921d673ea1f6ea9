"""A DNS server on 127.0.0.1 that answers what a test says."""

import socket
import struct
import threading

A, AAAA = 1, 28
NO_SUCH_NAME = 3


class Dns:
    """`addresses` is name -> list of addresses, as of now; a name that isn't there doesn't exist, and one that is None is
    never answered."""

    def __init__(self, addresses=None):
        self.addresses = addresses or {}
        self.questions = []  # names, as they came
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self._socket.getsockname()[1]

    def close(self):
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(5)
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _run(self):
        while True:
            message, peer = self._socket.recvfrom(2000)
            if not message:
                return
            answer = self._answer(message)
            if answer:
                self._socket.sendto(answer, peer)

    def _answer(self, message):
        labels, at = [], 12
        while message[at]:
            labels.append(message[at + 1:at + 1 + message[at]].decode())
            at += 1 + message[at]
        question, (kind,) = message[12:at + 5], struct.unpack_from("!H", message, at + 1)
        name = ".".join(labels).lower()
        self.questions.append(name)
        found = self.addresses.get(name, [])
        if found is None:
            return None
        family = {A: socket.AF_INET, AAAA: socket.AF_INET6}.get(kind)
        packed = [socket.inet_pton(family, address) for address in found if (":" in address) == (kind == AAAA)]
        code = 0 if name in self.addresses else NO_SUCH_NAME
        head = message[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(packed), 0, 0)
        return head + question + b"".join(struct.pack("!HHHIH", 0xc00c, kind, 1, 1, len(data)) + data for data in packed)
