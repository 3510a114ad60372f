import { FactoryWorkers } from './FactoryWorkers.js';

/** The hidden worker of all that is made without a Worker and a factory: devices, generators and recorders share it. */
export const hiddenWorkers = new FactoryWorkers('none');
