import { checkout } from './checkout.ts';
import { growth } from './growth.ts';
import { imports } from './imports.ts';
import { busyness } from './machine.ts';
import { type BenchOptions, readOptions, usage } from './options.ts';
import { profile } from './profile.ts';
import { ratios } from './ratios.ts';
import { checkRequiredPrograms } from './required-programs.ts';
import { rules } from './rules.ts';
import { streams } from './streams.ts';

const suites = { ratios, growth, rules, checkout, imports, streams, profile };

async function run(options: BenchOptions): Promise<void> {
  await checkRequiredPrograms();
  const busy = busyness();
  if (busy !== null) console.error(busy);
  const started = performance.now();
  console.log(`\n${await suites[options.suite](options)}\n${busy === null ? '' : `\n  ${busy}\n`}`);
  console.error(`… took ${Math.round((performance.now() - started) / 1000)} s`);
}

try {
  const options = readOptions(process.argv.slice(2));
  if (options === null) console.log(usage);
  else await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
