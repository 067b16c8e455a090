# SPDX-License-Identifier: Apache-2.0
"""The rows that gscope prints while calls go on, held against the log of the stub."""
import array
import calendar
import json
import threading
import time

PREFIX = "live-"


def nanoseconds(text):
    """RFC 3339 in UTC with nine digits."""
    return calendar.timegm(time.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")) * 1_000_000_000 + int(text[20:29])


def percentile(values, share):
    return values[min(len(values) - 1, int(share * len(values)))] if values else None


def spread_ms(microseconds):
    values = sorted(microseconds)
    return {name: None if not values else round(percentile(values, share) / 1000, 1)
            for name, share in (("p50", 0.5), ("p99", 0.99), ("p999", 0.999), ("max", 1.0))}


class Rows:
    """Reads lines in a thread of its own and notes when each came. Few octets a call, because runs are long."""

    def __init__(self, stream):
        self.stream = stream
        self.first = {}  # id -> microseconds from its first packet to its first line; only while the call goes on
        self.worst_us = {}  # second of the call -> the longest that its first line took
        self.first_us = array.array("q")
        self.last_us = array.array("q")
        self.calls = {}  # number -> (status, input, output, streamed)
        self.twice, self.unknown, self.lines, self.states = 0, 0, 0, {}
        self.unreadable = []
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        for line in self.stream:
            now = time.time_ns()
            self.lines += 1
            try:
                self.take(json.loads(line), now)
            except (ValueError, KeyError) as error:
                self.unreadable.append(f"{error}: {line[:200]!r}")

    def take(self, row, now):
        name, began = row["id"], nanoseconds(row["time"])
        if name not in self.first:
            late = self.first[name] = (now - began) // 1000
            second = began // 1_000_000_000
            self.worst_us[second] = max(late, self.worst_us.get(second, 0))
        state = row.get("state")
        if state is not None:
            self.states[state] = self.states.get(state, 0) + 1
            return
        self.first_us.append(self.first.pop(name))
        if "duration_ms" in row:
            self.last_us.append((now - began - int(row["duration_ms"] * 1_000_000)) // 1000)
        identity = row.get("request_id", "")
        if not identity.startswith(PREFIX):
            self.unknown += 1
            return
        number = int(identity[len(PREFIX):])
        if number in self.calls:
            self.twice += 1
        self.calls[number] = (row.get("status"), row.get("input_tokens", 0), row.get("output_tokens", 0),
                              int(bool(row.get("stream"))))

    def worst_seconds(self):
        """Second of the run -> longest wait for a first line in ms; the ten worst. Stalls stand out, and when they were."""
        begin = min(self.worst_us, default=0)
        worst = sorted(self.worst_us.items(), key=lambda one: -one[1])[:10]
        return {second - begin: round(late / 1000) for second, late in sorted(worst)}

    def wait(self, seconds):
        self.thread.join(seconds)
        return not self.thread.is_alive()

    def against(self, log):
        """What differs from the stub's log, and examples. The log has calls that were answered; of the others only that
        they were sent is known, so a row without a status invents nothing."""
        wrong, missing, examples, logged = 0, 0, [], 0
        left = dict(self.calls)
        with open(log, encoding="ascii") as lines:
            for line in lines:
                number, _, _, *said = map(int, line.split())
                logged += 1
                seen = left.pop(number, None)
                if seen is None:
                    missing += 1
                elif list(seen) != said:
                    wrong += 1
                if (seen is None or list(seen) != said) and len(examples) < 5:
                    examples.append({"call": number, "logged": said, "shown": seen})
        unanswered = sum(1 for seen in left.values() if seen[0] is None)
        return {"logged": logged, "unanswered": unanswered, "shown": len(self.calls), "missing": missing, "wrong": wrong,
                "invented": len(left) - unanswered + self.unknown, "twice": self.twice, "never_ended": len(self.first),
                "unreadable": self.unreadable[:5], "examples": examples}
