// What is of no Worker.
import { sweep } from './support/sweeping.js';

sweep('others');
