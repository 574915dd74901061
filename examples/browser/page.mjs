import { AsyncStream } from 'asyncstream';

const PRESETS = {
  'one at a time': `orders
  .filter((order) => order.price > 50)
  .map(async function locate(order) {
    return wait(40, { ...order, van: order.city.length });
  })
  .map(function label({ number, item, city }) {
    return \`\${number}: \${item} to \${city}\`;
  })`,
  'eight at a time': `orders
  .filter((order) => order.price > 50)
  .map(async function locate(order) {
    return wait(40, { ...order, van: order.city.length });
  }, { concurrency: 8 })
  .map(function label({ number, item, city }) {
    return \`\${number}: \${item} to \${city}\`;
  })`,
  'batches for a database': `orders
  .chunks(50, { within: 500 })
  .map(async function insert(batch) {
    return wait(120, \`inserted \${batch.length} orders\`);
  }, { concurrency: 2 })`,
  'a buffer before a slow consumer': `orders
  .buffer(32)
  .map(function label({ number, item, city }) {
    return \`\${number}: \${item} to \${city}\`;
  })`,
  'the latest only': `orders
  .buffer(1, { overflow: 'drop-oldest' })
  .map(async function draw({ number }) {
    return wait(100, \`drew order \${number}\`);
  })`,
  'totals by city, each second': `orders
  .chunks(Infinity, { within: 1000 })
  .map(function total(batch) {
    const best = batch.reduce((a, b) => (a.price > b.price ? a : b));
    return \`\${batch.length} orders, the best one from \${best.city}\`;
  })`,
};
const CONSUMERS = { 'a buffer before a slow consumer': 50 };

const REPORT_EVERY = 250;
/** The chart shows the run so far, between these limits. */
const SECONDS_SHOWN = { least: 10, most: 60 };
const RESULTS_SHOWN = 30;

const $ = (id) => document.getElementById(id);
const wait = (milliseconds, value) => new Promise((resolve) => setTimeout(resolve, milliseconds, value));
const rate = () => Math.round(10 ** Number($('rate').value));
const consumerTime = () => Number($('consumer').value);

/** The run that is going on. */
let running;
/** Counts the starts, so that of several at once only the last one runs. */
let starts = 0;

async function run() {
  const start = ++starts;
  await stop();
  if (start !== starts) return;
  const controller = new AbortController();
  const view = new View();
  showError();
  let stream;
  try {
    stream = build($('code').value);
  } catch (error) {
    showError(error);
    return;
  }
  setState('running');
  running = { controller };
  running.over = stream
    .profile((profile) => view.show(profile), { every: REPORT_EVERY })
    .forEach(
      async (result) => {
        view.add(result);
        if (consumerTime() > 0) await wait(consumerTime());
      },
      { signal: controller.signal },
    )
    .then(
      () => setState('the stream has ended'),
      (error) => {
        if (controller.signal.aborted) return setState('stopped');
        setState('failed');
        showError(error);
      },
    )
    .finally(() => {
      running = undefined;
    });
  await running.over;
}

async function stop() {
  running?.controller.abort();
  await running?.over;
}

/** Makes the stream of the code. It starts with `orders`, a stream over the answer of the server. */
function build(code) {
  const orders = AsyncStream.from(async function ordersOf({ signal }) {
    return (await fetch(`/orders?rate=${rate()}`, { signal })).body;
  })
    .lines()
    .map(JSON.parse);
  const stream = new Function('AsyncStream', 'orders', 'wait', `return (${code}\n);`)(AsyncStream, orders, wait);
  if (!(stream instanceof AsyncStream)) throw new TypeError(`the code makes no stream, but ${String(stream)}`);
  return stream;
}

function setState(text) {
  $('state').textContent = text;
  const active = text === 'running';
  $('stop').disabled = !active;
  document.body.classList.toggle('running', active);
}

function showError(error) {
  $('error').hidden = error === undefined;
  if (error === undefined) return;
  const place = AsyncStream.traceOf(error);
  const where = place && ` (in ${place.method}${place.callback ? `(${place.callback})` : ''})`;
  $('error').textContent = `${error}${where ?? ''}`;
}

