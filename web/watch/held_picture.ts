/**
 * Keeps the last picture over the video while its source is changed, so that it is never black between two streams.
 * The canvas lies over the video and is shown only from `hold` to the next new frame.
 */
export class HeldPicture {
  private holding = false;
  private listening = false;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
  ) {}

  hold(): void {
    if (!this.holding) this.draw();
    this.releaseWithNextFrame();
  }

  private draw(): void {
    const { videoWidth, videoHeight } = this.video;
    if (!videoWidth || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.canvas.width = videoWidth;
    this.canvas.height = videoHeight;
    this.canvas.getContext('2d')?.drawImage(this.video, 0, 0);
    this.canvas.hidden = false;
    this.holding = true;
  }

  /** Frames of the old source may still be on their way: only one after `loadeddata` is new. */
  private releaseWithNextFrame(): void {
    if (this.listening) return;
    this.listening = true;
    this.video.addEventListener(
      'loadeddata',
      () => {
        this.listening = false;
        if ('requestVideoFrameCallback' in this.video) this.video.requestVideoFrameCallback(() => this.release());
        else this.release();
      },
      { once: true },
    );
  }

  private release(): void {
    this.canvas.hidden = true;
    this.holding = false;
  }
}
