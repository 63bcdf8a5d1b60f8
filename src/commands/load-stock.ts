import { sidesOf } from '../engine/named.ts';
import { type StockNeeds, stockNeedsOf } from '../engine/stock-needs.ts';
import type { Command } from '../model/command.ts';
import type { Tx } from '../store/connection.ts';
import { lockStock } from '../store/reward-stock.ts';
import { findFreeCodes } from '../store/voucher-codes.ts';
import { undoneIn } from './load-needs.ts';
import type { World } from './world.ts';

const needsOf = (world: World, commands: readonly Command[]): StockNeeds[] =>
  commands.flatMap(sidesOf).flatMap((command) => {
    const member = command.member_id === null ? undefined : world.members.get(command.member_id);
    if (member === undefined) return [];
    const undone = undoneIn(world, command)?.redemptions ?? [];
    return stockNeedsOf(member.state, command, world.rules, world.now, member.redemptions, undone);
  });

/**
 * Locks the stock of rewards that the commands may use or give back, after members and budgets, in the order of codes,
 * and takes it into the world, with free codes of pools. Whoever draws from a pool holds the stock of its reward: a code
 * that is free now is nobody else's.
 */
export const loadStock = async (tx: Tx, world: World, commands: readonly Command[]): Promise<void> => {
  const needs = needsOf(world, commands);
  const rewards = [...new Set(needs.flatMap(({ stock }) => stock))].sort();
  if (rewards.length === 0) return;
  const codes = needs.flatMap((need) => need.codes);
  const counts = new Map([...Map.groupBy(codes, (reward) => reward)].map(([reward, all]) => [reward, all.length]));
  const [stock, free] = await Promise.all([
    lockStock(tx, world.program, rewards),
    counts.size > 0 ? findFreeCodes(tx, world.program, counts) : [],
  ]);
  for (const { reward, used } of stock) world.stock.set(reward, used);
  for (const [reward, some] of Map.groupBy(free, (one) => one.reward))
    world.pool.set(
      reward,
      some.map(({ code }) => code),
    );
};
