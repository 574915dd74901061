import { expect } from '@jest/globals';

/** What callbacks get as their last argument. */
export const aContext = { signal: expect.any(AbortSignal) };
