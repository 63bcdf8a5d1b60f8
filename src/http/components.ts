import * as account from '../model/account.ts';
import * as activity from '../model/activity.ts';
import * as activityType from '../model/activity-type.ts';
import * as adjustment from '../model/adjustment.ts';
import * as attribute from '../model/attribute.ts';
import * as auditEntry from '../model/audit-entry.ts';
import * as batch from '../model/batch.ts';
import * as burnRule from '../model/burn-rule.ts';
import * as condition from '../model/condition.ts';
import * as conditionCheck from '../model/condition-check.ts';
import * as conditionField from '../model/condition-field.ts';
import * as conditionPreview from '../model/condition-preview.ts';
import * as configurationDocument from '../model/configuration-document.ts';
import * as consent from '../model/consent.ts';
import * as consequences from '../model/consequences.ts';
import * as contextField from '../model/context-field.ts';
import * as delivery from '../model/delivery.ts';
import * as earnEffect from '../model/earn-effect.ts';
import * as earnLimits from '../model/earn-limits.ts';
import * as earnRule from '../model/earn-rule.ts';
import * as entitlement from '../model/entitlement.ts';
import * as entryExplanation from '../model/entry-explanation.ts';
import * as event from '../model/event.ts';
import * as explanation from '../model/explanation.ts';
import * as importing from '../model/import.ts';
import * as ledgerEntry from '../model/ledger-entry.ts';
import * as member from '../model/member.ts';
import * as memberCard from '../model/member-card.ts';
import * as memberErasure from '../model/member-erasure.ts';
import * as memberExplanation from '../model/member-explanation.ts';
import * as memberExport from '../model/member-export.ts';
import * as merge from '../model/merge.ts';
import * as money from '../model/money.ts';
import * as openingBalance from '../model/opening-balance.ts';
import * as pastPurchase from '../model/past-purchase.ts';
import * as policies from '../model/policies.ts';
import * as problem from '../model/problem.ts';
import * as program from '../model/program.ts';
import * as purchase from '../model/purchase.ts';
import * as purchaseReturn from '../model/purchase-return.ts';
import * as purchaseView from '../model/purchase-view.ts';
import * as quote from '../model/quote.ts';
import * as reassessment from '../model/reassessment.ts';
import * as redeemedReward from '../model/redeemed-reward.ts';
import * as redemption from '../model/redemption.ts';
import * as referral from '../model/referral.ts';
import * as reward from '../model/reward.ts';
import * as rewardBenefit from '../model/reward-benefit.ts';
import * as rewardStock from '../model/reward-stock.ts';
import * as sandboxClock from '../model/sandbox-clock.ts';
import * as segment from '../model/segment.ts';
import * as segmentMember from '../model/segment-member.ts';
import * as stream from '../model/stream.ts';
import * as streamDestination from '../model/stream-destination.ts';
import * as streamPreview from '../model/stream-preview.ts';
import * as streamStanding from '../model/stream-standing.ts';
import * as takenBack from '../model/taken-back.ts';
import * as tier from '../model/tier.ts';
import * as tierView from '../model/tier-view.ts';
import * as transfer from '../model/transfer.ts';
import * as voucher from '../model/voucher.ts';
import * as wallet from '../model/wallet.ts';
import { isSchema } from './is-schema.ts';

const nouns = [
  account,
  activity,
  adjustment,
  attribute,
  batch,
  condition,
  conditionField,
  conditionCheck,
  conditionPreview,
  earnEffect,
  earnLimits,
  earnRule,
  burnRule,
  entitlement,
  event,
  event.eventSchemas,
  explanation,
  memberExplanation,
  entryExplanation,
  ledgerEntry,
  member,
  importing,
  memberCard,
  consent,
  memberErasure,
  memberExport,
  auditEntry,
  money,
  problem,
  policies,
  program,
  purchase,
  purchaseView,
  pastPurchase,
  openingBalance,
  takenBack,
  streamStanding,
  delivery,
  purchaseReturn,
  quote,
  reassessment,
  redeemedReward,
  voucher,
  redemption,
  referral,
  rewardBenefit,
  rewardStock,
  reward,
  sandboxClock,
  tier,
  tierView,
  transfer,
  merge,
  segmentMember,
  wallet,
  activityType,
  contextField,
  segment,
  streamDestination,
  stream,
  streamPreview,
  consequences,
  configurationDocument,
];

/** Every schema of the model that has a name: the components of the OpenAPI document. */
export const components = nouns.flatMap((noun) => Object.values(noun as Record<string, unknown>).filter(isSchema));
