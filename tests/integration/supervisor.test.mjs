import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { Footlight, run, sleep, tree, until } from '../harness/footlight.mjs';

const alive = (pid) => existsSync(`/proc/${pid}`) && !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));

test('serve prints its lines, writes listen.json and a private admin token, and drains on SIGTERM', async () => {
  const footlight = await Footlight.start({ demo: true });
  try {
    assert.deepEqual(footlight.lines.map((l) => l.split(':')[0]), ['home', 'watch', 'studio', 'control-room', 'ready']);
    assert.match(footlight.line('studio'), /\/studio\/demo#/);
    assert.ok(!footlight.line('home').includes('#'), 'home carries no token');
    assert.equal((await fetch(footlight.http + '/readyz')).status, 200);
    assert.equal((await fetch(footlight.http + '/healthz')).status, 200);
    for (const key of ['http', 'origin']) assert.match(footlight.listen[key], /^127\.0\.0\.1:\d+$/);
    assert.ok(/^127\.0\.0\.1:\d+$/.test(footlight.listen.rtmp) && !('turn' in footlight.listen), 'listeners with no role behind them are absent');
    assert.ok(Array.isArray(footlight.listen.media) && Array.isArray(footlight.listen.media[0]));
    assert.match(footlight.listen.media[0][0], /^127\.0\.0\.1:\d+$/);
    assert.equal(statSync(path.join(footlight.data, 'admin_token')).mode & 0o777, 0o600);
    const second = await run(['serve', '--data', footlight.data, '--http.listen', '127.0.0.1:0', '--origin.listen', '127.0.0.1:0', '--rtmp.listen', '127.0.0.1:0', '--media.listen', '127.0.0.1:0']);
    assert.equal(second.code, 2, 'a second serve on one data folder');
    const children = footlight.roles();
    for (const role of ['control', 'relay', 'origin', 'compose']) assert.ok(children.some((c) => c.role === role), role);
    const { code } = await footlight.stop();
    assert.equal(code, 0);
    for (const { pid } of children) assert.ok(!alive(pid), `${pid} outlived serve`);
  } finally {
    await footlight.stop();
  }
});

test('a supervisor killed with SIGKILL leaves no process behind', async () => {
  const footlight = await Footlight.start({ demo: true });
  try {
    await until('compose', () => footlight.pid('compose'));
    const children = footlight.roles();
    footlight.child.kill('SIGKILL');
    await footlight.exited;
    await until('the roles to end', () => children.every(({ pid }) => !alive(pid)), { timeout: 5000 });
  } finally {
    await footlight.stop();
  }
});

for (const role of ['control', 'relay', 'origin', 'compose']) {
  test(`${role} killed with SIGKILL is back, its port never refuses, and no zombie stays`, async () => {
    const footlight = await Footlight.start({ demo: true });
    try {
      const before = await until(role, () => footlight.pid(role));
      const at = Date.now();
      process.kill(before, 'SIGKILL');
      const answered = fetch(footlight.http + '/healthz').then((r) => r.status);
      const after = await until(`${role} again`, () => { const p = footlight.pid(role); return p && p !== before && p; });
      assert.ok(after);
      assert.equal(await answered, 200);
      await until('readyz', async () => (await fetch(footlight.http + '/readyz')).status === 200);
      console.log(`figure: ${role} back after SIGKILL: ${Date.now() - at} ms (goal 2000)`);
      await sleep(300);
      assert.ok(!tree(footlight.child.pid).some((p) => p.role === 'zombie'));
    } finally {
      await footlight.stop();
    }
  });
}

test('event create, list, show, go-live and end work from the data folder', async () => {
  const footlight = await Footlight.start();
  try {
    const event = async (...args) => {
      const r = await run(['event', ...args, '--data', footlight.data, '--json']);
      assert.equal(r.code, 0, r.stderr);
      return JSON.parse(r.stdout);
    };
    const created = await event('create', '--title', 'From the shell');
    assert.equal(created.state, 'draft');
    assert.equal((await event('show', created.id)).title, 'From the shell');
    assert.equal((await event('go-live', created.id)).state, 'live');
    const list = await event('list');
    assert.ok((list.items ?? list).some((e) => e.id === created.id));
    assert.equal((await event('end', created.id)).state, 'ended');
    const missing = await run(['event', 'show', 'nothing-here', '--data', footlight.data]);
    assert.notEqual(missing.code, 0);
    assert.ok(missing.stderr.trim().length > 10);
  } finally {
    await footlight.stop();
  }
});

test('event list gives every page of the list', async () => {
  const footlight = await Footlight.start();
  try {
    const ids = [];
    for (let i = 0; i < 101; ++i) ids.push((await footlight.createEvent()).id);
    const { code, stdout } = await run(['event', 'list', '--data', footlight.data, '--json']);
    assert.equal(code, 0);
    const list = JSON.parse(stdout);
    assert.deepEqual(list.items.map((e) => e.id).sort(), ids.sort());
    assert.equal(list.next, null);
  } finally {
    await footlight.stop();
  }
});

test('the links that event create prints on --listen-all are on the address of home, not on 0.0.0.0', async () => {
  const footlight = await Footlight.start({ args: ['--listen-all'] });
  try {
    const { code, stdout, stderr } = await run(['event', 'create', '--title', 'All', '--data', footlight.data, '--json']);
    assert.equal(code, 0, stderr);
    assert.ok(JSON.parse(stdout).links.studio.startsWith(footlight.line('home')), stdout);
  } finally {
    await footlight.stop();
  }
});
