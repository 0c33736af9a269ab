/** `npm run build`: installs what is missing and compiles what changed. */
import { script } from './child.mjs';
import { prepare } from './prepare.mjs';

await script(() => prepare(process.stdout));
