/** Who goes to the devices. */
import {
  Alert,
  Button,
  Checkbox,
  Code,
  CopyButton,
  Group,
  Modal,
  NumberInput,
  Stack,
  Table,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core'
import { IconPlus, IconTool } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { ChangedPartner, PartnerInput } from '../../../shared/api/customers/partner-api.ts'
import { callApi } from '../api/api-client.ts'
import { partnersQuery } from '../api/catalog-queries.ts'
import { keys } from '../api/query-keys.ts'
import { NothingHere } from '../components/nothing-here.tsx'
import { PageHead } from '../components/page-head.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { Tag } from '../components/tags.tsx'
import { useFields } from '../components/use-fields.ts'
import { useMay } from '../session/use-session.ts'
import { PageLoader } from '../shell/page-loader.tsx'

const SKILLS = ['display', 'printer', 'peripheral', 'network', 'hardware'] as const
const USUAL_ORDER = 100

function WebhookSecret({ secret }: { secret: string }) {
  return (
    <Alert color="yellow" variant="outline" title="Secret of the webhook">
      <Text size="sm" mb={6}>
        It signs what we send. It is shown only now; give it to the partner.
      </Text>
      <Group gap="xs">
        <Code>{secret}</Code>
        <CopyButton value={secret}>
          {({ copied, copy }) => (
            <Button size="compact-xs" variant="default" onClick={copy}>
              {copied ? 'Copied' : 'Copy'}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Alert>
  )
}

function NewPartnerModal({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const [regions, setRegions] = useState<string[]>([])
  const [skills, setSkills] = useState<string[]>([])
  const [order, setOrder] = useState<number | string>(USUAL_ORDER)
  const make = useMutation({
    mutationFn: (body: PartnerInput) => callApi<ChangedPartner>('POST', '/partners', { body }),
    onSuccess: made => {
      void client.invalidateQueries({ queryKey: keys.partners })
      if (made.webhookSecret === null) onClose()
    },
    meta: { isShownInPlace: true },
  })
  const fields = useFields({ name: '', email: '', webhookUrl: '' }, make.error)
  const secret = make.data?.webhookSecret
  const send = (): void => {
    const { name, email, webhookUrl } = fields.values
    make.mutate({
      name,
      email,
      regions,
      skills: skills as PartnerInput['skills'],
      order: Number(order),
      ...(webhookUrl === '' ? {} : { webhookUrl }),
    })
  }
  if (secret) {
    return (
      <Modal opened onClose={onClose} title={`${fields.values.name} is a partner now`}>
        <Stack>
          <WebhookSecret secret={secret} />
          <Button onClick={onClose}>I have kept it</Button>
        </Stack>
      </Modal>
    )
  }
  return (
    <Modal opened onClose={onClose} title="New partner" size="lg">
      <form
        onSubmit={event => {
          event.preventDefault()
          send()
        }}
      >
        <Stack gap="sm">
          <ProblemAlert error={make.error} hidesFaults />
          <TextInput label="Name" required data-autofocus {...fields.input('name')} />
          <TextInput label="E-mail for visits" type="email" required {...fields.input('email')} />
          <TagsInput
            label="Regions"
            description="Sites name their region; Enter adds one"
            value={regions}
            onChange={setRegions}
            clearButtonProps={{ 'aria-label': 'No regions' }}
            error={fields.fault('regions')}
          />
          <Checkbox.Group label="Skills" value={skills} onChange={setSkills} error={fields.fault('skills')}>
            <Group gap="md" mt={6}>
              {SKILLS.map(skill => (
                <Checkbox key={skill} value={skill} label={skill[0]?.toUpperCase() + skill.slice(1)} />
              ))}
            </Group>
          </Checkbox.Group>
          <NumberInput label="Order" description="Smaller is asked first" min={0} max={10_000} value={order} onChange={setOrder} w={160} />
          <TextInput
            label="Webhook"
            description="Optional: where their system wants to hear of visits"
            type="url"
            placeholder="https://"
            {...fields.input('webhookUrl')}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={make.isPending}>
              Make the partner
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

/** List and create. */
export function PartnersPage() {
  const partners = useQuery(partnersQuery)
  const mayMake = useMay('manage')
  const [isNew, setIsNew] = useState(false)
  if (partners.isPending) return <PageLoader />
  const all = (partners.data ?? []).toSorted((one, other) => one.order - other.order || one.name.localeCompare(other.name))
  const newButton = (
    <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={() => setIsNew(true)}>
      New partner
    </Button>
  )
  return (
    <div className="page page-narrow">
      <PageHead title="Partners" actions={mayMake && all.length > 0 ? newButton : undefined} />
      <ProblemAlert error={partners.error} again={partners.refetch} />
      {all.length === 0 && !partners.isError ? (
        <NothingHere icon={<IconTool />} title="No partners yet" action={mayMake ? newButton : undefined}>
          What only hands on site can mend is offered to a partner: the one the site names, else by region and skill.
        </NothingHere>
      ) : (
        <div className="table-box">
          <Table verticalSpacing="xs" aria-label="Partners">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>Partner</Table.Th>
                <Table.Th>Regions</Table.Th>
                <Table.Th>Skills</Table.Th>
                <Table.Th ta="right">Order</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {all.map(partner => (
                <Table.Tr key={partner.id}>
                  <Table.Td>
                    <Text size="sm" fw={550}>
                      {partner.name}
                    </Text>
                    <a href={`mailto:${partner.email}`}>{partner.email}</a>
                  </Table.Td>
                  <Table.Td>{partner.regions.join(', ') || <span className="quiet">none</span>}</Table.Td>
                  <Table.Td>
                    <Group gap={4}>
                      {partner.skills.map(skill => (
                        <Tag key={skill}>{skill}</Tag>
                      ))}
                    </Group>
                  </Table.Td>
                  <Table.Td ta="right">{partner.order}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      )}
      {isNew && <NewPartnerModal onClose={() => setIsNew(false)} />}
    </div>
  )
}
