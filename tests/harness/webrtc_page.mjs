// A page of our own that speaks WHIP and WHEP with nothing but the browser's RTCPeerConnection: what runs inside it, and the
// server that it comes from. The function is passed as source text, so it uses nothing from outside itself.
import { createServer } from 'node:http';

// Defines window.peer = {publish, play, offer, stats, close, restart}; publishing needs publishClock's window.clockMedia.
export function webrtcPeer() {
  const peer = (window.peer = { pc: null, location: '' });
  const gathered = (pc) => new Promise((resolve) => {
    if (pc.iceGatheringState === 'complete') return resolve();
    pc.addEventListener('icegatheringstatechange', () => pc.iceGatheringState === 'complete' && resolve());
    setTimeout(resolve, 3000);
  });
  const exchange = async (pc, { url, token }) => {
    await pc.setLocalDescription();
    await gathered(pc);
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/sdp', ...(token ? { authorization: `Bearer ${token}` } : {}) }, body: pc.localDescription.sdp });
    const text = await response.text();
    if (response.status !== 201) throw new Error(`${url}: ${response.status} ${text}`);
    peer.location = new URL(response.headers.get('location'), url).href;
    peer.etag = response.headers.get('etag');
    peer.token = token;
    peer.answer = text;
    await pc.setRemoteDescription({ type: 'answer', sdp: text });
    peer.answeredAt = performance.now();
  };
  const connected = (pc) => new Promise((resolve, reject) => {
    const look = () => {
      if (pc.connectionState === 'connected') resolve((peer.connectedAt ??= performance.now()));
      if (pc.connectionState === 'failed') reject(new Error('the connection failed'));
    };
    pc.addEventListener('connectionstatechange', look);
    look();
    setTimeout(() => reject(new Error(`not connected: ${pc.connectionState}, ice ${pc.iceConnectionState}`)), 12_000);
  });
  const matches = (codec, { name, mode, profile }) => codec.mimeType.toLowerCase() === `video/${name}` &&
    (mode === undefined || new RegExp(`packetization-mode=${mode}`).test(codec.sdpFmtpLine ?? '')) &&
    (profile === undefined || new RegExp(`profile-level-id=${profile}`, 'i').test(codec.sdpFmtpLine ?? ''));

  // codec: {name: 'h264'|'vp8'|'vp9'|'av1', mode, profile}; layers: number of simulcast layers, highest first by Chromium's convention l, m, h.
  peer.build = async ({ codec, layers = 1, video = true, audio = true, red = false, scalability, width = 640, height = 360, kbps } = {}) => {
    const pc = (peer.pc = new RTCPeerConnection());
    const stream = await window.clockMedia({ video, audio });
    if (audio) {
      const transceiver = pc.addTransceiver(stream.getAudioTracks()[0], { direction: 'sendonly', streams: [stream] });
      if (red) {
        const all = RTCRtpSender.getCapabilities('audio').codecs;
        transceiver.setCodecPreferences([...all.filter((c) => c.mimeType === 'audio/red'), ...all.filter((c) => c.mimeType === 'audio/opus')]);
      }
    }
    if (!video) return pc;
    const rids = ['l', 'm', 'h'].slice(3 - layers);
    const sendEncodings = layers > 1 ? rids.map((rid, i) => ({ rid, scaleResolutionDownBy: 2 ** (layers - 1 - i), ...(kbps ? { maxBitrate: kbps[i] * 1000 } : {}) }))
      : [{ ...(scalability ? { scalabilityMode: scalability } : {}), ...(kbps ? { maxBitrate: kbps * 1000 } : {}) }];
    const transceiver = pc.addTransceiver(stream.getVideoTracks()[0], { direction: 'sendonly', streams: [stream], sendEncodings });
    if (codec) {
      const all = RTCRtpSender.getCapabilities('video').codecs;
      const wanted = all.filter((c) => matches(c, codec));
      if (!wanted.length) throw new Error(`this browser sends no ${JSON.stringify(codec)}`);
      transceiver.setCodecPreferences([...wanted, ...all.filter((c) => c.mimeType === 'video/rtx')]);
    }
    return pc;
  };
  peer.offer = async (options) => {
    const pc = await peer.build(options);
    await pc.setLocalDescription();
    await gathered(pc);
    return pc.localDescription.sdp;
  };
  peer.publish = async (options) => {
    const pc = await peer.build(options);
    await exchange(pc, options);
    await connected(pc);
    return peer.answer;
  };
  const receiver = ({ video = true, audio = true, audioCodecs, codec, descriptor } = {}) => {
    const pc = (peer.pc = new RTCPeerConnection());
    const stream = new MediaStream();
    pc.addEventListener('track', (event) => stream.addTrack(event.track));
    if (audio) {
      const transceiver = pc.addTransceiver('audio', { direction: 'recvonly' });
      if (audioCodecs) transceiver.setCodecPreferences(audioCodecs.flatMap((name) => RTCRtpReceiver.getCapabilities('audio').codecs.filter((c) => c.mimeType === name)));
    }
    if (video) {
      const transceiver = pc.addTransceiver('video', { direction: 'recvonly' });
      if (codec) {
        const all = RTCRtpReceiver.getCapabilities('video').codecs;
        transceiver.setCodecPreferences([...all.filter((c) => matches(c, codec)), ...all.filter((c) => c.mimeType === 'video/rtx')]);
      }
    }
    if (descriptor) {
      const transceiver = pc.getTransceivers().find((t) => t.receiver.track.kind === 'video');
      const all = transceiver.getHeaderExtensionsToNegotiate();
      for (const extension of all) if (/dependency-descriptor/.test(extension.uri)) extension.direction = 'sendrecv';
      transceiver.setHeaderExtensionsToNegotiate(all);
    }
    const element = document.querySelector('video') ?? document.body.appendChild(document.createElement('video'));
    // Not muted: Chromium measures a track's energy behind the element's volume.
    Object.assign(element, { muted: false, autoplay: true, playsInline: true, srcObject: stream });
    element.requestVideoFrameCallback?.(() => (peer.firstPictureAt ??= performance.now()));
    return pc;
  };
  peer.receiveOffer = async (options) => {
    const pc = receiver(options);
    await pc.setLocalDescription();
    await gathered(pc);
    return pc.localDescription.sdp;
  };
  peer.play = async (options) => {
    const pc = receiver(options);
    await exchange(pc, options);
    await connected(pc);
    return { connectedMs: peer.connectedAt - peer.answeredAt };
  };
  // RFC 9725 §4.4.2: new credentials and candidates go by PATCH; the answer's fragment replaces those of the answer.
  peer.restart = async () => {
    const { pc } = peer;
    const offer = await pc.createOffer({ iceRestart: true });
    await pc.setLocalDescription(offer);
    await gathered(pc);
    const local = pc.localDescription.sdp;
    const lines = local.split('\r\n');
    const of = (name) => lines.find((l) => l.startsWith(name));
    const fragment = [of('a=ice-ufrag'), of('a=ice-pwd'), of('m='), of('a=mid'), ...new Set(lines.filter((l) => l.startsWith('a=candidate'))), 'a=end-of-candidates', ''].join('\r\n');
    const response = await fetch(peer.location, { method: 'PATCH', headers: { 'content-type': 'application/trickle-ice-sdpfrag', 'if-match': '*', ...(peer.token ? { authorization: `Bearer ${peer.token}` } : {}) }, body: fragment });
    const text = await response.text();
    if (response.status !== 200) throw new Error(`ICE restart: ${response.status} ${text}`);
    peer.etag = response.headers.get('etag');
    const news = text.split(/\r?\n/);
    const [ufrag, pwd] = ['a=ice-ufrag', 'a=ice-pwd'].map((name) => news.find((l) => l.startsWith(name)));
    const candidates = [...new Set(news.filter((l) => l.startsWith('a=candidate')))];
    const kept = peer.answer.split('\r\n').filter((l) => !candidates.length || !/^a=(candidate|end-of-candidates)/.test(l));
    const answer = kept.map((l) => (l.startsWith('a=ice-ufrag') ? [ufrag] : l.startsWith('a=ice-pwd') ? [pwd, ...candidates] : [l])).flat().join('\r\n');
    await pc.setRemoteDescription({ type: 'answer', sdp: answer });
  };
  peer.stats = async () => {
    const rows = [];
    (await peer.pc.getStats()).forEach((row) => rows.push(row));
    return rows;
  };
  peer.close = async (token) => {
    peer.pc?.close();
    if (peer.location) await fetch(peer.location, { method: 'DELETE', headers: token ? { authorization: `Bearer ${token}` } : {} });
  };
}

// An empty page on a free port of `address`; `files` adds paths: {'/x.js': text}. Closed by close().
export async function servePage({ address = '127.0.0.1', files = {} } = {}) {
  const server = createServer((request, response) => {
    const name = new URL(request.url, 'http://page').pathname;
    if (files[name] !== undefined) return response.writeHead(200, { 'content-type': 'text/javascript' }).end(files[name]);
    response.writeHead(name === '/' ? 200 : 404, { 'content-type': 'text/html' }).end('<!doctype html><title>peer</title><body><video autoplay playsinline width=640 height=360></video></body>');
  });
  await new Promise((resolve) => server.listen(0, address, resolve));
  return { url: `http://${address}:${server.address().port}/`, close: () => server.close() };
}
