/** Values that are falsy: elements and errors like all others. */
export const FALSY = [undefined, null, 0, '', false, NaN];

const refuses = {
  get: (): never => {
    throw new Error('touched');
  },
};

/** An object that refuses to say what it is. */
export const touchy: object = Object.defineProperties({}, { name: refuses, code: refuses, cause: refuses });

/** Errors that are no instances of `Error`. */
export const ODD_ERRORS = [...FALSY, touchy];

/** Values of every kind, which are elements and no signals. */
export const VALUES = [undefined, null, NaN, false, 0, '', new Error('a value'), {}, undefined];
