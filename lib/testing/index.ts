export { explore, ExploreError, type Exploration, type ExploreOptions, type Explorer } from './explore.ts';
export { probe, type Probe, type ProbeOptions, type ProbeStep } from './probe.ts';
export { type Drawings, type DrawnSources, timeline, TimelineError, type TimelineOptions } from './timeline.ts';
export { type Call, checkStage, type StageLaw, type StageOptions } from './check-stage.ts';
export { type BrokenLaw, LawError } from './law-error.ts';
export { checkSource, type SourceLaw, type SourceOptions } from './check-source.ts';
