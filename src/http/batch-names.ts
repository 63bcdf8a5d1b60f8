import type { BatchKind } from '../model/batch.ts';
import type { Call } from './call.ts';

/*
 * Which commands of a batch have to do with each other, as far as their own text says. A member who is enrolled by the
 * first command is not there when the second is looked up: whoever cannot be looked up waits for what makes it.
 */

const strings = (values: readonly unknown[]): string[] => values.filter((value) => typeof value === 'string');

const under = (prefix: string, values: readonly unknown[]): string[] =>
  strings(values).map((value) => `${prefix}:${value}`);

const identities = ({ identities: list }: Readonly<Record<string, unknown>>): unknown[] =>
  Array.isArray(list) ? list.map((identity) => `${identity?.kind}:${identity?.value}`) : [];

const bodyOf = ({ body }: Call): Readonly<Record<string, unknown>> => (body ?? {}) as Record<string, unknown>;
const idOf = ({ params }: Call): unknown => (params as { readonly id?: string } | undefined)?.id;

/** What a command brings into being, or may. */
export const madeBy = (kind: BatchKind, call: Call): string[] => {
  const body = bodyOf(call);
  switch (kind) {
    case 'put_member':
    case 'patch_member':
      return under('member', [idOf(call), ...identities(body)]);
    case 'record_past_purchase':
      return under('purchase', [body['id']]);
    case 'record_purchase': {
      const { redeem } = body;
      const redeemed = Array.isArray(redeem) ? redeem.map((one) => one?.id) : [];
      return [...under('purchase', [body['id']]), ...under('redemption', redeemed)];
    }
    case 'redeem':
      return under('redemption', [body['id']]);
    default:
      return [];
  }
};

/** What a command is about: members, purchases and redemptions that it names. */
export const namedBy = (kind: BatchKind, call: Call): string[] => {
  const body = bodyOf(call);
  const members = under('member', [body['member'], body['from'], body['to']]);
  switch (kind) {
    case 'return_purchase':
    case 'cancel_purchase':
      return [...members, ...under('purchase', [idOf(call)])];
    case 'capture_redemption':
    case 'void_redemption':
    case 'refund_redemption':
      return under('redemption', [idOf(call)]);
    case 'revoke_entitlement':
    case 'use_voucher':
    case 'cancel_voucher':
      return [];
    default:
      return [...members, ...under('member', [idOf(call)])];
  }
};
