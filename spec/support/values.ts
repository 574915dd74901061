/** Values that are falsy: elements and errors like all others. */
export const FALSY = [undefined, null, 0, '', false, NaN];

/** Values of every kind, which are elements and no signals. */
export const VALUES = [undefined, null, NaN, false, 0, '', new Error('a value'), {}, undefined];
