// The HTTP API and signalling from outside: statuses and shapes of CONTRACT §3 and §4.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { Footlight, sleep, until } from '../harness/footlight.mjs';

let footlight;
before(async () => { footlight = await Footlight.start(); });
after(() => footlight.stop());
const post = (path, body, options) => footlight.api('POST', path, body, options);

test('a new event has every field of the contract, its defaults, and its key once', async () => {
  const event = await footlight.createEvent({ title: 'Shape' });
  assert.equal(event.state, 'draft');
  assert.equal(event.session_type, 'broadcast');
  assert.equal(event.audience, 'public');
  assert.deepEqual(event.canvas, { width: 1280, height: 720, fps: 30 });
  assert.equal(event.passthrough, 'off');
  assert.equal(event.record, true);
  assert.equal(event.auto_stage, false);
  assert.equal(event.ladder.length, 1);
  assert.equal(event.ladder[0].video_kbps, 2000);
  assert.ok(event.ingest.stream_key && /^rtmp:\/\/127\.0\.0\.1:\d+\/live$/.test(event.ingest.rtmp_url));
  for (const key of ['studio', 'control_room', 'watch']) assert.match(event.links[key], /^http/);
  assert.match(event.ingest.whip_url, /^http.*\/whip\//);
  assert.match(event.playback.hls_url, /\/live\/.*\/index\.m3u8$/);
  const again = await footlight.api('GET', `/api/v1/events/${event.id}`);
  assert.ok(!again.body.ingest.stream_key, 'the key is shown once');
  assert.equal(again.body.links.studio, event.links.studio);
  assert.ok(again.headers.get('etag'));
  assert.ok(again.body.links.studio.includes('#'));
});

test('refusals: 401, 403, 404, 400, 422, 413, 415 with a problem document', async () => {
  const event = await footlight.createEvent(), other = await footlight.createEvent();
  const producer = (await footlight.token(event.id, 'producer')).token;
  const presenter = (await footlight.token(event.id, 'presenter')).token;
  const expect = async (status, promise, text) => {
    const r = await promise;
    assert.equal(r.status, status, r.text);
    assert.match(r.headers.get('content-type') ?? '', /application\/problem\+json/);
    assert.ok(r.body.detail?.length > 5, r.text);
    if (text) assert.match(r.text, text);
  };
  await expect(401, footlight.api('GET', '/api/v1/events', undefined, { token: '' }));
  await expect(401, footlight.api('GET', '/api/v1/events', undefined, { token: 'wrong' }));
  await expect(401, footlight.api('GET', '/api/v1/events/nothing', undefined, { token: 'wrong' }));
  await expect(403, footlight.api('GET', `/api/v1/events/${other.id}`, undefined, { token: producer }));
  await expect(403, post(`/api/v1/events/${event.id}/go-live`, undefined, { token: presenter }));
  await expect(403, post('/api/v1/events', { title: 'x' }, { token: producer }));
  await expect(404, footlight.api('GET', '/api/v1/events/nothing'));
  await expect(400, post('/api/v1/events', '{"title":'));
  await expect(400, post('/api/v1/events', { title: 'x', colour: 'red' }), /colour/);
  await expect(400, post('/api/v1/events', { title: 'x', canvas: { width: 640, height: 360, fps: 30, depth: 8 } }), /depth/);
  await expect(422, post('/api/v1/events', { title: 'x', canvas: { width: 1, height: 360, fps: 30 } }), /width/);
  await expect(422, post('/api/v1/events', { title: 'x', passthrough: 'auto' }), /passthrough/);
  await expect(413, post('/api/v1/events', JSON.stringify({ title: 'x'.repeat(2 << 20) })));
  await expect(401, post('/api/v1/events', JSON.stringify({ title: 'x'.repeat(2 << 20) }), { token: 'wrong' }));
  await expect(415, post('/api/v1/events', 'title=x', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }));
  await expect(501, footlight.api('GET', `/api/v1/events/${event.id}/scene`));
  await expect(501, post('/api/v1/webhooks', {}));
});

test('states move as the contract says, and an illegal move names the legal ones', async () => {
  const { id } = await footlight.createEvent();
  const move = async (name, status) => {
    const r = await post(`/api/v1/events/${id}/${name}`);
    assert.equal(r.status, status, `${name}: ${r.text}`);
    return r.body;
  };
  assert.deepEqual((await move('end', 409)).legal.sort(), ['go-live', 'rehearse']);
  assert.equal((await move('rehearse', 200)).state, 'rehearsal');
  assert.equal((await move('draft', 200)).state, 'draft');
  assert.equal((await move('go-live', 200)).state, 'live');
  assert.equal((await move('go-live', 200)).state, 'live');
  assert.deepEqual((await move('rehearse', 409)).legal, ['end']);
  assert.equal((await footlight.api('DELETE', `/api/v1/events/${id}`)).status, 409);
  await move('end', 200);
  await move('end', 200);
  await until('archived by itself', async () => (await footlight.api('GET', `/api/v1/events/${id}`)).body.state === 'archived');
  await move('end', 200);
  assert.ok([200, 204].includes((await footlight.api('DELETE', `/api/v1/events/${id}`)).status));
});

