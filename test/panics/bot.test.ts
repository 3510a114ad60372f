// Somebody with everything at work.
import { sweep } from './support/sweeping.js';

sweep('bot');
