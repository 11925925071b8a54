import { useEffect, useState } from 'preact/hooks';
import { Icon } from '../shared/components/icon';
import type { EngineFacts } from './engine';
import type { Player } from './player';

/** Latency and transport on demand (key I). */
export function FactsPanel({ player, onClose }: { player: Player; onClose: () => void }) {
  const [facts, setFacts] = useState<EngineFacts | null>(null);
  useEffect(() => {
    const read = () => void player.engine?.facts().then(setFacts);
    read();
    const timer = setInterval(read, 500);
    return () => clearInterval(timer);
  }, [player]);
  return (
    <aside class="facts" aria-label="Latency and transport">
      <button class="player-button facts-close" type="button" aria-label="Close" onClick={onClose}>
        <Icon name="close" size={18} />
      </button>
      <dl>
        {rows(facts).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function latencyText(ms: number): string {
  return ms < 100 ? `${Math.max(1, Math.round(ms))} ms` : `${(ms / 1000).toFixed(2)} s`;
}

function rows(facts: EngineFacts | null): [string, string][] {
  if (!facts) return [['Player', 'starting']];
  const all: [string, string | null][] = [
    ['Transport', facts.transport],
    [facts.latencyName, facts.latencyMs === null ? null : latencyText(facts.latencyMs)],
    ['Buffer', facts.bufferMs === null ? null : `${Math.round(facts.bufferMs)} ms`],
    ['Speed', facts.rate === 1 ? null : `${facts.rate.toFixed(2)} ×`],
    ['Round trip', facts.roundTripMs === null ? null : `${Math.round(facts.roundTripMs)} ms`],
    ['Bit rate', facts.bitrate === null ? null : `${(facts.bitrate / 1e6).toFixed(1)} Mbit/s`],
    ['Picture', facts.size],
    ['Codec', facts.codec],
  ];
  return all.filter((row): row is [string, string] => row[1] !== null);
}
