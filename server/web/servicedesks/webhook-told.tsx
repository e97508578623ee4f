/** Address, secret and script of a webhook: told once, to be pasted over there. */
import { Alert, Button, Code, CopyButton, Group, Stack, Text } from '@mantine/core'
import type { ChangedServicedeskLink } from '../../../shared/api/servicedesks/servicedesk-api.ts'

function Copied({ name, value, isLong = false }: { name: string; value: string; isLong?: boolean }) {
  return (
    <div>
      <Group justify="space-between" mb={4}>
        <Text size="sm" fw={550}>
          {name}
        </Text>
        <CopyButton value={value}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy} aria-label={`Copy ${name}`}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
      <Code block className={isLong ? 'told-script' : 'told-line'} tabIndex={0} role="region" aria-label={name}>
        {value}
      </Code>
    </div>
  )
}

const WHERE: Record<ChangedServicedeskLink['kind'], string> = {
  jira: 'In Jira: System, Webhooks. Events: issue created and updated, comment created and updated; a JQL filter for the project.',
  servicenow: 'In ServiceNow: make an async Business Rule on incident, after insert and update, and paste the script below.',
  zammad: 'In Zammad: make a webhook with this endpoint and signature token, and a trigger on ticket created and updated that calls it.',
  glpi: 'In GLPI 11: Setup, Webhooks, one each for Ticket and Followup, new and update. Older ones are looked at every hour.',
  generic: 'Post JSON {"ticket": …} here, signed in kioskeeper-signature as t=SECONDS,v1=HMAC-SHA256 of SECONDS.BODY.',
}

/** What to paste where. */
export function WebhookTold({ link }: { link: ChangedServicedeskLink }) {
  const { webhook } = link
  if (webhook === null) return null
  return (
    <Stack gap="sm">
      <Alert color="yellow" variant="outline" title="Shown only now">
        {WHERE[link.kind]}
      </Alert>
      <Copied name="Address" value={webhook.url} />
      <Copied name="Secret" value={webhook.secret} />
      {webhook.script !== null && <Copied name="Script" value={webhook.script} isLong />}
    </Stack>
  )
}
