#!/usr/bin/python3
"""WHIP and WHEP by aiortc (Debian's python3-aiortc): `aiortc_peer.py publish|play URL TOKEN CODEC SECONDS`.

Prints one JSON object a second: {"state", "pictures", "width", "height", "sounds"}; with URL "-" it prints its SDP offer and ends.
"""
import asyncio, fractions, hashlib, json, sys, urllib.request

import av
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCRtpSender, RTCSessionDescription


class Generated(MediaStreamTrack):
    """A filter graph's output (a moving test picture, or a tone) at the rate of the clock."""

    def __init__(self, kind, name, arguments, rate):
        super().__init__()
        self.kind, self.rate, self.count, self.start = kind, rate, 0, None
        graph = av.filter.Graph()
        source = graph.add(name, arguments)
        if kind == "audio":  # aiortc's Opus encoder wants packed stereo of 20 ms
            shape = graph.add("aformat", "sample_fmts=s16:sample_rates=48000:channel_layouts=stereo")
            size = graph.add("asetnsamples", "n=960")
            sink = graph.add("abuffersink")
            source.link_to(shape), shape.link_to(size), size.link_to(sink)
        else:
            shape = graph.add("format", "yuv420p")
            sink = graph.add("buffersink")
            source.link_to(shape), shape.link_to(sink)
        graph.configure()
        self.sink, self.graph = sink, graph

    async def recv(self):
        now = asyncio.get_running_loop().time()
        self.start = self.start or now
        await asyncio.sleep(max(0, self.start + self.count / self.rate - now))
        frame = self.sink.pull()
        clock = 90000 if self.kind == "video" else 48000
        frame.pts, frame.time_base = round(self.count * clock / self.rate), fractions.Fraction(1, clock)
        self.count += 1
        return frame


def post(url, token, offer):
    headers = {"Content-Type": "application/sdp"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    with urllib.request.urlopen(urllib.request.Request(url, offer.encode(), headers, method="POST")) as reply:
        return reply.read().decode()


def prefer(transceiver, codec):
    names = {"h264": "video/h264", "vp8": "video/vp8"}
    found = [c for c in RTCRtpSender.getCapabilities("video").codecs if c.mimeType.lower() in (names[codec], "video/rtx")]
    transceiver.setCodecPreferences(found)


async def main(action, url, token, codec, seconds):
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    seen = {"state": "new", "pictures": 0, "width": 0, "height": 0, "sounds": 0}
    tasks = []

    async def watch(track):
        last = None
        while True:
            frame = await track.recv()
            if track.kind == "audio":
                seen["sounds"] += 1
                continue
            digest = hashlib.md5(frame.to_ndarray().tobytes()).digest()
            seen["pictures"] += digest != last
            seen["width"], seen["height"], last = frame.width, frame.height, digest

    @pc.on("track")
    def on_track(track):
        tasks.append(asyncio.ensure_future(watch(track)))

    @pc.on("connectionstatechange")
    def on_state():
        seen["state"] = pc.connectionState

    if action == "play":
        pc.addTransceiver("audio", direction="recvonly")
        prefer(pc.addTransceiver("video", direction="recvonly"), codec)
    else:
        pc.addTransceiver(Generated("audio", "sine", "frequency=997:sample_rate=48000", 50), direction="sendonly")
        prefer(pc.addTransceiver(Generated("video", "testsrc2", "size=640x360:rate=30", 30), direction="sendonly"), codec)
    await pc.setLocalDescription(await pc.createOffer())
    if url == "-":
        print(pc.localDescription.sdp)
        return await pc.close()
    answer = await asyncio.get_running_loop().run_in_executor(None, post, url, token, pc.localDescription.sdp)
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    for _ in range(int(seconds)):
        await asyncio.sleep(1)
        print(json.dumps(seen), flush=True)
    for task in tasks:
        task.cancel()
    await pc.close()


if len(sys.argv) != 6:
    sys.exit(__doc__)
asyncio.run(main(*sys.argv[1:]))
