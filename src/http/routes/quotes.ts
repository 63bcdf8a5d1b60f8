import { identityOf } from '../../commands/resolve-member.ts';
import { CreateQuote, Quote } from '../../model/quote.ts';
import { ref } from '../../model/schema.ts';
import { programOf } from '../auth.ts';
import { memberNotFound } from '../problem-error.ts';
import { accepted } from '../refused.ts';
import { bodyProblems, keyProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';

export const quoteRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/quotes',
    {
      config: { scope: 'write' },
      schema: {
        operationId: 'quoteCart',
        tags: ['quotes'],
        security: [{ apiKey: [] }],
        summary: 'Quote a cart',
        description:
          'What a cart would earn and by which rules, the status after it, and how many points may be spent on it for how much: the very computation of a purchase, without booking anything. Until it lapses (absent `expires_at`: 15 minutes) the quote is honoured by the purchase and the redemptions that name it, whatever is edited meanwhile: revision, tiers, rates and prices are frozen for this cart, for one purchase. Points, stock, budgets and limits are not reserved: a hold does that. Each request is a new quote.',
        body: ref(CreateQuote),
        response: {
          201: { description: 'The quote.', ...ref(Quote) },
          ...problemResponses(
            ...bodyProblems,
            ...keyProblems,
            'member_not_found',
            'member_closed',
            'member_erased',
            'member_suspended',
            'insufficient_points',
            'member_frozen',
            'burn_limit_reached',
            'burn_not_allowed',
            'burn_rule_limit_reached',
            'burn_rule_violated',
            'unknown_wallet',
            'wallet_not_redeemable',
            'sums_do_not_add_up',
            'currency_mismatch',
            'invalid_context',
            'not_in_future',
            'quote_too_long',
            'number_too_large',
          ),
        },
      },
    },
    async (request, reply) => {
      const { body } = request;
      const quote = await services.quoter.quote(programOf(request), identityOf(body.member), body);
      if (quote === null) throw memberNotFound('/member');
      return reply.code(201).send(accepted(quote));
    },
  );
};
