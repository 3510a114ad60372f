import type { FakeMediaStreamTrack } from 'fake-mediastreamtrack';
import { Bridge } from './bridge.js';
import {
  ArgumentError,
  InvalidStateError,
  NotSupportedError,
  describe,
  errorFromWire,
} from './errors.js';
import { EventHandlers } from './EventHandlers.js';
import { hiddenWorkers } from './hiddenWorkers.js';
import type { AiortcMediaStream } from './AiortcMediaStream.js';
import { parseMimeType, parseRecorderOptions, typeWithCodecs } from './recorderOptions.js';
import type { MediaRecorderOptions, RecorderRequest } from './recorderOptions.js';
import { SerialQueue } from './SerialQueue.js';
import type { NativeTrack } from './NativeTrack.js';
import { nativeTrackOf } from './tracks.js';
import { Event as WireEvent, Method } from './wire.js';
import type { AnyEvent, RecorderEnd, Recording } from './wire.js';

/** W3C's BlobEvent. */
export class BlobEvent extends Event {
  constructor(
    type: string,
    /** A piece of the recording: all of them, joined, are the file. */
    readonly data: Blob,
    /** When it came, as `performance.now()` tells the time. */
    readonly timecode: number,
  ) {
    super(type);
  }
}

/** Why a recording failed. */
export class RecorderErrorEvent extends Event {
  constructor(
    /** Why. */
    readonly error: Error,
  ) {
    super('error');
  }
}

/** What became of a recording. */
export type RecordingResult = {
  /** Pictures and packets of sound that were written. */
  frames: number;
  /** Those that came faster than they could be written. */
  dropped: number;
  /** Pictures that came not whole, or need what did not come, as H264 its parameter sets; and packets of sound that never came. */
  lost: number;
  /** Tracks that delivered too late to be in the file. */
  omittedTracks: number;
  /** In seconds. */
  duration: number;
};

/** What is recorded: a stream, a track, or tracks, of several participants too. */
export type Recordable = AiortcMediaStream | MediaStreamTrack | readonly MediaStreamTrack[];

type Handler<E> = ((this: MediaRecorder, event: E) => unknown) | null;

/** What a timer can wait for: 25 days. */
const MOST_TIMESLICE_MS = 2 ** 31 - 1;

/**
 * W3C's MediaRecorder, on tracks that are received or of a source. What is received is written as it is: nothing
 * is decoded, but sound for wav. With `file` it goes from the core to disk, and no byte of it through JavaScript.
 *
 * @see https://w3c.github.io/mediacapture-record/
 *
 * @example
 * const recorder = new MediaRecorder([audio.track, video.track], { file: 'meeting.webm' });
 * recorder.start();
 * …
 * await recorder.stop();
 */
export class MediaRecorder extends EventTarget {
  readonly #tracks: readonly MediaStreamTrack[];
  readonly #stream: Recordable;
  readonly #request: RecorderRequest;
  readonly #handlers = new EventHandlers(this);
  readonly #calls = new SerialQueue();
  readonly #bridge = Bridge.open();
  #mimeType: string;
  /** The last that was begun: those before it are inactive, and may not be over yet. */
  #run: Run | undefined;

  /**
   * @param stream - What is recorded. Tracks that are added to a stream later are not.
   * @throws TypeError if an argument is wrong, NotSupportedError if the MIME type can't be written.
   */
  constructor(stream: Recordable, options: MediaRecorderOptions = {}) {
    super();
    this.#stream = stream;
    this.#tracks = tracksOf(stream);
    this.#request = parseRecorderOptions(options);
    this.#mimeType = this.#request.mimeType;
  }

  /** Whether a MIME type can be written; the codecs of a track decide whether it can be written into it. */
  static isTypeSupported(type: string): boolean {
    if (typeof (type as unknown) !== 'string') return false;
    return type === '' || parseMimeType(type) !== undefined;
  }

  /** As it was given. */
  get stream(): Recordable {
    return this.#stream;
  }

