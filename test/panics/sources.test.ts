// Sources of every kind, and what does not answer.
import { sweep } from './support/sweeping.js';

sweep('sources');
