import { stopServerFor } from './server.ts';

/* Run by tap when all test files have ended: see server.ts. */

await stopServerFor(process.ppid);
