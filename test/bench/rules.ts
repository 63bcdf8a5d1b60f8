import { startBenchServer } from './bench-server.ts';
import { machine } from './machine.ts';
import type { BenchOptions } from './options.ts';
import { conditionRatios } from './rules-condition.ts';
import { duePass } from './rules-due.ts';
import { earnUnderRules } from './rules-earn.ts';
import { rulesOverMembers } from './rules-members.ts';
import { targetTable } from './target.ts';

/** What rules cost: a condition, many of them on every write, a preview and a pass over many members. */
export async function rules(options: BenchOptions): Promise<string> {
  const condition = conditionRatios();
  const server = await startBenchServer();
  try {
    const earn = await earnUnderRules(server, options);
    const due = await duePass(server, options);
    const over = await rulesOverMembers(server, options);
    const parts = [machine(server), condition.told, earn.told, due.told, over];
    return [...parts, targetTable([...earn.targets, ...due.targets])].join('\n\n');
  } finally {
    await server.stop();
  }
}
