import { DEMAND } from './driver.ts';
import type { Sink } from './sink.ts';
import { type Answer, Suspension } from './suspension.ts';

/** The last sink of a run that is pulled, and at the same time what each of its pushes is answered with. */
export class Outlet<T> extends Suspension implements Sink<T> {
  value: T | undefined = undefined;

  push(value: T): Answer {
    this.value = value;
    return this;
  }

  wait(): unknown {
    return DEMAND;
  }

  take(): T {
    const { value } = this;
    this.value = undefined;
    return value as T;
  }

  resume(): Answer {
    return true;
  }

  start(): Answer {
    return true;
  }

  end(): Answer {
    return true;
  }

  done(): boolean {
    return false;
  }
}
