// The places of an interop or network test: a server, a page of peers, and browsers near it and far from it.
import { after, before } from 'node:test';
import { launch } from './browser.mjs';
import { launchFirefox, ownAddress } from './firefox.mjs';
import { Footlight } from './footlight.mjs';
import { Network } from './network.mjs';
import { servePage } from './webrtc_page.mjs';

// A server whose listeners are all at `address`; `further` are more addresses of its media plane, such as "[fd00::1]".
export async function startServer({ address = ownAddress(), further = [], ...options } = {}) {
  const place = `${address}:0`, media = [address, ...further].map((a) => `${a}:0`).join(',');
  return Footlight.start({ ...options, args: ['--http.listen', place, '--origin.listen', place, '--rtmp.listen', place, '--media.listen', media, ...(options.args ?? [])] });
}

// Made before the file's tests and gone after them: {footlight, site, near, far, firefox, network}. With `network` the far browser
// is at the client's place of a Network and the server at the other end; without, both are on this machine's own address.
export function stage({ browsers = true, firefox = false, network = false, files } = {}) {
  const made = {};
  before(async () => {
    if (network) made.network = new Network();
    const address = made.network?.server ?? ownAddress();
    made.footlight = await startServer({ address, further: network ? [`[${made.network.server6}]`] : [] });
    made.site = await servePage({ address, files });
    if (browsers) {
      made.near = await launch();
      made.far = await launch(network ? { executablePath: made.network.program('/usr/bin/chromium') } : {});
    }
    if (firefox) made.firefox = await launchFirefox();
  });
  after(async () => {
    await made.near?.close();
    await made.far?.close();
    await made.firefox?.close();
    made.site?.close();
    await made.footlight?.stop();
    made.network?.close();
  });
  return made;
}
