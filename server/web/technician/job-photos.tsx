/** Photos a technician takes: the camera opens at once, and what cannot be sent yet waits on the phone. */
import { Button, FileButton, Paper, Text, Title } from '@mantine/core'
import { IconCamera } from '@tabler/icons-react'
import type { Job } from '../../../shared/api/visits/visit-api.ts'
import { FileList } from '../attachments/file-list.tsx'
import { ProblemAlert } from '../components/problem-alert.tsx'
import { useJobPhotos } from './use-job-photos.ts'

/** Nothing before the job is accepted. */
export function JobPhotos({ path, job }: { path: string; job: Job }) {
  const { add, waiting, refusal } = useJobPhotos(path)
  if (!job.mayAddPhotos && job.photos.length === 0) return null
  return (
    <Paper p="md" component="section" aria-label="Photos">
      <Title order={2} size="h4" mb={4}>
        Photos
      </Title>
      {job.photos.length === 0 && (
        <Text size="sm" c="dimmed" mb="xs">
          Before and after: they spare the next question.
        </Text>
      )}
      <FileList
        files={job.photos.map((photo, index) => ({ ...photo, name: `Photo ${index + 1}`, contentType: 'image/jpeg' }))}
        label="Photos of this visit"
      />
      {waiting > 0 && (
        <Text size="sm" mt="xs" role="status">
          {waiting === 1 ? 'One photo waits on this phone and is' : `${waiting} photos wait on this phone and are`} sent by itself as soon
          as there is a network.
        </Text>
      )}
      <ProblemAlert error={refusal} />
      {job.mayAddPhotos && (
        <FileButton multiple accept="image/*" onChange={files => files.length > 0 && void add(files)}>
          {props => (
            <Button {...props} size="md" variant="default" mt="sm" fullWidth leftSection={<IconCamera size={18} aria-hidden />}>
              Add a photo
            </Button>
          )}
        </FileButton>
      )}
    </Paper>
  )
}
