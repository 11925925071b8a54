// Firefox processes for tests, driven over WebDriver BiDi: each launch has a profile of its own and is closed by close().
import { networkInterfaces } from 'node:os';
import puppeteer from 'puppeteer-core';

// Firefox does not connect to 127.0.0.1 candidates: servers it talks to listen on this machine's own address.
export function ownAddress() {
  const found = Object.values(networkInterfaces()).flat().find((a) => a.family === 'IPv4' && !a.internal);
  if (!found) throw new Error('Firefox does not connect to loopback and this machine has no other IPv4 address: give it one (a dummy interface will do)');
  return found.address;
}

export async function launchFirefox() {
  return puppeteer.launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true, protocol: 'webDriverBiDi',
    extraPrefsFirefox: {
      'media.navigator.streams.fake': true, 'media.navigator.permission.disabled': true, 'media.autoplay.default': 0, 'media.autoplay.blocking_policy': 0,
      'media.peerconnection.ice.obfuscate_host_addresses': false, 'media.devices.insecure.enabled': true, 'media.getusermedia.insecure.enabled': true,
      'media.gmp-manager.updateEnabled': false, 'app.update.enabled': false, 'datareporting.policy.dataSubmissionEnabled': false,
      'toolkit.telemetry.enabled': false, 'network.captive-portal-service.enabled': false, 'network.connectivity-service.enabled': false,
    },
  });
}

// A page with the same shape as Playwright's where the tests need it: evaluate(function, argument).
export async function openFirefox(browser, url, scripts = []) {
  const page = await browser.newPage();
  await page.goto(url);
  for (const script of scripts) await page.evaluate(script);
  return page;
}
