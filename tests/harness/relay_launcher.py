#!/usr/bin/env python3
"""What `footlight serve` is to a relay, for tests that run relays alone: opens its sockets, which outlive its process, and starts it on them.

relay_launcher.py FOOTLIGHT DATA SHARDS ADDRESS [ARGUMENT...]. Each line of input starts the relay anew; the end of input ends everything. Output, one JSON a line:
{"media": [...], "pipe": "ip:port"}, then {"started": pid} and {"ended": pid} as they come.
"""
import json, os, pathlib, socket, subprocess, sys, threading

FOOTLIGHT, DATA, SHARDS, ADDRESS, *ARGUMENTS = sys.argv[1:]


def say(**words):
    print(json.dumps(words), flush=True)


def place(bound):
    return "%s:%d" % bound.getsockname()


def media():
    """UDP and TCP on one free number."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind((ADDRESS, 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
        except OSError:
            continue  # another has the number for TCP
        tcp.listen(64)
        return [("media", udp), ("media_tcp", tcp)]


def relay_sock():
    path = pathlib.Path(DATA) / "run/relay.sock"
    path.parent.mkdir(parents=True, exist_ok=True)
    unix = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    unix.bind(str(path))
    unix.listen(64)
    return unix


sockets = [entry for _ in range(int(SHARDS)) for entry in media()]
pipe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
pipe.bind(("127.0.0.1", 0))
sockets += [("pipe", pipe), ("relay_sock", relay_sock())]
watched, alive = os.pipe()  # the relay ends when the other end of this is gone
descriptors = [(name, s.fileno()) for name, s in sockets] + [("alive", watched)]
say(media=[place(s) for name, s in sockets if name == "media"], pipe=place(pipe))


def see_out(relay):
    relay.wait()
    say(ended=relay.pid)


for _ in sys.stdin:
    environment = dict(os.environ, FOOTLIGHT_FDS=",".join("%s=%d" % d for d in descriptors))
    relay = subprocess.Popen([FOOTLIGHT, "relay", "--data", DATA, *ARGUMENTS], env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, pass_fds=[fd for _, fd in descriptors])
    say(started=relay.pid)
    threading.Thread(target=see_out, args=[relay], daemon=True).start()
