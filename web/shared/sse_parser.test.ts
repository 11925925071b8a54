import { describe, expect, it } from 'vitest';
import { SseParser } from './sse_parser';

const kStream = 'retry: 500\n\nid: 7-1\nevent: relay.lost\ndata: {"a":1}\n\n: still here\n\nid: 7-2\ndata: x\ndata: y\n\n';

describe('SseParser', () => {
  it('reads_type_data_id_and_retry', () => {
    const parser = new SseParser();
    expect(parser.push(kStream)).toEqual([
      { type: 'relay.lost', data: '{"a":1}' },
      { type: 'message', data: 'x\ny' },
    ]);
    expect(parser.lastEventId).toBe('7-2');
    expect(parser.retry).toBe(500);
  });

  it('gives_the_same_events_wherever_the_bytes_are_cut', () => {
    const whole = new SseParser().push(kStream);
    for (const text of [kStream, kStream.replaceAll('\n', '\r\n'), kStream.replaceAll('\n', '\r') + ':']) {
      for (let cut = 0; cut <= text.length; cut += 1) {
        const parser = new SseParser();
        expect([...parser.push(text.slice(0, cut)), ...parser.push(text.slice(cut))]).toEqual(whole);
      }
    }
  });

  it('keeps_the_id_but_not_the_half_event_over_a_restart', () => {
    const parser = new SseParser();
    parser.push('id: 3\ndata: a\n\nid: 4\ndata: half');
    parser.restart();
    expect(parser.push('data: b\n\n')).toEqual([{ type: 'message', data: 'b' }]);
    expect(parser.lastEventId).toBe('3');
  });
});
