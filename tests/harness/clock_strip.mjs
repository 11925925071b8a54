// A clock painted as black and white cells, and its reader: glass to glass in milliseconds, read from pixels.
// Both functions run inside pages (they are passed as source text), so they use nothing from outside themselves.

// Replaces the camera and the microphone by a canvas clock and a 997 Hz tone.
export function publishClock({ width = 640, height = 360, fps = 30, tone = 997 } = {}) {
  const cells = 28, row = height / 10;  // marker 1,0,1,0 · 22 bits of milliseconds · even parity · 1
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const draw = canvas.getContext('2d', { alpha: false });
  const paint = () => {
    const now = Math.round(performance.timeOrigin + performance.now()) % (1 << 22);
    const bits = [1, 0, 1, 0];
    let parity = 0;
    for (let i = 21; i >= 0; --i) {
      bits.push((now >> i) & 1);
      parity ^= (now >> i) & 1;
    }
    bits.push(parity, 1);
    draw.fillStyle = `hsl(${(now / 20) % 360} 40% 30%)`;
    draw.fillRect(0, 0, width, height);
    draw.fillStyle = '#ddd';
    draw.font = `${Math.round(height / 6)}px monospace`;
    draw.fillText(String(now), width * 0.1, height * 0.7);
    bits.forEach((bit, i) => {
      draw.fillStyle = bit ? '#fff' : '#000';
      draw.fillRect((i * width) / cells, row, width / cells + 1, row * 2);
    });
  };
  const media = async (wanted) => {
    const tracks = [];
    if (wanted?.video) {
      paint();
      setInterval(paint, 1000 / fps);
      tracks.push(...canvas.captureStream(fps).getVideoTracks());
    }
    if (wanted?.audio) {
      const audio = new AudioContext();
      const oscillator = new OscillatorNode(audio, { frequency: tone });
      const gain = new GainNode(audio, { gain: 0.3 });
      const out = audio.createMediaStreamDestination();
      oscillator.connect(gain).connect(out);
      oscillator.start();
      tracks.push(...out.stream.getAudioTracks());
    }
    return new MediaStream(tracks);
  };
  window.clockMedia = media;
  if (navigator.mediaDevices) navigator.mediaDevices.getUserMedia = media;  // absent on a plain http address
}

// Watches every presented frame of the page's video; window.strip collects what it reads.
export function readClock() {
  const cells = 28;
  const small = document.createElement('canvas');
  small.width = cells * 8;
  small.height = 8;
  const pixels = small.getContext('2d', { willReadFrequently: true });
  const strip = (window.strip = { latencies: [], unreadable: 0, frames: 0, firstAt: 0, lastAt: 0, lastShown: '', longestGap: 0 });
  strip.reset = () => Object.assign(strip, { latencies: [], unreadable: 0, frames: 0, firstAt: 0, lastAt: 0, lastShown: '', longestGap: 0 });
  let shown = '';
  const read = (video) => {
    const w = video.videoWidth, h = video.videoHeight;
    pixels.drawImage(video, 0, h * 0.17, w, h * 0.06, 0, 0, small.width, small.height);
    const data = pixels.getImageData(0, 4, small.width, 1).data;
    const bits = [];
    for (let i = 0; i < cells; ++i) bits.push(data[(i * 8 + 4) * 4 + 1] > 127 ? 1 : 0);
    shown = Array.from({ length: cells }, (_, i) => data[(i * 8 + 4) * 4 + 1]).join();
    if (bits.slice(0, 4).join('') !== '1010' || bits[27] !== 1) return null;
    let value = 0, parity = 0;
    for (let i = 4; i < 26; ++i) {
      value = (value << 1) | bits[i];
      parity ^= bits[i];
    }
    if (parity !== bits[26]) return null;
    shown = String(value);
    return value;
  };
  // A held picture repeats its clock, or the very pixels of one that is too coarse to be read: only another one ends a gap.
  const mind = (now) => {
    if (shown === strip.lastShown) return;
    if (strip.lastAt) strip.longestGap = Math.max(strip.longestGap, now - strip.lastAt);
    strip.lastAt = now;
    strip.lastShown = shown;
  };
  const attach = (video) => {
    if (video.stripAttached) return;
    video.stripAttached = true;
    const frame = () => {
      video.requestVideoFrameCallback(frame);
      ++strip.frames;
      const now = Math.round(performance.timeOrigin + performance.now());
      const value = read(video);
      if (value === null) {
        ++strip.unreadable;
        mind(now);
        return;
      }
      const latency = ((now % (1 << 22)) - value + (1 << 22)) % (1 << 22);
      if (latency > 60_000) return;
      strip.firstAt ||= now;
      strip.latencies.push(latency);
      mind(now);
    };
    video.requestVideoFrameCallback(frame);
  };
  const look = () => document.querySelectorAll('video').forEach(attach);
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
  look();
}

// The strongest frequency in the page's sound over half a second, in Hz; 0 when it is silent.
export async function readTone() {
  const video = [...document.querySelectorAll('video')].find((v) => v.videoWidth > 0);
  const audio = new AudioContext();
  await audio.resume();
  const source = audio.createMediaStreamSource(video.srcObject ?? video.captureStream());
  const analyser = new AnalyserNode(audio, { fftSize: 32768, smoothingTimeConstant: 0 });
  source.connect(analyser);
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const bins = new Float32Array(analyser.frequencyBinCount);
  analyser.getFloatFrequencyData(bins);
  let best = 0;
  for (let i = 1; i < bins.length; ++i) if (bins[i] > bins[best]) best = i;
  const level = bins[best];
  const frequency = (best * audio.sampleRate) / analyser.fftSize;
  await audio.close();
  return level > -70 ? frequency : 0;
}

export function percentile(values, p) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.ceil((p / 100) * sorted.length) - 1)] : NaN;
}
