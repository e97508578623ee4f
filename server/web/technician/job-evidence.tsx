/** What the device kept of the failure, for whoever stands before it: the screen's picture, and the display from plug to picture. */
import { Paper, Title } from '@mantine/core'
import type { Job } from '../../../shared/api/visits/visit-api.ts'
import { FileList } from '../attachments/file-list.tsx'
import { Chain } from '../hardware/hardware-cards.tsx'
import { displayChains, type ChainFacts } from '../hardware/hardware-state.ts'
import { fullTime } from '../components/time-words.ts'

/** Nothing where nothing was kept. */
export function JobEvidence({ job }: { job: Job }) {
  const { display, pictures } = job
  // The connection is one of the words the console knows: the server takes it from the device's state.
  const facts =
    display && ({ inventory: { displays: display.found }, connection: display.connection, signals: display.signals } as ChainFacts)
  const chains = facts ? displayChains(facts, { displays: display?.expected }) : []
  return (
    <>
      {chains.length > 0 && (
        <Paper p="md" component="section" aria-label="Display chain">
          <Title order={2} size="h4" mb="xs">
            Display, from plug to picture
          </Title>
          {chains.map(chain => (
            <Chain key={chain.key} chain={chain} />
          ))}
        </Paper>
      )}
      {pictures.length > 0 && (
        <Paper p="md" component="section" aria-label="What the screen showed">
          <Title order={2} size="h4">
            What the screen showed
          </Title>
          <FileList
            files={pictures.map(picture => ({
              ...picture,
              name: `Screen, ${fullTime(picture.at, job.site?.timeZone)}`,
              contentType: 'image/png',
            }))}
            label="Pictures of the screen"
          />
        </Paper>
      )}
    </>
  )
}
