# SPDX-License-Identifier: Apache-2.0
"""Takes a part away from the capture of a case, and from what is expected of it."""
import subprocess


def fields(capture, shown, *names):
    words = [word for name in names for word in ("-e", name)]
    listed = subprocess.run(["tshark", "-r", capture, "-Y", shown, "-T", "fields", *words], capture_output=True, check=True)
    return [line.split("\t") for line in listed.stdout.decode().splitlines()]


def without(capture, frames):
    rest = capture + ".cut"
    subprocess.run(["editcap", "-F", "pcap", capture, rest, *frames], check=True)
    return rest


def cut(case, capture, keylog, expected):
    """The capture that is left. Rewrites the key log and the expectation."""
    sessions = expected["sessions"]
    if case.cut == "handshake":
        # Of TLS 1.3 the client's first encrypted record is its Finished.
        sent = fields(capture, f"tcp.dstport == {case.port} && (tls.record.content_type == 23 || tls.record.opaque_type == 23)",
                      "frame.number")
        first = int(sent[1 if case.name.endswith("tls13") else 0][0])
        sessions[0]["exchanges"] = []
        return without(capture, [f"1-{first - 1}"])
    if case.cut == "packet":
        full = fields(capture, f"tcp.srcport == {case.port} && tcp.len > 1000", "frame.number")
        sessions[0]["exchanges"][0]["complete"] = False
        return without(capture, [full[len(full) // 2][0]])
    if case.cut == "first-session":
        gone = sessions.pop(0)
        return without(capture, [frame for frame, in fields(capture, f"tcp.port == {gone['client_port']}", "frame.number")])
    if case.cut == "traffic-secrets":
        with open(keylog, encoding="ascii") as log:
            lines = [line for line in log if "HANDSHAKE_TRAFFIC" in line]
        with open(keylog, "w", encoding="ascii") as log:
            log.writelines(lines)
        sessions[0]["exchanges"] = []
        return capture
    raise RuntimeError(f"{case.name}: no such cut: {case.cut}")
