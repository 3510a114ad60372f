// Somebody who leaves with everything open.
import { sweep } from './support/sweeping.js';

sweep('leaver');
