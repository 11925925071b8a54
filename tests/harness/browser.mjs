// Chromium processes for tests: each launch is a process of its own with a fresh profile, and is closed by close().
import { chromium } from 'playwright-core';
import { publishClock, readClock } from './clock_strip.mjs';

const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--autoplay-policy=no-user-gesture-required', '--use-fake-device-for-media-stream=fps=30', '--use-fake-ui-for-media-stream', '--disable-background-timer-throttling',
  '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows', '--ignore-certificate-errors'];

export async function launch({ executablePath = '/usr/bin/chromium' } = {}) {
  return chromium.launch({ executablePath, args: flags });
}

async function open(browser, { viewport = { width: 960, height: 600 }, init, argument } = {}) {
  const context = await browser.newContext({ viewport, permissions: ['camera', 'microphone'], ignoreHTTPSErrors: true });
  const page = await context.newPage();
  page.console = [];
  page.on('console', (message) => page.console.push(`${message.type()}: ${message.text()}`));
  page.on('pageerror', (error) => page.console.push(`pageerror: ${error.message}`));
  if (init) await page.addInitScript(init, argument);
  return page;
}

// A presenter in a browser of their own: the studio with the clock for a camera, on air after one press.
export async function present(url, { codec, width = 640, height = 360 } = {}) {
  const browser = await launch();
  const page = await open(browser, { init: publishClock, argument: { width, height } });
  const target = new URL(url);
  if (codec) target.searchParams.set('codec', codec);
  await page.goto(target.href);
  const button = page.getByRole('button', { name: 'Go on air' });
  await button.waitFor({ timeout: 20_000 });
  await page.waitForFunction(() => [...document.querySelectorAll('button')].some((b) => /Go on air/.test(b.textContent) && !b.disabled), null, { timeout: 20_000 });
  return { browser, page, goOnAir: async () => { await button.click(); return Date.now(); }, kill: () => browser.close() };
}

// A viewer in a browser of their own, reading the clock strip from every presented frame.
export async function watch(url, options = {}) {
  const browser = options.browser ?? await launch();
  const page = await open(browser, { init: readClock, ...options });
  await page.goto(url);
  return { browser, page, strip: () => page.evaluate(() => ({ ...window.strip })), reset: () => page.evaluate(() => window.strip.reset()), close: () => browser.close() };
}

export { open };
