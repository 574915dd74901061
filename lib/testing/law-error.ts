import { checkArray, type Check, oneOf } from '../arguments.ts';
import type { Journal } from './journal.ts';

/** A law that was broken, in the smallest case that was found. */
export interface BrokenLaw {
  /** The name of the law. */
  readonly law: string;
  /** The law as a sentence. */
  readonly rule: string;
  /** How the source and the consumer behaved. */
  readonly situation: string;
  /** How the rule was broken in that case. */
  readonly got: string;
  /** Everything that happened in that case: a line for the consumer, the source, the callback. */
  readonly drawing: string;
}

/** At least one law was broken. */
export class LawError extends Error {
  override readonly name = 'LawError';
  /** The broken laws, in the order of their importance. */
  readonly broken: readonly BrokenLaw[];

  constructor(caller: string, broken: readonly BrokenLaw[]) {
    const laws = broken.map(
      ({ law, rule, situation, got, drawing }) =>
        `${law}: ${rule}\n    case: ${situation}\n    got:  ${got}\n\n${drawing.replaceAll(/^/gm, '    ')}`,
    );
    const many = broken.length === 1 ? 'a law is broken' : `${broken.length} laws are broken`;
    super(`${caller}: ${many}\n\n  ${laws.join('\n\n  ')}\n`);
    this.broken = broken;
  }
}

/** Checks the names of laws that are not to be asked: with a wrong name, its law would still be asked. */
export function namesOf(rules: object): Check {
  const check = oneOf(...Object.keys(rules));
  return (name, value) => {
    checkArray(name, value);
    for (const law of value as readonly unknown[]) check(name, law);
  };
}

/** Collects the first case in which each law is broken. Cases are tried from the smallest on. */
export class Findings<Law extends string> {
  readonly #rules: Readonly<Record<Law, string>>;
  readonly #except: readonly Law[];
  readonly #broken = new Map<Law, BrokenLaw>();

  constructor(rules: Readonly<Record<Law, string>>, except: readonly Law[]) {
    this.#rules = rules;
    this.#except = except;
  }

  add(law: Law, situation: string, got: string, journal: Journal): void {
    if (this.#broken.has(law) || this.#except.includes(law)) return;
    const drawing = journal.draw().join('\n');
    this.#broken.set(law, { law, rule: this.#rules[law], situation, got, drawing });
  }

  has(law: Law): boolean {
    return this.#broken.has(law);
  }

  /** @throws LawError if a law is broken. */
  report(caller: string): void {
    const order = Object.keys(this.#rules) as Law[];
    const broken = order.flatMap((law) => this.#broken.get(law) ?? []);
    if (broken.length > 0) throw new LawError(caller, broken);
  }
}
