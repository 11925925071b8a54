import { useEffect } from 'preact/hooks';
import { FullMessage } from '../shared/components/full_message';
import { Masthead } from '../shared/components/masthead';
import { useStore } from '../shared/store';
import { CheckPanel } from './check_panel';
import type { NetworkCheck } from './network_check';
import { Preview } from './preview';
import { QualityBars } from './quality_bars';
import { StageBar } from './stage_bar';
import { StageBadge, stageSentence } from './stage_words';
import { isInUse } from './stage_state';
import type { StudioSession } from './studio_session';
import './studio.css';

export function StudioPage({ session, network, token }: { session: StudioSession; network: NetworkCheck; token: string }) {
  const view = useStore(session.view);
  const capture = useStore(session.capture.state);
  const stats = useStore(session.camera.stats);
  const inUse = isInUse(view.stage);
  const over = view.stage === 'over';
  useEffect(() => {
    document.title = `${view.stage === 'on-air' ? '● On air · ' : ''}${view.title || 'Studio'} · Footlight`;
  }, [view.stage, view.title]);
  useEffect(() => {
    if (!inUse) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [inUse]);

  if (view.refused) {
    return (
      <>
        <Masthead />
        <FullMessage title="The studio did not open">
          <p>{view.message}</p>
        </FullMessage>
      </>
    );
  }
  return (
    <div class="studio" data-stage={view.stage}>
      <Masthead title={view.title}>
        <StageBadge stage={view.stage} />
      </Masthead>
      <main class="studio-floor">
        <section class="studio-picture" aria-label="Your picture">
          <Preview capture={session.capture} stage={view.stage} />
          {!over && <StageBar session={session} view={view} />}
        </section>
        <aside class="studio-side" aria-label="Check">
          <p class="studio-sentence" role="status" aria-live="polite">
            {stageSentence(view, {
              picture: capture.video !== null,
              sound: capture.audio !== null && !capture.micMuted,
              blocked: capture.status === 'blocked',
            })}
          </p>
          {view.message && view.stage !== 'taken-over' && (
            <div class="notice" data-tone="bad" role="alert">
              <p>{view.message}</p>
            </div>
          )}
          {inUse && <QualityBars stats={stats} lost={view.stage === 'reconnecting'} />}
          {!over && <CheckPanel session={session} network={network} token={token} inUse={inUse} />}
        </aside>
      </main>
    </div>
  );
}
