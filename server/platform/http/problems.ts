/** Every problem type once: the stable end of `type`, its status and one line that says what to do. Served at /problems/{slug}. */

import type { ProblemSlug } from '../../../shared/api/problem-slugs.ts'

export type ProblemType = { status: number; title: string; about: string }

export const PROBLEMS: Record<ProblemSlug, ProblemType> = {
  'invalid-input': {
    status: 400,
    title: 'Invalid input',
    about: 'The request does not match the schema; errors[] names each field and what is expected.',
  },
  'invalid-plan': {
    status: 400,
    title: 'Invalid plan',
    about: 'The plan breaks a rule of the catalogue; the old version stays in force. errors[] names each line.',
  },
  'invalid-catalogue': { status: 400, title: 'Invalid catalogue', about: 'The file was refused whole; errors[] names each wrong line.' },
  unauthenticated: { status: 401, title: 'Not logged in', about: 'Log in, or send a bearer token made with `kioskeeper token create`.' },
  'enrolment-token-invalid': {
    status: 401,
    title: 'Enrolment token refused',
    about: 'The token is unknown, used up, revoked or expired. Make a new one on the Add device page.',
  },
  'login-failed': { status: 401, title: 'Login failed', about: 'E-mail address or password is wrong.' },
  'login-code-refused': {
    status: 401,
    title: 'Code refused',
    about: 'The code is wrong, was used before, or has expired. Take the newest one; after five tries log in again.',
  },
  'one-time-link-invalid': {
    status: 401,
    title: 'Link refused',
    about: 'The link was used, has expired, or is not whole. Ask for a new one on the login page, or the administrator.',
  },
  'passkey-refused': {
    status: 401,
    title: 'Passkey refused',
    about: 'The passkey is not known here or did not verify its person. Log in another way and add it anew on your account.',
  },
  'sso-refused': {
    status: 401,
    title: 'Single sign-on refused',
    about: 'Nobody with that verified address was invited, or the account is linked to somebody else. Ask an administrator.',
  },
  'passkeys-unavailable': {
    status: 409,
    title: 'Passkeys not available',
    about: 'Browsers make passkeys only for an https address with a name: set KIOSKEEPER_PUBLIC_URL.',
  },
  'mail-not-set-up': {
    status: 409,
    title: 'Mail is not set up',
    about: 'This server sends no mail: set KIOSKEEPER_SMTP_URL, or use an authenticator.',
  },
  'person-exists': {
    status: 409,
    title: 'Person exists',
    about: 'Somebody with this e-mail address has an account already. Change that one.',
  },
  'last-administrator': {
    status: 409,
    title: 'Last administrator',
    about: 'One administrator who can log in must stay. Make another one first.',
  },
  'password-wrong': { status: 403, title: 'Password wrong', about: 'Changes of how you log in need your password of now.' },
  forbidden: { status: 403, title: 'Not allowed', about: 'Your role may not do this. Ask an administrator.' },
  'device-limit-reached': {
    status: 403,
    title: 'Device limit reached',
    about:
      'The plan includes no more devices. The device waits and enters by itself when a place is freed; retire a device or change the plan.',
  },
  'not-found': { status: 404, title: 'Not found', about: 'There is no such thing, or it is not yours to see.' },
  'contact-limit-reached': {
    status: 409,
    title: 'Contact limit reached',
    about: 'The plan names no more contacts. Remove one, or agree a higher number with an override.',
  },
  'entitlement-exhausted': {
    status: 409,
    title: 'Entitlement exhausted',
    about: 'It is more than is left in this period. Note less, cancel a use that did not take place, or agree a higher amount.',
  },
  'entitlement-not-bought': {
    status: 409,
    title: 'Entitlement not bought',
    about: 'It is bought separately and this customer has not bought it. Once it is, set its amount in the own terms of the customer.',
  },
  'transition-not-allowed': {
    status: 409,
    title: 'Transition not allowed',
    about: 'The ticket or visit cannot go from its state to the one asked for; detail lists the allowed ones.',
  },
  'visit-open': {
    status: 409,
    title: 'A visit is under way',
    about: 'A ticket has one visit at a time; call the one in visitId off before another is offered.',
  },
  'no-partner': {
    status: 409,
    title: 'No partner can be asked',
    about: 'Nobody covers the place with the skill, or everybody has declined; detail says why. Name a partner in partnerId.',
  },
  'signal-still-failing': {
    status: 409,
    title: 'The fault is not over',
    about: 'A visit is done when the device itself says that the fault is over; detail names what still fails and since when.',
  },
  'ticket-changed': {
    status: 409,
    title: 'The ticket has changed',
    about: 'Somebody changed it since it was read; changes[] says what (412 when asked with If-Match). Read it again and decide anew.',
  },
  'ticket-merged': {
    status: 409,
    title: 'The ticket goes on in another',
    about: 'It was merged; work on the ticket in intoTicketId, or undo the merge while that is possible.',
  },
  'relation-refused': {
    status: 409,
    title: 'The tickets cannot be tied like that',
    about: 'A ticket is merged or made a part once, never in a circle, and merged only within one customer; detail says which rule.',
  },
  'nothing-to-approve': {
    status: 409,
    title: 'Nothing to approve',
    about: 'Only an open case beyond the case quota waits for approval, and only once; detail says what this one is.',
  },
  'notice-not-given-up': {
    status: 409,
    title: 'Notice is not given up',
    about: 'Only a notice that was given up can be tried again; the others are sent by themselves.',
  },
  'intake-item-decided': {
    status: 409,
    title: 'Mail is decided',
    about: 'Somebody has assigned or dismissed this mail already. Read the list again.',
  },
  'desk-integration-not-in-plan': {
    status: 409,
    title: 'Not in the plan',
    about: 'The plan of the customer has no client servicedesk integration. Change the plan, or agree it in their own terms.',
  },
  'link-not-ready': {
    status: 409,
    title: 'The link does not fit yet',
    about: 'The client’s servicedesk was tried; errors[] names what to mend before the link can be switched on.',
  },
  'link-running': {
    status: 409,
    title: 'Another link runs',
    about: 'A customer has one link that is switched on. Switch the other off first.',
  },
  'change-not-parked': {
    status: 409,
    title: 'Nothing is parked',
    about: 'Only a change that was refused can be tried again or dropped. Read the list again.',
  },
  'webhook-refused': {
    status: 401,
    title: 'Webhook refused',
    about: 'The signature or secret is missing or wrong; detail says which. Set the secret of the link at the sender.',
  },
  conflict: { status: 409, title: 'Conflict', about: 'It changed in between, or exists already. Read it again and repeat.' },
  'upload-offset-wrong': {
    status: 409,
    title: 'Wrong offset',
    about: 'Go on from the offset in this document (or ask again with HEAD).',
  },
  'upload-interrupted': {
    status: 409,
    title: 'Upload interrupted',
    about: 'The line broke or a newer connection sends the same part. Ask with HEAD where to go on.',
  },
  'upload-finished': { status: 410, title: 'Upload finished', about: 'This part has arrived whole; nothing more is taken.' },
  'checksum-mismatch': {
    status: 422,
    title: 'Checksum mismatch',
    about: 'The bytes are not those that were announced. Send the part again from its start.',
  },
  'setup-done': { status: 409, title: 'Set-up is done', about: 'The first administrator exists already. Log in instead.' },
  'setup-link-invalid': {
    status: 401,
    title: 'Set-up link refused',
    about: 'The one-time link is wrong or was replaced at the last start. Take the newest one from the server log.',
  },
  'channel-not-in-plan': {
    status: 409,
    title: 'Not in the plan',
    about: 'The plan of this customer has no chat; detail says how to reach the desk instead.',
  },
  'too-large': { status: 413, title: 'Too large', about: 'The body is over the limit of this route.' },
  'unsupported-media-type': { status: 415, title: 'Unsupported media type', about: 'Send application/json.' },
  'too-many-requests': { status: 429, title: 'Too many requests', about: 'Wait for the time in the retry-after header.' },
  'internal-error': { status: 500, title: 'Internal error', about: 'A fault of ours; it is in the server log under the request id.' },
  unavailable: { status: 503, title: 'Not available', about: 'Store or broker does not answer right now; repeat in a moment.' },
}

/** Whether a slug is one of ours. */
export function isProblemSlug(slug: string): slug is ProblemSlug {
  return Object.hasOwn(PROBLEMS, slug)
}
