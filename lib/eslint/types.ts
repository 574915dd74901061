/**
 * The parts of ESLint, of typescript-eslint and of the compiler that the rule uses. It depends on none of their packages,
 * and works with each version that has these.
 */

/** A node of the syntax tree: of each kind, the fields that the rule reads. */
export type ESTree =
  | { readonly type: 'ConditionalExpression'; readonly consequent: ESTree; readonly alternate: ESTree }
  | { readonly type: 'LogicalExpression'; readonly operator: string; readonly left: ESTree; readonly right: ESTree }
  | { readonly type: 'SequenceExpression'; readonly expressions: readonly ESTree[] }
  | {
      readonly type:
        | 'AssignmentExpression'
        | 'AwaitExpression'
        | 'CallExpression'
        | 'Identifier'
        | 'MemberExpression'
        | 'UnaryExpression';
    };

/** A type of the compiler. */
export interface Type {
  readonly symbol?: { readonly name: string } | undefined;
  /** The members of a union or an intersection. */
  readonly types?: readonly Type[] | undefined;
  getProperty(name: string): unknown;
}

/** The services of the typescript-eslint parser, if it knows types. */
export interface Services {
  readonly program: { getTypeChecker(): { getBaseConstraintOfType(type: Type): Type | undefined } };
  getTypeAtLocation(node: ESTree): Type;
}

/** Changes the text of a file. */
export interface Fixer {
  insertTextBefore(node: ESTree, text: string): unknown;
  insertTextAfter(node: ESTree, text: string): unknown;
}

/** A change that an editor offers. */
export interface Suggestion {
  readonly messageId: string;
  readonly fix: (fixer: Fixer) => unknown[];
}

/** One file under a rule. */
export interface RuleContext {
  readonly sourceCode: { readonly parserServices?: { readonly program?: unknown } | undefined };
  report(problem: { readonly node: ESTree; readonly messageId: string; readonly suggest: readonly Suggestion[] }): void;
}

/** A rule, as ESLint 9 and 10 take it. */
export interface Rule {
  readonly meta: {
    readonly type: 'problem';
    readonly docs: { readonly description: string; readonly url: string };
    readonly hasSuggestions: true;
    readonly schema: never[];
    readonly messages: Readonly<Record<string, string>>;
  };
  /** Called by ESLint with the context of a file: `never`, so that it fits the types of each version. */
  create(context: never): { ExpressionStatement(node: { readonly expression: ESTree }): void };
}

/** The rules of asyncstream. */
export interface Rules {
  readonly meta: { readonly name: string };
  readonly rules: { readonly 'no-floating-streams': Rule };
}

/** A configuration that turns on the rules. */
export interface Config {
  readonly name: string;
  readonly plugins: { readonly asyncstream: Rules };
  readonly rules: { readonly 'asyncstream/no-floating-streams': 'error' };
}

/** A plugin for the flat configuration of ESLint. */
export interface Plugin extends Rules {
  readonly configs: { readonly recommended: Config };
}
