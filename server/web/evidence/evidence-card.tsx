/** What the device kept from the moment of failure. */
import { Anchor, Code, Group, Image, Loader, Modal, Paper, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import { IconCamera, IconChartLine, IconFileText, IconListDetails } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { Evidence } from '../../../shared/api/tickets/ticket-api.ts'
import { keys } from '../api/query-keys.ts'
import { Ago } from '../components/ago.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { fullTime } from '../components/time-words.ts'
import { isFile, readEvidence } from './read-evidence.ts'
import './evidence.css'

const KINDS = {
  screenshot: { word: 'Screenshot', Icon: IconCamera },
  log: { word: 'Log lines', Icon: IconFileText },
  metrics: { word: 'Metrics', Icon: IconChartLine },
  state: { word: 'State', Icon: IconListDetails },
} as const
const isPicture = (evidence: Evidence): boolean => evidence.kind === 'screenshot' && isFile(evidence)

/** Text lines as they are, pictures as pictures, everything else as JSON. */
function EvidenceBody({ data }: { data: unknown }) {
  if (typeof data === 'string')
    return data.startsWith('data:image/') ? <Image src={data} alt="What the screen showed" /> : <Code block>{data}</Code>
  if (Array.isArray(data) && data.every(line => typeof line === 'string'))
    return data.length === 0 ? <Text size="sm">Nothing was logged.</Text> : <Code block>{data.join('\n')}</Code>
  return <Code block>{JSON.stringify(data, null, 2)}</Code>
}

function EvidenceModal({ evidence, onClose }: { evidence: Evidence; onClose: () => void }) {
  const detail = useQuery({
    queryKey: keys.evidence(evidence.url),
    queryFn: ({ signal }) => readEvidence(evidence, signal),
    enabled: !isPicture(evidence),
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <Modal opened onClose={onClose} size="xl" title={`${KINDS[evidence.kind].word}, ${fullTime(evidence.at)}`}>
      <Stack gap="sm">
        <ProblemAlert error={detail.error} again={detail.refetch} />
        {isPicture(evidence) ? (
          <Image src={evidence.url} alt="What the screen showed" className="evidence-picture" />
        ) : detail.isPending ? (
          <Loader size="sm" />
        ) : (
          <EvidenceBody data={detail.data} />
        )}
        {isFile(evidence) && (
          <Group justify="flex-end">
            <Anchor href={evidence.url} download size="sm">
              Download
            </Anchor>
          </Group>
        )}
      </Stack>
    </Modal>
  )
}

/** Pictures first, then a list of the other pieces; each opens. */
export function EvidenceCard({ evidence }: { evidence: readonly Evidence[] }) {
  const [open, setOpen] = useState<Evidence | null>(null)
  const pictures = evidence.filter(isPicture)
  return (
    <Paper p="md" component="section" aria-label="Evidence">
      <Title order={2} size="h4" mb="xs">
        Evidence
      </Title>
      {pictures.length > 0 && (
        <div className="evidence-pictures">
          {pictures.map(item => (
            <UnstyledButton key={item.id} onClick={() => setOpen(item)} aria-label={`Screenshot, ${fullTime(item.at)}`}>
              <img src={item.url} alt="" loading="lazy" />
            </UnstyledButton>
          ))}
        </div>
      )}
      <Stack gap={2}>
        {evidence
          .filter(item => !isPicture(item))
          .map(item => {
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
