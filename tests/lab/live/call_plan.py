# SPDX-License-Identifier: Apache-2.0
"""What a call of the live lab is; caller and stub know it from the call's number alone."""
import zlib


class Plan:
    """What becomes of one call; equal for equal numbers."""

    def __init__(self, number):
        seed = zlib.crc32(b"%d" % number)
        share = seed % 100
        self.status = 429 if share < 4 else 200
        self.streams = share < 39 and self.status == 200
        self.delay_s = 0.02 + (seed >> 8 & 127) / 1000
        self.events = 6 + (seed >> 16) % 10
        self.pause_s = (1.0 + (seed >> 20) % 200 / 100) / self.events
        self.input = 40 + (seed >> 4) % 900
        self.output = self.events if self.streams else 5 + (seed >> 12) % 120

    def usage(self):
        return {"completion_tokens": self.output, "prompt_tokens": self.input, "total_tokens": self.input + self.output}
