/** What every page does where scripts run; each of it works without them too. */
import { exitAtOnce } from './exit.js';

exitAtOnce();