test('If-Match with a stale tag is 412, with the present one it passes', async () => {
  const { id } = await footlight.createEvent();
  const tag = (await footlight.api('GET', `/api/v1/events/${id}`)).headers.get('etag');
  assert.equal((await footlight.api('PATCH', `/api/v1/events/${id}`, { title: 'B' }, { headers: { 'if-match': tag } })).status, 200);
  assert.equal((await footlight.api('PATCH', `/api/v1/events/${id}`, { title: 'C' }, { headers: { 'if-match': tag } })).status, 412);
  assert.equal((await footlight.api('PATCH', `/api/v1/events/${id}`, { title: 'C' })).status, 200);
});

test('the HLS URL is 404 with max-age=1 before live and 200 within a second of go-live', async () => {
  const { id, playback } = await footlight.createEvent({ canvas: { width: 640, height: 360, fps: 30 } });
  const early = await fetch(playback.hls_url);
  assert.equal(early.status, 404);
  assert.match(early.headers.get('cache-control'), /max-age=1\b/);
  assert.equal((await fetch(`${footlight.origin}/live/${id}/status.json`)).status, 200);
  assert.equal((await fetch(`${footlight.origin}/live/nothing/index.m3u8`)).status, 404);
  await post(`/api/v1/events/${id}/go-live`);
  const at = Date.now();
  await until('200', async () => (await fetch(playback.hls_url)).status === 200);
  console.log(`figure: go-live to a playable multivariant playlist: ${Date.now() - at} ms (goal 1000)`);
  const master = await (await fetch(playback.hls_url)).text();
  const media = new URL(master.split('\n').find((l) => l && !l.startsWith('#')), playback.hls_url).href;
  const playlist = await (await fetch(media)).text();
  console.log(`figure: go-live to the first part: ${Date.now() - at} ms (goal 1000)`);
  assert.match(playlist, /#EXT-X-PART:/);
  assert.match(playlist, /CAN-BLOCK-RELOAD=YES/);
  assert.match(playlist, /#EXT-X-PROGRAM-DATE-TIME:/);
  await post(`/api/v1/events/${id}/end`);
  await until('ENDLIST', async () => (await (await fetch(media)).text()).includes('#EXT-X-ENDLIST'));
  const vod = await (await fetch(media)).text();
  assert.doesNotMatch(vod, /EXT-X-PART|PRELOAD-HINT|SERVER-CONTROL/);
});

test('status.json holds until its version changes and never goes back', async () => {
  const { id } = await footlight.createEvent();
  const url = `${footlight.origin}/live/${id}/status.json`;
  const first = await (await fetch(url)).json();
  assert.deepEqual(Object.keys(first).sort(), ['relay_epoch', 'session_type', 'state', 'version']);
  const held = fetch(`${url}?_v=${first.version}`).then((r) => r.json());
  const early = await Promise.race([held, sleep(400).then(() => null)]);
  assert.equal(early, null, 'it is held');
  await post(`/api/v1/events/${id}/rehearse`);
  const next = await held;
  assert.equal(next.state, 'rehearsal');
  assert.ok(next.version > first.version);
  process.kill(footlight.pid('control'), 'SIGKILL');
  process.kill(footlight.pid('origin'), 'SIGKILL');
  await until('status again', async () => (await fetch(url).catch(() => ({ status: 0 }))).status === 200);
  assert.ok((await (await fetch(url)).json()).version >= next.version);
});

test('WHIP refuses as the contract says, and answers preflights', async () => {
  const event = await footlight.createEvent(), other = await footlight.createEvent();
  const presenter = (await footlight.token(event.id, 'presenter')).token;
  const whip = (id, body, token, type = 'application/sdp') =>
    fetch(`${footlight.http}/whip/${id}`, { method: 'POST', headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), 'content-type': type }, body });
  assert.equal((await whip(event.id, 'v=0\r\n', '')).status, 401);
  assert.equal((await whip(event.id, 'v=0\r\n', 'wrong')).status, 401);
  assert.equal((await whip(other.id, 'v=0\r\n', presenter)).status, 403);
  assert.equal((await whip('nothing', 'v=0\r\n', footlight.adminToken)).status, 404);
  assert.equal((await whip(event.id, '{}', presenter, 'application/json')).status, 415);
  assert.equal((await whip(event.id, 'not sdp', presenter)).status, 400);
  assert.equal((await whip(event.id, 'v=0\r\n' + 'a=x\r\n'.repeat(400_000), presenter)).status, 413);
  const h265 = ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', 'a=group:BUNDLE 0', 'm=video 9 UDP/TLS/RTP/SAVPF 96', 'c=IN IP4 0.0.0.0', 'a=ice-ufrag:abcd',
    'a=ice-pwd:abcdefghijklmnopqrstuvwx', `a=fingerprint:sha-256 ${Array(32).fill('AB').join(':')}`, 'a=setup:actpass', 'a=mid:0', 'a=sendonly', 'a=rtcp-mux', 'a=rtpmap:96 H265/90000', ''].join('\r\n');
  const refused = await whip(event.id, h265, presenter);
  assert.equal(refused.status, 422);
  assert.match(await refused.text(), /codec|H265/i);
  const preflight = await fetch(`${footlight.http}/whip/${event.id}`, { method: 'OPTIONS', headers: { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' } });
  assert.ok(preflight.ok);
  assert.equal(preflight.headers.get('access-control-allow-origin'), '*');
  assert.match(preflight.headers.get('access-control-allow-headers'), /authorization/i);
  assert.equal((await fetch(`${footlight.http}/whep/${event.id}`, { method: 'POST', headers: { 'content-type': 'application/sdp' }, body: h265 })).status, 409, 'audience WHEP before live');
  await post(`/api/v1/events/${event.id}/go-live`);
  await post(`/api/v1/events/${event.id}/end`);
  assert.equal((await whip(event.id, h265, presenter)).status, 409, 'WHIP after the end');
});

test('a Host header of another name is 421', async () => {
  const { request } = await import('node:http');
  for (const address of [footlight.listen.http, footlight.listen.origin]) {
    const [host, port] = address.split(':');
    const status = await new Promise((resolve, reject) => request({ host, port, path: '/', headers: { host: 'evil.example' } }, (r) => { r.resume(); resolve(r.statusCode); }).on('error', reject).end());
    assert.equal(status, 421);
  }
});

test('the event stream can be resumed and carries state changes', async () => {
  const { id } = await footlight.createEvent();
  const open = async (headers = {}) => {
    const abort = new AbortController();
    const response = await fetch(`${footlight.http}/api/v1/events/${id}/stream`, { headers: { authorization: `Bearer ${footlight.adminToken}`, ...headers }, signal: abort.signal });
    assert.equal(response.status, 200);
    assert.match(response.headers.get('content-type'), /text\/event-stream/);
    let text = '';
    (async () => { try { for await (const chunk of response.body) text += Buffer.from(chunk); } catch { /* closed by us */ } })();
    return { text: () => text, close: () => abort.abort() };
  };
  const first = await open();
  await until('retry', () => first.text().includes('retry: 500'));
  await post(`/api/v1/events/${id}/rehearse`);
  await until('the change', () => /event\.\w+/.test(first.text()) && first.text().includes('rehearsal'));
  const ids = [...first.text().matchAll(/^id: ?(.+)$/gm)].map((m) => m[1]);
  first.close();
  await post(`/api/v1/events/${id}/draft`);
  const second = await open({ 'last-event-id': ids.at(-1) });
  await until('what was missed', () => second.text().includes('draft'));
  assert.ok(!second.text().includes('"rehearsal"'), 'nothing twice');
  second.close();
});

test('a token event serves media to its viewers only', async () => {
  const { id, playback } = await footlight.createEvent({ audience: 'token', canvas: { width: 640, height: 360, fps: 30 } });
  const { id: other } = await footlight.createEvent({ audience: 'token' });
  await post(`/api/v1/events/${id}/go-live`);
  const viewer = await footlight.token(id, 'viewer'), stranger = await footlight.token(other, 'viewer');
  assert.equal((await fetch(playback.hls_url)).status, 401);
  assert.equal((await fetch(`${playback.hls_url}?token=${stranger.token}`)).status, 403);
  const response = await until('playlist', async () => { const r = await fetch(`${playback.hls_url}?token=${viewer.token}`); return r.status === 200 && r; });
  const text = await response.text();
  assert.match(text, /#EXT-X-DEFINE:QUERYPARAM="token"/);
  assert.match(text, /\?token=\{\$token\}/);
  assert.match(response.headers.get('set-cookie'), new RegExp(`footlight_view_${id}=.*HttpOnly`, 'i'));
  await footlight.api('DELETE', `/api/v1/events/${id}/tokens/${viewer.id}`);
  const at = Date.now();
  await until('revoked', async () => (await fetch(`${playback.hls_url}?token=${viewer.token}`)).status === 401);
  console.log(`figure: a revoked token is refused after ${Date.now() - at} ms (goal 1000)`);
});

test('metrics covers every process', async () => {
  const { text } = await footlight.api('GET', '/metrics');
  for (const folder of ['relay', 'origin', 'control']) assert.match(text, new RegExp(`^footlight_${folder}_`, 'm'));
});
