const library = require('asyncstream');

import('./checks.mjs').then(({ run }) => run(library)).then((results) => console.log(JSON.stringify(results)));
