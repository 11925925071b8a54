import { expect, it } from 'vitest';
import { sortCodecs } from './publish_session';

const kBrowser = [
  { mimeType: 'video/VP8' },
  { mimeType: 'video/rtx' },
  { mimeType: 'video/VP9', sdpFmtpLine: 'profile-id=0' },
  { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=0;profile-level-id=42001f' },
  { mimeType: 'video/H264', sdpFmtpLine: 'packetization-mode=1;profile-level-id=42001f' },
  { mimeType: 'video/AV1' },
  { mimeType: 'video/ulpfec' },
];

it('puts_h264_with_fragmentation_first_and_keeps_vp8_and_rtx', () => {
  expect(sortCodecs(kBrowser, 'h264').map((c) => `${c.mimeType} ${c.sdpFmtpLine ?? ''}`.trim())).toEqual([
    'video/H264 packetization-mode=1;profile-level-id=42001f',
    'video/H264 packetization-mode=0;profile-level-id=42001f',
    'video/VP8',
    'video/rtx',
    'video/ulpfec',
  ]);
});

it('puts_vp8_first_when_asked', () => {
  expect(sortCodecs(kBrowser, 'vp8')[0]!.mimeType).toBe('video/VP8');
});
