// Checked by the compiler alone: the names of mediasoup-client-aiortc mean what they meant.
import type * as Old from 'mediasoup-client-aiortc';
import type * as Newest from 'mediasoup-client/types';
import type * as New from '../../lib/index.js';

/** Fails to compile unless both arguments are assignable to each other. */
type Same<A extends B, B extends C, C = A> = [A, B, C];

/** Fails to compile unless `A` can be used wherever `B` is expected. */
type Fits<A extends B, B> = [A, B];

// Classes are compared by what they show: their #private fields make them differ by name.
type Shape<T> = { [K in keyof T as K extends string ? K : never]: T[K] };
type Names<T> = keyof Shape<T>;

export type SettingsAreTheSame = Same<New.WorkerSettings, Old.WorkerSettings>;
export type LevelsAreTheSame = Same<New.WorkerLogLevel, Old.WorkerLogLevel>;
export type StreamConstraintsAreTheSame = Same<
  New.AiortcMediaStreamConstraints,
  Old.AiortcMediaStreamConstraints
>;
export type TrackConstraintsAreTheSame = Same<
  New.AiortcMediaTrackConstraints,
  Old.AiortcMediaTrackConstraints
>;

type Methods = 'dump' | 'getUserMedia' | 'close';
type Getters = 'pid' | 'closed' | 'died' | 'subprocessClosed';
export type WorkersHaveTheSameGetters = Same<
  Pick<New.Worker, Getters | 'close'>,
  Pick<Old.Worker, Getters | 'close'>
>;
export type WorkersHaveAllMembers = Fits<Names<Old.Worker>, Names<New.Worker>>;
export type WorkersTakeTheSameArguments = Same<
  { [M in Methods]: Parameters<New.Worker[M]> },
  { [M in Methods]: Parameters<Old.Worker[M]> }
>;
// It may be given more.
export type HandlerFactoriesTakeTheSameArguments = Fits<
  Parameters<Old.Worker['createHandlerFactory']>,
  Parameters<New.Worker['createHandlerFactory']>
>;
// clone() gives more than before, and listeners are methods of their own class.
type Stream<T> = Omit<Shape<T>, 'addEventListener' | 'removeEventListener' | 'clone'>;
export type StreamsAreTheSame = Same<Stream<New.AiortcMediaStream>, Stream<Old.AiortcMediaStream>>;
export type ClonesAreStreams = Fits<ReturnType<New.AiortcMediaStream['clone']>, MediaStream>;
export type FunctionsTakeTheSameArguments = Same<
  Parameters<typeof New.createWorker>,
  Parameters<typeof Old.createWorker>
>;

// What they give is what the other takes, as far as private fields let it be compared.
export type FunctionsGiveTheSame = Same<
  keyof Awaited<ReturnType<typeof New.createWorker>> & Names<Old.Worker>,
  keyof Awaited<ReturnType<typeof Old.createWorker>> & string
>;
export type WorkersAreMadeOfTheSame = Fits<
  ConstructorParameters<typeof Old.Worker>,
  ConstructorParameters<typeof New.Worker>
>;
export type StreamsAreMadeOfTheSame = Fits<
  ConstructorParameters<typeof Old.AiortcMediaStream>,
  ConstructorParameters<typeof New.AiortcMediaStream>
>;
export type WorkersGiveStreams = Fits<
  Stream<Awaited<ReturnType<New.Worker['getUserMedia']>>>,
  Stream<Awaited<ReturnType<Old.Worker['getUserMedia']>>>
>;
export type WorkersGiveFactories = Fits<
  ReturnType<New.Worker['createHandlerFactory']>,
  ReturnType<Old.Worker['createHandlerFactory']>
>;
export type DumpsAreObjects = Fits<
  Awaited<ReturnType<New.Worker['dump']>>,
  Awaited<ReturnType<Old.Worker['dump']>>
>;
// `default` is how a CommonJS module looks to an ES module.
export type AllValuesAreThere = Fits<Exclude<keyof typeof Old, 'default'>, keyof typeof New>;

// What mediasoup-client takes; resolution.test.ts checks the lowest version of it.
export type FactoriesFit = Fits<ReturnType<typeof New.createFactory>, Newest.HandlerFactory>;

// Every event has its arguments, as the old types give them.
export function oldEvents(worker: Old.Worker, onDied: (error: Error) => void): void {
  worker.on('died', onDied).on('subprocessclose', () => undefined);
}
export function events(worker: New.Worker, onDied: (error: Error) => void): void {
  worker.on('died', onDied).on('subprocessclose', () => undefined);
}

// What is not right is refused.
export function refusals(now: typeof New): void {
  // @ts-expect-error -- there is no such level
  now.createFactory('info');
  // @ts-expect-error -- a source must be named
  const constraints: New.AiortcMediaStreamConstraints = { audio: { file: 'a' } };
  now.createWorker({}).then((worker) => worker.getUserMedia(constraints));
}
