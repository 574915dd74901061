// Which part of lib/ may import which: the class imports stages, collectors and sources, and these import the engine.

/** The rooms of the engine, in their order: each may import itself, and those in the lines above it. */
const rooms = [['structures', 'core'], ['time'], ['feeding'], ['background'], ['concurrency', 'combining', 'sharing']];

const engine = (names) => `^lib/engine/(${names.join('|')})/`;

const roomOrder = rooms.flatMap((line, index) =>
  line.map((room) => ({
    name: `order-of-rooms: ${room}`,
    comment: `lib/engine/${room} imports a room that stands beside or after it: see docs/architecture.md.`,
    severity: 'error',
    from: { path: engine([room]) },
    to: { path: '^lib/engine/', pathNot: engine([room, ...rooms.slice(0, index).flat()]) },
  })),
);

export default {
  forbidden: [
    {
      name: 'no-cycle',
      comment: 'No file of lib/ imports itself in a roundabout way, not even for a type.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'engine-below',
      comment: 'The engine imports no stage, collector or source, and none of what is built of them.',
      severity: 'error',
      from: { path: '^lib/engine/' },
      to: { path: '^lib/', pathNot: '^lib/(engine/|errors\\.ts|types\\.ts)' },
    },
    {
      name: 'class-above',
      comment: 'The class imports stages, collectors and sources, never the reverse.',
      severity: 'error',
      from: { path: '^lib/(stages|collectors|sources|iterating|inspecting)/' },
      to: { path: '^lib/(async-stream|index)\\.ts' },
    },
    {
      name: 'collectors-and-sources-alone',
      comment: 'A collector or a source imports no stage, and neither imports the other.',
      severity: 'error',
      from: { path: '^lib/(collectors|sources)/' },
      to: { path: '^lib/(stages|collectors|sources)/', pathNot: '^lib/$1/' },
    },
    ...roomOrder,
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
  },
};
