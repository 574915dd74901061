/** Whether this is `npm run soak`, where long loops run at their full length. */
const FULL = process.env['SOAK'] === 'full';

/**
 * How long a loop is that looks for leaks, stack or time that grows: `full` in `npm run soak`, and `short` in
 * `npm test`, which is still enough to overflow the stack or to see one leak a round.
 */
export const soak = (full: number, short: number): number => (FULL ? full : short);
