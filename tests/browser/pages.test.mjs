// The pages as people meet them: sign in, make an event, see it live, see it end.
import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { launch, open } from '../harness/browser.mjs';
import { Footlight, until } from '../harness/footlight.mjs';

let footlight, browser;
before(async () => { footlight = await Footlight.start({ demo: true }); browser = await launch(); });
after(async () => { await browser.close(); await footlight.stop(); });

const faults = (page) => page.console.filter((l) => /^(error|pageerror)/.test(l) && !/favicon|404|409|401/.test(l));

test('home: a wrong token is refused in words, the right one signs in, a new event needs a title only', async () => {
  const page = await open(browser);
  await page.goto(footlight.http + '/');
  await page.getByRole('textbox').or(page.locator('input[type=password]')).first().fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText(/admin_token/).first().waitFor();
  await page.getByRole('textbox').or(page.locator('input[type=password]')).first().fill(footlight.adminToken);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('Demo').first().waitFor();
  await page.getByRole('button', { name: 'New event' }).first().click();
  await page.getByLabel(/title/i).fill('A night at the theatre');
  await page.keyboard.press('Enter');
  await page.getByText('A night at the theatre').first().waitFor();
  await until('the event', async () => (await footlight.api('GET', '/api/v1/events')).body.items.some((e) => e.title === 'A night at the theatre'));
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('watch: before, live and after are told in words on the page, which follows by itself', async () => {
  const event = await footlight.createEvent({ title: 'Three acts', canvas: { width: 640, height: 360, fps: 30 } });
  const page = await open(browser);
  await page.goto(event.links.watch);
  await page.getByText('Three acts').first().waitFor();
  await page.getByText(/right place/i).first().waitFor();
  await footlight.api('POST', `/api/v1/events/${event.id}/go-live`);
  await page.waitForFunction(() => document.querySelector('video')?.videoWidth > 0, null, { timeout: 20_000 });
  await page.getByText(/^live$/i).first().waitFor();
  await page.waitForTimeout(3000);
  await footlight.api('POST', `/api/v1/events/${event.id}/end`);
  await page.getByText(/has ended/i).first().waitFor({ timeout: 20_000 });
  assert.deepEqual(faults(page), []);
  await page.context().close();
});

test('control room and embed show the programme', async () => {
  const { body: event } = await footlight.api('GET', '/api/v1/events/demo');
  const room = await open(browser);
  await room.goto(event.links.control_room);
  await room.getByText('Demo').first().waitFor();
  await room.waitForFunction(() => document.querySelector('video')?.videoWidth > 0, null, { timeout: 20_000 });
  await room.context().close();
  const embed = await open(browser);
  await embed.goto(`${footlight.http}/embed/demo`);
  await embed.waitForFunction(() => document.querySelector('video')?.videoWidth > 0, null, { timeout: 20_000 });
  await embed.context().close();
});
