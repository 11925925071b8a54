// Starts `footlight serve` on loopback with free ports and a scratch data folder, and stops exactly what it started.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const executable = path.resolve(root, process.env.FOOTLIGHT ?? 'build/release/footlight');

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Polls `condition` until it is truthy; the time-out is generous because the machine is shared and noisy.
export async function until(what, condition, { timeout = 20_000, every = 25 } = {}) {
  const end = Date.now() + timeout;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeout} ms for: ${what}`);
    await sleep(every);
  }
}

export function scratch(name) {
  return mkdtempSync(path.join(tmpdir(), `footlight-${name}-`));
}

// A free port of loopback for every listener that the arguments do not place themselves.
const free = (args) => ['http', 'origin', 'rtmp', 'media'].map((name) => `--${name}.listen`).filter((key) => !args.includes(key)).flatMap((key) => [key, '127.0.0.1:0']);

// Runs the command to its end: {code, stdout, stderr}.
export function run(args, { timeout = 20_000, env = {} } = {}) {
  return new Promise((resolve) => {
    const child = spawn(executable, args, { env: { ...process.env, ...env } });
    let stdout = '', stderr = '';
    child.stdout.on('data', (d) => (stdout += d));
    child.stderr.on('data', (d) => (stderr += d));
    const timer = setTimeout(() => child.kill('SIGKILL'), timeout);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, stdout, stderr });
    });
  });
}

// Every living process of a supervisor's tree: [{pid, role}], read from /proc. A zombie is listed with role "zombie".
export function tree(pid) {
  const found = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      const [, state, parent] = stat.match(/\) (\S) (\d+)/);
      if (Number(parent) !== pid) continue;
      const words = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      found.push({ pid: Number(entry), role: state === 'Z' ? 'zombie' : words[1] });
    } catch { /* it ended while we looked */ }
  }
  return found;
}

// A test that died leaves no server behind.
const servers = new Set();
process.on('exit', () => servers.forEach((child) => child.kill('SIGTERM')));

export class Footlight {
  static async start({ args = [], data = scratch('data'), demo = false, env = {}, timeout = 30_000 } = {}) {
    const self = new Footlight();
    self.data = data;
    self.log = '';
    self.lines = [];
    self.startedAt = Date.now();
    self.child = spawn(executable, ['serve', '--data', data, ...(demo ? ['--demo'] : []), ...free(args), ...args], { env: { ...process.env, ...env } });
    servers.add(self.child);
    self.child.stderr.on('data', (d) => (self.log += d));
    self.exited = new Promise((resolve) => self.child.on('exit', (code, signal) => resolve({ code, signal })));
    self.exited.then(() => servers.delete(self.child));
    let text = '';
    const ready = new Promise((resolve, reject) => {
      self.child.stdout.on('data', (d) => {
        text += d;
        self.lines = text.split('\n').filter(Boolean);
        if (self.lines.includes('ready')) resolve();
      });
      self.child.on('exit', (code) => reject(new Error(`serve ended with ${code}: ${self.log.slice(-2000)}`)));
      setTimeout(() => reject(new Error(`serve was not ready in ${timeout} ms: ${self.log.slice(-2000)}`)), timeout).unref();
    });
    try {
      await ready;
    } catch (e) {
      self.child.kill('SIGKILL');
      throw e;
    }
    self.readyMs = Date.now() - self.startedAt;
    self.listen = JSON.parse(readFileSync(path.join(data, 'run/listen.json'), 'utf8'));
    self.adminToken = readFileSync(path.join(data, 'admin_token'), 'utf8').trim();
    self.http = self.line('home').replace(/\/$/, '');
    self.origin = `${new URL(self.http).protocol}//${self.listen.origin}`;
    return self;
  }

  line(name) {
    return this.lines.find((l) => l.startsWith(`${name}: `))?.slice(name.length + 2);
  }

  // {status, body, headers, text}; `body` is parsed when it is JSON.
  async api(method, target, body, { token = this.adminToken, headers = {} } = {}) {
    const response = await fetch(this.http + target, {
      method,
      headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body !== undefined ? { 'content-type': 'application/json' } : {}), ...headers },
      body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    let parsed;
    try { parsed = JSON.parse(text); } catch { /* not JSON */ }
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  async createEvent(fields = {}) {
    const { status, body, text } = await this.api('POST', '/api/v1/events', { title: 'Test', ...fields });
    if (status !== 201) throw new Error(`create: ${status} ${text}`);
    return body;
  }

  async token(event, role, name = role) {
    const { status, body, text } = await this.api('POST', `/api/v1/events/${event}/tokens`, { role, name, ttl_s: 3600 });
    if (status !== 201) throw new Error(`token: ${status} ${text}`);
    return body;
  }

  roles() { return tree(this.child.pid); }
  pid(role) { return this.roles().find((p) => p.role === role)?.pid; }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill('SIGTERM');
      const timer = setTimeout(() => this.child.kill('SIGKILL'), 20_000);
      await this.exited;
      clearTimeout(timer);
    }
    if (process.env.FOOTLIGHT_LOG) console.log(this.log);
    if (process.env.FOOTLIGHT_KEEP) console.log(`# data kept in ${this.data}`);
    else if (existsSync(this.data)) rmSync(this.data, { recursive: true, force: true });
    return this.exited;
  }
}
