import { useState } from 'preact/hooks';
import { kMoves, type Move } from '../shared/api';
import { Ask } from '../shared/components/ask';
import type { FootlightEvent } from '../shared/types';
import type { Room } from './room';

const kStyles: Partial<Record<Move, string>> = { 'go-live': 'button-primary', end: 'button-danger' };

const kQuestions: Partial<Record<Move, { title: string; yes: string; words: string }>> = {
  'go-live': {
    title: 'Go live?',
    yes: 'Go live',
    words: 'The audience sees the programme from this moment, and recording begins if it is on.',
  },
  end: { title: 'End the event?', yes: 'End the event', words: 'The audience sees that it is over. An ended event cannot be started again.' },
};

export function Moves({ event, room }: { event: FootlightEvent; room: Room }) {
  const [asking, setAsking] = useState<Move | null>(null);
  const question = asking && kQuestions[asking];
  return (
    <div class="row">
      {kMoves[event.state].map(({ move, label }) => (
        <button
          key={move}
          class={`button ${kStyles[move] ?? ''}`}
          type="button"
          onClick={() => (kQuestions[move] ? setAsking(move) : void room.move(move))}
        >
          {label}
        </button>
      ))}
      {asking && question && (
        <Ask
          title={question.title}
          yes={question.yes}
          danger={asking === 'end'}
          onNo={() => setAsking(null)}
          onYes={() => {
            setAsking(null);
            void room.move(asking);
          }}
        >
          <p class="quiet">{question.words}</p>
        </Ask>
      )}
    </div>
  );
}
