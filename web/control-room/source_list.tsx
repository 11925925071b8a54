import { Icon, type IconName } from '../shared/components/icon';
import type { Source } from '../shared/types';
import type { Room } from './room';
import { sourceNames } from './source_names';

const kIcons: Record<Source['kind'], IconName> = { camera: 'camera', screen: 'screen', rtmp: 'camera', clip: 'play', test: 'play' };

export function SourceList({ sources, room }: { sources: Source[]; room: Room }) {
  const names = sourceNames(sources);
  return (
    <section class="stack" aria-label="Sources">
      <h2>Sources</h2>
      {sources.length === 0 && (
        <p class="quiet">Nobody is connected yet. Open your studio, or invite a presenter; whoever comes appears here.</p>
      )}
      <ul class="source-list">
        {sources.map((source) => (
          <SourceTile key={source.id} name={names.get(source.id) ?? source.name} source={source} room={room} />
        ))}
      </ul>
    </section>
  );
}

function SourceTile({ name, source, room }: { name: string; source: Source; room: Room }) {
  return (
    <li class="source card" data-on-stage={source.on_stage} data-state={source.state}>
      <Icon name={kIcons[source.kind] ?? 'camera'} size={24} />
      <div class="source-words">
        <p class="source-name">{name}</p>
        <p class="quiet small">{sourceSentence(source)}</p>
      </div>
      <div class="row source-tools">
        <button
          class={`button ${source.on_stage ? 'button-primary' : ''}`}
          type="button"
          aria-pressed={source.on_stage}
          aria-label={`${name} on stage`}
          onClick={() => void room.changeSource(source.id, { on_stage: !source.on_stage })}
        >
          {source.on_stage ? 'On stage' : 'Bring on stage'}
        </button>
        <button
          class="button"
          type="button"
          aria-pressed={source.muted}
          aria-label={`${name} muted`}
          onClick={() => void room.changeSource(source.id, { muted: !source.muted })}
        >
          <Icon name={source.muted ? 'micOff' : 'mic'} /> {source.muted ? 'Muted' : 'Mute'}
        </button>
      </div>
    </li>
  );
}

function sourceSentence(source: Source): string {
  if (source.kind === 'test') return source.on_stage ? 'Test picture, until a camera comes' : 'Test picture';
  if (source.state === 'lost') return 'Connection lost; it comes back by itself';
  if (source.state === 'idle') return 'Not connected';
  return source.transport ? `Connected over ${source.transport.toUpperCase()}` : 'Connected';
}
