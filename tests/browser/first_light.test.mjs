// One presenter's browser to a viewer's browser by the whole chain, read from pixels and sound.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import test, { after, before } from 'node:test';
import { fileURLToPath } from 'node:url';
import { launch, open, present, watch } from '../harness/browser.mjs';
import { percentile, readClock, readTone } from '../harness/clock_strip.mjs';
import { printLatency } from '../harness/figures.mjs';
import { Footlight, sleep, until } from '../harness/footlight.mjs';
import { peerPage } from '../harness/interop.mjs';
import { servePage } from '../harness/webrtc_page.mjs';

const here = path.dirname(fileURLToPath(import.meta.url));
const small = { canvas: { width: 640, height: 360, fps: 30 } };
let footlight, site;
before(async () => {
  footlight = await Footlight.start();
  site = await servePage();
});
after(async () => {
  site?.close();
  await footlight?.stop();
});

const firstPicture = (viewer) => until('a picture with the clock', async () => (await viewer.strip()).firstAt, { timeout: 30_000, every: 50 });

async function measure(viewer, seconds) {
  await viewer.reset();
  const stallsBefore = await viewer.page.evaluate(() => window.footlight?.stalls ?? 0);
  await sleep(seconds * 1000);
  const strip = await viewer.strip();
  const stalls = (await viewer.page.evaluate(() => window.footlight?.stalls ?? 0)) - stallsBefore;
  return { ...strip, stalls };
}

async function hears997(viewer) {
  const tone = await until('the tone', async () => { const t = await viewer.page.evaluate(readTone); return t && Math.abs(t - 997) < 10 && t; }, { timeout: 15_000 });
  return tone;
}

for (const codec of ['h264', 'vp8']) {
  test(`${codec}: the audience sees and hears the presenter by LL-HLS, then by WHEP, and the producer sees the source`, async () => {
    const event = await footlight.createEvent({ title: `Clock ${codec}`, ...small });
    const viewer = await watch(event.links.watch);
    const presenter = await present(event.links.studio, { codec });
    try {
      const pressed = await presenter.goOnAir();
      const first = (await firstPicture(viewer)) - pressed;
      assert.equal((await footlight.api('GET', `/api/v1/events/${event.id}`)).body.state, 'live', 'one press went live');
      await viewer.page.getByRole('button', { name: 'Turn on sound' }).click();
      const tone = await hears997(viewer);
      await sleep(4000);
      const hls = await measure(viewer, 15);
      printLatency(`LL-HLS, ${codec}, our page`, hls, 1200, ` · stalls ${hls.stalls} · first picture ${first} ms after the press (goal 2500) · tone ${tone.toFixed(0)} Hz`);
      assert.ok(hls.latencies.length > 15 * 10, `only ${hls.latencies.length} readable frames of about 450`);
      assert.ok(percentile(hls.latencies, 95) < 5000);
      await viewer.close();

      const url = new URL(event.links.watch);
      url.searchParams.set('transport', 'whep');
      const opened = Date.now();
      const close = await watch(url.href);
      try {
        const joined = (await firstPicture(close)) - opened;
        await close.page.getByRole('button', { name: 'Turn on sound' }).click();
        await hears997(close);
        await sleep(2000);
        const whep = await measure(close, 15);
        printLatency(`WHEP programme, ${codec}`, whep, 250, ` · first picture ${joined} ms after opening the page`);
        assert.ok(whep.latencies.length > 15 * 10, `only ${whep.latencies.length} readable frames`);
        assert.ok(percentile(whep.latencies, 95) < 3000);
        assert.ok(percentile(whep.latencies, 50) < percentile(hls.latencies, 50), 'WHEP is nearer than HLS');
      } finally {
        await close.close();
      }

      const { token } = await footlight.token(event.id, 'producer');
      const { items } = (await footlight.api('GET', `/api/v1/events/${event.id}/sources`)).body;
      const direct = await launch();
      try {
        const page = await peerPage(direct, site, readClock);
        await page.evaluate((o) => window.peer.play(o), { url: `${event.playback.whep_url}?source=${items.find((i) => i.state === 'connected').id}`, token });
        await page.waitForFunction(() => window.strip.firstAt, null, { timeout: 15_000 });
        await sleep(3000);
        const source = await measure({ page, strip: () => page.evaluate(() => ({ ...window.strip })), reset: () => page.evaluate(() => window.strip.reset()) }, 15);
        printLatency(`WHEP source, ${codec}`, source, 120);
        assert.ok(source.latencies.length > 15 * 20, `only ${source.latencies.length} readable frames`);
        assert.ok(percentile(source.latencies, 95) < 1500);
      } finally {
        await direct.close();
      }
    } finally {
      await presenter.kill();
      await viewer.close();
      await footlight.api('POST', `/api/v1/events/${event.id}/end`);
    }
  });
}

test('stock hls.js plays the same URL', async () => {
  const files = { '/': ['text/html', '<!doctype html><video muted autoplay playsinline></video><script src="/hls.js"></script><script src="/page.js"></script>'],
    '/hls.js': ['text/javascript', readFileSync(path.join(here, '../node_modules/hls.js/dist/hls.min.js'))],
    '/page.js': ['text/javascript', `const hls = new Hls({ lowLatencyMode: true }); hls.loadSource(new URLSearchParams(location.search).get('url')); hls.attachMedia(document.querySelector('video')); hls.on(Hls.Events.ERROR, (_, e) => { (window.faults ??= []).push(e.details + (e.fatal ? ' (fatal)' : '')); });`] };
  const server = createServer((request, response) => {
    const file = files[new URL(request.url, 'http://x').pathname];
    response.writeHead(file ? 200 : 404, { 'content-type': file?.[0] ?? 'text/plain' }).end(file?.[1]);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const event = await footlight.createEvent({ title: 'Stock', ...small });
  const presenter = await present(event.links.studio, { codec: 'h264' });
  let viewer;
  try {
    await presenter.goOnAir();
    await until('a part', async () => (await fetch(event.playback.hls_url)).status === 200);
    viewer = await watch(`http://127.0.0.1:${server.address().port}/?url=${encodeURIComponent(event.playback.hls_url)}`);
    await firstPicture(viewer);
    await sleep(6000);
    const stock = await measure(viewer, 15);
    const faults = await viewer.page.evaluate(() => window.faults ?? []);
    printLatency('LL-HLS, h264, stock hls.js', stock, 1300, ` · faults ${faults.length ? faults.join(' ') : 'none'}`);
    assert.ok(stock.latencies.length > 15 * 10);
    assert.ok(!faults.some((f) => f.includes('fatal')), faults.join());
  } finally {
    await viewer?.close();
    await presenter.kill();
    server.close();
  }
});

test('the demo shows and sounds within 10 s of the start', async () => {
  const demo = await Footlight.start({ demo: true });
  const browser = await launch();
  try {
    const page = await open(browser, { init: readClock });
    await page.goto(demo.line('watch'));
    await page.waitForFunction(() => window.strip.frames > 15, null, { timeout: 30_000 });
    const seen = Date.now() - demo.startedAt;
    await page.getByRole('button', { name: 'Turn on sound' }).click();
    const tone = await until('sound', () => page.evaluate(readTone), { timeout: 15_000 });
    console.log(`figure: demo: ready after ${demo.readyMs} ms, moving picture in a browser ${seen} ms after the start (goal 10000), tone ${tone.toFixed(0)} Hz`);
    assert.ok(tone > 100);
  } finally {
    await browser.close();
    await demo.stop();
  }
});
