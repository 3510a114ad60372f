// Loaded before all else by what looks at how a sender takes a network: it goes before others where it may. A machine that
// holds it up delays packets as a full network does, and the sender is right to slow down. Threads that start later go first, too.
import os from 'node:os';

try {
  os.setPriority(os.constants.priority.PRIORITY_HIGH);
} catch {
  // Only the administrator may.
}
