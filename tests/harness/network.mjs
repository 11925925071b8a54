// A network of the test's own: this machine (where the server runs) — a router that translates addresses — a client's place.
//   server 198.18.N.1 ── .2 and .3 router (NAT, loss, rates) 198.19.N.1 ── 198.19.N.2 client
//   server fd18:N::1 ── fd18:N::2 router fd19:N::1 ── fd19:N::2 client (not translated, no loss; only after forward6)
// Loss and rates act in the router, so neither end sees a failed send. Namespaces and links go with close().
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const run = (...words) => execFileSync(words[0], words.slice(1), { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

export function needRoot() {
  if (process.getuid() !== 0) throw new Error('the network tests make namespaces and filter packets: run them as root');
}

let made = 0;
export class Network {
  constructor() {
    needRoot();
    const n = (process.pid + 97 * made++) % 250 + 1, id = `fl${process.pid % 100000}${String.fromCharCode(97 + made)}`;
    Object.assign(this, { router: `${id}r`, client: `${id}c`, up: `${id}u`, server: `198.18.${n}.1`, outside: [`198.18.${n}.2`, `198.18.${n}.3`], inside: `198.19.${n}.1`, place: `198.19.${n}.2`, server6: `fd18:${n}::1`, n, id });
    try {
      this.build();
    } catch (e) {
      this.close();
      throw new Error(`no network for the test: ${e.stderr ?? e.message}`);
    }
  }

  build() {
    for (const name of [this.router, this.client]) {
      run('ip', 'netns', 'add', name);
      run('ip', '-n', name, 'link', 'set', 'lo', 'up');
    }
    run('ip', 'link', 'add', this.up, 'type', 'veth', 'peer', 'name', 'wan', 'netns', this.router);
    run('ip', 'addr', 'add', `${this.server}/29`, 'dev', this.up);
    run('ip', 'link', 'set', this.up, 'up');
    for (const address of this.outside) run('ip', '-n', this.router, 'addr', 'add', `${address}/29`, 'dev', 'wan');
    run('ip', '-n', this.router, 'link', 'set', 'wan', 'up');
    run('ip', '-n', this.router, 'link', 'add', 'lan', 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.client);
    run('ip', '-n', this.router, 'addr', 'add', `${this.inside}/24`, 'dev', 'lan');
    run('ip', '-n', this.router, 'link', 'set', 'lan', 'up');
    run('ip', '-n', this.client, 'addr', 'add', `${this.place}/24`, 'dev', 'eth0');
    run('ip', '-n', this.client, 'link', 'set', 'eth0', 'up');
    run('ip', '-n', this.client, 'route', 'add', 'default', 'via', this.inside);
    const six = (where, network, host, device) => run('ip', ...where, 'addr', 'add', `${network}:${this.n}::${host}/64`, 'dev', device, 'nodad');
    six([], 'fd18', 1, this.up);
    six(['-n', this.router], 'fd18', 2, 'wan');
    six(['-n', this.router], 'fd19', 1, 'lan');
    six(['-n', this.client], 'fd19', 2, 'eth0');
    run('ip', '-6', 'route', 'add', `fd19:${this.n}::/64`, 'via', `fd18:${this.n}::2`);
    run('ip', '-6', '-n', this.client, 'route', 'add', 'default', 'via', `fd19:${this.n}::1`);
    this.inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    this.forward6(false);
    this.translate(this.outside[0], '20000-29999');
    this.folder = mkdtempSync(path.join(tmpdir(), 'footlight-network-'));
  }

  inRouter(...words) { return run('ip', 'netns', 'exec', this.router, ...words); }

  // From now on the client is seen at `address` with ports of `range`; flows that exist are forgotten.
  translate(address, range) {
    this.inRouter('iptables', '-t', 'nat', '-F', 'POSTROUTING');
    for (const protocol of ['udp', 'tcp']) this.inRouter('iptables', '-t', 'nat', '-A', 'POSTROUTING', '-o', 'wan', '-p', protocol, '-j', 'SNAT', '--to-source', `${address}:${range}`);
  }
  rebind(address, range) {
    this.translate(address, range);
    try { this.inRouter('conntrack', '-D', '-p', 'udp'); } catch { /* it fails when there was nothing to forget */ }
  }

  // Each way, of media (UDP) only: 0.05 is 5 %.
  lose(probability) {
    this.inRouter('iptables', '-F', 'FORWARD');
    if (probability) this.inRouter('iptables', '-A', 'FORWARD', '-p', 'udp', '-m', 'statistic', '--mode', 'random', '--probability', String(probability), '-j', 'DROP');
  }
  forward6(open = true) { this.inRouter('ip6tables', '-P', 'FORWARD', open ? 'ACCEPT' : 'DROP'); }
  dropUdp() { this.inRouter('iptables', '-A', 'FORWARD', '-p', 'udp', '-j', 'DROP'); }

  // Kbit/s towards the client ('down') or the server ('up'), with a queue of 200 ms; 0: no limit.
  limit(direction, kbps) {
    const device = direction === 'down' ? 'lan' : 'wan';
    try { this.inRouter('tc', 'qdisc', 'del', 'dev', device, 'root'); } catch { /* there was none */ }
    if (kbps) this.inRouter('tc', 'qdisc', 'add', 'dev', device, 'root', 'tbf', 'rate', `${kbps}kbit`, 'burst', '5kb', 'latency', '200ms');
  }

  // The client moves: another address of its own, as from one Wi-Fi to another.
  move(address = `198.19.${this.n}.77`) {
    run('ip', '-n', this.client, 'addr', 'del', `${this.place}/24`, 'dev', 'eth0');
    run('ip', '-n', this.client, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    run('ip', '-n', this.client, 'route', 'replace', 'default', 'via', this.inside);
    this.place = address;
  }

  // A script that runs `executable` at the client's place: a browser's path.
  program(executable) {
    const file = path.join(this.folder, path.basename(executable));
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${this.client} ${executable} "$@"\n`, { mode: 0o755 });
    return file;
  }

  close() {
    for (const name of [this.client, this.router]) try { run('ip', 'netns', 'del', name); } catch { /* it was not made */ }
    try { run('ip', 'link', 'del', this.up); } catch { /* it went with its other end */ }
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
  }
}
