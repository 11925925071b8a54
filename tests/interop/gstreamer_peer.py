#!/usr/bin/python3
"""WHIP and WHEP by GStreamer's webrtcbin: `gstreamer_peer.py publish|play URL TOKEN TRACKS SECONDS`.

TRACKS is a comma list of opus, h264, vp8; a lone track makes an offer without BUNDLE. Prints one JSON object a second:
{"state", "pictures", "width", "height", "sounds"}; with URL "-" it prints its SDP offer and ends.
"""
import hashlib, json, sys, threading, urllib.request

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstWebRTC", "1.0")
gi.require_version("GstSdp", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC

SOURCES = {
    "opus": "audiotestsrc is-live=true freq=997 ! opusenc ! rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111",
    "h264": "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! x264enc tune=zerolatency speed-preset=ultrafast"
    " bitrate=600 key-int-max=30 ! video/x-h264,profile=constrained-baseline ! rtph264pay aggregate-mode=zero-latency config-interval=-1 pt=96"
    " ! application/x-rtp,media=video,encoding-name=H264,payload=96",
    "vp8": "videotestsrc is-live=true pattern=ball ! video/x-raw,width=640,height=360,framerate=30/1 ! vp8enc deadline=1 target-bitrate=600000"
    " keyframe-max-dist=30 ! rtpvp8pay picture-id-mode=15-bit pt=97 ! application/x-rtp,media=video,encoding-name=VP8,payload=97",
}
RECEIVED = {
    "opus": "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2",
    "h264": "application/x-rtp,media=video,encoding-name=H264,payload=96,clock-rate=90000,packetization-mode=(string)1,profile-level-id=(string)42e01f,rtcp-fb-nack-pli=true",
    "vp8": "application/x-rtp,media=video,encoding-name=VP8,payload=97,clock-rate=90000,rtcp-fb-nack-pli=true",
}

DECODERS = {
    "opus": "rtpopusdepay ! opusdec",
    "h264": "rtph264depay ! avdec_h264 ! videoconvert ! video/x-raw,format=I420",
    "vp8": "rtpvp8depay ! vp8dec ! videoconvert ! video/x-raw,format=I420",
}


class Peer:
    def __init__(self, action, url, token, tracks, seconds):
        self.action, self.url, self.token, self.tracks, self.left = action, url, token, tracks.split(","), int(seconds)
        self.seen = {"state": "new", "pictures": 0, "width": 0, "height": 0, "sounds": 0}
        self.loop, self.last, self.failure = GLib.MainLoop(), None, None
        if action == "play":
            self.pipeline, self.peer = Gst.Pipeline(), Gst.ElementFactory.make("webrtcbin")
            self.pipeline.add(self.peer)
        else:
            self.pipeline = Gst.parse_launch("webrtcbin name=peer" + "".join(f" {SOURCES[t]} ! peer." for t in self.tracks))
            self.peer = self.pipeline.get_by_name("peer")
        if len(self.tracks) > 1:
            self.peer.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        if action == "play":
            for track in self.tracks:
                self.peer.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(RECEIVED[track]))
            self.peer.connect("pad-added", self.on_pad)
        else:
            for pad in self.peer.sinkpads:
                pad.get_property("transceiver").set_property("direction", GstWebRTC.WebRTCRTPTransceiverDirection.SENDONLY)
        self.peer.connect("on-negotiation-needed", self.on_negotiation_needed)
        self.peer.connect("notify::ice-gathering-state", self.on_gathering)
        self.pipeline.get_bus().add_signal_watch()
        self.pipeline.get_bus().connect("message::error", lambda _bus, message: self.fail(message.parse_error()))

    def fail(self, why):
        self.failure = str(why)
        self.loop.quit()

    def on_negotiation_needed(self, _peer):
        self.peer.emit("create-offer", None, Gst.Promise.new_with_change_func(self.on_offer, None))

    def on_offer(self, promise, _):
        promise.wait()
        reply = promise.get_reply()  # it owns the offer: keep it while the offer is in use
        offer = reply.get_value("offer")
        self.peer.emit("set-local-description", offer, Gst.Promise.new())

    def on_gathering(self, _peer, _property):
        if self.peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
            threading.Thread(target=self.exchange, daemon=True).start()

    def exchange(self):
        offer = self.peer.get_property("local-description").sdp.as_text()
        if self.url == "-":
            print(offer)
            return self.loop.quit()
        headers = {"Content-Type": "application/sdp"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            with urllib.request.urlopen(urllib.request.Request(self.url, offer.encode(), headers, method="POST")) as reply:
                answer = reply.read().decode()
        except urllib.error.HTTPError as refusal:
            return self.fail(f"{refusal.code} {refusal.read().decode()}")
        _, message = GstSdp.SDPMessage.new_from_text(answer)
        description = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
        self.peer.emit("set-remote-description", description, Gst.Promise.new())

    def on_pad(self, _peer, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        name = pad.get_current_caps().get_structure(0).get_string("encoding-name").lower()
        bin_ = Gst.parse_bin_from_description(f"{DECODERS[name]} ! appsink name=sink emit-signals=true sync=false", True)
        bin_.get_by_name("sink").connect("new-sample", self.on_sound if name == "opus" else self.on_picture)
        self.pipeline.add(bin_)
        bin_.sync_state_with_parent()
        linked = pad.link(bin_.sinkpads[0])
        if linked != Gst.PadLinkReturn.OK:
            self.fail(f"{name}: {linked}")

    def on_picture(self, sink):
        sample = sink.emit("pull-sample")
        buffer, shape = sample.get_buffer(), sample.get_caps().get_structure(0)
        digest = hashlib.md5(buffer.extract_dup(0, buffer.get_size())).digest()
        self.seen["pictures"] += digest != self.last
        self.last, self.seen["width"], self.seen["height"] = digest, shape.get_value("width"), shape.get_value("height")
        return Gst.FlowReturn.OK

    def on_sound(self, sink):
        sink.emit("pull-sample")
        self.seen["sounds"] += 1
        return Gst.FlowReturn.OK

    def tell(self):
        self.seen["state"] = self.peer.get_property("connection-state").value_nick
        print(json.dumps(self.seen), flush=True)
        self.left -= 1
        if self.left <= 0:
            self.loop.quit()
        return self.left > 0

    def run(self):
        self.pipeline.set_state(Gst.State.PLAYING)
        if self.url != "-":
            GLib.timeout_add(1000, self.tell)
        self.loop.run()
        self.pipeline.set_state(Gst.State.NULL)
        if self.failure:
            sys.exit(self.failure)


if len(sys.argv) != 6:
    sys.exit(__doc__)
Gst.init(None)
Peer(*sys.argv[1:]).run()
