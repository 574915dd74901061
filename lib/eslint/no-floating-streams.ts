import type { ESTree, Rule, RuleContext, Services, Suggestion, Type } from './types.ts';

/**
 * Reports a stream that is a statement of its own, such as `stream.map(save);`. Streams are lazy, so such a statement does
 * nothing, and no other rule reports it: `no-floating-promises` looks for promises, and a stream is not one.
 */
export const noFloatingStreams: Rule = {
  meta: {
    type: 'problem',
    docs: {
      description: 'Require streams to be run, passed on, or marked with `void`',
      url: 'https://github.com/asyncstream/asyncstream/blob/main/docs/eslint.md',
    },
    hasSuggestions: true,
    schema: [],
    messages: {
      floating:
        'This stream is never run, so it does nothing. Await a terminal such as `forEach()`, `toArray()` or `drain()`, ' +
        'loop over it with `for await`, or mark it with `void`.',
      drain: 'Run it with `await ….drain()`.',
    },
  },

  create(context: RuleContext) {
    const services = servicesOf(context);
    return {
      ExpressionStatement({ expression }: { readonly expression: ESTree }) {
        for (const node of dropped(expression)) {
          if (isStream(services.getTypeAtLocation(node), services)) {
            context.report({ node, messageId: 'floating', suggest: suggestionsFor(node) });
          }
        }
      },
    };
  },
};

function servicesOf({ sourceCode: { parserServices } }: RuleContext): Services {
  if (parserServices?.program) return parserServices as Services;
  throw new Error(
    'asyncstream/no-floating-streams needs type information: use the parser of typescript-eslint with ' +
      'languageOptions: { parserOptions: { projectService: true } }',
  );
}

/** The expressions whose values a statement drops. An assignment keeps its value, and `void` drops it on purpose. */
function dropped(node: ESTree): readonly ESTree[] {
  switch (node.type) {
    case 'AssignmentExpression':
    case 'UnaryExpression':
      return [];
    case 'ConditionalExpression':
      return [node.consequent, node.alternate].flatMap(dropped);
    case 'LogicalExpression':
      return (node.operator === '&&' ? [node.right] : [node.left, node.right]).flatMap(dropped);
    case 'SequenceExpression':
      return node.expressions.flatMap(dropped);
    default:
      return [node];
  }
}

/** By its name and two of its methods, so that it is found in each copy and version of the package. */
function isStream(type: Type, services: Services): boolean {
  if (type.types !== undefined) return type.types.some((part) => isStream(part, services));
  if (type.symbol?.name === 'AsyncStream')
    return ['withSignal', 'pipeThrough'].every((method) => type.getProperty(method));
  const constraint = services.program.getTypeChecker().getBaseConstraintOfType(type);
  return constraint !== undefined && constraint !== type && isStream(constraint, services);
}

function suggestionsFor(node: ESTree): readonly Suggestion[] {
  if (node.type === 'AwaitExpression') return [];
  const fix: Suggestion['fix'] = (fixer) => [
    fixer.insertTextBefore(node, 'await '),
    fixer.insertTextAfter(node, '.drain()'),
  ];
  return [{ messageId: 'drain', fix }];
}
