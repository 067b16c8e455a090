# SPDX-License-Identifier: Apache-2.0
"""Two network namespaces with a cable between them, and programs in them that end with the lab."""
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.realpath(__file__))
TOP = os.path.realpath(os.path.join(HERE, "..", "..", ".."))
PORT = 8080


def say(text):
    print(f"== {text}", file=sys.stderr, flush=True)


def wait_until(what, seconds, test, each=0.05):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if test():
            return
        time.sleep(each)
    raise SystemExit(f"no {what} after {seconds} s")


def run(*words, check=True):
    return subprocess.run(words, check=check, capture_output=True, text=True)


class Lab(contextlib.ExitStack):
    """`with Lab() as lab`: whatever happens, what it made is gone behind it."""
    SPACES = ("gslive-gateway", "gslive-caller")
    DEVICE = "gslive0"
    GATEWAY, CALLER = "10.77.0.1", "10.77.0.2"

    def __init__(self, nice=0):
        """`nice`: of the lab and everything that it starts; below 0 on a machine that also does other things."""
        super().__init__()
        self.nice = nice

    def __enter__(self):
        super().__enter__()
        if os.geteuid() != 0:
            raise SystemExit("the live lab needs root: it makes network namespaces and captures")
        self.set_priority()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
        self.lock = self.enter_context(open("/run/lock/gatescope-lab-live", "w", encoding="ascii"))
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise SystemExit("another live lab is running") from error
        self.folder = self.enter_context(tempfile.TemporaryDirectory(prefix="gatescope-lab-live."))
        self.callback(self.remove_spaces)
        self.remove_spaces()
        self.make_spaces()
        return self

    def set_priority(self):
        if self.nice == 0:
            return
        os.nice(self.nice)
        # Where the kernel shares the processor by sessions, niceness counts only within one.
        with contextlib.suppress(OSError):
            os.setsid()
        with contextlib.suppress(OSError), open("/proc/self/autogroup", "w", encoding="ascii") as group:
            group.write(str(self.nice))

    def make_spaces(self):
        for space in self.SPACES:
            run("ip", "netns", "add", space)
            # What else would speak on the cable would have to be taken off every count.
            self.inside(space, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1", "net.ipv6.conf.default.disable_ipv6=1")
        run("ip", "link", "add", self.DEVICE, "netns", self.SPACES[0], "type", "veth", "peer", "name", self.DEVICE, "netns",
            self.SPACES[1])
        hardware = []
        for space, address in zip(self.SPACES, (self.GATEWAY, self.CALLER)):
            self.inside(space, "ip", "address", "add", f"{address}/24", "dev", self.DEVICE)
            # Segments of one frame, as on a real cable.
            self.inside(space, "ip", "link", "set", self.DEVICE, "gso_max_segs", "1", "arp", "off", "up")
            self.inside(space, "ip", "link", "set", "lo", "up")
            hardware.append(self.inside(space, "cat", f"/sys/class/net/{self.DEVICE}/address").strip())
        for space, address, other in zip(self.SPACES, (self.CALLER, self.GATEWAY), reversed(hardware)):
            self.inside(space, "ip", "neighbour", "replace", address, "lladdr", other, "dev", self.DEVICE, "nud", "permanent")

    def remove_spaces(self):
        for space in self.SPACES:
            if not os.path.exists(f"/run/netns/{space}"):
                continue
            # Only the lab puts processes there; after a killed run some may be left.
            for process in run("ip", "netns", "pids", space, check=False).stdout.split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(process), signal.SIGKILL)
            run("ip", "netns", "del", space, check=False)

    @staticmethod
    def inside(space, *words):
        return run("ip", "netns", "exec", space, *words).stdout

    def start(self, space, *words, **more):
        """A program in a namespace (`ip netns exec` becomes it), ended with the lab."""
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"} | more.pop("env", {})
        process = subprocess.Popen(("ip", "netns", "exec", space, *words), env=environment, **more)
        self.callback(end, process)
        return process

    def start_stub(self):
        self.log = os.path.join(self.folder, "stub.log")
        stub = self.start(self.SPACES[0], "python3", os.path.join(HERE, "gateway_stub.py"), self.GATEWAY, str(PORT), self.log)
        wait_until("gateway", 10, lambda: f":{PORT}" in self.inside(self.SPACES[0], "ss", "-Hltn"))
        return stub

    def start_caller(self, rate, seconds):
        return self.start(self.SPACES[1], "python3", os.path.join(HERE, "caller.py"), self.GATEWAY, str(PORT), str(rate),
                          str(seconds), stdout=subprocess.PIPE, text=True)

    def interface(self):
        """Packets and drops of the gateway's end of the cable, as the kernel counts them."""
        names = ("rx_packets", "tx_packets", "rx_bytes", "tx_bytes", "rx_dropped", "tx_dropped")
        base = f"/sys/class/net/{self.DEVICE}/statistics/"
        values = self.inside(self.SPACES[0], "cat", *(base + name for name in names)).split()
        return dict(zip(names, map(int, values)))

    def capture_sockets(self):
        """Packet sockets in the gateway's namespace that run, as the kernel lists them."""
        lines = self.inside(self.SPACES[0], "cat", "/proc/net/packet").splitlines()[1:]
        return [line for line in lines if line.split()[5] == "1"]


def end(process, seconds=5):
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


class Usage:
    """Memory and CPU time of a process and of what it started."""

    def __init__(self, process):
        self.process = process

    def children(self):
        try:
            names = os.listdir(f"/proc/{self.process}/task")
            lists = [open(f"/proc/{self.process}/task/{name}/children", encoding="ascii").read() for name in names]
        except OSError:
            return []
        return [int(word) for text in lists for word in text.split()]

    def memory_kib(self):
        with contextlib.suppress(OSError), open(f"/proc/{self.process}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1])
        return 0

    def cpu_s(self):
        with contextlib.suppress(OSError), open(f"/proc/{self.process}/stat", encoding="utf-8") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
            return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0