  /** What is written: as it was asked for, and from `start` on with the codecs that it is in. */
  get mimeType(): string {
    return this.#mimeType;
  }

  /** `inactive`, `recording` or `paused`. */
  get state(): 'inactive' | 'recording' | 'paused' {
    return this.#run?.state ?? 'inactive';
  }

  /** What encoders of sources were asked for. */
  get videoBitsPerSecond(): number {
    return this.#request.videoBitrate ?? 0;
  }

  /** What encoders of sources were asked for. */
  get audioBitsPerSecond(): number {
    return this.#request.audioBitrate ?? 0;
  }

  /** Settles when the recording is over and its file whole; rejects with why it failed. Of several, it is the last. */
  get stopped(): Promise<RecordingResult> {
    return (
      this.#run?.stopped ?? Promise.reject(new InvalidStateError('the recorder was not started'))
    );
  }

  /**
   * Begins; `start` fires when it has. After `stop()` it waits until what was recorded before is whole.
   *
   * @param timeslice - Milliseconds between two `dataavailable`; without it there is one, at the end.
   * @throws InvalidStateError if it records, or a track has ended; NotSupportedError of a timeslice of HLS.
   */
  start(timeslice?: number): void {
    if (this.state !== 'inactive') {
      throw new InvalidStateError('the recorder records already');
    }
    if (timeslice !== undefined && !isTimeslice(timeslice)) {
      throw new ArgumentError(`timeslice: expected milliseconds, got ${describe(timeslice)}`);
    }
    if (timeslice !== undefined) this.#assertBlobs('timeslice');
    if (this.#tracks.every((track) => track.readyState === 'ended')) {
      throw new InvalidStateError('all tracks have ended');
    }
    const before = this.#run?.stopped.catch(() => undefined);
    const run = newRun();
    this.#run = run;
    this.#calls
      .run(async () => {
        // Its file may be the same, and its Blobs come first.
        await before;
        let handle: number;
        try {
          handle = await this.#open(run);
        } catch (error) {
          this.#end(run, error as Error, undefined);
          return;
        }
        if (timeslice !== undefined) {
          run.timer = setInterval(
            () => {
              if (run.state === 'recording') this.#ask(run, Method.RecorderRequestData);
            },
            Math.min(Math.max(timeslice, 20), MOST_TIMESLICE_MS),
          ).unref();
        }
        this.dispatchEvent(new Event('start'));
        // After it: where JavaScript was busy, the recording may be over by now.
        this.#listen(run, handle);
      })
      .catch(() => undefined);
  }

  /** Leaves out what comes until `resume()`: the time between is not in the recording. */
  pause(): void {
    const run = this.#active();
    if (run.state === 'paused') return;
    run.state = 'paused';
    this.#ask(run, Method.RecorderPause, 'pause');
  }

  /** Goes on, of video with a keyframe. */
  resume(): void {
    const run = this.#active();
    if (run.state === 'recording') return;
    run.state = 'recording';
    this.#ask(run, Method.RecorderResume, 'resume');
  }

  /** Has what was recorded so far come by `dataavailable`. */
  requestData(): void {
    const run = this.#active();
    this.#assertBlobs('requestData()');
    this.#ask(run, Method.RecorderRequestData);
  }

  /** Ends it. The promise is that of `stopped`. */
  stop(): Promise<RecordingResult> {
    const run = this.#run;
    if (run && run.state !== 'inactive') {
      run.state = 'inactive';
      this.#ask(run, Method.RecorderStop);
    }
    const { stopped } = this;
    stopped.catch(() => undefined);
    return stopped;
  }

  /** It records. */
  get onstart(): Handler<Event> {
    return this.#handlers.get('start');
  }

  /** `null` takes the handler away. */
  set onstart(handler: Handler<Event>) {
    this.#handlers.set('start', handler);
  }

  /** The file is whole. */
  get onstop(): Handler<Event> {
    return this.#handlers.get('stop');
  }

