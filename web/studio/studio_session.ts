import { Api } from '../shared/api';
import { Backoff, pause } from '../shared/backoff';
import { readNews, type News } from '../shared/event_news';
import { EventStream } from '../shared/event_stream';
import { Failure, sentenceFor } from '../shared/failure';
import { Store } from '../shared/store';
import { readClaims } from '../shared/token_claims';
import type { EventState } from '../shared/types';
import { Capture } from './capture';
import { Publisher } from './publisher';
import { ScreenShare } from './screen_share';
import { stageState, type StageState } from './stage_state';

export interface StudioView {
  title: string;
  eventState: EventState;
  /** A producer's link: the one button also goes live. */
  isProducer: boolean;
  stage: StageState;
  /** What did not work, in words. */
  message: string | null;
  /** The event could be read. Until then there is nothing to go on air in. */
  known: boolean;
  /** The event will not be readable with this link. */
  refused: boolean;
}

/**
 * Everything the studio does, without a line of page: capture, publishing, the event's state, going on air and leaving.
 * Owned by the studio page; its Stores are what components show.
 */
export class StudioSession {
  readonly view: Store<StudioView>;
  readonly capture = new Capture();
  readonly camera: Publisher;
  readonly screen: ScreenShare;

  private readonly api: Api;
  private readonly stream: EventStream;
  private readonly closed = new AbortController();
  private onStage: boolean | null = null;
  private sourceId: string | null = null;
  private takenOver = false;
  private name = '';

  constructor(
    private readonly eventId: string,
    private readonly token: string,
    codec: 'h264' | 'vp8',
  ) {
    this.api = new Api(token);
    const url = `/whip/${encodeURIComponent(eventId)}`;
    this.camera = new Publisher({ url, token, codec, prefer: 'balanced' });
    this.screen = new ScreenShare({ url: `${url}?source=screen`, token, codec });
    this.stream = new EventStream({
      url: `/api/v1/events/${encodeURIComponent(eventId)}/stream`,
      token,
      onEvent: (type, data) => this.onNews(readNews(type, data)),
    });
    this.view = new Store<StudioView>({
      title: '',
      eventState: 'draft',
      isProducer: false,
      stage: 'off',
      message: null,
      known: false,
      refused: false,
    });
    this.capture.onTrack = (kind, track) => this.camera.setTrack(kind, track);
    this.camera.state.subscribe(() => this.refresh());
  }

  start(): void {
    void this.capture.open();
    void this.learnEvent();
    this.stream.start();
  }

  close(): void {
    this.closed.abort();
    this.stream.stop();
    this.camera.stop();
    this.screen.stop();
    this.capture.close();
  }

  /** The one button: publishes, and for a producer goes live. Both at once, so that nobody waits for the other. */
  async goOnAir(): Promise<void> {
    this.takenOver = false;
    this.change({ message: null });
    this.camera.start();
    const { isProducer, eventState } = this.view.value;
    if (!isProducer || eventState === 'live') return;
    try {
      const event = await this.api.move(this.eventId, 'go-live');
      this.change({ eventState: event.state });
    } catch (error) {
      this.change({ message: sentenceFor(error) });
    }
  }

  leave(): void {
    this.screen.stop();
    this.camera.stop();
    this.takenOver = false;
    this.onStage = null;
    this.refresh();
  }

  /** What the audience's producer sees this source called. Producers only; others carry their invitation's name. */
  async rename(name: string): Promise<void> {
    this.name = name.trim();
    if (!this.view.value.isProducer || !this.sourceId || !this.name) return;
    await this.api.changeSource(this.eventId, this.sourceId, { name: this.name }).catch((error: unknown) => {
      this.change({ message: sentenceFor(error) });
    });
  }

  /** A producer's token reads the whole event, a presenter's what the watch page reads. */
  private async learnEvent(): Promise<void> {
    const backoff = new Backoff({ first: 300, most: 4000 });
    while (!this.closed.signal.aborted) {
      try {
        return await this.readEvent();
      } catch (error) {
        const refused = error instanceof Failure && [400, 401, 403, 404].includes(error.status);
        this.change({ message: sentenceFor(error), refused });
        if (refused) return;
      }
      await pause(backoff.next(), this.closed.signal);
    }
  }

  private async readEvent(): Promise<void> {
    const { title, state, isProducer } = await this.readAs();
    this.change({ title, eventState: state, isProducer, known: true, message: null });
    this.refresh();
  }

  private async readAs(): Promise<{ title: string; state: EventState; isProducer: boolean }> {
    if (readClaims(this.token).role !== 'presenter') {
      try {
        return { ...(await this.api.event(this.eventId)), isProducer: true };
      } catch (error) {
        if (!(error instanceof Failure) || error.status !== 403) throw error;
      }
    }
    return { ...(await this.api.watchInfo(this.eventId)), isProducer: false };
  }

  private onNews(news: News): void {
    if (news.kind === 'relay-lost') {
      this.camera.onRelayLost();
      this.screen.onRelayLost();
    } else if (news.kind === 'taken-over') {
      this.onTakenOver(news.session);
    } else if (news.kind === 'event-state') {
      if (news.state === null) void this.learnEvent();
      else this.onEventState(news.state);
    } else if (news.kind === 'source') {
      this.onSource(news);
    } else if (news.kind === 'source-removed' && news.source === this.sourceId) {
      this.leave();
      this.change({ message: 'The organiser took you off the event. Press Go on air if that was a mistake.' });
    }
  }

  private onTakenOver(session: string): void {
    if (this.screen.isSession(session)) this.screen.stop();
    if (!this.camera.isSession(session)) return;
    this.takenOver = true;
    this.screen.stop();
    this.camera.stop();
    this.refresh();
  }

  private onEventState(eventState: EventState): void {
    this.change({ eventState });
    if (eventState === 'ended' || eventState === 'archived') {
      this.screen.stop();
      this.camera.stop();
    }
    this.refresh();
  }

  private onSource(news: Extract<News, { kind: 'source' }>): void {
    if (this.camera.isSession(news.session)) {
      const isNew = this.sourceId !== news.id;
      this.sourceId = news.id;
      if (isNew && this.name) void this.rename(this.name);
    }
    if (news.id !== '' && news.id === this.sourceId && typeof news.source.on_stage === 'boolean') {
      this.onStage = news.source.on_stage;
      this.refresh();
    }
  }

  private refresh(): void {
    const connection = this.camera.state.value;
    const stage = stageState({
      connection,
      eventState: this.view.value.eventState,
      onStage: this.onStage,
      takenOver: this.takenOver,
    });
    if (stage === 'over') this.capture.close();
    const failed = connection.name === 'stopped' && connection.failure;
    this.change({ stage, ...(failed ? { message: sentenceFor(failed) } : {}) });
  }

  private change(part: Partial<StudioView>): void {
    this.view.set({ ...this.view.value, ...part });
  }
}
