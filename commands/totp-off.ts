import { dialogue } from './contract/command.ts';

export const command = dialogue({
  name: 'totp off',
  summary: 'Switch the codes of your approvals off; that needs a code.',
  roles: ['approver', 'operator'],
  opens: 'totp-off',
});