  /** `null` takes the handler away. */
  set onstop(handler: Handler<Event>) {
    this.#handlers.set('stop', handler);
  }

  /** A Blob of what was written. */
  get ondataavailable(): Handler<BlobEvent> {
    return this.#handlers.get('dataavailable');
  }

  /** `null` takes the handler away. */
  set ondataavailable(handler: Handler<BlobEvent>) {
    this.#handlers.set('dataavailable', handler);
  }

  /** It is paused. */
  get onpause(): Handler<Event> {
    return this.#handlers.get('pause');
  }

  /** `null` takes the handler away. */
  set onpause(handler: Handler<Event>) {
    this.#handlers.set('pause', handler);
  }

  /** It goes on. */
  get onresume(): Handler<Event> {
    return this.#handlers.get('resume');
  }

  /** `null` takes the handler away. */
  set onresume(handler: Handler<Event>) {
    this.#handlers.set('resume', handler);
  }

  /** It could not be written; what was stays. */
  get onerror(): Handler<RecorderErrorEvent> {
    return this.#handlers.get('error');
  }

  /** `null` takes the handler away. */
  set onerror(handler: Handler<RecorderErrorEvent>) {
    this.#handlers.set('error', handler);
  }

  #active(): Run {
    if (!this.#run || this.#run.state === 'inactive') {
      throw new InvalidStateError('the recorder does not record');
    }
    return this.#run;
  }

  #assertBlobs(what: string): void {
    if (this.#request.segmentDuration !== undefined) {
      throw new NotSupportedError(`${what}: HLS is many files, and comes in no Blobs`);
    }
  }

  /** Begins, and resolves to the core's handle of the recording, which nobody listens to yet. */
  async #open(run: Run): Promise<number> {
    const { handle, codecs: written } = await this.#record(await this.#nativeTracks());
    run.handle = handle;
    this.#mimeType = typeWithCodecs(this.#request.mimeType, written);
    // The file is to be whole before the process ends.
    this.#bridge.ref();
    return handle;
  }

  #listen(run: Run, handle: number): void {
    this.#bridge.listen(handle, {
      event: (...event) => {
        this.#onEvent(run, event);
      },
      message: (data) => {
        if (typeof data !== 'string') run.pieces.push(data);
      },
      closed: () => {
        this.#end(
          run,
          new InvalidStateError('the Worker was closed', { code: 'ERR_CLOSED' }),
          undefined,
        );
      },
    });
  }

  /** Those that are live. What ends while it is opened is left out, where another is recorded. */
  async #nativeTracks(): Promise<NativeTrack[]> {
    const live = this.#tracks.filter((track) => track.readyState === 'live');
    const opened = await Promise.allSettled(
      live.map((track) => nativeTrackOf(track, hiddenWorkers)),
    );
    const natives: NativeTrack[] = [];
    let failure: Error | undefined;
    for (const [i, one] of opened.entries()) {
      if (one.status === 'fulfilled') natives.push(one.value);
      else if (live[i]?.readyState === 'live') throw one.reason as Error;
      else failure = one.reason as Error;
    }
    if (natives.length === 0) throw failure ?? new InvalidStateError('all tracks have ended');
    return natives;
  }

  /** Begins with those that have not ended, and again without those that end meanwhile. */
  async #record(natives: NativeTrack[]): Promise<Recording> {
    const live = natives.filter((native) => !native.ended);
    const [first] = live.length > 0 ? live : natives;
    if (!first) throw new InvalidStateError('all tracks have ended');
    const { container, codecs, file, segmentDuration, videoBitrate, audioBitrate } = this.#request;
    try {
      return await first.untilEnded(
        this.#bridge.request(first.handle, Method.TrackRecord, {
          tracks: live.map((native) => native.handle),
          container,
          codecs,
          ...(file === undefined ? {} : { file }),
          ...(segmentDuration === undefined ? {} : { segmentDuration }),
          ...(videoBitrate === undefined ? {} : { videoBitrate }),
          ...(audioBitrate === undefined ? {} : { audioBitrate }),
        }),
      );
    } catch (error) {
      await Promise.all(live.map((native) => native.toldOfEnd()));
      const left = live.filter((native) => !native.ended);
      if (left.length === 0 || left.length === live.length) throw error;
      return await this.#record(left);
    }
  }

  #ask(
    run: Run,
    method:
      | typeof Method.RecorderPause
      | typeof Method.RecorderResume
      | typeof Method.RecorderRequestData
      | typeof Method.RecorderStop,
    event?: string,
  ): void {
    this.#calls
      .run(async () => {
        // It may be over by now.
        if (run.handle === undefined) return;
        await this.#bridge.request(run.handle, method, {}).catch(() => undefined);
        if (event !== undefined) this.dispatchEvent(new Event(event));
      })
      .catch(() => undefined);
  }

  #onEvent(run: Run, [event, body]: AnyEvent): void {
    if (event === WireEvent.RecorderData) this.#giveData(run);
    if (event === WireEvent.RecorderStopped) {
      this.#end(run, body.error ? errorFromWire(body.error) : undefined, body);
    }
  }

  #giveData(run: Run): void {
    if (this.#request.file !== undefined) return;
    const data = new Blob(run.pieces.splice(0), { type: this.#mimeType });
    this.dispatchEvent(new BlobEvent('dataavailable', data, performance.now()));
  }

  #end(run: Run, error: Error | undefined, end: RecorderEnd | undefined): void {
    if (run.over) return;
    run.over = true;
    clearInterval(run.timer);
    run.state = 'inactive';
    if (run.handle !== undefined) {
      run.handle = undefined;
      this.#bridge.unref();
    }
    // W3C: the error, then what there is, then the end.
    if (error) this.dispatchEvent(new RecorderErrorEvent(error));
    this.#giveData(run);
    this.dispatchEvent(new Event('stop'));
    if (error) run.reject(error);
    else {
      const { frames = 0, dropped = 0, lost = 0, omittedTracks = 0, duration = 0 } = end ?? {};
      run.resolve({ frames, dropped, lost, omittedTracks, duration });
    }
  }
}

