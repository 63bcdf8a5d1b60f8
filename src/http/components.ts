import * as account from '../model/account.ts';
import * as adjustment from '../model/adjustment.ts';
import * as attribute from '../model/attribute.ts';
import * as condition from '../model/condition.ts';
import * as earnRule from '../model/earn-rule.ts';
import * as ledgerEntry from '../model/ledger-entry.ts';
import * as member from '../model/member.ts';
import * as money from '../model/money.ts';
import * as problem from '../model/problem.ts';
import * as program from '../model/program.ts';
import * as purchase from '../model/purchase.ts';
import * as redemption from '../model/redemption.ts';
import * as tier from '../model/tier.ts';
import * as tierView from '../model/tier-view.ts';
import * as wallet from '../model/wallet.ts';
import { isSchema } from './is-schema.ts';

const nouns = [
  account,
  adjustment,
  attribute,
  condition,
  earnRule,
  ledgerEntry,
  member,
  money,
  problem,
  program,
  purchase,
  redemption,
  tier,
  tierView,
  wallet,
];

/** Every schema of the model that has a name: the components of the OpenAPI document. */
export const components = nouns.flatMap((noun) => Object.values(noun as Record<string, unknown>).filter(isSchema));
