import { wrongKind } from '../../errors.ts';

/** A reducer that adds numbers. Strings would be joined in silence. */
export function adding(method: string): (total: number, value: number) => number {
  return (total, value) => {
    if (typeof value !== 'number') throw wrongKind(`${method}: an element`, 'a number', value);
    return total + value;
  };
}