/** What is drawn of one run. */
class View {
  #cards = [];
  #consumer = document.createElement('li');
  #lines = [];
  #last;
  #results = 0;

  constructor() {
    $('stages').replaceChildren();
    $('results').replaceChildren();
    $('keys').replaceChildren();
    $('chart').replaceChildren();
  }

  show(profile) {
    if (this.#cards.length === 0) this.#draw(profile.stages);
    const seconds = (profile.elapsed - (this.#last?.elapsed ?? 0)) / 1000;
    for (const [index, stage] of profile.stages.entries()) {
      const before = this.#last?.stages[index];
      // What is left of a run after its last report is too short to be a rate.
      const emitted = seconds < 0.1 ? undefined : (stage.out - (before?.out ?? 0)) / seconds;
      if (emitted !== undefined) this.#lines[index].add(profile.elapsed, emitted);
      this.#cards[index].show(stage, before, emitted, seconds * 1000, profile);
    }
    if (seconds >= 0.1) this.#last = profile;
    this.#scale(profile.elapsed);
    const downstream = profile.bottleneck === 'downstream';
    $('bottleneck').textContent = `Bottleneck: ${downstream ? 'the consumer' : profile.bottleneck}`;
    this.#consumer.classList.toggle('bottleneck', downstream);
    this.#consumer.querySelector('.rate').textContent = `${this.#results.toLocaleString('en')} results`;
  }

  add(result) {
    this.#results++;
    const item = document.createElement('li');
    item.textContent = typeof result === 'string' ? result : JSON.stringify(result);
    $('results').prepend(item);
    while ($('results').children.length > RESULTS_SHOWN) $('results').lastChild.remove();
  }

  #draw(stages) {
    this.#cards = stages.map((stage, index) => new Card(stage, index));
    this.#consumer.innerHTML =
      '<div class="pipe"></div><div class="stage"><div class="name"><b>consumer</b><span class="rate"></span></div></div>';
    $('stages').replaceChildren(...this.#cards.map(({ element }) => element), this.#consumer);
    this.#lines = stages.map((stage, index) => new Line(stage, index));
  }

  #scale(elapsed) {
    const most = Math.max(1, ...this.#lines.map((line) => line.most));
    const grid = niceStep(most);
    const top = Math.ceil((most * 1.05) / grid) * grid;
    for (const line of this.#lines) line.draw(elapsed, top);
    let scale = $('chart').querySelector('g.scale');
    if (scale === null) $('chart').prepend((scale = svg('g', { class: 'scale' })));
    const lines = [];
    for (let value = grid; value < top; value += grid) {
      const y = 200 - (value / top) * 200;
      lines.push(svg('line', { x1: 0, x2: 600, y1: y, y2: y }));
    }
    scale.replaceChildren(...lines);
    $('scale').textContent = `the last ${Math.round(secondsShown(elapsed))} s, from 0 to ${Math.round(top)}`;
  }
}

const secondsShown = (elapsed) => Math.min(SECONDS_SHOWN.most, Math.max(SECONDS_SHOWN.least, elapsed / 1000));

const niceStep = (most) => {
  const power = 10 ** Math.floor(Math.log10(most));
  return most / power > 5 ? 2 * power : most / power > 2 ? power : power / 2;
};

function svg(name, attributes) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

const nameOf = ({ method, callback }) => (callback === undefined ? method : `${method}(${callback})`);

/** One stage: its name, what it emits, what its time goes into, and how full it is. */
class Card {
  element = document.createElement('li');
  #parts = {};

  constructor(stage, index) {
    this.element.style.setProperty('--color', `var(--line-${index % 6})`);
    this.element.innerHTML = `
      <div class="pipe" aria-hidden="true"><i></i><i></i><i></i></div>
      <div class="stage">
        <div class="name"><b></b><span class="rate"></span></div>
        <div class="bar" role="img"><i class="busy"></i><i class="upstream"></i><i class="downstream"></i></div>
        <div class="facts"><span class="count"></span><span class="more"></span></div>
      </div>`;
    this.element.querySelector('b').textContent = nameOf(stage);
    for (const name of ['pipe', 'rate', 'bar', 'busy', 'upstream', 'downstream', 'count', 'more'])
      this.#parts[name] = this.element.querySelector(`.${name}`);
  }

  show(stage, before, emitted, milliseconds, { bottleneck }) {
    const { rate, bar, busy, upstream, downstream, count, more, pipe } = this.#parts;
    if (emitted !== undefined) {
      rate.textContent = `${emitted < 10 ? emitted.toFixed(1) : Math.round(emitted)}/s`;
      // Dots travel faster the more elements there are, and stand still where there are none.
      pipe.style.setProperty('--travel', emitted === 0 ? '0s' : `${Math.max(0.25, 2.5 / Math.sqrt(emitted))}s`);
      const part = (key) => Math.min(1, Math.max(0, (stage[key] - (before?.[key] ?? 0)) / milliseconds));
      const up = part('waitingUpstream');
      const down = Math.min(1 - up, part('waitingDownstream'));
      upstream.style.flexGrow = String(up);
      downstream.style.flexGrow = String(down);
      busy.style.flexGrow = String(1 - up - down);
      const percent = (value) => `${Math.round(value * 100)} %`;
      bar.setAttribute(
        'aria-label',
        `busy ${percent(1 - up - down)}, waits for upstream ${percent(up)}, waits for downstream ${percent(down)}`,
      );
    }
    count.textContent = stage.in === 0 ? `${stage.out} out` : `${stage.in} in, ${stage.out} out`;
    const facts = [];
    if (stage.inFlight > 0 || stage.mostInFlight > 1)
      facts.push(`${stage.inFlight} in flight, ${stage.mostInFlight} at most`);
    if (stage.held !== undefined) facts.push(`holds ${stage.held}, ${Math.round(stage.fullness * 100)} % full`);
    more.textContent = facts.join(', ');
    this.element.classList.toggle('bottleneck', nameOf(stage) === bottleneck);
  }
}

/** What one stage emits, over the last minute. */
class Line {
  #points = [];
  #path;

  constructor(stage, index) {
    const color = `var(--line-${index % 6})`;
    this.#path = svg('polyline', { style: `stroke: ${color}` });
    $('chart').append(this.#path);
    const key = document.createElement('li');
    key.style.setProperty('--color', color);
    key.textContent = nameOf(stage);
    $('keys').append(key);
  }

  get most() {
    return Math.max(0, ...this.#points.map(([, value]) => value));
  }

  add(elapsed, value) {
    this.#points.push([elapsed, value]);
    while (elapsed - this.#points[0][0] > SECONDS_SHOWN.most * 1000) this.#points.shift();
  }

  draw(elapsed, top) {
    const x = (time) => 600 - ((elapsed - time) / secondsShown(elapsed) / 1000) * 600;
    const text = this.#points.map(([time, value]) => `${x(time).toFixed(1)},${(200 - (value / top) * 200).toFixed(1)}`);
    this.#path.setAttribute('points', text.join(' '));
  }
}

function showSettings() {
  $('rate-value').textContent = String(rate());
  $('consumer-value').textContent = `${consumerTime()} ms`;
}

/** The server says what is open there: stopping closes it. */
async function watchServer() {
  const answers = AsyncStream.poll(async ({ signal }) => (await fetch('/status', { signal })).json(), {
    every: 500,
  });
  for await (const { open, sent } of answers) {
    const streams = open === 0 ? 'no stream' : open === 1 ? 'one stream' : `${open} streams`;
    $('server').textContent = `The server has ${streams} open, and has sent ${sent.toLocaleString('en')} orders.`;
  }
}

for (const name of Object.keys(PRESETS)) $('preset').append(new Option(name));
function usePreset() {
  const name = $('preset').value;
  $('code').value = PRESETS[name];
  $('consumer').value = String(CONSUMERS[name] ?? 0);
  showSettings();
}
usePreset();

$('preset').addEventListener('change', () => {
  usePreset();
  if (running) void run();
});
$('rate').addEventListener('input', showSettings);
$('rate').addEventListener('change', () => running && void run());
$('consumer').addEventListener('input', showSettings);
$('run').addEventListener('click', () => void run());
$('stop').addEventListener('click', () => void stop());
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void run();
  if (event.key === 'Escape') void stop();
});
watchServer().catch(() => ($('server').textContent = 'The server does not answer any more.'));
