export { probe, type Probe, type ProbeOptions, type ProbeStep } from './probe.ts';
export { type Drawings, type DrawnSources, timeline, TimelineError, type TimelineOptions } from './timeline.ts';
