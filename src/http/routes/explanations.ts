import { Type } from 'typebox';
import { explainEntry } from '../../commands/explain-entry.ts';
import { explainRuleNow, explainRuleOf, explainRulesOf } from '../../commands/explain-rule.ts';
import { explainSegment } from '../../commands/explain-segment.ts';
import { explainTier } from '../../commands/explain-tier.ts';
import type { Explaining } from '../../commands/explaining.ts';
import { identityOf } from '../../commands/resolve-member.ts';
import { EntryExplanation } from '../../model/entry-explanation.ts';
import { type ProgramId, parseId } from '../../model/ids.ts';
import { InstantText, instantText, parseInstant } from '../../model/instant.ts';
import { memberRef } from '../../model/member.ts';
import { MemberExplanation, PurchaseExplanation, type RuleExplanation } from '../../model/member-explanation.ts';
import { closed, ref } from '../../model/schema.ts';
import { callerId, code } from '../../model/text.ts';
import { findEntry } from '../../store/ledger-entry-reads.ts';
import { findPurchase } from '../../store/purchase-reads.ts';
import { programOf } from '../auth.ts';
import { memberNotFound, ProblemError } from '../problem-error.ts';
import { keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

const known = <T>(found: T | null, what: string): T => {
  if (found === null) throw new ProblemError('not_found', `there is no ${what}`);
  return found;
};

const ruleOf = async (explaining: Explaining, rule: string, purchase: string | undefined): Promise<RuleExplanation> => {
  const { database, program, found } = explaining;
  if (purchase !== undefined) {
    const recorded = await database.transaction(program, (tx) => findPurchase(tx, program, purchase));
    if (recorded?.external_id !== found.state.external_id)
      throw new ProblemError('not_found', `the member has no purchase ${purchase}`);
    return explainRuleOf(explaining, rule, recorded);
  }
  return explainRuleNow(explaining, rule);
};

const entryOf = async ({ database }: Services, program: ProgramId, text: string) => {
  const id = parseId('ent', text);
  if (id === null) return null;
  return database.transaction(program, (tx) => findEntry(tx, program, id.member, id.number));
};

/** Why something applies to a member, or does not. */
export const explanationRoutes = (app: App, services: Services): void => {
  app.get(
    '/v1/members/:id/explain',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'explainMember',
        tags: ['members'],
        security: [{ apiKey: [] }],
        summary: 'Explain a tier, a segment or an earn rule for a member',
        description:
          'Name one of `tier`, `segment` and `earn_rule`, or several. Tier and segment: which change led there, when, in which revision, by which condition and on which values, and the conditions of now, clause by clause; with `at` what held then, without those. Earn rule: whether it would give now; with `purchase`, why it gave or did not, by the revision and the facts recorded with that.',
        params: closed({ id: memberRef }),
        querystring: closed({
          tier: Type.Optional(code('Code of a tier scheme.', 'status')),
          segment: Type.Optional(code('Code of a segment.', 'win-back')),
          earn_rule: Type.Optional(code('Code of an earn rule.', 'per-euro')),
          purchase: Type.Optional(callerId('With `earn_rule`: a purchase of the member.', 'o-2026-0001')),
          at: Type.Optional(InstantText('With `tier` and `segment`: an instant in the past. Absent: now.')),
        }),
        response: {
          200: { description: 'The explanation.', ...ref(MemberExplanation) },
          ...problemResponses(...pathProblems, ...keyProblems, 'member_not_found', 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { tier, segment, earn_rule, purchase, at } = request.query;
      if (tier === undefined && segment === undefined && earn_rule === undefined) {
        const expected = 'one of tier, segment, earn_rule';
        throw new ProblemError('invalid_request', 'nothing to be explained', {
          errors: [{ pointer: '/query', code: 'required', detail: 'names nothing', expected }],
        });
      }
      const found = await services.members.find(program, identityOf(request.params.id));
      if (found === null) throw memberNotFound();
      const { database, rules } = services;
      const past = at === undefined || parseInstant(at) >= found.now ? null : parseInstant(at);
      const explaining: Explaining = { database, rules, program, found, at: past };
      return {
        member: found.state.external_id,
        at: instantText(past ?? found.now),
        tier: tier === undefined ? null : known(await explainTier(explaining, tier), `tier scheme ${tier}`),
        segment: segment === undefined ? null : known(await explainSegment(explaining, segment), `segment ${segment}`),
        earn_rule: earn_rule === undefined ? null : await ruleOf(explaining, earn_rule, purchase),
      };
    },
  );

  app.get(
    '/v1/purchases/:id/explanation',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'explainPurchase',
        tags: ['purchases'],
        security: [{ apiKey: [] }],
        summary: 'Explain what a purchase earned',
        description:
          'Of every earn rule that the purchase could set off, by the revision and the facts recorded with it: what it gave, or why it gave nothing.',
        params: closed({ id: callerId('The shop’s own id of the purchase.', 'o-2026-0001') }),
        response: {
          200: { description: 'The explanation.', ...ref(PurchaseExplanation) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { database, rules } = services;
      const recorded = known(
        await database.transaction(program, (tx) => findPurchase(tx, program, request.params.id)),
        `purchase ${request.params.id}`,
      );
      const { purchase_id, external_id, facts } = recorded;
      const of = { purchase: purchase_id, member: external_id, revision: facts.revision };
      if (external_id === null) return { ...of, rules: [] };
      const found = await services.members.find(program, { kind: 'id', value: external_id });
      if (found === null) throw memberNotFound();
      return { ...of, rules: await explainRulesOf({ database, rules, program, found, at: null }, recorded) };
    },
  );

  app.get(
    '/v1/ledger-entries/:id/explanation',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'explainLedgerEntry',
        tags: ['ledger'],
        security: [{ apiKey: [] }],
        summary: 'Explain a ledger entry',
        description:
          'Which rules gave how many points, in which revision, on which facts, and how the numbers came about: what counted, what it comes to exactly, by what it was multiplied, to what it was limited, how it was rounded; when the points become available and expire. Of other movements, what brought them about.',
        params: closed({
          id: Type.String({
            pattern: '^ent_[0-9a-z]{1,11}_[0-9a-z]{1,6}$',
            description: 'Id of the entry.',
            examples: ['ent_1_1'],
          }),
        }),
        response: {
          200: { description: 'The explanation.', ...ref(EntryExplanation) },
          ...problemResponses(...pathProblems, ...keyProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const entry = known(await entryOf(services, program, request.params.id), 'such ledger entry');
      return explainEntry(services.database, services.rules, program, entry);
    },
  );
};
