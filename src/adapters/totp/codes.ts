import { HOTP, Secret as OtpSecret, TOTP } from 'otpauth';
import type { CodeMaker } from '../../../approvals/step-up-ports.ts';
import { randomKey } from '../../kernel/ids.ts';
import { Secret } from '../../kernel/secret.ts';

/** 160 bits, the length that RFC 4226 section 4 recommends. */
const SECRET_BYTES = 20;
/** What authenticator apps support whatever the link says: RFC 6238 with SHA-1, six digits, 30 seconds. */
const KIND = { algorithm: 'SHA1', digits: 6 } as const;
const ISSUER = 'Twokey';

/** One-time codes by the otpauth package; the only file that knows it. */
export const otpCodes: CodeMaker = {
  newSecret: () => new Secret(new OtpSecret({ buffer: Uint8Array.from(randomKey(SECRET_BYTES)).buffer }).base32),
  codeAt: (secret, step) => HOTP.generate({ ...KIND, secret: OtpSecret.fromBase32(secret.reveal()), counter: step }),
  link: (secret, name) =>
    new TOTP({
      ...KIND,
      issuer: ISSUER,
      label: name,
      secret: OtpSecret.fromBase32(secret.reveal()),
      period: 30,
    }).toString(),
};
