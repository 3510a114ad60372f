// Ways over TCP and TURN, a bad network, and many at once.
import { sweep } from './support/sweeping.js';

sweep('network');
