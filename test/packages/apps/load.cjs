// The same as CommonJS.
const { createWorker, version } = require('mediasoup-client-pion');

createWorker().then(async (worker) => {
  const { players } = await worker.dump();
  worker.close();
  console.log(JSON.stringify({ version, players }));
});
