// Two `footlight relay` processes under one desired state. A small control of the test's own gives each its end of the link, a front turns WHIP and WHEP
// into session calls, and a wire between the relays counts what crosses and can lose some of it.
import { randomBytes, randomUUID } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { executable, scratch, until } from './footlight.mjs';
import { start } from './relay_bench.mjs';

const launcher = fileURLToPath(new URL('relay_launcher.py', import.meta.url));
const holdMs = 25_000; // of a long poll (state/desired.h)
const listening = (server, ...where) => new Promise((resolve, reject) => server.once('error', reject).listen(...where, () => resolve(server)));

async function textOf(message) {
  let text = '';
  for await (const part of message) text += part;
  return text;
}

// One relay: sockets that stay, a process that may go and come, and control.sock, on which `onIncarnation` tells of each new process.
class Relay {
  static async open(name, { shards, onIncarnation }) {
    const self = new Relay();
    Object.assign(self, { name, onIncarnation, data: scratch(`relay-${name}`), incarnation: null, observed: null, desired: null, polls: [] });
    self.desire([]);
    mkdirSync(path.join(self.data, 'run'));
    self.control = await listening(createServer((req, res) => self.#answer(req, res)), path.join(self.data, 'run/control.sock'));
    self.launcher = start('/usr/bin/python3', [launcher, executable, self.data, String(shards), '127.0.0.1']);
    const [places] = await until(`the sockets of relay ${name}`, () => self.#said().length > 0 && self.#said());
    return Object.assign(self, places);
  }

  // What the launcher has said: objects, one a line.
  #said() {
    if (this.launcher.code !== undefined) throw new Error(`the launcher ended with ${this.launcher.code}: ${this.launcher.err}`);
    return this.launcher.out.split('\n').slice(0, -1).map((line) => JSON.parse(line));
  }

  async run() {
    const before = this.#said().length;
    this.launcher.stdin.write('\n');
    this.pid = await until(`relay ${this.name} to start`, () => this.#said().slice(before).find((l) => l.started)?.started);
  }

  async kill() {
    process.kill(this.pid, 'SIGKILL');
    await until(`relay ${this.name} to be gone`, () => this.#said().some((l) => l.ended === this.pid));
  }

  desire(links) {
    const generation = (this.desired?.generation ?? 0) + 1;
    this.desired = { schema: 1, generation, pipes: [], streams: [], ended_sessions: [], rtmp_keys: [], links };
    for (const answer of this.polls.splice(0)) answer();
  }

  async #answer(req, res) {
    const url = new URL(req.url, 'http://control');
    if (req.method === 'PUT' && url.pathname === '/observed/relay/local') {
      const observed = JSON.parse(await textOf(req));
      if (observed.incarnation === this.incarnation) this.observed = observed;
      return res.writeHead(204).end();
    }
    if (req.method !== 'GET' || url.pathname !== '/desired/relay/local') return res.writeHead(404).end();
    const incarnation = url.searchParams.get('incarnation');
    if (incarnation !== this.incarnation) {
      Object.assign(this, { incarnation, observed: null });
      this.onIncarnation();
    }
    const answer = () => {
      clearTimeout(timer);
      if (Number(url.searchParams.get('after')) === this.desired.generation) res.writeHead(204).end();
      else res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(this.desired));
    };
    const timer = setTimeout(answer, holdMs).unref();
    if (Number(url.searchParams.get('after')) === this.desired.generation) this.polls.push(answer);
    else answer();
  }

  // A session call on relay.sock: {status, body}.
  call(method, target, body = '') {
    return new Promise((resolve, reject) => {
      const asked = request({ socketPath: path.join(this.data, 'run/relay.sock'), agent: false, method, path: target, headers: { 'content-length': Buffer.byteLength(body) } },
        async (response) => resolve({ status: response.statusCode, body: await textOf(response) }));
      asked.on('error', reject).end(body);
    });
  }

  // Of observed state: sessions that live, the link, a metric.
  sessions(kind) { return (this.observed?.sessions ?? []).filter((s) => s.kind === kind && s.state !== 'ended'); }
  link() { return this.observed?.links[0]; }
  metric(name) { return Number(this.observed?.metrics.match(new RegExp(`^footlight_relay_${name} (\\d+)$`, 'm'))?.[1]); }

  async stop() {
    this.launcher?.stdin.end();
    await this.launcher?.ended;
    this.control?.closeAllConnections();
    this.control?.close();
    rmSync(this.data, { recursive: true, force: true });
    if (process.env.FOOTLIGHT_LOG) console.log(this.launcher?.err);
  }
}

// The same numbers each time (xorshift, 32 bits): 0 to 1.
const seeded = (state) => () => {
  state ^= state << 13;
  state ^= state >>> 17;
  state ^= state << 5;
  return (state >>> 0) / 2 ** 32;
};

// What relays A and B send to each other's pipe socket goes through here. `crossed` and `distinct` are of A's RTP: packets, and different ones.
class Wire {
  static async between(a, b) {
    const self = new Wire();
    Object.assign(self, { crossed: 0, distinct: new Set(), lost: 0, carried: 0, loses: () => false });
    self.sockets = await Promise.all([1, 2].map(() => new Promise((resolve) => {
      const socket = createSocket('udp4');
      socket.bind(0, '127.0.0.1', () => resolve(socket));
    })));
    const [atA, atB] = self.sockets;
    atA.on('message', (d) => self.#carry(d, atB, b, true));
    atB.on('message', (d) => self.#carry(d, atA, a, false));
    self.address = `127.0.0.1:${atB.address().port}`; // where B finds A; A learns where B is
    return self;
  }

  lose(share, seed = 1) {
    const next = seeded(seed);
    this.loses = () => next() < share;
  }

  #carry(datagram, from, to, isFromA) {
    const isRtcp = datagram[1] >= 192 && datagram[1] <= 223; // RFC 5761 §4
    if (isFromA && !isRtcp) {
      ++this.crossed;
      this.distinct.add(datagram.readUInt32BE(8) * 2 ** 16 + datagram.readUInt16BE(2));
    }
    ++this.carried;
    if (this.loses()) {
      ++this.lost;
      return;
    }
    const [host, port] = to.split(':');
    from.send(datagram, Number(port), host);
  }

  close() { for (const socket of this.sockets) socket.close(); }
}

export class Cascade {
  // `streams`: what is published at A may be watched at B.
  static async start({ streams, shards = 2 }) {
    const self = new Cascade();
    self.streams = streams;
    self.posted = []; // sessions: {id, relay, kind, at, deletedAt}
    try {
      const onIncarnation = () => self.#renewLink();
      self.a = await Relay.open('a', { shards, onIncarnation });
      self.b = await Relay.open('b', { shards, onIncarnation });
      self.wire = await Wire.between(self.a.pipe, self.b.pipe);
      self.front = await listening(createServer((req, res) => self.#signal(req, res).catch((e) => res.writeHead(502).end(e.message))), 0, '127.0.0.1');
      await Promise.all([self.a.run(), self.b.run()]);
      await until('the link', () => [self.a, self.b].every((r) => r.link()?.state === 'connected'));
      return self;
    } catch (e) {
      await self.stop();
      throw e;
    }
  }

  // A key for each pair of incarnations, as state/desired.h wants it.
  #renewLink() {
    if (!this.a?.incarnation || !this.b?.incarnation) return;
    const link = { id: 'a-b', key: randomBytes(56).toString('base64') };
    this.a.desire([{ ...link, first: true, own_ssrc: 1, peer_ssrc: 2, remote: '', offer: this.streams, pull: [] }]);
    this.b.desire([{ ...link, first: false, own_ssrc: 2, peer_ssrc: 1, remote: this.wire.address, offer: [], pull: this.streams }]);
  }

  // A WHIP or WHEP endpoint: `protocol` is whip or whep.
  url(protocol, relay, stream) { return `http://127.0.0.1:${this.front.address().port}/${protocol}/${relay.name}/${stream}`; }

  async #signal(req, res) {
    const [what, name, word] = req.url.slice(1).split('/');
    const relay = { a: this.a, b: this.b }[name];
    if (!relay) return res.writeHead(404).end();
    if (req.method === 'DELETE' && what === 'sessions') {
      const session = this.posted.find((s) => s.id === word);
      if (session) session.deletedAt = performance.now();
      return res.writeHead((await relay.call('DELETE', `/sessions/${word}`)).status).end();
    }
    const kind = { whip: 'publish', whep: 'subscribe' }[what];
    if (req.method !== 'POST' || !kind) return res.writeHead(405).end();
    const at = performance.now(), id = randomUUID();
    const { status, body } = await relay.call('POST', '/sessions', JSON.stringify({ id, kind, stream: word, offer: await textOf(req) }));
    const reply = JSON.parse(body);
    if (status !== 201) return res.writeHead(status, { 'content-type': 'text/plain' }).end(reply.detail);
    this.posted.push({ id, relay: name, kind, at });
    res.writeHead(201, { 'content-type': 'application/sdp', location: `/sessions/${name}/${id}` }).end(reply.answer);
  }

  async stop() {
    await Promise.all([this.a?.stop(), this.b?.stop()]);
    this.wire?.close();
    this.front?.closeAllConnections();
    this.front?.close();
  }
}
