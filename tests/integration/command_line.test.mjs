import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { run, scratch } from '../harness/footlight.mjs';

const oneSentence = (text) => text.trim().split('\n').length === 1 && text.trim().length > 20;

for (const [name, args, names] of [
  ['unknown key', ['serve', '--hls.part_sm', '200'], /hls\.part_sm/],
  ['value out of bounds', ['serve', '--hls.part_ms', '7'], /hls\.part_ms/],
  ['value of the wrong type', ['serve', '--hls.part_ms', 'soon'], /hls\.part_ms/],
  ['PostgreSQL, which comes with scale-out', ['serve', '--database.url', 'postgres://x/y'], /postgres/],
  ['a database without a path', ['serve', '--database.url', 'sqlite:'], /database\.url/],
  ['an announced name instead of an address', ['serve', '--media.announce', 'live.example.org'], /media\.announce/],
  ['a TURN key', ['serve', '--turn.listen', '127.0.0.1:0'], /turn\.listen/],
  ['a storage key', ['serve', '--storage.url', 's3://bucket'], /storage\.url/],
  ['doctor', ['doctor'], /doctor/],
  ['bench of HLS, which comes later', ['bench', 'hls', '--url', 'http://127.0.0.1/live/x'], /bench hls/],
  ['bench without a URL', ['bench', 'whep'], /--url/],
  ['remaster', ['remaster'], /remaster/],
  ['a role by hand', ['relay'], /serve/],
  ['a certificate without its key', ['serve', '--http.tls_cert', '/nonexistent.pem'], /tls/],
]) {
  test(`${name} is refused with one sentence and exit code 2`, async () => {
    const result = await run(args.includes('serve') ? [...args, '--data', scratch('refused')] : args);
    assert.equal(result.code, 2, result.stderr);
    assert.ok(oneSentence(result.stderr), `not one sentence: ${result.stderr}`);
    assert.match(result.stderr, names);
  });
}

test('an unknown key in the file and in the environment is refused by name', async () => {
  const file = path.join(scratch('config'), 'footlight.toml');
  writeFileSync(file, '[hls]\npart_lenght = 3\n');
  const byFile = await run(['serve', '--config', file, '--data', scratch('refused')]);
  assert.equal(byFile.code, 2);
  assert.match(byFile.stderr, /hls\.part_lenght/);
  const byEnvironment = await run(['serve', '--data', scratch('refused')], { env: { FOOTLIGHT_HLS_PART_MS: '1' } });
  assert.equal(byEnvironment.code, 2);
  assert.match(byEnvironment.stderr, /hls\.part_ms/);
});

test('a port in use is one sentence that names it, exit code 2', async () => {
  const busy = createServer();
  await new Promise((resolve) => busy.listen(0, '127.0.0.1', resolve));
  const { port } = busy.address();
  const result = await run(['serve', '--data', scratch('busy'), '--http.listen', `127.0.0.1:${port}`, '--origin.listen', '127.0.0.1:0', '--rtmp.listen', '127.0.0.1:0', '--media.listen', '127.0.0.1:0']);
  busy.close();
  assert.equal(result.code, 2, result.stderr);
  assert.ok(oneSentence(result.stderr), result.stderr);
  assert.match(result.stderr, new RegExp(String(port)));
});

test('config lists every key with default, bounds and where its value came from', async () => {
  const result = await run(['config', '--json'], { env: { FOOTLIGHT_HLS_SEGMENT_MS: '4000' } });
  assert.equal(result.code, 0, result.stderr);
  const keys = JSON.parse(result.stdout);
  const list = Array.isArray(keys) ? keys : keys.items ?? keys.keys;
  const segment = list.find((k) => (k.key ?? k.name) === 'hls.segment_ms');
  assert.equal(String(segment.value), '4000');
  assert.match(JSON.stringify(segment), /env/i);
  for (const name of ['http.listen', 'origin.listen', 'rtmp.listen', 'media.listen', 'auth.admin_token', 'hls.part_ms', 'hls.window_s', 'log.level', 'database.url'])
    assert.ok(list.some((k) => (k.key ?? k.name) === name), name);
});

test('version prints and exits 0', async () => {
  const result = await run(['version']);
  assert.equal(result.code, 0);
  assert.match(result.stdout, /\d+\.\d+/);
});
