// The time that a task takes, and how much its live memory grows.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Runs a task. Its memory is what garbage collections leave, looked at four times a second. */
export async function measure(task: () => Promise<unknown>): Promise<{ seconds: number; megabytes: number }> {
  const before = bytesAlive();
  let most = before;
  const look = (): void => {
    most = Math.max(most, bytesAlive());
  };
  const timer = setInterval(look, 250);
  const start = performance.now();
  try {
    await task();
    return { seconds: (performance.now() - start) / 1000, megabytes: (most - before) / 1e6 };
  } finally {
    clearInterval(timer);
  }
}

function bytesAlive(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
