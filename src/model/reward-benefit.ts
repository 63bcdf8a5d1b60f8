import { type Static, Type } from 'typebox';
import { InstantText } from './instant.ts';
import { limits } from './limits.ts';
import { closed, defaulted, named, nullable, ref } from './schema.ts';
import { text } from './text.ts';

const amount = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000_000_000, description });

export const AmountOff = named(
  'AmountOffBenefit',
  closed(
    { type: Type.Enum(['amount_off']), amount: amount('Minor units off, in the currency of the program.') },
    { description: 'Money off.' },
  ),
);

export const PercentOff = named(
  'PercentOffBenefit',
  defaulted(
    {
      type: Type.Enum(['percent_off']),
      percent: Type.Integer({ minimum: 1, maximum: 100, description: 'Per cent off.' }),
      maximum_amount: nullable(amount('At most so many minor units.'), {
        default: null,
        description: 'Null: no bound.',
      }),
    },
    { description: 'A share of the price off.' },
  ),
);

export const FreeProduct = named(
  'FreeProductBenefit',
  closed(
    {
      type: Type.Enum(['free_product']),
      skus: Type.Array(text(limits.textLength, 'A product, as purchases name it.', 'SHOE-42'), {
        minItems: 1,
        maxItems: limits.skusPerReward,
        uniqueItems: true,
        description: 'One of these.',
      }),
    },
    { description: 'A product for nothing.' },
  ),
);

export const FreeShipping = named(
  'FreeShippingBenefit',
  closed({ type: Type.Enum(['free_shipping']) }, { description: 'Shipping for nothing.' }),
);

export const GiftCard = named(
  'GiftCardBenefit',
  closed(
    { type: Type.Enum(['gift_card']), amount: amount('What is on it, in minor units of the program’s currency.') },
    { description: 'A gift card.' },
  ),
);

export const PartnerVoucher = named(
  'PartnerVoucherBenefit',
  closed({ type: Type.Enum(['voucher']) }, { description: 'A code of somebody else’s: see `voucher` of the reward.' }),
);

export const Experience = named(
  'ExperienceBenefit',
  defaulted(
    {
      type: Type.Enum(['experience']),
      place: nullable(text(limits.textLength, 'Where.', 'Lyon, rue de la République'), { default: null }),
      at: nullable(InstantText('When.'), { default: null }),
    },
    { description: 'Something to take part in.' },
  ),
);

export const EarlyAccess = named(
  'EarlyAccessBenefit',
  closed({ type: Type.Enum(['early_access']) }, { description: 'To be let in before others.' }),
);

export const CustomBenefit = named(
  'CustomBenefit',
  closed({ type: Type.Enum(['custom']) }, { description: 'Anything else: `data` of the reward says what.' }),
);

export type Benefit =
  | Static<typeof AmountOff>
  | Static<typeof PercentOff>
  | Static<typeof FreeProduct>
  | Static<typeof FreeShipping>
  | Static<typeof GiftCard>
  | Static<typeof PartnerVoucher>
  | Static<typeof Experience>
  | Static<typeof EarlyAccess>
  | Static<typeof CustomBenefit>;

export const Benefit = Type.Unsafe<Benefit>({
  type: 'object',
  required: ['type'],
  discriminator: { propertyName: 'type' },
  oneOf: [
    ref(AmountOff),
    ref(PercentOff),
    ref(FreeProduct),
    ref(FreeShipping),
    ref(GiftCard),
    ref(PartnerVoucher),
    ref(Experience),
    ref(EarlyAccess),
    ref(CustomBenefit),
  ],
  description: 'What the member gets. The shop gives it: the engine only says who has it.',
});
