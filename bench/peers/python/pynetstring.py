"""The part of pynetstring that mediasoup-client-aiortc's worker uses: netstrings as in cr.yp.to/proto/netstrings.txt."""


def encode(data: bytes) -> bytes:
    return b"%d:%s," % (len(data), data)


class Decoder:
    def __init__(self) -> None:
        self._pending = bytearray()

    def feed(self, data: bytes) -> list:
        """Returns the payloads that are whole by now."""
        self._pending += data
        payloads = []
        while True:
            colon = self._pending.find(b":")
            if colon < 0:
                break
            start = colon + 1
            end = start + int(self._pending[:colon])
            if len(self._pending) <= end:
                break
            if self._pending[end : end + 1] != b",":
                raise ValueError("netstring: no comma at its end")
            payloads.append(bytes(self._pending[start:end]))
            del self._pending[: end + 1]
        return payloads
