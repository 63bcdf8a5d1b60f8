import { randomBytes } from 'node:crypto';

/** Capitals and digits that are not mistaken for one another, without vowels, so that no words come about. */
const ALPHABET = '23456789BCDFGHJKMNPQRSTVWXYZ';

/** Of 28 letters: 76 bits. */
const LENGTH = 16;

/** Bytes from here on would make the first letters likelier than the others. */
const EVEN_BELOW = 256 - (256 % ALPHABET.length);

/** A code that cannot be guessed. */
export const newVoucherCode = (): string => {
  let code = '';
  while (code.length < LENGTH)
    for (const byte of randomBytes(LENGTH))
      if (byte < EVEN_BELOW && code.length < LENGTH) code += ALPHABET[byte % ALPHABET.length];
  return code;
};
