import { startServerFor } from './server.ts';

/* Run by tap before the test files, or by a test file that runs without tap: see server.ts. */

await startServerFor(process.ppid);
// The connection that holds the embedded server's lock would keep this process alive; the server stays.
process.exit();
