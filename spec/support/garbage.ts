import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');

/** Collects what nothing refers to. What a weak reference was asked for stays to the end of the turn. */
export const collectGarbage = runInNewContext('gc') as () => void;
