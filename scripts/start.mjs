/** `npm start`: installs and builds what is needed, runs the service until it ends, and stops it when asked. */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { projectRoot, Refusal, runChild, script } from './child.mjs';
import { prepare } from './prepare.mjs';

/** The service gives the database 25 seconds to close. */
const STOP_WITHIN_MS = 28_000;

await script(async () => {
  await prepare(process.stdout);
  const stopWithParent = pathToFileURL(join(projectRoot, 'scripts', 'stop-with-parent.mjs')).href;
  const service = await runChild(
    process.execPath,
    ['--import', stopWithParent, 'dist/main.js', ...process.argv.slice(2)],
    {
      // A group of its own: Ctrl-C in a terminal reaches this process only, which passes it on once.
      detached: true,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      stopWithinMs: STOP_WITHIN_MS,
    },
  );
  if (service.asked && service.signal === 'SIGKILL') {
    throw new Refusal(
      `The service did not stop within ${STOP_WITHIN_MS / 1000} s and was killed; the next start recovers it.`,
    );
  }
  // Interrupted so early that it could not answer for itself: nothing was open yet, and Ctrl-C is no fault.
  if (service.asked === 'SIGINT' && service.signal === 'SIGINT') return 0;
  return service.code;
});
