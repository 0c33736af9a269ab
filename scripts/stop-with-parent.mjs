/** Loaded into the service by start.mjs: when that one is gone without a word (kill -9), the service stops as if it had been asked to. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref(); // listening must not keep the service alive
