// One publisher on a real `footlight serve`, viewers by `footlight bench whep`, and what the relay's process spends on
// them, beside the floor: the same packets through bare AES-GCM and GSO sends (bench/relay_floor).
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Footlight, executable, sleep, until } from './footlight.mjs';

const floorProgram = path.join(path.dirname(executable), 'bench/relay_floor');
const tickMs = 10; // USER_HZ is 100 on Linux whatever the kernel's own tick

// A child whose output is kept: {out, err, code once it ended}.
export function start(program, args) {
  const child = spawn(program, args);
  child.out = child.err = '';
  child.stdout.on('data', (d) => (child.out += d));
  child.stderr.on('data', (d) => (child.err += d));
  child.ended = new Promise((resolve) => child.on('close', (code) => resolve((child.code = code))));
  return child;
}

export const bench = (...args) => start(executable, ['bench', ...args.map(String)]);

// User and system time of a whole process, in ms.
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /s, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

export function rssKib(pid) {
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]);
}

// Until the process has grown no more for a while: its publisher's packet buffers fill for seconds, and are no viewer's.
async function settled(pid, { quiet = 6000, most = 40_000 } = {}) {
  const begun = Date.now();
  for (let since = begun, last = rssKib(pid); Date.now() - since < quiet && Date.now() - begun < most; await sleep(200)) {
    const now = rssKib(pid);
    if (now > last + 64) [last, since] = [now, Date.now()];
  }
}

export class RelayBench {
  static async start({ kbps, muted = false, footlightArgs = [] }) {
    const self = new RelayBench();
    self.kbps = kbps;
    self.muted = muted ? ['--muted'] : [];
    self.footlight = await Footlight.start({ args: footlightArgs });
    try {
      const event = await self.footlight.createEvent();
      self.event = event.id;
      self.publisher = bench('whip', '--url', event.ingest.whip_url, '--token', event.ingest.stream_key, '--kbps', kbps, '--seconds', 86400, ...self.muted);
      const source = await until('the publisher', async () => {
        if (self.publisher.code !== undefined) throw new Error(`bench whip ended: ${self.publisher.err}`);
        const { body } = await self.footlight.api('GET', `/api/v1/events/${event.id}/sources`);
        return body.items.find((s) => s.state === 'connected');
      });
      self.whep = `${self.footlight.http}/whep/${event.id}?source=${source.id}`;
      self.token = (await self.footlight.token(event.id, 'producer')).token;
      self.relay = self.footlight.pid('relay');
      return self;
    } catch (e) {
      await self.stop();
      throw e;
    }
  }

  // Packets that the publisher has sent so far, as it says each second.
  published() {
    return Number(this.publisher.err.match(/.*(?<=, )(\d+) packets\n$/s)?.[1] ?? 0);
  }

  // Runs `viewers` for `seconds` of measured time: {report, usPerPacket, cpuShare, delivered (share of what was
  // published in the same time, a second more or less), rssBefore, rssAfter (KiB)}.
  async watch({ viewers, seconds, singly = false, extra = [], settle = false }) {
    if (settle) await settled(this.relay);
    const rssBefore = rssKib(this.relay);
    const child = bench('whep', '--url', this.whep, '--token', this.token, '--viewers', viewers, '--seconds', seconds, '--json', ...(singly ? ['--singly'] : []), ...extra);
    await until('all viewers to be there or refused', () => child.err.includes('measuring') || child.code !== undefined, { timeout: 180_000, every: 5 });
    const begin = { cpu: cpuMs(this.relay), at: performance.now(), published: this.published() };
    await sleep(seconds * 1000 - 300); // before anyone says goodbye
    const end = { cpu: cpuMs(this.relay), at: performance.now(), published: this.published() };
    const rssAfter = rssKib(this.relay);
    await child.ended;
    if (!child.out) throw new Error(`bench whep ended with ${child.code}: ${child.err}`);
    const report = JSON.parse(child.out);
    const cpuShare = (end.cpu - begin.cpu) / (end.at - begin.at);
    const delivered = (report.packets_per_s * (end.at - begin.at)) / 1000 / viewers / (end.published - begin.published);
    return { report, code: child.code, cpuShare, delivered, usPerPacket: (cpuShare * 1e6) / report.packets_per_s, rssBefore, rssAfter };
  }

  async floor({ viewers, seconds, singly = false }) {
    const child = start(floorProgram, ['--viewers', viewers, '--kbps', this.kbps, '--seconds', seconds, ...(singly ? ['--singly'] : []), ...this.muted].map(String));
    await child.ended;
    if (child.code !== 0) throw new Error(`relay_floor ended with ${child.code}: ${child.err}`);
    return JSON.parse(child.out);
  }

  async stop() {
    this.publisher?.kill('SIGTERM');
    await this.publisher?.ended;
    await this.footlight.stop();
  }
}
