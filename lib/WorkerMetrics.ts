/**
 * What `worker.getMetrics()` tells: plain numbers, of the Worker, of the thread of JavaScript that it is of, and of the
 * process. Those that say so only grow, until the Worker is closed; the others are as of now.
 */
export type WorkerMetrics = {
  /** Of this Worker alone. */
  worker: {
    /** What the Worker has open in the core, by kind. All are 0 once everything is closed. */
    handles: WorkerHandleCounts;
    /** Sources that are open: files, URLs, devices and generators. Tracks of one source share it. */
    sources: number;
    /** What its transports send and receive. */
    network: WorkerNetworkMetrics;
    /**
     * Frames that readers (`MediaStreamTrackProcessor` and the like) were too slow for: they are left out. It only grows.
     */
    framesDropped: number;
    /**
     * Lines of the log that were left out, as there were too many of them or the thread of JavaScript was busy. The log tells
     * how many it were. It only grows.
     */
    logLinesDropped: number;
  };
  /** Of the thread of Node.js (the main thread, or a `worker_threads` worker) and all Workers in it. */
  thread: ThreadMetrics;
  /** Of Go in the whole process: every Worker of every thread. Memory of Node.js and of codecs is not in it. */
  process: ProcessMetrics;
};

/** What a Worker, or all of a thread, have open, by kind: see {@link WorkerMetrics}. */
export type WorkerHandleCounts = {
  /** Transports of mediasoup-client, each a connection. */
  transports: number;
  /** What is sent: one of each Producer. */
  senders: number;
  /** What is received: one of each Consumer. */
  receivers: number;
  /** DataProducers and DataConsumers. */
  dataChannels: number;
  /** Tracks, of sources and received ones. */
  tracks: number;
  /** Readers of the frames of tracks. */
  readers: number;
  /** Generators of pictures and sound: they are of the Worker that is shared, so in the numbers of the thread alone. */
  generators: number;
  /** Recorders that were started and have not stopped. */
  recorders: number;
  /** Ways of coded frames through the app: `createEncodedStreams()`. */
  encodedStreams: number;
  /** Sources that are being opened. */
  openings: number;
};

/**
 * What the transports of a Worker send and receive: ICE, DTLS, SRTP and SRTCP, TURN's headers with them, but not those of UDP,
 * TCP, TLS and IP. Of URLs that sources open nothing is counted. All but `sockets` only grow, and have what was closed too.
 */
export type WorkerNetworkMetrics = {
  /** Open sockets of transports. */
  sockets: number;
  /** Packets sent. */
  packetsSent: number;
  /** Their bytes. */
  bytesSent: number;
  /** Packets received; over TCP, reads of its stream. */
  packetsReceived: number;
  /** Their bytes. */
  bytesReceived: number;
  /** Packets that were to be sent, and that the system, or a connection of TCP that is too slow, did not take. */
  packetsDropped: number;
};

/** What the Workers of a thread have in common: see {@link WorkerMetrics}. */
export type ThreadMetrics = {
  /** Open Workers, with one that all tracks and transports without a Worker share, if there are such. */
  workers: number;
  /** What all of them have open, by kind. */
  handles: WorkerHandleCounts;
  /** Requests that the core has not answered yet. */
  requests: number;
  /** Events, answers and messages that wait for the thread of JavaScript: it is busy if they are many. */
  queuedRecords: number;
  /**
   * Their bytes. Messages of data channels are at most 16 MB of it: their senders have to wait then. Lines of logs are at most
   * 1 MB: more are left out.
   */
  queuedBytes: number;
  /** Events (states, levels) that a newer one took the place of while the thread was busy. It only grows. */
  eventsMerged: number;
  /** Frames (`VideoFrame`, `AudioData`, coded ones) that the app has and did not close. */
  heldFrames: number;
  /** Their bytes, 2 GB at the most. */
  heldFrameBytes: number;
  /** Planes of frames that the app looks into without a copy, until the frame is closed or they are collected. */
  lentPlanes: number;
  /** Their bytes. */
  lentPlaneBytes: number;
};

/** What Go has in the process: see {@link WorkerMetrics}. */
export type ProcessMetrics = {
  /** Goroutines. */
  goroutines: number;
  /** Threads of the system that Go has started. */
  threads: number;
  /** Bytes of the heap: what is used, and what is not collected yet. */
  heapBytes: number;
  /** Objects in the heap. */
  heapObjects: number;
  /** The bytes at which Go collects next. */
  heapGoalBytes: number;
  /** All bytes that Go has of the system: the heap, stacks and what they are managed with. */
  mappedBytes: number;
  /** Collections. It only grows. */
  collections: number;
  /** How long goroutines stood still for collections, all together, in seconds. It only grows. */
  pauseSeconds: number;
  /** The longest of the last 256 of these, in seconds. */
  longestPauseSeconds: number;
};
