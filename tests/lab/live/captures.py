# SPDX-License-Identifier: Apache-2.0
"""What captures on disk hold, by capinfos and by their statistics blocks."""
import glob
import os
import struct

from netlab import run


def files_of(path):
    """`ring.pcapng` as it is, or the files of the ring `ring_00001_TIME.pcapng` and so on."""
    stem, ending = os.path.splitext(path)
    return [path] if os.path.exists(path) else sorted(glob.glob(f"{stem}_*{ending}"))


def packets_in(path):
    """By capinfos; and what it complains about."""
    told = run("capinfos", "-TMrcK", path, check=False)
    fields = told.stdout.split()
    count = int(fields[-1]) if fields and fields[-1].isdigit() else None
    return count, told.stderr.strip()


def statistics_of(path):
    """Sums over interfaces of the last statistics block of each: received and dropped."""
    last, order = {}, "<"
    with open(path, "rb") as file:
        while len(head := file.read(8)) == 8:
            kind, length = struct.unpack(order + "II", head)
            if kind == 0x0A0D0D0A:
                order = "<" if file.read(4) == b"\x4d\x3c\x2b\x1a" else ">"
                file.seek(-4, os.SEEK_CUR)
                length = struct.unpack(order + "I", head[4:])[0]
            if length < 12:
                break
            if kind != 5:
                file.seek(length - 8, os.SEEK_CUR)
                continue
            body = file.read(length - 8)
            values, at = {}, 12
            while at + 4 <= len(body) - 4:
                code, size = struct.unpack_from(order + "HH", body, at)
                if code == 0:
                    break
                if size == 8:
                    values[code] = struct.unpack_from(order + "Q", body, at + 4)[0]
                at += 4 + (size + 3) // 4 * 4
            last[struct.unpack_from(order + "I", body)[0]] = values
    return {"received": sum(one.get(4, 0) for one in last.values()), "dropped": sum(one.get(5, 0) for one in last.values())}
