import { Backoff, pause } from '../shared/backoff';
import { firstVariant } from '../shared/playlist';

/** The playlist's address with the viewer's token, which `#EXT-X-DEFINE:QUERYPARAM="token"` hands on to every other one. */
export function playbackUrl(hlsUrl: string, token: string | null): string {
  const url = new URL(hlsUrl, document.baseURI);
  if (token && !url.searchParams.has('token')) url.searchParams.set('token', token);
  return url.href;
}

/** The origin closes the recording a few seconds after the end. */
const kTries = 6;

/** An event that was not recorded leaves its last window behind; only a recording calls itself one. */
async function isRecording(url: string): Promise<boolean | null> {
  const multivariant = await fetch(url);
  if (!multivariant.ok) return null;
  const variant = firstVariant(await multivariant.text(), url);
  const media = variant === null ? null : await fetch(variant.url);
  if (!media?.ok) return null;
  const text = await media.text();
  return text.includes('#EXT-X-ENDLIST') ? text.includes('#EXT-X-PLAYLIST-TYPE:VOD') : null;
}

/** True once the event's URL answers with a closed recording; false when there is none or it does not come within some seconds. */
export async function findRecording(url: string, stillWanted: () => boolean): Promise<boolean> {
  const backoff = new Backoff({ first: 500, most: 4000 });
  for (let tries = 0; tries < kTries && stillWanted(); tries += 1) {
    try {
      const answer = await isRecording(url);
      if (answer !== null) return answer;
    } catch {
      // The origin may be on its way back.
    }
    await pause(backoff.next());
  }
  return false;
}
