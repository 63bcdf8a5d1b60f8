import { randomBytes } from 'node:crypto';
import { REFERRAL_ALPHABET, REFERRAL_CODE_LENGTH } from '../model/referral.ts';

/** A code that cannot be guessed. Its alphabet has 32 letters: every byte gives five even bits. */
export const newReferralCode = (): string =>
  Array.from(randomBytes(REFERRAL_CODE_LENGTH), (byte) => REFERRAL_ALPHABET[byte % REFERRAL_ALPHABET.length]).join('');
