/** What the device kept from the moment of failure. */
import { Code, Image, Loader, Modal, Paper, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { IconCamera, IconChartLine, IconFileText, IconListDetails } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Evidence } from '../../../shared/api/ticket-api.ts'
import { callApi } from '../wire/api-client.ts'
import { keys } from '../wire/query-keys.ts'
import { Ago } from '../parts/ago.tsx'
import { ProblemAlert } from '../parts/problem-alert.tsx'

const KINDS = {
  screenshot: { word: 'Screenshot', Icon: IconCamera },
  log: { word: 'Log lines', Icon: IconFileText },
  metrics: { word: 'Metrics', Icon: IconChartLine },
  state: { word: 'State', Icon: IconListDetails },
} as const

/** Text lines as they are, pictures as pictures, everything else as JSON. */
function EvidenceBody({ data }: { data: unknown }) {
  if (typeof data === 'string')
    return data.startsWith('data:image/') ? <Image src={data} alt="What the screen showed" /> : <Code block>{data}</Code>
  if (Array.isArray(data) && data.every(line => typeof line === 'string')) return <Code block>{data.join('\n')}</Code>
  return <Code block>{JSON.stringify(data, null, 2)}</Code>
}

function EvidenceModal({ evidence, onClose }: { evidence: Evidence; onClose: () => void }) {
  const detail = useQuery({
    queryKey: keys.evidence(evidence.url),
    queryFn: ({ signal }) => callApi<{ data: unknown }>('GET', evidence.url.replace(/^\/api\/v1/, ''), { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Modal opened onClose={onClose} size="xl" title={KINDS[evidence.kind].word}>
      <ProblemAlert error={detail.error} again={detail.refetch} />
      {detail.isPending ? <Loader size="sm" /> : detail.data && <EvidenceBody data={detail.data.data} />}
    </Modal>
  )
}

/** A list of pieces; each opens. */
export function EvidenceCard({ evidence }: { evidence: readonly Evidence[] }) {
  const [open, setOpen] = useState<Evidence | null>(null)
  return (
    <Paper p="md">
      <Title order={2} size="h4" mb="xs">
        Evidence
      </Title>
      <Stack gap={2}>
        {evidence.map(item => {
          const { word, Icon } = KINDS[item.kind]
          return (
            <UnstyledButton key={item.id} className="evidence" onClick={() => setOpen(item)}>
              <Icon size={17} aria-hidden className="quiet" />
              <Text component="span" size="sm">
                {word}
              </Text>
              <Text component="span" size="xs" c="dimmed" ml="auto">
                <Ago at={item.at} />
              </Text>
            </UnstyledButton>
          )
        })}
      </Stack>
      {open && <EvidenceModal evidence={open} onClose={() => setOpen(null)} />}
    </Paper>
  )
}