function isTimeslice(value: unknown): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

/** One recording, from `start()` to its end. */
type Run = {
  state: 'inactive' | 'recording' | 'paused';
  /** The core's, while it has it. */
  handle: number | undefined;
  pieces: ArrayBuffer[];
  timer: NodeJS.Timeout | undefined;
  over: boolean;
  stopped: Promise<RecordingResult>;
  resolve: (value: RecordingResult) => void;
  reject: (error: Error) => void;
};

function newRun(): Run {
  let resolve: Run['resolve'] = () => undefined;
  let reject: Run['reject'] = () => undefined;
  const stopped = new Promise<RecordingResult>((...both) => {
    [resolve, reject] = both;
  });
  stopped.catch(() => undefined);
  return {
    ...{ state: 'recording', handle: undefined, pieces: [], timer: undefined, over: false },
    ...{ stopped, resolve, reject },
  };
}

function tracksOf(stream: Recordable): readonly MediaStreamTrack[] {
  let tracks: readonly MediaStreamTrack[];
  if (Array.isArray(stream)) tracks = [...(stream as readonly MediaStreamTrack[])];
  else if (typeof (stream as Partial<AiortcMediaStream> | null)?.getTracks === 'function') {
    tracks = (stream as AiortcMediaStream).getTracks();
  } else tracks = [stream as MediaStreamTrack];
  const isTrack = (track: unknown): boolean =>
    typeof (track as Partial<FakeMediaStreamTrack> | null)?.remoteStop === 'function';
  if (!tracks.every(isTrack)) {
    throw new ArgumentError(
      `stream: expected a MediaStream, a FakeMediaStreamTrack or an array of them, got ${describe(stream)}`,
    );
  }
  if (tracks.length === 0) throw new NotSupportedError('stream: there is no track to be recorded');
  return tracks;
}
