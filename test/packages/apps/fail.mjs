// An app of a user on a machine where the core cannot be loaded: prints the error.
import { createWorker } from 'mediasoup-client-pion';

await createWorker().then(
  (worker) => {
    worker.close();
    console.log(JSON.stringify({ code: 'none' }));
  },
  ({ name, code, message }) => console.log(JSON.stringify({ name, code, message })),
);
