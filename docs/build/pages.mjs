/** What the site consists of: its sections, and the Markdown file of each page, in the order of the menu. */
export const SECTIONS = [
  { section: 'Start', files: ['index.md', 'choose.md', 'rules.md'] },
  {
    section: 'Guides',
    files: [
      'guides/first-pipeline.md',
      'guides/resources.md',
      'guides/concurrency.md',
      'guides/errors.md',
      'guides/time.md',
      'guides/performance.md',
      'guides/own-stages.md',
      'testing.md',
      'guides/looking-inside.md',
      'guides/scaling.md',
      'guides/what-runs-when.md',
    ],
  },
  { section: 'Recipes', files: ['recipes.md', 'symptoms.md', 'error-messages.md'] },
  {
    section: 'Coming from',
    files: [
      'migration/for-await.md',
      'migration/arrays.md',
      'migration/node-streams.md',
      'migration/rxjs.md',
      'migration/ixjs.md',
      'migration/streaming-iterables.md',
      'migration/p-map.md',
      'migration/effect.md',
      'migration/iterator-helpers.md',
      'migration/python.md',
    ],
  },
  {
    section: 'More',
    files: ['diagrams.md', 'names.md', 'benchmarks.md', 'eslint.md', 'reliability.md', 'architecture.md'],
  },
];
